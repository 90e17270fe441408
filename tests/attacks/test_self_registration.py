"""Whoever registers here reaches people, in the name of the provider: what a hostile client can and cannot do."""

from typing import Any

import pytest
from werkzeug.test import Client as HttpClient
from werkzeug.test import TestResponse

from tests.support.provider import Provider
from tests.support.relying_party import RelyingParty

METADATA = {"client_name": "My Bank", "redirect_uris": ["https://hostile.example/cb"]}


class Attacker:
    def __init__(self, provider: Provider) -> None:
        self.provider = provider
        self._http = HttpClient(provider.app, use_cookies=False)

    def send(self, method: str, path: str, token: str | None = None, **body: Any) -> TestResponse:
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        return self._http.open(path, base_url=self.provider.settings.issuer, method=method, headers=headers, **body)

    def register(self, **changed: Any) -> dict[str, Any]:
        answer = self.send("POST", "/register", json={**METADATA, **changed})
        assert answer.status_code == 201, answer.get_data()
        made: dict[str, Any] = answer.get_json()
        return made

    def party(self, made: dict[str, Any]) -> RelyingParty:
        client = self.provider.parts.clients.find_client(made["client_id"])
        assert client is not None
        return RelyingParty(self.provider.app, self.provider.settings.issuer, client, made.get("client_secret"))


@pytest.fixture
def attacker(provider: Provider) -> Attacker:
    return Attacker(provider)


@pytest.mark.parametrize("changed", [{"prompt": "none"}, {"scope": "nothing"}, {"response_type": "token"}])
@pytest.mark.parametrize("response_mode", ["query", "form_post"])
def test_r4_a_link_to_this_provider_does_not_lead_on_to_a_client_that_nobody_checked(
    provider: Provider, attacker: Attacker, changed: dict[str, str], response_mode: str
) -> None:
    """R4, R26: also for error answers and prompt=none; no redirect and no script takes a person there."""
    party = attacker.party(attacker.register())
    browser = provider.browser()
    page = browser.authorize(party.request(response_mode=response_mode, **changed))
    assert "Location" not in page.headers
    assert "hostile.example" in browser.html.replace("<wbr>", "")
    assert "script-src" not in page.headers["Content-Security-Policy"]


def test_r4_the_operators_review_ends_the_question(provider: Provider, attacker: Attacker) -> None:
    from dataclasses import replace

    from idp.oidc.registration import client_fingerprint

    party = attacker.party(attacker.register())
    reviewed = replace(party.client, is_reviewed=True)
    provider.change_client(replace(reviewed, fingerprint=client_fingerprint(reviewed)))
    answer = provider.browser().authorize(party.request(prompt="none"))
    assert party.answer(answer)["error"] == "login_required"


def test_r4_a_person_who_goes_back_by_themselves_is_not_asked_again(provider: Provider, attacker: Attacker) -> None:
    party = attacker.party(attacker.register())
    browser = provider.browser()
    browser.authorize(party.request())
    assert "hostile.example" in browser.html.replace("<wbr>", "")
    browser.use_sandbox_card("hanako")
    browser.submit("/new-browser")
    browser.submit("/consent", decision="deny")
    assert party.answer(browser.last)["error"] == "access_denied"


def test_a_registration_token_is_good_for_its_own_client_alone(attacker: Attacker) -> None:
    victim, thief = attacker.register(), attacker.register()
    path = f"/register/{victim['client_id']}"
    sent = {**METADATA, "client_id": victim["client_id"], "redirect_uris": ["https://hostile.example/other"]}
    for token in (thief["registration_access_token"], thief["client_secret"], victim["client_secret"]):
        assert attacker.send("GET", path, token).status_code == 401
        assert attacker.send("PUT", path, token, json=sent).status_code == 401
        assert attacker.send("DELETE", path, token).status_code == 401
    assert attacker.party(victim).client.redirect_uris == ("https://hostile.example/cb",)


def test_an_operators_client_cannot_be_managed_by_anybody(provider: Provider, attacker: Attacker) -> None:
    party = provider.relying_party()
    own = attacker.register()["registration_access_token"]
    for token in (own, party.secret, "x" * 43):
        assert attacker.send("DELETE", f"/register/{party.client.client_id}", token).status_code == 401
    assert provider.parts.clients.find_client(party.client.client_id) == party.client


