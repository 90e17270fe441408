"""Delivering logout tokens: a durable queue, tried until a client takes its token or the operator has to look.

One client that is slow or down must not keep the others waiting: each client's deliveries are one thread's work, which
stops at the first failure and after some seconds, and clients without failures come first.
Source: Back-Channel Logout §2.5, §2.8.
"""

import secrets
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from idp.audit import AuditEvent, AuditRecord
from idp.clock import Clock
from idp.identifiers import Randomness
from idp.keys.errors import NoSigningKey
from idp.log import log_line
from idp.oidc.backchannel_logout import LogoutTokenSigner, issue_logout_token
from idp.oidc.client import Client
from idp.oidc.encrypted_answer import NoEncryptionKey
from idp.oidc.ports import ClientStore
from idp.ops.logout_ports import LogoutCaller, LogoutDelivery, LogoutOutbox
from idp.outage import StoreUnavailable

# 15 seconds, then twice as long each time, two hours at most: 20 tries are a day.
MOST_TRIES: Final = 20
_FIRST_WAIT: Final = timedelta(seconds=15)
_LONGEST_WAIT: Final = timedelta(hours=2)
# Threads that wait for other people's servers. A call ends after five seconds, so that even where each thread meets a
# slow client at once the next ones have their turn after about ten.
_CALLS_AT_ONCE: Final = 16
_CLAIMED_AT_ONCE: Final = 200
_CLAIMED_A_CLIENT: Final = 20
_CLIENT_SECONDS: Final = 5.0
_RUN_SECONDS: Final = 60.0
# Longer than a round can take: two hundred slow clients are thirteen turns of the threads.
_CLAIM: Final = timedelta(minutes=5)

Observe = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class LogoutSending:
    """What the job is made of; ``observe`` is told ``delivered``, ``failed`` or ``dead`` for each try."""

    issuer: str
    outbox: LogoutOutbox
    clients: ClientStore
    signer: LogoutTokenSigner
    caller: LogoutCaller
    clock: Clock
    randomness: Randomness = secrets.token_bytes
    monotonic: Callable[[], float] = time.monotonic
    observe: Observe = lambda _: None


@dataclass(frozen=True, slots=True)
class LogoutSent:
    """How many deliveries came to what in one run. ``dropped`` are those whose client wants none any more."""

    delivered: int = 0
    failed: int = 0
    dead: int = 0
    dropped: int = 0

    def __add__(self, other: "LogoutSent") -> "LogoutSent":
        return LogoutSent(
            self.delivered + other.delivered,
            self.failed + other.failed,
            self.dead + other.dead,
            self.dropped + other.dropped,
        )


def deliver_logouts(sending: LogoutSending) -> LogoutSent:
    """Deliver what is due, for a minute at most; any number of processes may do it at once.

    Raises: StoreUnavailable; what was claimed is due again when the claim ends.
    """
    total = LogoutSent()
    begun_at = sending.monotonic()
    if not sending.outbox.has_due_logout(sending.clock()):
        return total
    with ThreadPoolExecutor(_CALLS_AT_ONCE, thread_name_prefix="idp-logout") as pool:
        while sending.monotonic() - begun_at < _RUN_SECONDS:
            now = sending.clock()
            claimed = sending.outbox.claim_logout_deliveries(
                now, limit=_CLAIMED_AT_ONCE, limit_a_client=_CLAIMED_A_CLIENT, until=now + _CLAIM
            )
            if not claimed:
                break
            # Not pool.map: there, what breaks one group cancels those that have not begun, claimed as they are.
            begun = [pool.submit(_deliver_to_client, sending, group) for group in _healthy_first(claimed)]
            for each in begun:
                total += each.result()
    return total


def wait_before(tries: int, randomness: Randomness) -> timedelta:
    """How long a delivery waits after its try of this number failed.

    Returns: half to all of 15 seconds times 2 to the tries before, at most two hours: what failed together is spread.
    """
    full = min(_FIRST_WAIT * (1 << min(tries - 1, 16)), _LONGEST_WAIT)
    return full * (1 + int.from_bytes(randomness(2)) / 0xFFFF) / 2


