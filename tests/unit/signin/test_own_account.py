"""The provider's own page as a target: known to sign-ins in flight, and to nobody who asks from outside."""

import pytest

from idp.identifiers import new_identifier
from idp.oidc.errors import OAuthError
from idp.oidc.redirect_uri import verify_redirect_uri
from idp.oidc.registration import register_client
from idp.presenter.display import check_client_name
from idp.presenter.redirect_host import is_judgeable_redirect_uri
from idp.signin.own_account import (
    OWN_CLIENT_ID,
    OWN_PAGE_NAME,
    find_signin_client,
    own_account_client,
    own_account_request,
)
from tests.contracts.records import NOW
from tests.unit.oidc.memory_stores import MemoryClients

ISSUER = "https://login.city.example/id"


def test_no_registration_can_have_its_name() -> None:
    metadata = {"client_name": "x", "redirect_uris": ["https://rp.example/cb"]}
    with pytest.raises(OAuthError):
        register_client(metadata, sandbox=False, now=NOW, client_id=OWN_CLIENT_ID)


def test_it_is_found_for_a_sign_in_and_others_are_asked_of_the_store() -> None:
    assert find_signin_client(MemoryClients(), ISSUER, OWN_CLIENT_ID) == own_account_client(ISSUER)
    assert find_signin_client(MemoryClients(), ISSUER, new_identifier()) is None


def test_its_redirect_is_verified_as_any_other() -> None:
    client = own_account_client(ISSUER)
    assert verify_redirect_uri(client, f"{ISSUER}/account", None).origin == "https://login.city.example"
    with pytest.raises(OAuthError):
        verify_redirect_uri(client, f"{ISSUER}/account/delete", None)


def test_a_card_app_can_show_it() -> None:
    check_client_name(OWN_PAGE_NAME)
    assert is_judgeable_redirect_uri(own_account_request(ISSUER).redirect_uri)


def test_another_issuer_has_another_fingerprint() -> None:
    assert own_account_client(ISSUER).fingerprint != own_account_client(ISSUER + "2").fingerprint


def test_it_releases_nothing_and_asks_for_the_card() -> None:
    request = own_account_request(ISSUER)
    assert (request.scope, request.claims, request.prompt) == (("openid",), None, frozenset({"login"}))
