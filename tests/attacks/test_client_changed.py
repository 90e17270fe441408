"""A client that is changed or removed in the middle: nothing is given to what the person was not shown."""

from dataclasses import replace

import pytest

from idp.oidc.registration import client_fingerprint
from tests.attacks.refusals import assert_page, assert_refused
from tests.support.browser import Browser
from tests.support.presenter_double import PresenterDouble
from tests.support.provider import Provider
from tests.support.relying_party import RelyingParty


@pytest.fixture(params=["renamed", "removed", "reviewed", "moved"])
def change(request: pytest.FixtureRequest, provider: Provider, relying_party: RelyingParty) -> "Change":
    return Change(provider, relying_party, request.param)


class Change:
    """One way to be another client than before."""

    def __init__(self, provider: Provider, party: RelyingParty, kind: str) -> None:
        self.provider, self.party, self.kind = provider, party, kind

    def happen(self) -> None:
        client = self.party.client
        if self.kind == "removed":
            self.provider.parts.client_administration.delete_client(client.client_id, self.provider.clock())
            return
        changes = {
            "renamed": {"client_name": "あなたの銀行"},
            "reviewed": {"is_reviewed": True},
            "moved": {"redirect_uris": ("https://elsewhere.example/cb",)},
        }
        changed = replace(client, **changes[self.kind])  # type: ignore[arg-type]
        self.provider.change_client(replace(changed, fingerprint=client_fingerprint(changed)))


def test_before_the_opening_the_presenter_is_refused(change: Change, presenter: PresenterDouble) -> None:
    change.happen()
    assert_refused(presenter.open(), 410, "transaction_ended")


def test_after_the_proof_no_code_is_issued(change: Change, browser: Browser, presenter: PresenterDouble) -> None:
    return_url = presenter.present()
    change.happen()
    assert_page(browser.get(return_url), 409)
    assert change.provider.count_rows("grants") == 0
    assert change.provider.count_rows("browser_sessions") == 0


def test_between_opening_and_proof_no_code_is_issued(
    change: Change, browser: Browser, presenter: PresenterDouble
) -> None:
    presenter.open()
    change.happen()
    answer = presenter.prove()
    if answer.status_code == 200:
        browser.get(answer.get_json()["return_url"])
        assert_page(browser.last, 409)
    assert change.provider.count_rows("grants") == 0


def test_before_consent_no_code_is_issued(change: Change, browser: Browser, presenter: PresenterDouble) -> None:
    browser.get(presenter.present())
    browser.submit("/new-browser")
    consent = browser.form("/consent")
    change.happen()
    assert_page(browser.post(consent.action, consent.fields | {"decision": "allow"}), 409)
    assert change.provider.count_rows("grants") == 0
    assert change.provider.count_rows("consents") == 0


def test_back_to_the_service_goes_nowhere_when_the_service_is_another(change: Change, browser: Browser) -> None:
    cancel = browser.form("/cancel")
    change.happen()
    assert_page(browser.post(cancel.action, cancel.fields), 409)


def test_a_client_removed_while_a_worker_still_remembers_it_gets_no_code(provider: Provider) -> None:
    remembering = provider.restart(IDP_OIDC__CLIENT_CACHE_SECONDS="60")
    try:
        party, browser = remembering.relying_party(), remembering.browser()
        browser.authorize(party.request())
        browser.use_sandbox_card()
        browser.submit("/new-browser")
        remembering.parts.client_administration.delete_client(party.client.client_id, remembering.clock())
        assert_page(browser.submit("/consent", decision="allow"), 409)
        assert remembering.count_rows("grants") == 0
    finally:
        remembering.close()


def test_a_removed_client_gets_no_code_from_a_session_either(provider: Provider) -> None:
    remembering = provider.restart(IDP_OIDC__CLIENT_CACHE_SECONDS="60")
    try:
        party, browser = remembering.relying_party(), remembering.browser()
        party.sign_in(browser)
        remembering.parts.client_administration.delete_client(party.client.client_id, remembering.clock())
        assert_page(browser.authorize(party.request()), 200)
        assert_page(browser.submit("/consent", decision="allow"), 409)
        assert remembering.count_rows("grants") == 0
    finally:
        remembering.close()