def _healthy_first(claimed: Iterable[LogoutDelivery]) -> list[list[LogoutDelivery]]:
    groups: dict[str, list[LogoutDelivery]] = {}
    for delivery in claimed:
        groups.setdefault(delivery.client_id, []).append(delivery)
    return sorted(groups.values(), key=lambda group: max(delivery.tries for delivery in group) > 1)


def _deliver_to_client(sending: LogoutSending, group: list[LogoutDelivery]) -> LogoutSent:
    client = sending.clients.find_client(group[0].client_id)
    begun_at = sending.monotonic()
    total = LogoutSent()
    for place, delivery in enumerate(group):
        outcome = _try(sending, client, delivery)
        if outcome is None:
            sending.outbox.finish_logout_delivery(delivery.delivery_id, delivery.tries)
            total += LogoutSent(dropped=1)
            continue
        if outcome:
            # Before the failure is noted, which lets all of the client's deliveries wait.
            _return(sending, group[place + 1 :])
            return total + _note_failure(sending, delivery, outcome)
        sending.outbox.finish_logout_delivery(delivery.delivery_id, delivery.tries)
        if delivery.tries > 1:
            sending.outbox.hasten_logout_deliveries(delivery.client_id, sending.clock())
        sending.observe("delivered")
        log_line("logout_delivered", "debug", client_id=delivery.client_id, count=delivery.tries)
        total += LogoutSent(delivered=1)
        if sending.monotonic() - begun_at > _CLIENT_SECONDS:
            _return(sending, group[place + 1 :])
            break
    return total


def _try(sending: LogoutSending, client: Client | None, delivery: LogoutDelivery) -> str | None:
    """None: nobody wants it any more; empty: delivered; else a code.

    Raises: StoreUnavailable.
    """
    url = None if client is None else client.options.backchannel_logout_uri
    if client is None or url is None:
        return None
    try:
        token = issue_logout_token(
            client,
            sending.signer,
            sending.clients,
            issuer=sending.issuer,
            sub=delivery.sub,
            sid=delivery.sid,
            now=sending.clock(),
            randomness=sending.randomness,
        )
    except NoSigningKey:
        return "no_signing_key"
    except NoEncryptionKey:
        return "no_encryption_key"
    except StoreUnavailable:
        raise
    except Exception as error:  # what one client registered or publishes must not stop the others' logouts
        log_line("logout_token_broke", "error", client_id=client.client_id, exception=type(error).__name__)
        return "token_broke"
    try:
        return sending.caller.call(url, {"logout_token": token})
    except Exception as error:  # a fault that one client's address brings out must not stop the others' logouts
        log_line("logout_call_broke", "error", client_id=client.client_id, exception=type(error).__name__)
        return "call_broke"


def _return(sending: LogoutSending, group: Iterable[LogoutDelivery]) -> None:
    for delivery in group:
        sending.outbox.return_logout_delivery(delivery.delivery_id, delivery.tries, sending.clock())


def _note_failure(sending: LogoutSending, delivery: LogoutDelivery, outcome: str) -> LogoutSent:
    now = sending.clock()
    if delivery.tries < MOST_TRIES:
        due_at = now + wait_before(delivery.tries, sending.randomness)
        sending.outbox.postpone_logout_delivery(delivery.delivery_id, delivery.tries, due_at, outcome)
        sending.observe("failed")
        log_line("logout_failed", "warning", client_id=delivery.client_id, count=delivery.tries, outcome=outcome)
        return LogoutSent(failed=1)
    with sending.outbox.writing() as writer:
        if writer.bury_logout_delivery(delivery.delivery_id, delivery.tries, outcome, now):
            record = AuditRecord(AuditEvent.LOGOUT_UNDELIVERED, now, client_id=delivery.client_id, outcome=outcome)
            writer.append_audit(record)
    sending.observe("dead")
    log_line("logout_given_up", "error", client_id=delivery.client_id, count=delivery.tries, outcome=outcome)
    return LogoutSent(dead=1)
