"""A person signs in: for the first time in a browser, then with everything remembered."""

from tests.support.provider import Provider


def test_first_sign_in_asks_about_browser_and_consent_and_ends_with_tokens(provider: Provider) -> None:
    party, browser = provider.relying_party(), provider.browser()
    request = party.request()
    browser.authorize(request)
    browser.use_sandbox_card()
    assert browser.form("/new-browser")
    browser.submit("/new-browser")
    assert browser.form("/consent")
    browser.submit("/consent", decision="allow")
    answer = party.answer(browser.last)
    assert answer["state"] == request["state"]
    assert answer["iss"] == provider.settings.issuer
    tokens = party.tokens(browser.last)
    claims = party.claims(tokens["id_token"])
    assert claims["nonce"] == request["nonce"]
    assert claims["aud"] == party.client.client_id
    assert claims["acr"] == f"{provider.settings.issuer}/acr/user-authentication"
    assert claims["amr"] == ["sc", "pin"]
    assert claims["sandbox"] is True
    assert party.userinfo(tokens["access_token"]).get_json() == {"sub": claims["sub"]}
