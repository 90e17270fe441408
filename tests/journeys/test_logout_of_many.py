"""Fifty clients and two hundred sessions: a sign-out reaches exactly its own, and what is down gets it later."""

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property
from pathlib import Path

import pytest
import structlog

from idp.identity.account import Account, AccountState
from idp.identity.credential import Credential, CredentialState, LookupDigest
from idp.jobs import logout_sending
from idp.oidc.browser_session import BrowserSession
from idp.oidc.session_id import session_id
from idp.ops.logout_delivery import LogoutSending, deliver_logouts
from idp.outbound.guarded_http import GuardedHttp
from idp.outbound.logout_call import LogoutCall
from idp.outbound.network_guard import LOOPBACK_NETWORKS
from idp.stores.sql.durable import DurableWriter
from tests.contracts.records import GRANT
from tests.support.logout_receivers import Mode, Receivers, running_receivers
from tests.support.provider import ISSUER, Provider, make_provider
from tests.support.relying_party import RelyingParty

pytestmark = pytest.mark.journey

CLIENTS, SESSIONS, ACCOUNTS, REACHED = 50, 200, 40, 3
# A third: one after the other refuses the connection's use, never answers, answers with a fault.
OUT_OF_ORDER: dict[int, Mode] = {
    number: ("down", "slow", "failing")[number // 3 % 3] for number in range(0, CLIENTS, 3)
}
Told = Counter[tuple[int, str]]


@dataclass
class World:
    """The provider, its clients by number, their receivers."""

    provider: Provider
    parties: list[RelyingParty]
    receivers: Receivers

    @cached_property
    def sending(self) -> LogoutSending:
        # A second and a half in place of five: long enough for whoever is up, on a machine with other work to do.
        caller = LogoutCall(GuardedHttp(allowed=LOOPBACK_NETWORKS, allow_http=True, total_seconds=1.5))
        return replace(logout_sending(self.provider.parts), caller=caller)

    @property
    def owed(self) -> int:
        return self.provider.count_rows("logout_deliveries", "dead_at IS NULL")

    def drain(self) -> None:
        """Let time pass until nothing is owed."""
        for _ in range(40):
            if not self.owed:
                return
            self.provider.clock.advance(3600)
            deliver_logouts(self.sending)
        raise AssertionError(f"{self.owed} are still owed")

    def sign_in_many(self, count: int) -> dict[bytes, Told]:
        """Sessions as sign-ins leave them, each with the clients that it reached."""
        chance = random.Random(20261122)
        made: dict[bytes, Told] = {}
        with self.provider.parts.durable.writing() as writer:
            for number in range(ACCOUNTS):
                self._open_account(writer, number)
            for number in range(count):
                origin = chance.randbytes(32)
                reached = chance.sample(range(CLIENTS), REACHED)
                self._begin_session(writer, f"account-{number % ACCOUNTS}", origin, reached)
                made[origin] = Counter((each, self.sid(origin, each)) for each in reached)
        return made

    def sid(self, origin: bytes, number: int) -> str:
        return session_id(origin, self.parties[number].client.client_id)

    def _open_account(self, writer: DurableWriter, number: int) -> None:
        now, account_id = self.provider.clock(), f"account-{number}"
        writer.insert_account(Account(account_id, AccountState.ACTIVE, now))
        digest = LookupDigest("key", number.to_bytes(32))
        valid_until = now + timedelta(days=900)
        credential = Credential(
            f"of-{account_id}", account_id, digest, "card", "card", valid_until, CredentialState.ACTIVE, True
        )
        assert writer.insert_credential(credential, now)

    def _begin_session(self, writer: DurableWriter, account_id: str, origin: bytes, reached: list[int]) -> None:
        now = self.provider.clock()
        ends = now + timedelta(days=30)
        session = BrowserSession(
            origin, origin, account_id, f"of-{account_id}", now, "urn:acr", ("sc",), None, now, now, ends
        )
        writer.insert_browser_session(session)
        for number in reached:
            name = f"{origin.hex()}-{number}"
            client = self.parties[number].client
            sub = writer.find_or_insert_subject(account_id, client.sector, name, now)
            grant = replace(
                GRANT, grant_id=name, txn=name, client_id=client.client_id, account_id=account_id,
                credential_id=f"of-{account_id}", session_hash=origin, sub=sub, scope=("openid",), created_at=now,
            )  # fmt: skip
            writer.insert_grant(grant, name.encode(), now + timedelta(minutes=1))
            assert writer.spend_code(name.encode(), client.client_id, now)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    provider = make_provider(tmp_path)
    with running_receivers(ISSUER, provider.parts.key_ring.public_jwks(), provider.clock) as receivers:
        parties = [
            provider.relying_party(
                backchannel_logout_uri=receivers.uri(number),
                id_token_signed_response_alg=("ES256", "RS256")[number % 2],
            )
            for number in range(CLIENTS)
        ]
        receivers.client_ids = {number: party.client.client_id for number, party in enumerate(parties)}
        yield World(provider, parties, receivers)
    provider.close()
    structlog.reset_defaults()


def test_a_sign_out_among_two_hundred_sessions_reaches_exactly_its_own_clients(world: World) -> None:
    """Back-Channel Logout §2.3, §2.5: with a third of the receivers down or slow, and drained when they return."""
    others = world.sign_in_many(SESSIONS - 1)
    browser, mine, reached = world.provider.browser(), Counter[tuple[int, str]](), (3, 4, 5, 6, 9, 10)
    for number in reached:
        party = world.parties[number]
        mine[number, str(party.claims(party.sign_in(browser)["id_token"])["sid"])] += 1
    world.receivers.modes = dict(OUT_OF_ORDER)
    browser.get("/sign-out")
    browser.submit("/sign-out")
    sent = deliver_logouts(world.sending)
    healthy = Counter({told: 1 for told in mine if told[0] not in OUT_OF_ORDER})
    assert Counter(world.receivers.taken) == healthy
    assert (sent.delivered, sent.failed, world.owed) == (3, 3, 3)
    assert Counter(world.receivers.calls) == Counter(reached)
    world.receivers.modes.clear()
    world.drain()
    assert Counter(world.receivers.taken) == mine
    assert world.provider.count_rows("browser_sessions") == SESSIONS - 1
    # Everybody else goes: the healthy are told at once, the others when they return, each once and nobody twice.
    world.receivers.taken.clear()
    world.receivers.modes = dict(OUT_OF_ORDER)
    with world.provider.parts.durable.writing() as writer:
        for origin in others:
            writer.end_browser_session(origin, world.provider.clock())
    expected = sum(others.values(), Counter[tuple[int, str]]())
    assert world.owed == expected.total() == (SESSIONS - 1) * REACHED
    deliver_logouts(world.sending)
    healthy = Counter({told: 1 for told in expected if told[0] not in OUT_OF_ORDER})
    assert Counter(world.receivers.taken) == healthy
    world.receivers.modes.clear()
    world.drain()
    assert Counter(world.receivers.taken) == expected


def test_no_address_inside_the_network_is_called(tmp_path: Path) -> None:
    """SSRF: a name that a client registered and that leads inside is not called, and nobody is told what is there."""
    provider = make_provider(tmp_path)
    party, browser = provider.relying_party(backchannel_logout_uri="https://inside.example/logout"), provider.browser()
    party.sign_in(browser)
    browser.get("/sign-out")
    browser.submit("/sign-out")
    for address in ("10.0.0.1", "169.254.169.254", "::1"):
        guarded = GuardedHttp(resolver=lambda host, port, address=address: (address,))  # type: ignore[misc]
        deliver_logouts(replace(logout_sending(provider.parts), caller=LogoutCall(guarded)))
        [waiting] = provider.parts.durable.list_logout_deliveries(is_dead=False, limit=9)
        assert waiting.outcome == "forbidden_address"
        provider.clock.advance(7200)
    assert waiting.tries == 3
    provider.close()
    structlog.reset_defaults()
