"""A proof of a client: what it is, and how long a browser's cookie stands for it."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from idp.identifiers import hash_secret
from idp.keys.sealing import Sealer
from idp.oidc.client import Client
from idp.oidc.registration_ports import NO_LIMITS, SelfRegistration
from idp.web.cookies import CookieNames
from idp.web.http import Request
from idp.web.sandbox.proven_client import PROVEN_COOKIE, Proof, ProvenClients
from idp.web.site import Site
from tests.unit.oidc.samples import ISSUER, NOW, make_client
from tests.unit.web.pages.sample_page import make_renderer

SECRET, TOKEN = "s" * 43, "t" * 43
HALF_AN_HOUR = timedelta(minutes=30)


class Stores:
    """Clients and registrations, as far as they are asked here."""

    def __init__(self, client: Client, expires_at: datetime | None = None) -> None:
        self.client = client
        self.expires_at = expires_at

    def find_client(self, client_id: str) -> Client | None:
        return self.client if client_id == self.client.client_id else None

    def find_registration(self, client_id: str, token_hash: bytes, now: datetime) -> SelfRegistration | None:
        is_over = self.expires_at is not None and self.expires_at <= now
        if (client_id, token_hash) != (self.client.client_id, hash_secret(TOKEN)) or is_over:
            return None
        return SelfRegistration(self.client, token_hash, NO_LIMITS, None, self.expires_at)

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"{name} is not asked")


def self_registered(**changes: Any) -> Client:
    client = make_client(secret_hash=hash_secret(SECRET), **changes)
    return replace(client, options=replace(client.options, is_self_registered=True))


def proven_with(stores: Stores, issuer: str = ISSUER, key: bytes = b"k" * 32) -> ProvenClients:
    site = Site(make_renderer(), CookieNames(issuer), Sealer(key), lambda: NOW, 60, 60, 8)
    return ProvenClients(site, stores, stores)


def request_with(header: tuple[str, str]) -> Request:
    return Request("GET", "/sandbox/requests", "", {"cookie": header[1].partition(";")[0]}, b"", "192.0.2.1")


@pytest.mark.parametrize("credential", [SECRET, TOKEN])
def test_the_secret_and_the_token_of_a_client_prove_it(credential: str) -> None:
    client = self_registered()
    assert proven_with(Stores(client)).find(Proof.of("rp", credential), NOW) == client


@pytest.mark.parametrize(
    ("client", "proof"),
    [
        (self_registered(), Proof.of("rp", "x" * 43)),
        (self_registered(), Proof.of("rp", "")),
        (self_registered(), Proof.of("other", SECRET)),
        (replace(self_registered(), secret_hash=None), Proof.of("rp", SECRET)),
        (make_client(secret_hash=hash_secret(SECRET)), Proof.of("rp", SECRET)),
    ],
    ids=["wrong", "empty", "another client", "public client", "the operator's client"],
)
def test_nothing_else_proves_one(client: Client, proof: Proof) -> None:
    assert proven_with(Stores(client)).find(proof, NOW) is None


def test_a_browser_is_remembered_for_half_an_hour() -> None:
    proven = proven_with(Stores(self_registered()))
    asked = request_with(proven.remember(Proof.of("rp", SECRET), NOW))
    assert proven.find_remembered(asked, NOW + HALF_AN_HOUR - timedelta(seconds=1)) is not None
    assert proven.find_remembered(asked, NOW + HALF_AN_HOUR) is None


def test_what_was_proven_is_judged_again_each_time() -> None:
    stores = Stores(self_registered())
    proven = proven_with(stores)
    asked = request_with(proven.remember(Proof.of("rp", SECRET), NOW))
    stores.client = replace(stores.client, secret_hash=hash_secret("n" * 43))
    assert proven.find_remembered(asked, NOW) is None


def test_a_registration_that_is_over_proves_nothing_any_more() -> None:
    proven = proven_with(Stores(self_registered(), expires_at=NOW + timedelta(minutes=1)))
    asked = request_with(proven.remember(Proof.of("rp", TOKEN), NOW))
    assert proven.find_remembered(asked, NOW) is not None
    assert proven.find_remembered(asked, NOW + timedelta(minutes=1)) is None


def test_another_installations_cookie_is_as_if_absent() -> None:
    stores = Stores(self_registered())
    header = proven_with(stores, key=b"o" * 32).remember(Proof.of("rp", SECRET), NOW)
    assert proven_with(stores).find_remembered(request_with(header), NOW) is None


def test_the_cookie_is_bound_to_its_host_where_there_is_https() -> None:
    proven = proven_with(Stores(self_registered()), issuer="https://login.example.jp")
    name, value = proven.remember(Proof.of("rp", SECRET), NOW)
    assert name == "Set-Cookie"
    assert value.startswith(f"__Host-idp-{PROVEN_COOKIE}=")
    assert value.endswith("; Max-Age=1800; Path=/; HttpOnly; SameSite=Lax; Secure")
    assert SECRET not in value
    assert proven.forget()[1].startswith(f"__Host-idp-{PROVEN_COOKIE}=; Max-Age=0; Path=/")
