"""A card that is revoked while its owner is signed in: one run of the job ends it all, and the audit says why."""

import shutil

import pytest

from idp.jobs import make_timed_jobs
from idp.sandbox.operator.life_event import CastLife
from tests.journeys.in_process.test_card_on_hold import put_on_hold
from tests.journeys.in_process.test_linked_person import with_operator
from tests.journeys.in_process.test_verified_claims import choose, to_the_choice, verified
from tests.support.provider import Provider

AN_INTERVAL_SECONDS = 900


def run_jobs(provider: Provider) -> None:
    provider.clock.advance(AN_INTERVAL_SECONDS)
    assert "revocation-refresh" in make_timed_jobs(provider.parts).run_due()


def listed(provider: Provider) -> list[tuple[str, str]]:
    return [(event, outcome) for event, _, _, outcome in provider.audit_events() if event.startswith("credential_")]


def test_one_run_of_the_job_ends_the_sign_ins_of_a_revoked_card_and_no_others(provider: Provider) -> None:
    party = provider.relying_party(grant_types=["authorization_code", "refresh_token"])
    browser, bystander = provider.browser(), provider.browser()
    tokens, others = party.sign_in(browser), party.sign_in(bystander, "taro")
    CastLife(provider.parts.sandbox[0]).revoke("hanako", provider.clock())  # type: ignore[index]
    refreshed = party.refresh(tokens["refresh_token"]).get_json()
    run_jobs(provider)
    assert party.refresh(refreshed["refresh_token"]).get_json()["error"] == "invalid_grant"
    assert party.userinfo(refreshed["access_token"]).status_code == 401
    browser.authorize(party.request(prompt="none"))
    assert party.answer(browser.last)["error"] == "login_required"
    assert listed(provider) == [("credential_revoked", "crl")]
    (account_id,) = [account for event, account, _, _ in provider.audit_events() if event == "credential_revoked"]
    assert account_id
    assert provider.count_rows("credentials", "state = 'revoked'") == 1
    assert party.refresh(others["refresh_token"]).status_code == 200
    # The log resolves the check that the audit names.
    (line,) = [line for line in provider.log_lines() if line["event"] == "credentials_revoked_by_list"]
    row = provider.parts.database.read_one("SELECT check_ids FROM audit_events WHERE event = 'credential_revoked'")
    assert row == (line["reference"],)
    assert "CRLNumber" in line["detail"]


def test_a_refresh_after_days_rests_on_the_lists_held_against_all_cards_since(provider: Provider) -> None:
    party = provider.relying_party(grant_types=["authorization_code", "refresh_token"])
    first = party.sign_in(provider.browser())
    acr = party.claims(first["id_token"])["acr"]
    provider.clock.advance(provider.settings.jpki.status_max_age_seconds + 60)
    unchecked = party.refresh(first["refresh_token"]).get_json()
    assert party.claims(unchecked["id_token"])["acr"] == f"{acr}-unchecked"
    run_jobs(provider)
    checked = party.refresh(unchecked["refresh_token"]).get_json()
    assert party.claims(checked["id_token"])["acr"] == acr


def test_a_session_goes_on_past_the_age_of_its_status_while_the_lists_are_new(provider: Provider) -> None:
    party, browser = provider.relying_party(), provider.browser()
    party.sign_in(browser)
    provider.parts.database.write("UPDATE browser_sessions SET status_time = 0", ())
    browser.authorize(party.request(prompt="none"))
    assert party.answer(browser.last)["error"] == "login_required"
    run_jobs(provider)
    browser.authorize(party.request(prompt="none"))
    assert "code" in party.answer(browser.last)


def test_later_runs_say_nothing_new(provider: Provider) -> None:
    provider.relying_party().sign_in(provider.browser())
    CastLife(provider.parts.sandbox[0]).revoke("hanako", provider.clock())  # type: ignore[index]
    for _ in range(3):
        run_jobs(provider)
    assert listed(provider) == [("credential_revoked", "crl")]


def test_a_card_put_on_hold_is_signed_out_and_comes_back(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    party = provider.relying_party(grant_types=["authorization_code", "refresh_token"])
    browser = provider.browser()
    before = party.sign_in(browser)
    put_on_hold(provider, "hanako")
    # The sandbox itself never publishes a hold, and would take this one back.
    monkeypatch.setattr(provider.parts.sandbox[0], "publish_crls", lambda now: None)  # type: ignore[index]
    run_jobs(provider)
    assert party.refresh(before["refresh_token"]).get_json()["error"] == "invalid_grant"
    browser.authorize(party.request(prompt="none"))
    assert party.answer(browser.last)["error"] == "login_required"
    assert listed(provider) == [("credential_on_hold", "crl")]
    monkeypatch.undo()
    run_jobs(provider)
    assert party.sub(party.sign_in(provider.browser())) == party.sub(before)


def test_while_no_list_can_be_had_nobody_gets_in_and_nothing_is_revoked(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    party = provider.relying_party(grant_types=["authorization_code", "refresh_token"])
    tokens = party.sign_in(provider.browser())
    pki = provider.parts.sandbox[0]  # type: ignore[index]
    monkeypatch.setattr(pki, "publish_crls", lambda now: None)
    for path in pki.directory.rglob("*.crl"):
        path.unlink()
    shutil.rmtree(provider.settings.jpki.crl_index_directory)
    run_jobs(provider)
    browser = provider.browser()
    browser.authorize(party.request())
    browser.use_sandbox_card()
    assert not any("session" in name for name in browser.cookies)
    refused = [(event, outcome) for event, _, _, outcome in provider.audit_events() if event == "card_refused"]
    assert refused == [("card_refused", "status_unavailable")]
    assert listed(provider) == []
    assert party.refresh(tokens["refresh_token"]).status_code == 200


def test_a_new_address_ends_what_was_told_of_the_old_one_and_no_sign_in(provider: Provider) -> None:
    linked = with_operator(provider)
    bank = linked.relying_party(scope="openid address offline_access")
    shop = linked.relying_party(grant_types=["authorization_code", "refresh_token"])
    browser = linked.browser()
    plain = shop.sign_in(browser)
    browser.authorize(bank.request(scope="openid offline_access", **verified(address=None)))
    to_the_choice(browser)
    choose(browser, "address")
    browser.use_sandbox_card("hanako")
    told = bank.tokens(browser.last)
    of_bank = f"client_id = '{bank.client.client_id}' AND revoked_at IS NULL"
    assert bank.userinfo(told["access_token"]).status_code == 200
    assert linked.count_rows("grants", of_bank) == 1
    CastLife(linked.parts.sandbox[0]).move("hanako", "新しい町", linked.clock())  # type: ignore[index]
    run_jobs(linked)
    assert linked.count_rows("grants", of_bank) == 0
    assert shop.refresh(plain["refresh_token"]).status_code == 200
    assert listed(linked)[-1] == ("credential_revoked", "crl")
    browser.authorize(shop.request(prompt="none"))
    assert "code" in shop.answer(browser.last)
