"""What is encrypted to us is opened, and nothing else comes out of it."""

import base64
import json
import secrets
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.keys.decrypter import MAXIMUM_CHARACTERS
from idp.keys.errors import NotDecryptable
from idp.keys.jwe_algorithms import CONTENT_ENCRYPTION, ENCRYPTION_ALGORITHMS
from tests.unit.keys.encryption_world import START, EncryptionWorld, shared_world

WORLD = shared_world()


@pytest.mark.parametrize("alg", ENCRYPTION_ALGORITHMS)
@pytest.mark.parametrize("enc", CONTENT_ENCRYPTION)
def test_what_another_implementation_encrypts_is_opened(alg: str, enc: str) -> None:
    plaintext = "日本語 {}".encode() + secrets.token_bytes(3000)
    assert WORLD.decrypter.decrypt(WORLD.encrypt(alg, plaintext, enc, cty="JWT", typ="JWT")) == plaintext


def test_party_information_is_part_of_the_agreement() -> None:
    token = WORLD.encrypt("ECDH-ES+A256KW", apu="QWxpY2U", apv="Qm9i")
    assert WORLD.decrypter.decrypt(token) == b"plaintext"


@pytest.mark.parametrize("alg", ENCRYPTION_ALGORITHMS)
@pytest.mark.parametrize("part", range(5))
def test_a_change_in_any_part_is_refused(alg: str, part: int) -> None:
    parts = WORLD.encrypt(alg).split(".")
    changed = bytearray(base64.urlsafe_b64decode(parts[part] + "=="))
    changed[-1 if part else 3] ^= 1
    parts[part] = base64.urlsafe_b64encode(bytes(changed)).rstrip(b"=").decode()
    with pytest.raises(NotDecryptable):
        WORLD.decrypter.decrypt(".".join(parts))


def test_a_key_that_left_the_jwk_set_opens_what_is_on_its_way_for_a_day() -> None:
    world = EncryptionWorld()
    token, old = world.encrypt("ECDH-ES+A256KW"), world.jwk("ECDH-ES+A256KW")["kid"]
    for days in (89, 90):
        world.now = START + timedelta(days=days)
        world.rotation.run_schedule(world.now)
    assert world.jwk("ECDH-ES+A256KW")["kid"] != old
    assert world.decrypter.decrypt(token) == b"plaintext"
    world.now = START + timedelta(days=91)
    with pytest.raises(NotDecryptable):
        world.decrypter.decrypt(token)


def test_a_key_is_ready_to_decrypt_before_anybody_finds_it() -> None:
    world = EncryptionWorld()
    made = world.rotation.rotate("ECDH-ES+A256KW", world.now)
    assert made.kid not in world.ring.public_jwks().decode()
    assert world.ring.find_decryption_key(made.kid) is not None


def test_the_published_half_says_what_it_is_for() -> None:
    """RFC 7517 §4.2, §4.4."""
    for alg in ENCRYPTION_ALGORITHMS:
        assert (WORLD.jwk(alg)["use"], WORLD.jwk(alg)["alg"]) == ("enc", alg)
        assert {"d", "p", "q"}.isdisjoint(WORLD.jwk(alg))


def encode(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=5,
)
COORDINATES = st.binary(min_size=32, max_size=32).map(lambda raw: base64.urlsafe_b64encode(raw).rstrip(b"=").decode())
EPKS = JSON_VALUES | st.fixed_dictionaries(
    {"kty": st.just("EC"), "crv": st.just("P-256"), "x": COORDINATES, "y": COORDINATES}
)
HEADERS = JSON_VALUES | st.fixed_dictionaries(
    {
        "alg": st.sampled_from([*ENCRYPTION_ALGORITHMS, "dir", "none"]) | JSON_VALUES,
        "enc": st.sampled_from([*CONTENT_ENCRYPTION, "A192GCM"]) | JSON_VALUES,
        "kid": st.sampled_from([WORLD.jwk(alg)["kid"] for alg in ENCRYPTION_ALGORITHMS]) | JSON_VALUES,
        "epk": EPKS,
    },
    optional={"zip": JSON_VALUES, "apu": JSON_VALUES, "typ": JSON_VALUES},
)
PARTS = st.binary(max_size=48).map(lambda raw: base64.urlsafe_b64encode(raw).rstrip(b"=").decode())


@given(HEADERS, st.binary(min_size=40, max_size=40), st.binary(min_size=12, max_size=12), PARTS)
def test_no_token_from_outside_raises_anything_else(header: Any, key: bytes, iv: bytes, ciphertext: str) -> None:
    wrapped, nonce, tag = (base64.urlsafe_b64encode(raw).rstrip(b"=").decode() for raw in (key, iv, bytes(16)))
    with pytest.raises(NotDecryptable):
        WORLD.decrypter.decrypt(".".join((encode(header), wrapped, nonce, ciphertext, tag)))


@given(st.text(max_size=200) | st.lists(PARTS, min_size=5, max_size=5).map(".".join))
def test_no_text_from_outside_raises_anything_else(text: str) -> None:
    with pytest.raises(NotDecryptable):
        WORLD.decrypter.decrypt(text)


@pytest.mark.parametrize("text", ["", "....", "." * 40_000, "A" * 40_000, "[" * 1000 + "....", "é....", "a.b.c.d.e.f"])
def test_a_text_made_to_exhaust_us_is_refused(text: str) -> None:
    with pytest.raises(NotDecryptable):
        WORLD.decrypter.decrypt(text)


def test_the_largest_size_is_that_of_the_whole_text() -> None:
    token = WORLD.encrypt("ECDH-ES+A256KW", b"x" * 20_000)
    assert len(token) < MAXIMUM_CHARACTERS
    assert len(WORLD.decrypter.decrypt(token)) == 20_000
    with pytest.raises(NotDecryptable):
        WORLD.decrypter.decrypt(WORLD.encrypt("ECDH-ES+A256KW", b"x" * 25_000))
