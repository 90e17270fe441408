"""Which signed and encrypted answers may be registered."""

from typing import Any

import pytest
from joserfc.util import int_to_base64

from idp.oidc.client import Client
from idp.oidc.errors import ErrorCode, OAuthError
from idp.oidc.registration import client_to_metadata, register_client
from tests.unit.oidc.samples import NOW, ec_key, rsa_key

SIG = ec_key("sig").as_dict(private=False)
EC = {**ec_key("enc").as_dict(private=False), "use": "enc"}
RSA = {**rsa_key("enc").as_dict(private=False), "use": "enc"}


def register(*keys: dict[str, Any], **members: Any) -> Client:
    metadata = {"client_name": "x", "redirect_uris": ["https://rp.example/cb"], **members}
    if keys:
        metadata["jwks"] = {"keys": list(keys)}
    return register_client(metadata, sandbox=False, now=NOW)[0]


def is_refused(*keys: dict[str, Any], **members: Any) -> bool:
    try:
        register(*keys, **members)
    except OAuthError as error:
        assert error.code is ErrorCode.INVALID_CLIENT_METADATA
        return True
    return False


ANSWERS = ["id_token", "userinfo", "authorization", "introspection"]


@pytest.mark.parametrize("answer", ANSWERS)
def test_a_client_with_a_secret_may_have_its_answers_encrypted(answer: str) -> None:
    members = {f"{answer}_encrypted_response_alg": "ECDH-ES+A256KW", f"{answer}_encrypted_response_enc": "A256GCM"}
    client = register(EC, **members)
    assert client.secret_hash is not None
    assert client.jwks == {"keys": [EC]}
    assert client_to_metadata(client).items() >= members.items()


@pytest.mark.parametrize("alg", ["ES256", "RS256", "PS256", "EdDSA"])
def test_userinfo_is_signed_in_each_of_our_algorithms(alg: str) -> None:
    assert register(userinfo_signed_response_alg=alg).options.userinfo_signed_response_alg == alg


@pytest.mark.parametrize("answer", ANSWERS)
def test_an_encryption_needs_a_key_that_is_for_it(answer: str) -> None:
    alg = f"{answer}_encrypted_response_alg"
    assert is_refused(**{alg: "ECDH-ES"})
    assert is_refused(SIG, **{alg: "ECDH-ES"})
    assert is_refused(RSA, **{alg: "ECDH-ES"})
    assert is_refused({**EC, "alg": "ECDH-ES+A128KW"}, **{alg: "ECDH-ES"})
    assert not is_refused({**EC, "alg": "ECDH-ES"}, **{alg: "ECDH-ES"})
    assert not is_refused(RSA, **{alg: "RSA-OAEP-256"})
    assert not is_refused({**RSA, "key_ops": ["wrapKey"]}, **{alg: "RSA-OAEP-256"})
    assert not is_refused({**EC, "key_ops": ["deriveBits"]}, **{alg: "ECDH-ES"})
    assert is_refused({**RSA, "key_ops": ["deriveKey"]}, **{alg: "RSA-OAEP-256"})
    assert is_refused({**EC, "key_ops": ["wrapKey"]}, **{alg: "ECDH-ES"})
    even = int_to_base64(rsa_key("enc").public_key.public_numbers().n - 1)
    assert is_refused({**RSA, "n": even}, **{alg: "RSA-OAEP-256"})


@pytest.mark.parametrize("answer", ANSWERS)
def test_an_enc_without_an_alg_is_refused(answer: str) -> None:
    """OIDC Registration §2; JARM §3; RFC 9701 §6."""
    assert is_refused(**{f"{answer}_encrypted_response_enc": "A256GCM"})


@pytest.mark.parametrize("alg", ["RSA1_5", "RSA-OAEP", "dir", "A256KW", "PBES2-HS256+A128KW", "none", "ES256"])
def test_weak_and_symmetric_encryption_is_refused(alg: str) -> None:
    for answer in ANSWERS:
        assert is_refused(EC, RSA, **{f"{answer}_encrypted_response_alg": alg})


@pytest.mark.parametrize("enc", ["A192GCM", "A128GCM ", "none"])
def test_content_encryption_off_the_list_is_refused(enc: str) -> None:
    assert is_refused(EC, id_token_encrypted_response_alg="ECDH-ES", id_token_encrypted_response_enc=enc)


@pytest.mark.parametrize("alg", ["none", "HS256", "ES384", "ECDH-ES"])
def test_userinfo_is_signed_in_no_other_algorithm(alg: str) -> None:
    assert is_refused(userinfo_signed_response_alg=alg)


def test_a_client_that_signs_needs_a_key_for_signatures_beside() -> None:
    members = {"token_endpoint_auth_method": "private_key_jwt", "id_token_encrypted_response_alg": "ECDH-ES"}
    assert is_refused(EC, **members)
    assert not is_refused(SIG, EC, **members)


def test_keys_that_nothing_uses_are_refused() -> None:
    assert is_refused(EC)
    assert is_refused(EC, userinfo_signed_response_alg="ES256")


@pytest.mark.parametrize("value", [None, 1, [], {}, True])
def test_a_member_of_another_type_is_refused(value: Any) -> None:
    for name in ("id_token_encrypted_response_alg", "userinfo_signed_response_alg", "userinfo_encrypted_response_enc"):
        assert is_refused(EC, **{name: value})


@pytest.mark.parametrize("answer", ANSWERS)
def test_keys_to_encrypt_to_may_be_published(answer: str) -> None:
    """OIDC Registration §2, jwks_uri; nothing is fetched at registration."""
    members = {f"{answer}_encrypted_response_alg": "ECDH-ES", "jwks_uri": "https://rp.example/jwks"}
    client = register(**members)
    assert client.jwks is None
    assert client_to_metadata(client).items() >= members.items()
    assert is_refused(EC, **members)
    assert is_refused(**{**members, f"{answer}_encrypted_response_alg": "RSA1_5"})


@pytest.mark.parametrize("answer", ["authorization", "introspection"])
def test_nothing_is_encrypted_without_a_signature_inside(answer: str) -> None:
    """JARM §3, RFC 9701 §6: what signs has a default, and none is not among the algorithms."""
    members = {f"{answer}_encrypted_response_alg": "ECDH-ES", f"{answer}_signed_response_alg": "none"}
    assert is_refused(EC, **members)
