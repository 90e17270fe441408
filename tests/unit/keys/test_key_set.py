"""The key set of a moment."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from idp.keys.errors import NoSigningKey
from idp.keys.key_encryption import KeyEncryption
from idp.keys.key_set import KeySet
from idp.keys.ports import StoredSigningKey
from idp.keys.sealing import Sealer
from idp.keys.signing_key import load_signing_key, make_signing_key

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
ENCRYPTION = KeyEncryption(Sealer(bytes(range(32))))


def make_set(*keys: StoredSigningKey) -> KeySet:
    return KeySet(keys, {key.kid: load_signing_key(key, ENCRYPTION) for key in keys}, NOW)


def make_key(created_seconds: int, signs_from_seconds: int) -> StoredSigningKey:
    return make_signing_key(
        "ES256", ENCRYPTION, NOW + timedelta(seconds=created_seconds), NOW + timedelta(seconds=signs_from_seconds)
    )


def test_of_two_keys_that_may_sign_the_later_one_signs() -> None:
    older, newer, announced = make_key(-20, -20), make_key(-10, -10), make_key(0, 10)
    assert make_set(older, newer, announced).get_signing_key("ES256", NOW).kid == newer.kid


def test_an_announced_key_does_not_sign_but_is_published_first() -> None:
    older, announced = make_key(-20, -20), make_key(0, 10)
    keys = make_set(older, announced)
    assert keys.get_signing_key("ES256", NOW).kid == older.kid
    assert [key["kid"] for key in json.loads(keys.jwks)["keys"]] == [announced.kid, older.kid]
    assert keys.find_published_key(announced.kid, NOW) is not None


def test_no_key_of_the_algorithm_is_an_error_and_not_another_algorithm() -> None:
    with pytest.raises(NoSigningKey):
        make_set(make_key(0, 0)).get_signing_key("RS256", NOW)


def test_an_empty_set_is_still_a_key_set() -> None:
    assert json.loads(make_set().jwks) == {"keys": []}


def test_an_unknown_kid_finds_nothing() -> None:
    assert make_set(make_key(0, 0)).find_published_key("unknown", NOW) is None
