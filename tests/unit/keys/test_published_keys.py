"""The JWK Set with every key that this provider has."""

import json
from functools import cache
from typing import Any

from joserfc.jwk import RSAKey

from idp.keys.jwe_algorithms import ALL_ALGORITHMS, ENCRYPTION_ALGORITHMS
from tests.unit.keys.encryption_world import EncryptionWorld


@cache
def published() -> list[dict[str, Any]]:
    world = EncryptionWorld()
    world.rotation.ensure_keys(ALL_ALGORITHMS, world.now)
    for alg in ALL_ALGORITHMS:
        world.rotation.rotate(alg, world.now)
    keys: list[dict[str, Any]] = json.loads(world.ring.public_jwks())["keys"]
    return keys


def test_f30_key_ids_are_unique_across_algorithms_and_uses() -> None:
    kids = [key["kid"] for key in published()]
    assert len(set(kids)) == len(kids) == 10


def test_f28_rsa_keys_have_2048_bits_and_curves_256() -> None:
    for key in published():
        if key["kty"] == "RSA":
            assert RSAKey.import_key(key).public_key.key_size >= 2048
        else:
            assert key["crv"] in ("P-256", "Ed25519")


def test_f27_every_key_names_its_use_and_the_one_algorithm_it_is_for() -> None:
    assert {(key["use"], key["alg"]) for key in published()} == {
        ("enc" if alg in ENCRYPTION_ALGORITHMS else "sig", alg) for alg in ALL_ALGORITHMS
    }


def test_keys_to_encrypt_to_come_last_so_that_nobody_takes_the_first_for_a_signature() -> None:
    uses = [key["use"] for key in published()]
    assert uses == sorted(uses, reverse=True)


def test_no_key_has_a_private_member_or_more_than_a_key_needs() -> None:
    needed = {"EC": {"crv", "x", "y"}, "RSA": {"n", "e"}, "OKP": {"crv", "x"}}
    for key in published():
        assert key.keys() == {"kty", "kid", "alg", "use"} | needed[key["kty"]]
