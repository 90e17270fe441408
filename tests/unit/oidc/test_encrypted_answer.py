"""What is encrypted to a client, and which of its keys that goes to."""

from collections.abc import Mapping
from functools import cache
from typing import Any

import pytest
from joserfc import jwe
from joserfc.jwe import encrypt_compact
from joserfc.util import int_to_base64

from idp.oidc.client import Client
from idp.oidc.client_options import ClientOptions
from idp.oidc.encrypted_answer import (
    DEFAULT_ENCRYPTION,
    RESPONSE_ALGORITHMS,
    RESPONSE_ENCRYPTIONS,
    Answer,
    NoEncryptionKey,
    find_encryption,
    find_encryption_key,
)
from idp.oidc.errors import ClientKeysUnavailable, ErrorCode
from tests.support.encrypting_client import EncryptionKey
from tests.unit.oidc.memory_stores import MemoryClients
from tests.unit.oidc.samples import ec_key, make_client, rsa_key

ANSWERS: tuple[Answer, ...] = ("id_token", "userinfo", "authorization", "introspection")


@cache
def key_for(alg: str) -> EncryptionKey:
    return EncryptionKey(alg, kid=alg)


def client_of(answer: Answer, alg: str, enc: str | None, *keys: dict[str, Any]) -> Client:
    members = {f"{answer}_encrypted_response_alg": alg, f"{answer}_encrypted_response_enc": enc}
    return make_client(jwks={"keys": list(keys)} if keys else None, options=ClientOptions.from_members(members))


def encrypt_for_client(
    payload: str, jwks: Mapping[str, Any], alg: str, enc: str | None, *, cty: str | None = "JWT"
) -> str:
    encryption = find_encryption(client_of("id_token", alg, enc, *jwks["keys"]), "id_token", MemoryClients())
    assert encryption is not None
    return encryption.encrypt(payload, cty=cty)


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
    with pytest.raises(NoEncryptionKey) as refused:
        encrypt_for_client("x", {"keys": keys}, "ECDH-ES", None)
    assert refused.value.code is ErrorCode.INVALID_REQUEST


def test_the_first_key_that_fits_is_used_and_one_without_a_kid_too() -> None:
    nameless = {name: value for name, value in EC.items() if name != "kid"} | {"use": "enc"}
    keys = {"keys": [EC, {**RSA, "use": "enc"}, nameless]}
    assert find_encryption_key(keys, "ECDH-ES+A256KW") == nameless
    assert "kid" not in key_for("ECDH-ES").read_header(encrypt_for_client("x", keys, "ECDH-ES+A256KW", None))


@pytest.mark.parametrize("alg", RESPONSE_ALGORITHMS)
@pytest.mark.parametrize("operation", ["encrypt", "wrapKey", "deriveKey", "deriveBits"])
def test_whatever_a_key_says_of_its_operations_an_answer_is_encrypted_to_it(alg: str, operation: str) -> None:
    """Registration has judged that; one that it let through must not fail with the answer at hand."""
    key = key_for(alg)
    keys = {"keys": [{**key.jwk, "key_ops": [operation], "x5c": 1}]}
    assert key.decrypt(encrypt_for_client("x", keys, alg, None)) == "x"


EVEN = int_to_base64(rsa_key().public_key.public_numbers().n - 1)
UNUSABLE = [
    ("RSA-OAEP-256", {**RSA, "use": "enc", "n": EVEN}),
    ("RSA-OAEP-256", {**RSA, "use": "enc", "e": "AQ", "n": EVEN}),
    ("RSA-OAEP-256", {**RSA, "use": "enc", "e": "AA"}),
    ("RSA-OAEP-256", {**RSA, "use": "enc", "n": ["x"]}),
    ("RSA-OAEP-256", {"kty": "RSA", "use": "enc"}),
    ("ECDH-ES", {**EC, "use": "enc", "x": EC["y"]}),
    ("ECDH-ES+A256KW", {**EC, "use": "enc", "crv": "P-1"}),
    ("ECDH-ES+A128KW", {**EC, "use": "enc", "y": None}),
]


