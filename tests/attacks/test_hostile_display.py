"""What a person reads before the PIN cannot hide, reverse or imitate anything."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from idp.oidc.errors import OAuthError
from idp.oidc.registration import client_fingerprint, register_client
from tests.attacks.refusals import assert_refused
from tests.support.presenter_double import PresenterDouble
from tests.support.provider import BEGIN, Provider
from tests.support.relying_party import RelyingParty

VECTORS = Path(__file__).resolve().parents[2] / "docs" / "card-presenter-protocol-vectors.json"
HOSTILE_NAMES = {
    vector["name"]: vector["value"]
    for vector in json.loads(VECTORS.read_text(encoding="utf-8"))["refused_members"]
    if vector["member"] == "client_name" and isinstance(vector["value"], str)
}


@pytest.mark.parametrize("name", HOSTILE_NAMES.values(), ids=HOSTILE_NAMES.keys())
def test_a_hostile_name_is_refused_at_registration(name: str) -> None:
    """RFC 7591 §5."""
    metadata = {"client_name": name, "redirect_uris": ["https://rp.example/cb"]}
    with pytest.raises(OAuthError) as refused:
        register_client(metadata, sandbox=True, now=BEGIN)
    assert refused.value.code == "invalid_client_metadata"


def test_a_hostile_name_that_got_into_the_database_is_never_shown_to_a_presenter(provider: Provider) -> None:
    party = provider.relying_party()
    for name in HOSTILE_NAMES.values():
        if not name or any(0xD800 <= ord(character) <= 0xDFFF for character in name) or "\0" in name:
            continue  # no database stores these
        hostile = replace(party.client, client_name=name)
        provider.change_client(replace(hostile, fingerprint=client_fingerprint(hostile)))
        browser = provider.browser()
        browser.authorize(party.request())
        presenter = PresenterDouble(
            provider.app, provider.settings.issuer, provider.cards["hanako"].user_authentication, browser.handle
        )
        assert_refused(presenter.open(), 410, "transaction_ended")


def test_markup_in_a_name_is_shown_as_text(provider: Provider) -> None:
    party = provider.relying_party(client_name='<img src=x onerror="x">&amp;{{7*7}}')
    browser = provider.browser()
    browser.authorize(party.request())
    assert "<img src=x" not in browser.html
    assert "&lt;img src=x" in browser.html
    assert "{{7*7}}" in browser.html


def test_an_unreviewed_name_is_marked_on_the_page_and_for_the_presenter(
    relying_party: RelyingParty, presenter: PresenterDouble
) -> None:
    presenter.open()
    assert not relying_party.client.is_reviewed
    assert presenter.transaction["client_status"] == "unreviewed"
    assert presenter.transaction["client_name"] == relying_party.client.client_name
    assert presenter.transaction["redirect_uri"] == relying_party.client.redirect_uris[0]
