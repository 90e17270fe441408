"""What is encrypted to a client, and which of its keys that goes to."""

from functools import cache
from typing import Any

import pytest

from idp.oidc.encrypted_answer import (
    DEFAULT_ENCRYPTION,
    RESPONSE_ALGORITHMS,
    RESPONSE_ENCRYPTIONS,
    encrypt_for_client,
    find_encryption_key,
)
from idp.oidc.errors import ErrorCode, OAuthError
from tests.support.encrypting_client import EncryptionKey
from tests.unit.oidc.samples import ec_key, rsa_key


@cache
def key_for(alg: str) -> EncryptionKey:
    return EncryptionKey(alg, kid=alg)


@pytest.mark.parametrize("alg", RESPONSE_ALGORITHMS)
@pytest.mark.parametrize("enc", RESPONSE_ENCRYPTIONS)
def test_another_implementation_reads_it(alg: str, enc: str) -> None:
    key = key_for(alg)
    token = encrypt_for_client("佐藤.花子.署名", {"keys": [key.jwk]}, alg, enc)
    header = key.read_header(token)
    assert (header["alg"], header["enc"], header["kid"], header["cty"]) == (alg, enc, alg, "JWT")
    assert header.keys() <= {"alg", "enc", "kid", "cty", "epk"}
    assert key.decrypt(token) == "佐藤.花子.署名"


def test_without_a_registered_enc_it_is_the_standards_default() -> None:
    """OIDC Registration §2."""
    key = key_for("ECDH-ES")
    header = key.read_header(encrypt_for_client("x", {"keys": [key.jwk]}, "ECDH-ES", None, cty=None))
    assert header["enc"] == DEFAULT_ENCRYPTION == "A128CBC-HS256"
    assert "cty" not in header


def test_no_two_encryptions_are_alike() -> None:
    key = key_for("RSA-OAEP-256")
    assert len({encrypt_for_client("x", {"keys": [key.jwk]}, key.alg, None) for _ in range(5)}) == 5


EC, RSA = ec_key().as_dict(private=False), rsa_key().as_dict(private=False)


@pytest.mark.parametrize(
    "keys",
    [
        [],
        [EC, RSA],
        [{**EC, "use": "sig"}],
        [{**RSA, "use": "enc"}],
        [{**EC, "use": "enc", "alg": "ECDH-ES+A128KW"}],
    ],
)
def test_a_key_that_is_not_for_this_is_never_used(keys: list[dict[str, Any]]) -> None:
    """RFC 7517 §4.2, §4.4."""
    assert find_encryption_key({"keys": keys}, "ECDH-ES") is None
    with pytest.raises(OAuthError) as refused:
        encrypt_for_client("x", {"keys": keys}, "ECDH-ES", None)
    assert refused.value.code is ErrorCode.INVALID_REQUEST


def test_the_first_key_that_fits_is_used_and_one_without_a_kid_too() -> None:
    nameless = {name: value for name, value in EC.items() if name != "kid"} | {"use": "enc"}
    keys = {"keys": [EC, {**RSA, "use": "enc"}, nameless]}
    assert find_encryption_key(keys, "ECDH-ES+A256KW") == nameless
    assert "kid" not in key_for("ECDH-ES").read_header(encrypt_for_client("x", keys, "ECDH-ES+A256KW", None))


@pytest.mark.parametrize("alg", ["RSA1_5", "dir", "A256KW", "PBES2-HS256+A128KW", "none", ""])
def test_nothing_off_the_list_is_encrypted_with(alg: str) -> None:
    with pytest.raises(OAuthError):
        encrypt_for_client("x", {"keys": [{**EC, "use": "enc"}, {**RSA, "use": "enc"}]}, alg, None)