@pytest.mark.parametrize(("alg", "unusable"), UNUSABLE)
def test_a_key_that_nothing_can_be_encrypted_to_is_none_before_there_is_an_answer(
    alg: str, unusable: dict[str, Any]
) -> None:
    with pytest.raises(NoEncryptionKey) as refused:
        find_encryption(client_of("id_token", alg, None, unusable), "id_token", MemoryClients())
    assert (refused.value.code, refused.value.status) == (ErrorCode.INVALID_REQUEST, 400)
    good = key_for(alg)
    assert good.decrypt(encrypt_for_client("x", {"keys": [unusable, good.jwk]}, alg, None)) == "x"


def test_a_key_is_tried_once_and_not_for_each_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    encrypted = []

    def encrypt(*arguments: Any, **named: Any) -> str:
        encrypted.append(arguments)
        return encrypt_compact(*arguments, **named)

    monkeypatch.setattr(jwe, "encrypt_compact", encrypt)
    keys = {"keys": [EncryptionKey("ECDH-ES").jwk]}
    for _ in range(3):
        encrypt_for_client("x", keys, "ECDH-ES", None)
    assert len(encrypted) == 1 + 3


@pytest.mark.parametrize("alg", ["RSA1_5", "dir", "A256KW", "PBES2-HS256+A128KW", "none", ""])
def test_nothing_off_the_list_is_encrypted_with(alg: str) -> None:
    with pytest.raises(NoEncryptionKey):
        encrypt_for_client("x", {"keys": [{**EC, "use": "enc"}, {**RSA, "use": "enc"}]}, alg, None)


@pytest.mark.parametrize("answer", ANSWERS)
def test_an_answer_is_encrypted_if_and_only_if_its_client_registered_for_that_one(answer: Answer) -> None:
    """OIDC Registration §2; JARM §3; RFC 9701 §6."""
    key = key_for("ECDH-ES")
    client = client_of(answer, "ECDH-ES", None, key.jwk)
    found = {each: find_encryption(client, each, MemoryClients()) for each in ANSWERS}
    encryption = found.pop(answer)
    assert encryption is not None
    assert (encryption.kid, encryption.alg, encryption.enc) == (key.jwk["kid"], "ECDH-ES", DEFAULT_ENCRYPTION)
    assert set(found.values()) == {None}


class Unreachable(MemoryClients):
    def find_keys(self, client: Client, kid: str | None = None) -> Mapping[str, Any]:
        raise ClientKeysUnavailable("no key set from rp.example")


@pytest.mark.parametrize("answer", ANSWERS)
@pytest.mark.parametrize("keys", [Unreachable(), None])
def test_keys_that_cannot_be_had_are_no_reason_to_do_without(answer: Answer, keys: MemoryClients | None) -> None:
    with pytest.raises(NoEncryptionKey) as refused:
        find_encryption(client_of(answer, "ECDH-ES", None), answer, keys)
    assert (refused.value.code, refused.value.status) == (ErrorCode.TEMPORARILY_UNAVAILABLE, 503)
    assert find_encryption(make_client(), answer, keys) is None


def test_published_keys_are_asked_for_anew_each_time() -> None:
    """OIDC Core §10.2.1: whose set changes changes the key; how long a set is kept is the source's matter."""
    old, new = EncryptionKey("ECDH-ES", kid="old"), EncryptionKey("ECDH-ES", kid="new")

    class Published(MemoryClients):
        current = old

        def find_keys(self, client: Client, kid: str | None = None) -> Mapping[str, Any]:
            return {"keys": [self.current.jwk]}

    source, client = Published(), client_of("authorization", "ECDH-ES", None)
    for key in (old, new):
        source.current = key
        encryption = find_encryption(client, "authorization", source)
        assert encryption is not None
        assert key.decrypt(encryption.encrypt("x")) == "x"
