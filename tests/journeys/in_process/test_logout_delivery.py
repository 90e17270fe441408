"""What becomes of a logout token that a client does not take: again, later, and at last to the operator."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest

from idp.jobs import logout_sending, make_logout_jobs
from idp.oidc.backchannel_logout import issue_logout_token
from idp.oidc.client import Client
from idp.ops.logout_delivery import MOST_TRIES, LogoutSending, LogoutSent, deliver_logouts, wait_before
from idp.ops.logout_ports import LogoutDelivery
from idp.outage import StoreUnavailable
from tests.support.encrypting_client import EncryptionKey
from tests.support.key_host import JWKS_URI, KeyHost
from tests.support.provider import Provider
from tests.support.relying_party import RelyingParty

URI = "https://rp.example/logout"


@dataclass
class Caller:
    """Answers as the test says, and keeps what it was given."""

    answer: Callable[[str], str] = lambda url: ""
    calls: list[tuple[str, str]] = field(default_factory=list)

    def call(self, url: str, fields: Mapping[str, str]) -> str:
        assert set(fields) == {"logout_token"}
        self.calls.append((url, fields["logout_token"]))
        return self.answer(url)


def sending(provider: Provider, caller: Caller, **changed: Any) -> LogoutSending:
    return replace(logout_sending(provider.parts), caller=caller, **changed)


def owed_by_sign_out(provider: Provider, uri: str = URI) -> RelyingParty:
    party, browser = provider.relying_party(backchannel_logout_uri=uri), provider.browser()
    party.sign_in(browser)
    browser.get("/sign-out")
    browser.submit("/sign-out")
    return party


def test_a_sign_out_reaches_the_client_by_a_token_that_names_its_session(provider: Provider) -> None:
    party, browser = provider.relying_party(backchannel_logout_uri=URI), provider.browser()
    before = party.claims(party.sign_in(browser)["id_token"])
    browser.get("/sign-out")
    browser.submit("/sign-out")
    caller = Caller()
    assert deliver_logouts(sending(provider, caller)) == LogoutSent(delivered=1)
    [(url, token)] = caller.calls
    told = party.claims(token)
    assert url == URI
    assert {name: told[name] for name in ("iss", "aud", "sub", "sid")} == {
        name: before[name] for name in ("iss", "aud", "sub", "sid")
    }
    assert deliver_logouts(sending(provider, caller)) == LogoutSent()


@pytest.mark.parametrize("where", ["/account/sign-out", "/account/delete"])
def test_signing_out_everywhere_and_deleting_reach_the_clients_too(provider: Provider, where: str) -> None:
    party, browser = provider.relying_party(backchannel_logout_uri=URI), provider.browser()
    party.sign_in(browser)
    party.sign_in(provider.browser())
    browser.get(where)
    browser.submit(where)
    caller = Caller()
    assert deliver_logouts(sending(provider, caller)) == LogoutSent(delivered=2)
    assert len({party.claims(token)["sid"] for _, token in caller.calls}) == 2


def test_another_person_in_the_browser_logs_the_first_one_out(provider: Provider) -> None:
    """U4: the person before is told of at the clients, the new one is not."""
    party, browser = provider.relying_party(backchannel_logout_uri=URI), provider.browser()
    first = party.claims(party.sign_in(browser)["id_token"])
    party.sign_in(browser, "taro", prompt="login")
    caller = Caller()
    deliver_logouts(sending(provider, caller))
    [told] = [party.claims(token) for _, token in caller.calls]
    assert (told["sub"], told["sid"]) == (first["sub"], first["sid"])


def test_the_same_person_again_logs_nobody_out(provider: Provider) -> None:
    party, browser = provider.relying_party(backchannel_logout_uri=URI), provider.browser()
    tokens = party.sign_in(browser)
    party.sign_in(browser, prompt="login")
    assert provider.count_rows("logout_deliveries") == 0
    assert party.userinfo(tokens["access_token"]).status_code == 200


def test_each_try_has_a_token_of_its_own(provider: Provider) -> None:
    party = owed_by_sign_out(provider)
    caller = Caller(lambda url: "status_500")
    for _ in range(3):
        deliver_logouts(sending(provider, caller))
        provider.clock.advance(7200)
    claims = [party.claims(token) for _, token in caller.calls]
    assert len({each["jti"] for each in claims}) == len(claims) == 3
    assert all(each["exp"] - each["iat"] == 120 for each in claims)
    assert claims[2]["iat"] - claims[0]["iat"] == 14_400


def test_tries_wait_longer_each_time_until_the_operator_is_told(provider: Provider) -> None:
    owed_by_sign_out(provider)
    caller = Caller(lambda url: "status_503")
    begun, run = provider.clock(), sending(provider, caller, randomness=lambda size: b"\xff" * size)
    outcomes = []
    while provider.count_rows("logout_deliveries", "dead_at IS NULL"):
        outcomes.append(deliver_logouts(run))
        provider.clock.advance(1)
        if rows := provider.parts.durable.list_logout_deliveries(is_dead=False, limit=1):
            provider.clock.now = max(provider.clock.now, rows[0].due_at)
    assert outcomes == [LogoutSent(failed=1)] * (MOST_TRIES - 1) + [LogoutSent(dead=1)]
    assert timedelta(hours=20) < provider.clock() - begun < timedelta(hours=30)
    assert ("logout_undelivered", None, None, "status_503") in provider.audit_events()
    assert provider.log_lines()[-1]["event"] == "logout_given_up"
    [dead] = provider.parts.durable.list_logout_deliveries(is_dead=True, limit=9)
    assert (dead.tries, dead.outcome) == (MOST_TRIES, "status_503")


def test_waits_are_spread_and_bounded() -> None:
    shortest, longest = (lambda size: b"\x00" * size), (lambda size: b"\xff" * size)
    assert wait_before(1, shortest) == timedelta(seconds=7.5)
    assert wait_before(1, longest) == timedelta(seconds=15)
    assert wait_before(2, longest) == timedelta(seconds=30)
    assert wait_before(MOST_TRIES, longest) == wait_before(10_000, longest) == timedelta(hours=2)


def test_a_slow_client_does_not_keep_the_others_waiting(provider: Provider) -> None:
    slow = owed_by_sign_out(provider, "https://slow.example/logout")
    fast = owed_by_sign_out(provider, "https://fast.example/logout")
    fast_was_called = threading.Event()

    def answer(url: str) -> str:
        if "fast" in url:
            fast_was_called.set()
            return ""
        return "" if fast_was_called.wait(10) else "unreachable"

    caller = Caller(answer)
    assert deliver_logouts(sending(provider, caller)) == LogoutSent(delivered=2)
    assert {url for url, _ in caller.calls} == {party.client.options.backchannel_logout_uri for party in (slow, fast)}


def test_a_client_that_is_down_is_asked_once_a_run_however_much_it_is_owed(provider: Provider) -> None:
    party = provider.relying_party(backchannel_logout_uri=URI)
    for _ in range(3):
        browser = provider.browser()
        party.sign_in(browser)
        browser.get("/sign-out")
        browser.submit("/sign-out")
    caller = Caller(lambda url: "unreachable")
    assert deliver_logouts(sending(provider, caller)) == LogoutSent(failed=1)
    provider.clock.advance(20)
    caller.answer = lambda url: ""
    assert deliver_logouts(sending(provider, caller)) == LogoutSent(delivered=3)


def test_a_client_that_takes_seconds_for_each_yields_to_the_next_run(provider: Provider) -> None:
    party = provider.relying_party(backchannel_logout_uri=URI)
    for _ in range(3):
        browser = provider.browser()
        party.sign_in(browser)
        browser.get("/sign-out")
        browser.submit("/sign-out")
    seconds = iter(range(0, 1000, 4))
    caller = Caller()
    sent = deliver_logouts(sending(provider, caller, monotonic=lambda: float(next(seconds))))
    assert sent == LogoutSent(delivered=3)
    claims = [sql for sql in provider.durable.statements if "SET claimed_until = ?, tries" in sql]
    assert len(claims) == 3
    # What went back untried was not counted as a try.
    delivered = [line["count"] for line in provider.log_lines() if line["event"] == "logout_delivered"]
    assert delivered == [1, 1, 1]


def test_a_client_that_no_longer_wants_to_be_told_is_not_called(provider: Provider) -> None:
    party = owed_by_sign_out(provider)
    provider.parts.database.write("UPDATE clients SET options = '{}'")
    caller = Caller()
    assert deliver_logouts(sending(provider, caller)) == LogoutSent(dropped=1)
    assert caller.calls == []
    assert party.client.options.backchannel_logout_uri == URI


def test_without_a_key_of_the_clients_algorithm_the_delivery_waits(provider: Provider) -> None:
    owed_by_sign_out(provider)
    provider.parts.database.write("UPDATE clients SET id_token_signed_response_alg = 'PS512'")
    caller = Caller()
    assert deliver_logouts(sending(provider, caller)) == LogoutSent(failed=1)
    [waiting] = provider.parts.durable.list_logout_deliveries(is_dead=False, limit=9)
    assert (waiting.outcome, caller.calls) == ("no_signing_key", [])


def test_a_logout_token_is_encrypted_to_what_the_client_publishes_or_waits(provider: Provider) -> None:
    """Back-Channel Logout §2.6: a client whose ID tokens are encrypted refuses any other."""
    key = EncryptionKey("ECDH-ES")
    host = KeyHost(provider, key.jwk)
    party = provider.relying_party(
        backchannel_logout_uri=URI, jwks_uri=JWKS_URI, id_token_encrypted_response_alg=key.alg
    )
    browser = provider.browser()
    party.sign_in(browser)
    browser.get("/sign-out")
    browser.submit("/sign-out")
    host.is_up, host.now = False, host.now + 100_000
    caller = Caller()
    assert deliver_logouts(sending(provider, caller)) == LogoutSent(failed=1)
    [waiting] = provider.parts.durable.list_logout_deliveries(is_dead=False, limit=9)
    assert (waiting.outcome, caller.calls) == ("no_encryption_key", [])
    host.is_up, host.now = True, host.now + 60
    provider.clock.advance(20)
    assert deliver_logouts(sending(provider, caller)) == LogoutSent(delivered=1)
    assert party.claims(key.decrypt(caller.calls[0][1]))["aud"] == party.client.client_id


def test_a_fault_in_one_clients_call_stops_nobody_else(provider: Provider) -> None:
    owed_by_sign_out(provider, "https://broken.example/logout")
    owed_by_sign_out(provider, "https://fine.example/logout")

    def answer(url: str) -> str:
        if "broken" in url:
            raise ZeroDivisionError
        return ""

    assert deliver_logouts(sending(provider, Caller(answer))) == LogoutSent(delivered=1, failed=1)
    [waiting] = provider.parts.durable.list_logout_deliveries(is_dead=False, limit=9)
    assert waiting.outcome == "call_broke"


def test_a_fault_in_one_clients_token_is_a_failed_try_and_stops_nobody_else(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = owed_by_sign_out(provider, "https://broken.example/logout")
    owed_by_sign_out(provider, "https://fine.example/logout")

    def issue(client: Client, *arguments: Any, **named: Any) -> str:
        if client.client_id == broken.client.client_id:
            raise ZeroDivisionError
        return issue_logout_token(client, *arguments, **named)

    monkeypatch.setattr("idp.ops.logout_delivery.issue_logout_token", issue)
    assert deliver_logouts(sending(provider, Caller())) == LogoutSent(delivered=1, failed=1)
    [waiting] = provider.parts.durable.list_logout_deliveries(is_dead=False, limit=9)
    assert (waiting.client_id, waiting.outcome) == (broken.client.client_id, "token_broke")


def owed_by_one_sign_out(provider: Provider, parties: Sequence[RelyingParty]) -> None:
    browser = provider.browser()
    for party in parties:
        party.sign_in(browser)
    browser.get("/sign-out")
    browser.submit("/sign-out")


@pytest.mark.parametrize("fault", [StoreUnavailable, ZeroDivisionError])
def test_what_breaks_the_work_for_one_client_is_told_when_all_others_were_called(
    provider: Provider, monkeypatch: pytest.MonkeyPatch, fault: type[Exception]
) -> None:
    """Its deliveries are due again when the claim ends."""
    parties = [provider.relying_party(backchannel_logout_uri=f"https://rp.example/{n}") for n in range(20)]
    owed_by_one_sign_out(provider, parties)
    run, first = sending(provider, Caller()), parties[0].client.client_id
    find_client = run.clients.find_client
    # The first to be worked on, so that all others have not begun.
    monkeypatch.setattr("idp.ops.logout_delivery._CALLS_AT_ONCE", 1)
    monkeypatch.setattr("idp.ops.logout_delivery._healthy_first", lambda claimed: by_client(claimed, first))

    def find(client_id: str) -> Client | None:
        if client_id == first:
            raise fault("here")
        return find_client(client_id)

    monkeypatch.setattr(run.clients, "find_client", find)
    with pytest.raises(fault):
        deliver_logouts(run)
    [left] = provider.parts.durable.list_logout_deliveries(is_dead=False, limit=99)
    assert left.client_id == first
    monkeypatch.undo()
    provider.clock.advance(301)
    assert deliver_logouts(sending(provider, Caller())) == LogoutSent(delivered=1)


def by_client(claimed: Sequence[LogoutDelivery], first: str) -> list[list[LogoutDelivery]]:
    return [[each] for each in sorted(claimed, key=lambda each: each.client_id != first)]


def test_of_all_workers_one_has_the_job_in_its_time(provider: Provider) -> None:
    jobs = [make_logout_jobs(provider.parts) for _ in range(3)]
    assert [each.run_due() for each in jobs] == [("logout-delivery",), (), ()]
    provider.clock.advance(5)
    assert jobs[2].run_due() == ("logout-delivery",)


def test_log_and_audit_of_a_logout_name_no_person(provider: Provider) -> None:
    party, browser = provider.relying_party(backchannel_logout_uri=URI), provider.browser()
    claims = party.claims(party.sign_in(browser)["id_token"])
    browser.get("/sign-out")
    browser.submit("/sign-out")
    deliver_logouts(sending(provider, Caller(lambda url: "status_400")))
    provider.clock.advance(60)
    deliver_logouts(sending(provider, Caller()))
    text = provider.log.getvalue()
    assert "logout_failed" in text
    assert "logout_delivered" in text
    for secret in (claims["sub"], claims["sid"], URI):
        assert secret not in text
