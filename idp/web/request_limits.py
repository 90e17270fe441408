"""Who a request is counted for: its address while nobody has proven anything, its client from then on.

Nothing that is right is refused for what others did wrong. Credentials are looked at even where the address has sent
too many wrong ones; only the answer to another wrong one changes. What is refused unseen is a request in the name of a
client that has used up its own limit, or of one that nobody vouches for and that has failed too often at this address.
Why so: docs/decisions/0016-rate-limits.md.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from ipaddress import ip_address
from typing import Final, Protocol

from idp.clock import Clock
from idp.log import log_line
from idp.oidc.client import Client
from idp.oidc.errors import ErrorCode, OAuthError
from idp.settings.section import LimitsSection
from idp.signin.transient import TransientStore
from idp.web.claimed_client import find_claimed_client_id
from idp.web.http import Handler, Request, Response
from idp.web.metrics import count_limited
from idp.web.rate_limit import RateLimiter, TooManyRequests, coarsen
from idp.web.route import LimitGroup, Route

_UNROUTED: Final = "unrouted"


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
        self._factor_of = lru_cache(maxsize=4096)(self._find_factor)

    def limited(self, route: Route) -> Handler:
        """A route's handler behind its limit."""
        group, handler = route.limit, route.handler
        if group is None:
            return handler
        if route.counted_by == "proven-client":
            return self._limited_by_client(group, handler)
        check = self._check_named if route.counted_by == "named-client" else self._check_address

        def limited(request: Request) -> Response:
            check(group, request)
            return handler(request)

        return limited

    def check_unrouted(self, address: str) -> None:
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

    def _check_address(self, group: LimitGroup, request: Request) -> None:
        address = request.client_address
        self.count_address(group, "address", address, self.address_limit(group, address))

    def _check_named(self, group: LimitGroup, request: Request) -> None:
        # Nobody has proven anything here: whoever names a client that is vouched for must not use up what it has.
        claimed, address = find_claimed_client_id(request), request.client_address
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

    def _limited_by_client(self, group: LimitGroup, handler: Handler) -> Handler:
        def limited(request: Request) -> Response:
            admission = Admission(self, group, request)
            try:
                response = handler(replace(request, admission=admission))
            except OAuthError as error:
                # Who is told a nonce held a token and its key, and lacks nothing else (RFC 9449 §9).
                if error.code is not ErrorCode.USE_DPOP_NONCE:
                    admission.count_unless_proven()
                raise
            admission.count_unless_proven()
            return response

        return limited

    def _find_factor(self, address: str) -> int:
        try:
            parsed = ip_address(address)
        except ValueError:
            return 1
        shared = self._section.shared_networks
        is_shared = any(parsed.version == network.version and parsed in network for network in shared)
        return self._section.shared_network_factor if is_shared else 1


class Admission:
    """Satisfies ``oidc.ports.ClientAdmission`` for one request."""

    def __init__(self, limits: RequestLimits, group: LimitGroup, request: Request) -> None:
        """Begin; raises TooManyRequests where nothing that the request could prove would help it."""
        self._limits = limits
        self._group = group
        self._address = request.client_address
        self._claimed = find_claimed_client_id(request)
        self._is_proven = False
        if self._claimed is not None:
            limits.check_unspent(group, self._claimed, pair_of(self._address, self._claimed))

    def admit(self, client: Client) -> None:
        """Count the request against its client; one that can prove nothing counts with its address.

        Raises: TooManyRequests.
        """
        self._is_proven = True
        group, address, limits = self._group, self._address, self._limits
        if not client.is_public or client.is_untrusted:
            limits.count_client(group, client)
        if client.is_public:
            limit = limits.address_limit(group, address)
            limits.count_address(group, "address-and-client", pair_of(address, client.client_id), limit)

    def count_unless_proven(self) -> None:
        """Count the request as a failure if no client came of it.

        Raises: TooManyRequests, which then is the answer.
        """
        if not self._is_proven:
            self._limits.count_failure(self._group, self._address, self._claimed)


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
