"""A pushed request is its client's, and the first browser's; whoever else names it gets a page."""

import threading
from urllib.parse import urlencode

import pytest
from werkzeug.test import TestResponse

from tests.attacks.refusals import assert_page
from tests.support.provider import Provider
from tests.support.relying_party import RelyingParty

PREFIX = "urn:ietf:params:oauth:request_uri:"


def test_the_honest_client_signs_people_in(provider: Provider, relying_party: RelyingParty) -> None:
    browser = provider.browser()
    browser.authorize(relying_party.pushed())
    browser.use_sandbox_card()
    browser.agree()
    assert relying_party.tokens(browser.last)["id_token"]


def test_a_request_uri_is_of_no_use_to_another_client(provider: Provider, relying_party: RelyingParty) -> None:
    thief = provider.relying_party()
    stolen = relying_party.pushed()
    for client_id in (thief.client.client_id, "nobody", "", None):
        request = {**stolen, "client_id": client_id or ""} if client_id is not None else {**stolen}
        if client_id is None:
            del request["client_id"]
        assert_page(provider.browser().authorize(request), 410)
    # Nor was it spent.
    assert provider.browser().authorize(stolen).status_code == 200


def test_a_request_uri_is_used_once_whatever_the_method(provider: Provider, relying_party: RelyingParty) -> None:
    for first, second in (("GET", "GET"), ("GET", "POST"), ("POST", "GET"), ("POST", "POST")):
        pushed, browser = relying_party.pushed(), provider.browser()
        if first == "GET":
            assert browser.authorize(pushed).status_code == 200
        else:
            assert browser.post("/authorize", pushed).status_code == 200
        other = provider.browser()
        answer = other.authorize(pushed) if second == "GET" else other.post("/authorize", pushed)
        assert_page(answer, 410)
        assert other.cookies == {}


def test_a_reload_of_the_sign_ins_own_page_goes_on(provider: Provider, relying_party: RelyingParty) -> None:
    browser = provider.browser()
    browser.authorize(relying_party.pushed())
    assert browser.get(browser.path).status_code == 200
    browser.use_sandbox_card()
    browser.agree()
    assert "code" in relying_party.answer(browser.last)


def test_of_many_browsers_at_once_one_begins(provider: Provider, relying_party: RelyingParty) -> None:
    pushed = relying_party.pushed()
    answers: list[TestResponse] = []
    gate = threading.Barrier(6)

    def arrive() -> None:
        browser = provider.browser()
        gate.wait()
        answers.append(browser.request("GET", "/authorize?" + urlencode(pushed)))

    threads = [threading.Thread(target=arrive) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.status_code for answer in answers) == [303, 410, 410, 410, 410, 410]


def test_an_expired_request_uri_is_a_page(provider: Provider, relying_party: RelyingParty) -> None:
    pushed = relying_party.pushed()
    provider.clock.advance(provider.settings.oidc.pushed_request_seconds)
    assert_page(provider.browser().authorize(pushed), 410)


@pytest.mark.parametrize(
    "reference", ["", "a" * 43, "A" * 43, "a" * 1500, "../x", "%00", "' OR 1=1 --", "a" * 43 + "\r\nX: y", "\u3042"]
)
def test_an_invented_request_uri_is_a_page(provider: Provider, relying_party: RelyingParty, reference: str) -> None:
    request = {"client_id": relying_party.client.client_id, "request_uri": PREFIX + reference}
    answer = provider.browser().authorize(relying_party.request() | request)
    assert_page(answer, 410)


def test_what_stands_beside_a_request_uri_counts_for_nothing(provider: Provider, relying_party: RelyingParty) -> None:
    """RFC 9101 §6.3: no redirect to where the link says, no silent mode, no other way of answering."""
    browser = provider.browser()
    pushed = relying_party.pushed(response_mode="form_post", state="mine")
    beside = {"redirect_uri": "https://evil.example/", "response_mode": "query", "state": "yours", "prompt": "none"}
    assert browser.authorize(beside | pushed).status_code == 200
    browser.submit("/cancel")
    form = browser.form("/cb")
    assert form.action == relying_party.client.redirect_uris[0]
    assert form.fields["state"] == "mine"


def test_a_client_that_must_push_cannot_be_asked_for_in_a_link(provider: Provider) -> None:
    """F17; the refusal goes to the client, whose address is proven."""
    party = provider.relying_party(require_pushed_authorization_requests=True)
    for answer in (
        provider.browser().authorize(party.request()),
        provider.browser().post("/authorize", party.request()),
    ):
        assert party.answer(answer)["error"] == "invalid_request"
    assert provider.browser().authorize(party.pushed()).status_code == 200


def test_where_everybody_must_push_a_link_is_refused(provider: Provider) -> None:
    strict = provider.restart(IDP_OIDC__REQUIRE_PUSHED_AUTHORIZATION_REQUESTS="true")
    try:
        party = strict.relying_party()
        assert party.answer(strict.browser().authorize(party.request()))["error"] == "invalid_request"
        assert strict.browser().post("/authorize", party.pushed()).status_code == 200
    finally:
        strict.close()


def test_a_push_without_its_secret_is_refused_as_json(provider: Provider, relying_party: RelyingParty) -> None:
    stranger = RelyingParty(provider.app, relying_party.issuer, relying_party.client, "wrong")
    answer = stranger.push()
    assert (answer.status_code, answer.get_json()["error"]) == (401, "invalid_client")
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_push_for_another_clients_address_is_refused(provider: Provider, relying_party: RelyingParty) -> None:
    other = provider.relying_party()
    answer = relying_party.push(redirect_uri=other.client.redirect_uris[0])
    assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_request")


def test_a_registration_that_changed_after_the_push_decides(provider: Provider, relying_party: RelyingParty) -> None:
    pushed = relying_party.pushed()
    provider.parts.client_administration.delete_client(relying_party.client.client_id, provider.clock())
    assert_page(provider.browser().authorize(pushed), 400)


def test_no_reference_and_no_request_is_logged(provider: Provider, relying_party: RelyingParty) -> None:
    pushed = relying_party.pushed(login_hint="someone@example.jp")
    provider.browser().authorize(pushed)
    provider.browser().authorize(pushed)
    log = provider.log.getvalue()
    assert pushed["request_uri"].removeprefix(PREFIX) not in log
    assert "someone@example.jp" not in log
