"""Who a request is counted for: its address while nobody has proven anything, its client from then on.

Nothing that is right is locked out by what others did wrong. Credentials are looked at even where the address has sent
too many wrong ones, then one at a time; only the answer to another wrong one changes. What is refused unseen
is a request in the name of a client that has used up its own limit, or of one that nobody vouches for and that has
failed too often at this address. Why so: docs/decisions/0016-rate-limits.md.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from ipaddress import ip_address
from typing import Final, Protocol

from idp.clock import Clock
from idp.log import log_line
from idp.oidc.client import Client
from idp.settings.section import LimitsSection
from idp.signin.transient import TransientStore
from idp.web.metrics import count_limited
from idp.web.rate_limit import RateLimiter, TooManyRequests, coarsen
from idp.web.route import LimitGroup

_UNROUTED: Final = "unrouted"
_BUSY_SECONDS: Final = 1


class ClientOverLimit(TooManyRequests):
    """A client asked too often; once a minute, so that its developer can be told without filling the journal."""

    def __init__(self, client_id: str, limit: int, retry_after_seconds: int) -> None:
        super().__init__(retry_after_seconds, is_first=True)
        self.client_id = client_id
        self.detail = f"more than {limit} requests of this client in a minute"


class FindsClients(Protocol):
    """The registrations, some seconds old."""

    def find_client(self, client_id: str) -> Client | None:
        """The client, or None."""
        ...


class RequestLimits:
    """The limits of one installation, kept in the transient store for all its workers."""

    def __init__(self, section: LimitsSection, clients: FindsClients, transient: TransientStore, clock: Clock) -> None:
        self._section = section
        self._clients = clients
        # Two, because the memory of each is bounded: a flood from many addresses pushes out no client's leases.
        self._addresses = RateLimiter(transient, clock)
        self._proven = RateLimiter(transient, clock)
        # One of this process's threads, whoever the suspects are.
        self._suspect = threading.BoundedSemaphore(1)
        self._waiting: set[str] = set()
        self._waiting_lock = threading.Lock()
        self._factor_of = lru_cache(maxsize=4096)(self._find_factor)

    def count_unrouted(self, address: str) -> None:
        """Count a request for which there is no route.

        Raises: TooManyRequests.
        """
        self.count_address(_UNROUTED, "address", address, self.address_limit("page", address))

    def address_limit(self, group: LimitGroup, address: str) -> int:
        """How often an address may ask: more often where many people or programs are known to be behind it."""
        limit: int = getattr(self._section, f"{group}_per_minute")
        # Nobody's people register clients in numbers.
        return limit if group == "registration" else limit * self._factor_of(address)

    def client_limit(self, group: LimitGroup, client: Client) -> int:
        """How often a client may ask, from all its addresses together."""
        if group == "registration":
            return self._section.registration_per_minute
        section = self._section
        return section.unreviewed_client_per_minute if client.is_untrusted else section.client_per_minute

    def count_address(self, group: str, counted_by: str, caller: str, limit: int) -> None:
        """Count a request of an address, or of an address and a client.

        Raises: TooManyRequests.
        """
        _counted(group, counted_by, lambda: self._addresses.check(f"{group}/{counted_by}", caller, limit))

    def count_client(self, group: LimitGroup, client: Client) -> None:
        """Count a request of a client, wherever it came from.

        Raises: TooManyRequests, ClientOverLimit for the first of a minute.
        """
        limit, client_id = self.client_limit(group, client), client.client_id
        try:
            _counted(group, "client", lambda: self._proven.check(f"{group}/client", client_id, limit))
        except TooManyRequests as refused:
            if not refused.is_first:
                raise
            log_line("client_over_limit", "warning", client_id=client_id, operation=group, count=limit)
            raise ClientOverLimit(client_id, limit, refused.retry_after_seconds) from None

    def check_unspent(self, group: LimitGroup, client_id: str, pair: str) -> None:
        """Refuse unseen what could only be refused: whatever it proves, nothing is left for it in this minute.

        Raises: TooManyRequests.
        """
        self._proven.check_unspent(f"{group}/client", client_id)
        for counted_by in ("address-and-client", "unreviewed-failure"):
            self._addresses.check_unspent(f"{group}/{counted_by}", pair)

    def watch(self, group: LimitGroup, address: str, claimed: str | None) -> threading.BoundedSemaphore | None:
        """What a request holds while it is looked at, where too many wrong ones came before it; None where none did.

        Raises: TooManyRequests: another one is being looked at.
        """
        if not self._is_suspect(group, address, claimed):
            return None
        if self._suspect.acquire(blocking=False):
            return self._suspect
        raise TooManyRequests(_BUSY_SECONDS)

    def watch_again(self) -> threading.BoundedSemaphore:
        """What ``watch`` gave, after it was let go for a call.

        Raises: TooManyRequests: too many are being looked at by now.
        """
        if self._suspect.acquire(timeout=_BUSY_SECONDS):
            return self._suspect
        raise TooManyRequests(_BUSY_SECONDS)

    @contextmanager
    def waiting(self, client_id: str) -> Iterator[None]:
        """Around a suspect's call to a host that this client chose: one thread at most waits for it.

        Raises: TooManyRequests: another suspect that claims to be this client is waiting.
        """
        with self._waiting_lock:
            if client_id in self._waiting:
                raise TooManyRequests(_BUSY_SECONDS)
            self._waiting.add(client_id)
        try:
            yield
        finally:
            with self._waiting_lock:
                self._waiting.remove(client_id)

    def count_failure(self, group: LimitGroup, address: str, claimed: str | None) -> None:
        """Count a request that proved no client: apart for each registered client that it claimed to be from, so that
        whoever claims to be one takes nothing from the others.

        Raises: TooManyRequests.
        """
        client = None if claimed is None else self._clients.find_client(claimed)
        limit = self.address_limit(group, address)
        if client is None:
            self.count_address(group, "failure", address, limit)
        else:
            counted_by = "unreviewed-failure" if client.is_untrusted else "known-failure"
            self.count_address(group, counted_by, pair_of(address, client.client_id), limit)

    def count_named(self, group: LimitGroup, address: str, claimed: str | None) -> None:
        """Count a request that names a client and proves nothing: whoever names one that is vouched for must not use up
        what it has elsewhere.

        Raises: TooManyRequests, ClientOverLimit.
        """
        client = None if claimed is None else self._clients.find_client(claimed)
        limit = self.address_limit(group, address)
        if client is None:
            self.count_address(group, "address", address, limit)
        elif client.is_untrusted:
            self.count_client(group, client)
            # Together, or whoever registers many clients has as many limits.
            self.count_address(group, "unreviewed", address, limit)
        else:
            self.count_address(group, "address-and-client", pair_of(address, client.client_id), limit)

    def _is_suspect(self, group: LimitGroup, address: str, claimed: str | None) -> bool:
        if claimed is not None and self._is_spent(f"{group}/known-failure", pair_of(address, claimed)):
            return True
        if not self._is_spent(f"{group}/failure", address):
            return False
        # As ``count_failure`` counts it: a name that nobody has is none.
        return claimed is None or self._clients.find_client(claimed) is None

    def _is_spent(self, group: str, caller: str) -> bool:
        try:
            self._addresses.check_unspent(group, caller)
        except TooManyRequests:
            return True
        return False

    def _find_factor(self, address: str) -> int:
        try:
            parsed = ip_address(address)
        except ValueError:
            return 1
        shared = self._section.shared_networks
        is_shared = any(parsed.version == network.version and parsed in network for network in shared)
        return self._section.shared_network_factor if is_shared else 1


def pair_of(address: str, client_id: str) -> str:
    """The name of an address and a client together."""
    return f"{coarsen(address)} {client_id}"


def _counted(group: str, counted_by: str, check: Callable[[], None]) -> None:
    try:
        check()
    except TooManyRequests:
        count_limited(group, counted_by, "refused")
        raise
    count_limited(group, counted_by, "admitted")
