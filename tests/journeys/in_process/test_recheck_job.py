"""Where no list tells of a card: revoked after its sign-in, it ends within one run, and the audit says by whom."""

from collections.abc import Callable, Iterator

import pytest

from idp.jobs import make_recheck_jobs, recheck_cards
from idp.ops.doctor import examine
from idp.ops.recheck_report import RecheckReport
from idp.ops.revocation_recheck import RecheckOutcome
from idp.sandbox.operator.life_event import CastLife
from tests.journeys.in_process.test_verified_claims import choose, to_the_choice, verified
from tests.support.provider import Provider
from tests.support.relying_party import RelyingParty
from tests.support.status_responder import Line, with_ocsp_only, with_operator_only

OFFLINE = {"grant_types": ["authorization_code", "refresh_token"]}
HOUR = 3600
Start = Callable[..., tuple[Provider, Line]]
STARTS = {"ocsp": with_ocsp_only, "operator": with_operator_only}


@pytest.fixture(params=STARTS)
def source(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def asking(source: str, provider: Provider, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Provider, Line]]:
    found = STARTS[source](provider, monkeypatch)
    yield found
    found[0].close()


def happen(provider: Provider, event: str, *arguments: str) -> None:
    """Let something happen to Hanako; whoever knows the status learns of it, and time passes."""
    provider.clock.advance(60)
    life = CastLife(provider.parts.sandbox[0])  # type: ignore[index]
    getattr(life, event)("hanako", *arguments, provider.clock())
    provider.parts.sandbox[0].publish_crls(provider.clock())  # type: ignore[index]


def run_job(provider: Provider, hours: float = 6) -> None:
    provider.clock.advance(hours * HOUR)
    # The operator's answers are as of its own list.
    provider.parts.sandbox[0].publish_crls(provider.clock())  # type: ignore[index]
    assert make_recheck_jobs(provider.parts).run_due() == ("revocation-recheck",)


def run_job_at_once(provider: Provider) -> None:
    """Before the sessions lie idle for too long."""
    provider.parts.database.write("UPDATE credentials SET status_due_at = 0 WHERE status_due_at IS NOT NULL")
    provider.clock.advance(provider.settings.jpki.ocsp_cache_seconds)
    run_job(provider, 0)


def ended(provider: Provider) -> list[tuple[str, str]]:
    return [(event, outcome) for event, _, _, outcome in provider.audit_events() if event.startswith("credential_")]


def acr(party: RelyingParty, tokens: dict[str, str]) -> str:
    found: str = party.claims(tokens["id_token"])["acr"]
    return found.rpartition("/")[2]


def test_one_run_ends_the_sign_ins_of_a_revoked_card_and_no_others(asking: tuple[Provider, Line], source: str) -> None:
    provider, _ = asking
    party = provider.relying_party(backchannel_logout_uri="https://rp1.example/logout", **OFFLINE)
    browser = provider.browser()
    tokens, others = party.sign_in(browser), party.sign_in(provider.browser(), "taro")
    happen(provider, "revoke")
    run_job(provider, 5.9)
    tokens = party.refresh(tokens["refresh_token"]).get_json()
    run_job(provider, 0.1)
    assert party.refresh(tokens["refresh_token"]).get_json()["error"] == "invalid_grant"
    assert party.userinfo(tokens["access_token"]).status_code == 401
    browser.authorize(party.request(prompt="none"))
    assert party.answer(browser.last)["error"] == "login_required"
    assert party.refresh(others["refresh_token"]).status_code == 200
    assert ended(provider) == [("credential_revoked", source)]
    assert provider.count_rows("credentials", "state = 'revoked' AND sealed_serial IS NULL") == 1
    assert provider.count_rows("credentials", "state = 'active' AND sealed_serial IS NOT NULL") == 1
    assert provider.count_rows("logout_deliveries") == 1
    # The log resolves the check that the audit names.
    row = provider.parts.database.read_one("SELECT check_ids FROM audit_events WHERE event = 'credential_revoked'")
    checks = [line for line in provider.log_lines() if line["event"] == "status_checked"]
    assert row is not None
    assert [line["outcome"] for line in checks if line["reference"] == row[0]] == ["revoked"]


