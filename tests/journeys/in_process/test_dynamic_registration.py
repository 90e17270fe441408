"""A client registers itself, signs a person in, changes itself and goes (RFC 7591, RFC 7592)."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from werkzeug.test import Client as HttpClient
from werkzeug.test import TestResponse

from idp.identifiers import hash_secret, new_identifier
from idp.oidc.registration import client_fingerprint
from idp.oidc.registration_ports import NO_LIMITS
from idp.stores.sql.client_registrations import StoredInvitation
from tests.journeys.in_process.test_linked_person import with_operator
from tests.support.provider import Provider
from tests.support.relying_party import RelyingParty

METADATA = {"client_name": "自分で登録", "redirect_uris": ["https://self.example/cb"], "unknown_member": 1}


class Developer:
    """Calls the registration endpoints."""

    def __init__(self, provider: Provider) -> None:
        self.provider = provider
        self._http = HttpClient(provider.app, use_cookies=False)

    def call(self, method: str, path: str, token: str | None = None, **members: Any) -> TestResponse:
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        body = {"json": members} if members else {}
        return self._http.open(path, base_url=self.provider.settings.issuer, method=method, headers=headers, **body)

    def register(self, token: str | None = None, **changed: Any) -> dict[str, Any]:
        answer = self.call("POST", "/register", token, **METADATA, **changed)
        assert answer.status_code == 201, answer.get_data()
        made: dict[str, Any] = answer.get_json()
        return made

    def party(self, made: dict[str, Any]) -> RelyingParty:
        client = self.provider.parts.clients.find_client(made["client_id"])
        assert client is not None
        return RelyingParty(self.provider.app, self.provider.settings.issuer, client, made["client_secret"])


@pytest.fixture
def developer(provider: Provider) -> Developer:
    return Developer(provider)


def test_from_discovery_to_the_first_sign_in_and_away(provider: Provider, developer: Developer) -> None:
    issuer = provider.settings.issuer
    metadata = developer.call("GET", "/.well-known/openid-configuration").get_json()
    assert metadata["registration_endpoint"] == f"{issuer}/register"
    made = developer.register()
    browser = provider.browser()
    browser.authorize(developer.party(made).request())
    assert "自分で登録" in browser.html
    tokens = developer.party(made).sign_in(provider.browser())
    path = made["registration_client_uri"].removeprefix(issuer)
    token = made["registration_access_token"]
    assert developer.call("GET", path, token).get_json()["client_name"] == "自分で登録"
    sent = {"client_id": made["client_id"], "client_name": "新しい名前", "redirect_uris": ["https://self.example/new"]}
    assert developer.call("PUT", path, token, **sent).status_code == 200
    assert developer.party(made).client.redirect_uris == ("https://self.example/new",)
    gone = developer.call("DELETE", path, token)
    assert (gone.status_code, gone.get_data()) == (204, b"")
    assert developer.call("GET", path, token).status_code == 401
    userinfo = developer.call("GET", "/userinfo", tokens["access_token"])
    assert userinfo.status_code == 401


def test_answers_are_nobodys_to_store_and_any_scripts_to_ask_for(developer: Developer) -> None:
    """R23: these endpoints read no cookie."""
    answers = [
        developer.call("POST", "/register", **METADATA),
        developer.call("POST", "/register", client_name="x"),
        developer.call("GET", "/register/unknown", "x" * 43),
    ]
    for answer in answers:
        assert answer.headers["Cache-Control"] == "no-store"
        assert "Set-Cookie" not in answer.headers
    assert answers[0].headers["Access-Control-Allow-Origin"] == "*"
    assert [answer.status_code for answer in answers] == [201, 400, 401]
    assert developer.call("OPTIONS", "/register").headers["Access-Control-Allow-Methods"] == "GET, POST, PUT, DELETE"


def test_a_body_of_another_kind_is_refused(provider: Provider) -> None:
    http = HttpClient(provider.app, use_cookies=False)
    answer = http.post("/register", base_url=provider.settings.issuer, data={"client_name": "x"})
    assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_request")
    text = json.dumps(METADATA)
    answer = http.post("/register", base_url=provider.settings.issuer, data=text, content_type="text/plain")
    assert answer.status_code == 400


def test_after_its_month_a_client_is_gone(provider: Provider, developer: Developer) -> None:
    made = developer.register()
    provider.clock.advance(30 * 86_400 + 1)
    provider.parts.durable.purge_expired(provider.clock(), 100)
    assert provider.parts.clients.find_client(made["client_id"]) is None


def test_where_it_is_off_there_is_nothing(provider: Provider) -> None:
    quiet = provider.restart(IDP_REGISTRATION__MODE="off")
    developer = Developer(quiet)
    assert "registration_endpoint" not in developer.call("GET", "/.well-known/openid-configuration").get_json()
    assert developer.call("POST", "/register", **METADATA).status_code == 404
    quiet.close()


def test_where_a_token_is_needed_an_invitation_lets_one_in(provider: Provider) -> None:
    strict = provider.restart(IDP_REGISTRATION__MODE="token")
    developer = Developer(strict)
    bare = developer.call("POST", "/register", **METADATA)
    assert (bare.status_code, bare.headers["WWW-Authenticate"]) == (401, "Bearer")
    token = new_identifier()
    invitation = StoredInvitation("i", "", NO_LIMITS, 1, strict.clock() + timedelta(days=1))
    strict.parts.client_registrations.insert_invitation(invitation, hash_secret(token), strict.clock())
    assert developer.register(token)["client_secret_expires_at"] == 0
    assert developer.call("POST", "/register", token, **METADATA).status_code == 401
    strict.close()


def test_policy_and_terms_are_linked_at_consent_where_somebody_reviewed_them(provider: Provider) -> None:
    pages = {"policy_uri": "https://rp.example/privacy", "tos_uri": "https://rp.example/terms"}
    browser = provider.browser()
    for is_reviewed in (False, True):
        party = provider.relying_party(**pages)
        if is_reviewed:
            reviewed = replace(party.client, is_reviewed=True)
            provider.change_client(replace(reviewed, fingerprint=client_fingerprint(reviewed)))
        browser.authorize(party.request())
        if not is_reviewed:
            browser.use_sandbox_card("hanako")
            browser.submit("/new-browser")
        assert browser.form("/consent")
        assert [address in browser.html for address in pages.values()] == [is_reviewed] * 2


def test_a_sandbox_that_releases_claims_lets_a_client_register_their_scopes_later(provider: Provider) -> None:
    linked = with_operator(provider)
    developer = Developer(linked)
    made = developer.register()
    assert made["scope"] == "openid"
    path = made["registration_client_uri"].removeprefix(linked.settings.issuer)
    members = {**METADATA, "client_id": made["client_id"], "scope": "openid name birthdate"}
    changed = developer.call("PUT", path, made["registration_access_token"], **members)
    assert (changed.status_code, changed.get_json()["scope"]) == (200, "openid name birthdate")


@pytest.mark.parametrize("environ", [{}, {"IDP_REGISTRATION__SCOPES": '["openid", "offline_access"]'}])
def test_a_scope_of_claims_is_refused_where_there_are_none_or_the_operator_left_it_out(
    provider: Provider, environ: dict[str, str]
) -> None:
    if environ:
        provider.environ |= environ
        provider = with_operator(provider)
    refused = Developer(provider).call("POST", "/register", **METADATA, scope="openid name")
    assert (refused.status_code, refused.get_json()["error"]) == (400, "invalid_client_metadata")
