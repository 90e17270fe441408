"""The same sign-in, answered in each of the ways that a client may ask for."""

import base64
import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.support.browser import Browser
from tests.support.provider import Provider
from tests.support.relying_party import RelyingParty

MODES = ["query", "form_post", "jwt", "query.jwt", "form_post.jwt"]


def parameters_of(browser: Browser, party: RelyingParty, mode: str) -> dict[str, str]:
    """What arrives at the client, its signature verified where there is one."""
    if mode.startswith("form_post"):
        form = browser.form("/cb")
        assert browser.last.status_code == 200
        assert form.action == party.client.redirect_uris[0]
        got = form.fields
    else:
        got = party.answer(browser.last)
    if not mode.endswith("jwt"):
        return got
    assert list(got) == ["response"]
    claims: dict[str, Any] = party.claims(got["response"])
    assert claims.pop("aud") == party.client.client_id
    assert claims.pop("exp") > 0
    return claims


@pytest.mark.parametrize("mode", MODES)
def test_a_first_sign_in_is_answered_in_the_mode_asked_for(
    provider: Provider, relying_party: RelyingParty, mode: str
) -> None:
    """R12, F21: the issuer is in each of them."""
    browser = provider.browser()
    request = relying_party.request(response_mode=mode)
    browser.authorize(request)
    browser.use_sandbox_card()
    browser.agree()
    got = parameters_of(browser, relying_party, mode)
    assert got["state"] == request["state"]
    assert got["iss"] == provider.settings.issuer
    assert relying_party.redeem(got["code"]).status_code == 200


@pytest.mark.parametrize("mode", MODES)
def test_a_silent_sign_in_and_its_refusal_are_answered_in_the_mode_asked_for(
    provider: Provider, relying_party: RelyingParty, mode: str
) -> None:
    stranger = provider.browser()
    stranger.authorize(relying_party.request(response_mode=mode, prompt="none"))
    refused = parameters_of(stranger, relying_party, mode)
    assert (refused["error"], refused["iss"]) == ("login_required", provider.settings.issuer)
    known = provider.browser()
    relying_party.sign_in(known)
    known.authorize(relying_party.request(response_mode=mode, prompt="none"))
    assert relying_party.redeem(parameters_of(known, relying_party, mode)["code"]).status_code == 200


@pytest.mark.parametrize("mode", MODES)
def test_going_back_to_the_service_is_answered_in_the_mode_asked_for(
    provider: Provider, relying_party: RelyingParty, mode: str
) -> None:
    browser = provider.browser()
    browser.authorize(relying_party.request(response_mode=mode))
    browser.submit("/cancel")
    assert parameters_of(browser, relying_party, mode)["error"] == "access_denied"
    assert not [name for name in browser.cookies if "-tx" in name]


def test_a_consent_that_is_sent_twice_gives_the_form_with_the_same_code(
    provider: Provider, relying_party: RelyingParty
) -> None:
    browser = provider.browser()
    browser.authorize(relying_party.request(response_mode="form_post"))
    browser.use_sandbox_card()
    if "new-browser" in browser.html:
        browser.submit("/new-browser")
    consent = browser.form("/consent")
    twin = browser.copy()
    first = browser.post(consent.action, consent.fields | {"decision": "allow"})
    again = twin.post(consent.action, consent.fields | {"decision": "allow"})
    assert browser.form("/cb").fields == twin.form("/cb").fields
    assert (first.status_code, again.status_code) == (200, 200)


def test_the_algorithm_of_a_signed_response_is_the_registered_one(provider: Provider) -> None:
    party = provider.relying_party(authorization_signed_response_alg="ES256")
    browser = provider.browser()
    browser.authorize(party.request(response_mode="jwt", prompt="none"))
    token = party.answer(browser.last)["response"]
    header = json.loads(base64.urlsafe_b64decode(token.partition(".")[0] + "=="))
    assert header["alg"] == "ES256"
    assert party.claims(token)["error"] == "login_required"


def test_a_mode_that_does_not_exist_is_an_error_in_the_query(provider: Provider, relying_party: RelyingParty) -> None:
    browser = provider.browser()
    browser.authorize(relying_party.request(response_mode="fragment"))
    location = urlsplit(browser.last.headers["Location"])
    assert parse_qs(location.query)["error"] == ["invalid_request"]
    assert location.fragment == ""
