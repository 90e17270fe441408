"""What an attacker can send where something encrypted to us is expected, and tokens that mix the two kinds of key."""

import base64
import json
import time
import zlib
from typing import Any

import pytest
from jwcrypto.jwe import JWE
from jwcrypto.jwk import JWK
from jwcrypto.jws import JWS

from idp.keys.errors import NoSigningKey, NotDecryptable, NotOurToken
from tests.unit.keys.encryption_world import shared_world

WORLD = shared_world()
AGREEMENT = "ECDH-ES+A256KW"
RSA = "RSA-OAEP-256"


def refuse(token: str) -> None:
    with pytest.raises(NotDecryptable) as refused:
        WORLD.decrypter.decrypt(token)
    # One error for all, and nothing in it that differs.
    assert refused.value.args == ()
    assert refused.value.__cause__ is None


def encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def with_header(token: str, **changed: Any) -> str:
    """The token with another header; None takes a member out."""
    head, _, rest = token.partition(".")
    header = {**json.loads(base64.urlsafe_b64decode(head + "==")), **changed}
    kept = {name: value for name, value in header.items() if value is not None}
    return f"{encode(json.dumps(kept).encode())}.{rest}"


def test_a_compression_bomb_is_refused_unopened() -> None:
    """CVE-2024-28102 of jwcrypto: a few kilobytes that become megabytes."""
    token = JWE(
        b"\x00" * 10_000_000,
        json.dumps({"alg": AGREEMENT, "enc": "A256GCM", "kid": WORLD.jwk(AGREEMENT)["kid"], "zip": "DEF"}),
        recipient=JWK(**WORLD.jwk(AGREEMENT)),
    ).serialize(compact=True)
    assert len(token) < 20_000
    refuse(token)
    refuse(with_header(WORLD.encrypt(AGREEMENT, zlib.compress(b"x")), zip="DEF"))


@pytest.mark.parametrize("count", [1, 2_000_000_000])
def test_pbes2_with_a_count_of_the_senders_choice_costs_nothing(count: int) -> None:
    """CVE-2023-6681 of jwcrypto."""
    token = WORLD.encrypt(AGREEMENT)
    began = time.perf_counter()
    refuse(with_header(token, alg="PBES2-HS512+A256KW", p2s="c2FsdHNhbHQ", p2c=count))
    assert time.perf_counter() - began < 0.5


@pytest.mark.parametrize("alg", ["RSA1_5", "RSA-OAEP", "dir", "A256KW", "ECDH-ES", "ECDH-ES+A128KW", "none", ""])
def test_algorithms_off_the_list_are_refused(alg: str) -> None:
    for ours in (AGREEMENT, RSA):
        refuse(with_header(WORLD.encrypt(ours), alg=alg))


def test_an_honest_token_in_an_algorithm_off_the_list_is_refused() -> None:
    for alg, ours in (("ECDH-ES", AGREEMENT), ("ECDH-ES+A128KW", AGREEMENT), ("RSA-OAEP", RSA)):
        refuse(WORLD.encrypt(ours, alg=alg))


@pytest.mark.parametrize("enc", ["A192GCM", "A192CBC-HS384", "none", "", "A256GCM "])
def test_content_encryption_off_the_list_is_refused(enc: str) -> None:
    refuse(with_header(WORLD.encrypt(RSA), enc=enc))


def test_the_key_and_not_the_header_fixes_the_algorithm() -> None:
    """RFC 8725 §3.1."""
    refuse(with_header(WORLD.encrypt(RSA), kid=WORLD.jwk(AGREEMENT)["kid"]))
    refuse(with_header(WORLD.encrypt(AGREEMENT), kid=WORLD.jwk(RSA)["kid"]))


def test_nothing_is_encrypted_to_a_signing_key() -> None:
    signing = WORLD.jwk("ES256")
    public = {name: signing[name] for name in ("kty", "crv", "x", "y")}
    header = {"alg": AGREEMENT, "enc": "A256GCM", "kid": signing["kid"]}
    refuse(JWE(b"x", json.dumps(header), recipient=JWK(**public)).serialize(compact=True))


@pytest.mark.parametrize("alg", [AGREEMENT, "ES256"])
def test_nothing_is_signed_with_or_verified_by_an_encryption_key(alg: str) -> None:
    """RFC 7517 §4.2; the kid of an encryption key over a signature."""
    with pytest.raises(NoSigningKey):
        WORLD.ring.sign({}, AGREEMENT)
    stranger = JWK.generate(kty="EC", crv="P-256")
    token = JWS(b"{}")
    header = {"typ": "JWT", "alg": "ES256", "kid": WORLD.jwk(AGREEMENT)["kid"]}
    token.add_signature(stranger, "ES256", json.dumps(header))
    with pytest.raises(NotOurToken):
        WORLD.ring.verify_own(with_header(token.serialize(compact=True), alg=alg))


@pytest.mark.parametrize(
    ("x", "y"),
    [
        (bytes(32), bytes(32)),
        (b"\xff" * 32, b"\xff" * 32),
        (bytes(31) + b"\x01", bytes(31) + b"\x01"),
        (bytes(31) + b"\x05", bytes(31) + b"\x01"),
    ],
)
def test_a_point_off_the_curve_is_refused(x: bytes, y: bytes) -> None:
    """RFC 8725 §3.4: an invalid curve would give our private key away, some bits a try."""
    epk = {"kty": "EC", "crv": "P-256", "x": encode(x), "y": encode(y)}
    refuse(with_header(WORLD.encrypt(AGREEMENT), epk=epk))


def test_a_point_of_another_curve_or_with_more_than_a_point_is_refused() -> None:
    token = WORLD.encrypt(AGREEMENT)
    for stranger in (JWK.generate(kty="EC", crv="P-384"), JWK.generate(kty="OKP", crv="X25519")):
        refuse(with_header(token, epk=stranger.export_public(as_dict=True)))
    private = JWK.generate(kty="EC", crv="P-256").export_private(as_dict=True)
    refuse(with_header(token, epk={name: private[name] for name in ("kty", "crv", "x", "y", "d")}))
    for epk in (None, {}, [], "", 1):
        refuse(with_header(token, epk=epk))


@pytest.mark.parametrize("member", ["jwk", "jku", "x5u", "x5c", "crit", "zip", "b64", "p2c", "iv", "tag", "iss"])
def test_a_header_that_brings_anything_else_is_refused(member: str) -> None:
    for alg in (AGREEMENT, RSA):
        refuse(with_header(WORLD.encrypt(alg), **{member: "https://evil.example"}))


@pytest.mark.parametrize("kid", [None, "", "unknown", 1, [], {}])
def test_a_key_is_named_or_nothing_is_tried(kid: Any) -> None:
    refuse(with_header(WORLD.encrypt(RSA), kid=kid))


def test_a_member_said_twice_is_refused() -> None:
    head, _, rest = WORLD.encrypt(RSA).partition(".")
    text = base64.urlsafe_b64decode(head + "==").decode()
    doubled = text.replace("{", '{"alg":"dir",', 1)
    refuse(f"{encode(doubled.encode())}.{rest}")


@pytest.mark.parametrize("part", [1, 2, 4])
@pytest.mark.parametrize("alg", [AGREEMENT, RSA])
def test_a_key_nonce_or_tag_of_another_size_is_refused(part: int, alg: str) -> None:
    parts = WORLD.encrypt(alg).split(".")
    raw = base64.urlsafe_b64decode(parts[part] + "==")
    for other in (raw[:-1], raw[:4], b"", raw + b"\x00", raw * 20):
        refuse(".".join([*parts[:part], encode(other), *parts[part + 1 :]]))
