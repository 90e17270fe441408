"""A page that waits while its session ends: signed out elsewhere, suspended, revoked."""

import pytest

from tests.support.browser import Browser
from tests.support.provider import Provider
from tests.support.relying_party import RelyingParty


def on_the_consent_page(provider: Provider, party: RelyingParty) -> Browser:
    browser = provider.browser()
    browser.authorize(party.request())
    browser.use_sandbox_card()
    browser.submit("/new-browser")
    assert browser.form("/consent")
    return browser


@pytest.mark.parametrize("end", ["signed_out", "suspended", "revoked"])
def test_consent_after_the_session_ended_gives_no_code(
    end: str, provider: Provider, relying_party: RelyingParty
) -> None:
    browser = on_the_consent_page(provider, relying_party)
    consent = browser.form("/consent")
    account_id, credential_id = provider.parts.database.read_one(  # type: ignore[misc]
        "SELECT account_id, credential_id FROM credentials"
    )
    if end == "signed_out":
        browser.get("/sign-out")
        browser.submit("/sign-out")
    else:
        with provider.parts.durable.writing() as writer:
            if end == "suspended":
                writer.set_account_state(account_id, "suspended", provider.clock())
            else:
                writer.revoke_credential(credential_id, provider.clock())
    browser.post(consent.action, consent.fields | {"decision": "allow"})
    assert browser.last.status_code == 200
    assert browser.handle
    assert provider.count_rows("grants") == provider.count_rows("consents") == 0


def test_after_signing_out_in_another_tab_the_card_leads_on(provider: Provider, relying_party: RelyingParty) -> None:
    browser = on_the_consent_page(provider, relying_party)
    page = browser.path
    browser.get("/sign-out")
    browser.submit("/sign-out")
    browser.get(page)
    browser.use_sandbox_card()
    browser.agree()
    assert relying_party.sub(relying_party.tokens(browser.last))


def test_a_suspended_account_is_told_so_when_its_card_is_shown_again(
    provider: Provider, relying_party: RelyingParty
) -> None:
    browser = on_the_consent_page(provider, relying_party)
    page = browser.path
    (account_id,) = provider.parts.database.read_one("SELECT account_id FROM accounts")  # type: ignore[misc]
    with provider.parts.durable.writing() as writer:
        writer.set_account_state(account_id, "suspended", provider.clock())
    browser.get(page)
    browser.use_sandbox_card()
    assert browser.form("/restart")
    assert provider.log_lines()[-1]["reason"] == "suspended"