@pytest.mark.parametrize("header", ["Basic eDp4", "Bearer", "Bearer a b", "bearer " + "x" * 9000, "Bearer ü"])
def test_no_header_gets_past(provider: Provider, attacker: Attacker, header: str) -> None:
    client_id = attacker.register()["client_id"]
    answer = HttpClient(provider.app, use_cookies=False).get(
        f"/register/{client_id}", base_url=provider.settings.issuer, headers={"Authorization": header.encode("latin-1")}
    )
    assert answer.status_code == 401


def test_mass_registration_ends_at_a_rate_and_at_a_number(provider: Provider) -> None:
    tight = provider.restart(IDP_LIMITS__REGISTRATION_PER_MINUTE="3", IDP_REGISTRATION__OPEN_LIMIT="5")
    attacker = Attacker(tight)
    statuses = [attacker.send("POST", "/register", json=METADATA).status_code for _ in range(5)]
    assert statuses == [201, 201, 201, 429, 429]
    for _ in range(2):
        tight.clock.advance(60)
        statuses += [attacker.send("POST", "/register", json=METADATA).status_code for _ in range(2)]
    assert statuses[5:] == [201, 201, 503, 503]
    assert tight.count_rows("client_registrations") == 5
    tight.close()


@pytest.mark.parametrize(
    "changed",
    [
        {"redirect_uris": ["https://bank.example@hostile.example/cb"]},
        {"redirect_uris": ["https://bank.example\\@hostile.example/cb"]},
        {"redirect_uris": ["https://hostile.example/cb\r\nSet-Cookie: a=b"]},
        {"redirect_uris": ["https://bаnk.example/cb"]},
        {"redirect_uris": ["javascript:alert(1)//"]},
        {"redirect_uris": ["https://*.example/"]},
        {"client_name": "<script>alert(1)</script>\u202e"},
        {"client_name": "My\u200bBank"},
        {"client_name": "x" * 65},
        {"client_uri": "javascript:alert(1)"},
        {"policy_uri": "data:text/html,x"},
        {"contacts": ["x\r\nBcc: all@bank.example"]},
        {"post_logout_redirect_uris": ["https://hostile.example/#x"]},
        {"jwks": {"keys": [{"kty": "RSA", "n": "AQAB", "e": "Aw", "kid": "weak"}]},
         "token_endpoint_auth_method": "private_key_jwt"},
        {"sector_identifier_uri": "https://169.254.169.254/latest"},
        {"scope": "openid name birthdate"},
    ],
)  # fmt: skip
def test_hostile_metadata_registers_nothing(provider: Provider, attacker: Attacker, changed: dict[str, Any]) -> None:
    answer = attacker.send("POST", "/register", json={**METADATA, **changed})
    assert answer.status_code == 400
    assert answer.get_json()["error"] in ("invalid_redirect_uri", "invalid_client_metadata")
    assert provider.count_rows("clients") == 0


@pytest.mark.parametrize("method", ["POST", "PUT"])
@pytest.mark.parametrize("body", [b"[" * 20_000, b"{" * 20_000, b'{"a":' * 9000, b"\x00" * 100, b" " * 60_000])
def test_no_body_brings_the_endpoint_down(attacker: Attacker, method: str, body: bytes) -> None:
    made = attacker.register()
    path = "/register" if method == "POST" else f"/register/{made['client_id']}"
    token = None if method == "POST" else made["registration_access_token"]
    answer = attacker.send(method, path, token, data=body, content_type="application/json")
    assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_client_metadata")


def test_no_token_and_no_secret_is_in_the_log_or_the_database(provider: Provider, attacker: Attacker) -> None:
    made = attacker.register()
    token = made["registration_access_token"]
    attacker.send("GET", f"/register/{made['client_id']}", token)
    attacker.send("GET", "/register/other", token)
    logged = provider.log.getvalue()
    stored = repr(provider.parts.database.read_all("SELECT * FROM client_registrations"))
    for secret in (token, made["client_secret"]):
        assert secret not in logged
        assert secret not in stored
