"""What a client registered once for all its requests."""

from tests.support.provider import Provider
from tests.support.relying_party import RelyingParty


def test_default_max_age_asks_for_the_card_again(provider: Provider) -> None:
    party = provider.relying_party(default_max_age=60, require_auth_time=True)
    browser = provider.browser()
    claims = party.claims(party.sign_in(browser)["id_token"])
    assert claims["auth_time"] == int(provider.clock().timestamp())
    provider.clock.advance(60)
    browser.authorize(party.request(prompt="none"))
    assert "code" in party.answer(browser.last)
    provider.clock.advance(1)
    browser.authorize(party.request(prompt="none"))
    assert party.answer(browser.last)["error"] == "login_required"
    browser.authorize(party.request(prompt="none", max_age="3600"))
    assert "code" in party.answer(browser.last)


def test_default_acr_values_choose_the_word_in_the_id_token(provider: Provider) -> None:
    party = provider.relying_party(default_acr_values=["aal3"])
    browser = provider.browser()
    assert party.claims(party.sign_in(browser)["id_token"])["acr"] == "aal3"
    level = f"{provider.settings.issuer}/acr/user-authentication"
    assert party.claims(party.sign_in(browser, acr_values=level)["id_token"])["acr"] == level


def test_who_comes_too_late_is_led_back_to_where_the_service_begins(provider: Provider) -> None:
    party = provider.relying_party(initiate_login_uri="https://rp.example/login")
    pushed = party.pushed()
    provider.clock.advance(provider.settings.oidc.pushed_request_seconds)
    browser = provider.browser()
    assert browser.authorize(pushed).status_code == 410
    assert 'href="https://rp.example/login?iss=http%3A%2F%2F127.0.0.1%3A8000"' in browser.html


def test_a_service_that_did_not_say_where_it_begins_is_not_guessed(
    provider: Provider, relying_party: RelyingParty
) -> None:
    pushed = relying_party.pushed()
    provider.clock.advance(provider.settings.oidc.pushed_request_seconds)
    browser = provider.browser()
    assert browser.authorize(pushed).status_code == 410
    assert relying_party.client.redirect_uris[0] not in browser.html
