"""Signing keys: what is stored, and what is loaded of it."""

import dataclasses
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from jwcrypto.jwk import JWK

from idp.keys.errors import SigningKeyUnreadable
from idp.keys.jws_registry import SIGNING_ALGORITHMS
from idp.keys.key_encryption import KeyEncryption
from idp.keys.sealing import Sealer
from idp.keys.signing_key import load_signing_key, make_signing_key

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
ENCRYPTION = KeyEncryption(Sealer(bytes(range(32))))
PRIVATE_MEMBERS = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}


@pytest.mark.parametrize("alg", SIGNING_ALGORITHMS)
def test_a_key_is_stored_with_its_thumbprint_and_no_private_member_in_the_clear(alg: str) -> None:
    stored = make_signing_key(alg, ENCRYPTION, NOW, NOW)
    public = json.loads(stored.public_jwk)
    assert stored.kid == public["kid"] == JWK(**public).thumbprint()
    assert (public["alg"], public["use"]) == (alg, "sig")
    assert PRIVATE_MEMBERS.isdisjoint(public)


@pytest.mark.parametrize("alg", SIGNING_ALGORITHMS)
def test_the_loaded_key_publishes_exactly_its_public_half(alg: str) -> None:
    stored = make_signing_key(alg, ENCRYPTION, NOW, NOW)
    loaded = load_signing_key(stored, ENCRYPTION)
    assert dict(loaded.public_jwk) == json.loads(stored.public_jwk)
    assert PRIVATE_MEMBERS.isdisjoint(loaded.public_jwk)
    assert "key=" not in repr(loaded)


def test_the_published_key_does_not_come_from_the_databases_public_column() -> None:
    # Whoever can write to the database but lacks the key-encryption key must not publish a key of their own.
    stored = make_signing_key("ES256", ENCRYPTION, NOW, NOW)
    foreign = make_signing_key("ES256", ENCRYPTION, NOW, NOW)
    swapped = dataclasses.replace(stored, public_jwk=foreign.public_jwk)
    assert load_signing_key(swapped, ENCRYPTION).public_jwk["kid"] == stored.kid
    assert dict(load_signing_key(swapped, ENCRYPTION).public_jwk) == json.loads(stored.public_jwk)


def test_a_row_whose_algorithm_was_changed_does_not_load() -> None:
    stored = make_signing_key("ES256", ENCRYPTION, NOW, NOW)
    with pytest.raises(SigningKeyUnreadable):
        load_signing_key(dataclasses.replace(stored, alg="RS256"), ENCRYPTION)


def encrypted(stored: Any, alg: str, text: bytes) -> Any:
    blob = ENCRYPTION.encrypt_private_jwk(stored.kid, alg, text)
    return dataclasses.replace(stored, alg=alg, encrypted_private_jwk=blob)


@pytest.mark.parametrize("text", [b"{}", b"[]", b"null", b"not json", b"\xff", b'{"kty":"oct","k":"AAAA"}'])
def test_bytes_that_are_no_key_do_not_load(text: bytes) -> None:
    stored = make_signing_key("ES256", ENCRYPTION, NOW, NOW)
    with pytest.raises(SigningKeyUnreadable):
        load_signing_key(encrypted(stored, "ES256", text), ENCRYPTION)


def test_an_algorithm_that_we_do_not_know_does_not_load() -> None:
    stored = make_signing_key("ES256", ENCRYPTION, NOW, NOW)
    with pytest.raises(SigningKeyUnreadable):
        load_signing_key(encrypted(stored, "none", b"{}"), ENCRYPTION)


def test_another_key_under_a_rows_name_does_not_load() -> None:
    stored = make_signing_key("ES256", ENCRYPTION, NOW, NOW)
    other = JWK.generate(kty="EC", crv="P-256").export_private().encode("ascii")
    with pytest.raises(SigningKeyUnreadable, match="thumbprint"):
        load_signing_key(encrypted(stored, "ES256", other), ENCRYPTION)


@pytest.mark.parametrize("alg", ["none", "HS256", "Ed448", ""])
def test_no_key_is_made_for_another_algorithm(alg: str) -> None:
    """F28."""
    with pytest.raises(ValueError, match="no signing keys"):
        make_signing_key(alg, ENCRYPTION, NOW, NOW)