def test_by_hand_everybody_is_asked_about_at_once(asking: tuple[Provider, Line]) -> None:
    provider, _ = asking
    party = provider.relying_party(**OFFLINE)
    tokens = party.sign_in(provider.browser())
    happen(provider, "revoke")
    # What the responder said at the sign-in need not be asked for again before.
    provider.clock.advance(provider.settings.jpki.ocsp_cache_seconds)
    assert recheck_cards(provider.parts, is_everyone_due=True) == RecheckOutcome(revoked_count=1)
    assert party.refresh(tokens["refresh_token"]).get_json()["error"] == "invalid_grant"


def test_a_refresh_after_days_rests_on_the_last_good_answer(asking: tuple[Provider, Line]) -> None:
    provider, _ = asking
    party = provider.relying_party(**OFFLINE)
    tokens = party.sign_in(provider.browser())
    assert acr(party, tokens) == "user-authentication"
    run_job(provider, 40)
    provider.clock.advance(40 * HOUR)
    tokens = party.refresh(tokens["refresh_token"]).get_json()
    assert acr(party, tokens) == "user-authentication"
    provider.clock.advance(10 * HOUR)
    tokens = party.refresh(tokens["refresh_token"]).get_json()
    assert acr(party, tokens) == "user-authentication-unchecked"
    run_job(provider)
    assert acr(party, party.refresh(tokens["refresh_token"]).get_json()) == "user-authentication"


def test_a_jwt_access_token_and_its_introspection_say_the_same_as_the_id_token(asking: tuple[Provider, Line]) -> None:
    provider, _ = asking
    party = provider.relying_party(access_token_format="jwt", **OFFLINE)
    tokens = party.sign_in(provider.browser())
    run_job(provider, 40)
    provider.clock.advance(40 * HOUR)
    tokens = party.refresh(tokens["refresh_token"]).get_json()
    said = party.post("/introspect", {"token": tokens["access_token"]}).get_json()["acr"]
    assert said.endswith("/acr/user-authentication")
    assert party.claims(tokens["access_token"])["acr"] == said == party.claims(tokens["id_token"])["acr"]


def test_a_session_goes_on_while_the_answers_are_new(asking: tuple[Provider, Line]) -> None:
    provider, _ = asking
    party, browser = provider.relying_party(), provider.browser()
    party.sign_in(browser)
    provider.parts.database.write("UPDATE browser_sessions SET status_time = 0")
    browser.authorize(party.request(prompt="none"))
    assert party.answer(browser.last)["error"] == "login_required"
    run_job_at_once(provider)
    browser.authorize(party.request(prompt="none"))
    assert "code" in party.answer(browser.last)


def test_while_nobody_answers_nothing_ends_and_nothing_is_newer(asking: tuple[Provider, Line]) -> None:
    provider, line = asking
    party = provider.relying_party(**OFFLINE)
    tokens = [party.sign_in(provider.browser(), person) for person in ("hanako", "taro")]
    happen(provider, "revoke")
    line.is_up = False
    run_job(provider)
    assert ended(provider) == []
    assert provider.count_rows("credentials", "status_time IS NULL AND sealed_serial IS NOT NULL") == 2
    tokens = [party.refresh(each["refresh_token"]).get_json() for each in tokens]
    (found,) = [line for line in provider.log_lines() if line["event"] == "revocation_recheck"]
    assert (found["level"], found["detail"]) == (
        "warning",
        "good 0, revoked 0, on_hold 0, unanswered 2, forgotten 0, left 0",
    )
    line.is_up = True
    run_job(provider, 0.2)
    assert [party.refresh(each["refresh_token"]).status_code for each in tokens] == [400, 200]


