"""A published key set: what is usable of it, and when it is refused whole."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import ECKey, OKPKey
from joserfc.util import int_to_base64

from idp.oidc.client_keys import MAXIMUM_KEYS, check_public_jwks
from idp.oidc.key_set_document import KeySetUnusable, parse_key_set_document
from tests.unit.oidc.samples import ec_key, rsa_key

EC = ec_key().as_dict(private=False)
RSA = rsa_key().as_dict(private=False)
EVEN = int_to_base64(rsa_key().public_key.public_numbers().n - 1)
MUCH_TOO_MANY = [{**EC, "kid": str(n)} for n in range(33)]


def published(*keys: Any, **members: Any) -> bytes:
    return json.dumps({"keys": list(keys), **members}).encode()


def test_the_keys_of_a_published_set_are_found() -> None:
    assert parse_key_set_document(published(EC, RSA, note="for two providers")) == {"keys": [EC, RSA]}


@pytest.mark.parametrize(
    "stranger",
    [
        OKPKey.generate_key("X25519", {"kid": "x"}).as_dict(private=False),
        ECKey.generate_key("secp256k1", {"kid": "k"}).as_dict(private=False),
        {"kty": "AKP", "kid": "post-quantum", "pub": "AA"},
        {"kty": "EC", "kid": "broken", "crv": "P-256", "x": "AA", "y": "AA"},
        {**RSA, "kid": "even", "use": "enc", "n": EVEN},
        {**RSA, "kid": "ops", "use": "enc", "key_ops": ["deriveBits"]},
        {},
        "text",
    ],
    ids=["X25519", "secp256k1", "post-quantum", "broken", "even", "ops", "empty", "text"],
)
def test_keys_of_other_kinds_are_passed_over(stranger: Any) -> None:
    """RFC 7517 §5: the set may be published for others too."""
    assert parse_key_set_document(published(stranger, EC)) == {"keys": [EC]}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<html>",
        b"[]",
        b"{}",
        b'{"keys": {}}',
        b'{"keys": []}',
        b'{"keys": [], "keys": []}',
        published({"kty": "oct", "k": "AA", "kid": "secret"}, EC),
        published(ec_key().as_dict(private=True)),
        published(EC, EC),
        published({**EC, "kid": 1}),
        published(*MUCH_TOO_MANY),
        published(*MUCH_TOO_MANY[: MAXIMUM_KEYS + 1]),
    ],
)
def test_f30_a_set_without_a_usable_key_with_a_private_one_or_with_one_id_twice_is_refused_whole(data: bytes) -> None:
    with pytest.raises(KeySetUnusable):
        parse_key_set_document(data)


@given(st.binary(max_size=300) | st.lists(st.dictionaries(st.text(), st.text() | st.integers())).map(
    lambda keys: json.dumps({"keys": [*keys, EC]}).encode()
))  # fmt: skip
def test_whatever_is_published_the_answer_is_a_good_set_or_our_refusal(data: bytes) -> None:
    try:
        found = parse_key_set_document(data)
    except KeySetUnusable:
        return
    check_public_jwks(found)