def test_a_source_that_fails_half_way_has_settled_what_came_before(asking: tuple[Provider, Line], source: str) -> None:
    provider, line = asking
    party = provider.relying_party(**OFFLINE)
    for person in ("hanako", "taro"):
        party.sign_in(provider.browser(), person)
    happen(provider, "revoke")
    provider.parts.database.write("UPDATE credentials SET status_time = 1 WHERE first_seen_at = last_seen_at")
    first = line.asked

    def cut_after_one() -> None:
        line.is_up = line.asked == first

    line.before = cut_after_one
    run_job(provider)
    asked_about = provider.count_rows("credentials", "state = 'revoked' OR status_time > 1")
    assert asked_about == 1
    assert provider.count_rows("credentials", "state = 'active' AND status_time = 1 AND sealed_serial IS NOT NULL") == 1
    line.before = lambda: None
    line.is_up = True
    run_job(provider, 0.2)
    assert ended(provider) == [("credential_revoked", source)]
    assert provider.count_rows("credentials", "state = 'active' AND status_time > 1") == 1


def test_two_workers_ask_once(asking: tuple[Provider, Line]) -> None:
    provider, line = asking
    provider.relying_party().sign_in(provider.browser())
    provider.clock.advance(6 * HOUR)
    workers = [make_recheck_jobs(provider.parts) for _ in range(2)]
    before = line.asked
    ran = [worker.run_due() for worker in workers]
    assert (ran, line.asked - before) == ([("revocation-recheck",), ()], 1)
    assert recheck_cards(provider.parts) == RecheckOutcome()


def test_a_credential_from_before_is_asked_about_after_its_next_sign_in(asking: tuple[Provider, Line]) -> None:
    provider, line = asking
    party = provider.relying_party()
    party.sign_in(provider.browser())
    provider.parts.database.write("UPDATE credentials SET sealed_serial = NULL, status_due_at = NULL")
    before = line.asked
    run_job(provider)
    assert line.asked == before
    party.sign_in(provider.browser())
    before = line.asked
    run_job(provider)
    assert line.asked == before + 1


def test_what_nothing_rests_on_any_more_is_forgotten_and_nobody_is_asked(asking: tuple[Provider, Line]) -> None:
    provider, line = asking
    browser = provider.browser()
    provider.relying_party().sign_in(browser)
    for table in ("browser_sessions", "access_tokens", "grants"):
        provider.parts.database.write(f"DELETE FROM {table}")
    before = line.asked
    run_job(provider)
    assert line.asked == before
    assert provider.count_rows("credentials", "sealed_serial IS NOT NULL OR status_due_at IS NOT NULL") == 0


def test_the_doctor_says_how_many_cards_are_asked_about_and_how_late(asking: tuple[Provider, Line]) -> None:
    provider, _ = asking

    def told() -> tuple[str, str]:
        found = [each for each in examine(provider.parts.patient, provider.clock()) if "recheck" in each.key]
        return found[0].state.value, found[0].text

    assert told() == ("ok", "no card has to be asked about; no run is remembered")
    provider.relying_party(**OFFLINE).sign_in(provider.browser())
    assert told() == ("ok", "1 cards, the first due in 6.0 h; no run is remembered")
    run_job(provider)
    assert told() == ("ok", "1 cards, the first due in 6.0 h; last run 0.0 h ago asked about 1, 0 in vain")
    provider.clock.advance(12.5 * HOUR)
    state, text = told()
    assert (state, text.partition(";")[0]) == ("warn", "1 cards, the first due since 6.5 h")


def test_the_doctor_warns_where_runs_do_not_come_to_everybody(asking: tuple[Provider, Line]) -> None:
    provider, _ = asking
    report = RecheckReport(provider.parts.transient)
    states = []
    for _ in range(4):
        report.record(RecheckOutcome(unanswered_count=5, left_count=2), provider.clock())
        (found,) = [each for each in examine(provider.parts.patient, provider.clock()) if "recheck" in each.key]
        states.append(found.state.value)
    assert states == ["ok", "ok", "ok", "warn"]
    assert found.text.endswith("asked about 5, 5 in vain, left 2 for a later one")


def test_where_a_list_tells_of_every_card_no_serial_number_is_kept(provider: Provider) -> None:
    provider.relying_party().sign_in(provider.browser())
    assert provider.count_rows("credentials", "sealed_serial IS NOT NULL") == 0
    assert recheck_cards(provider.parts) is None
    assert not [each for each in examine(provider.parts.patient, provider.clock()) if "recheck" in each.key]


def test_an_operator_who_wants_no_serial_number_kept_has_none_and_loses_those_that_were(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    asking, _ = with_ocsp_only(provider, monkeypatch)
    party = asking.relying_party()
    party.sign_in(asking.browser())
    assert asking.count_rows("credentials", "sealed_serial IS NOT NULL") == 1
    off = asking.restart(IDP_JPKI__RECHECK_SECONDS="0")
    run_job(off, 0.1)
    assert off.count_rows("credentials", "sealed_serial IS NOT NULL OR status_due_at IS NOT NULL") == 0
    party.at(off.app).sign_in(off.browser())
    assert off.count_rows("credentials", "sealed_serial IS NOT NULL") == 0
    (answer,) = [each for each in examine(off.parts.patient, off.clock()) if "recheck" in each.key]
    assert answer.state.value == "ok"
    off.close()


def test_a_short_life_of_a_status_shortens_the_time_between_two_questions(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    asking, _ = with_ocsp_only(provider, monkeypatch, IDP_JPKI__STATUS_MAX_AGE_SECONDS="3600")
    recheck = asking.parts.revocation_recheck
    assert recheck is not None
    assert recheck.interval.total_seconds() == 1800
    asking.close()


def test_after_a_renewal_the_old_card_ends_and_the_new_one_stays(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    asking, _ = with_operator_only(provider, monkeypatch)
    party, browser = asking.relying_party(**OFFLINE), asking.browser()
    old = party.sign_in(asking.browser())
    happen(asking, "renew")
    new = party.sign_in(browser)
    assert party.sub(old) == party.sub(new)
    assert asking.count_rows("credentials", "state = 'active'") == 2
    run_job_at_once(asking)
    assert party.refresh(old["refresh_token"]).get_json()["error"] == "invalid_grant"
    assert party.refresh(new["refresh_token"]).status_code == 200
    browser.authorize(party.request(prompt="none"))
    assert "code" in party.answer(browser.last)
    assert ended(asking)[-1] == ("credential_revoked", "operator")
    assert asking.count_rows("credentials", "state = 'active'") == 1
    asking.close()


def test_a_new_address_ends_what_was_told_of_the_old_one_and_no_sign_in(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    asking, _ = with_operator_only(provider, monkeypatch)
    bank = asking.relying_party(scope="openid address offline_access")
    shop = asking.relying_party(**OFFLINE)
    browser = asking.browser()
    plain = shop.sign_in(browser)
    browser.authorize(bank.request(scope="openid offline_access", **verified(address=None)))
    to_the_choice(browser)
    choose(browser, "address")
    browser.use_sandbox_card("hanako")
    told = bank.tokens(browser.last)
    assert bank.userinfo(told["access_token"]).status_code == 200
    assert asking.count_rows("credentials", "sealed_serial IS NOT NULL") == 2
    happen(asking, "move", "新しい町")
    run_job_at_once(asking)
    of_bank = f"client_id = '{bank.client.client_id}' AND revoked_at IS NULL"
    assert asking.count_rows("grants", of_bank) == 0
    assert shop.refresh(plain["refresh_token"]).status_code == 200
    assert ended(asking)[-1] == ("credential_revoked", "operator")
    asking.close()
