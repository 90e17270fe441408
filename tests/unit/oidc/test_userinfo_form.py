"""Userinfo as JSON, signed, encrypted, or both."""

import json
from typing import Any

import pytest

from idp.keys.jws_registry import SIGNING_ALGORITHMS
from idp.oidc.client_options import ClientOptions
from idp.oidc.encrypted_answer import find_encryption
from idp.oidc.errors import ErrorCode, OAuthError
from idp.oidc.id_token import issue_id_token, verify_id_token_hint
from idp.oidc.userinfo_form import UserinfoForm
from tests.support.encrypting_client import EncryptionKey
from tests.unit.oidc.memory_stores import MemoryClients
from tests.unit.oidc.samples import ISSUER, NOW, RealSigner, make_client, make_grant

KEY = EncryptionKey("ECDH-ES+A256KW")
SIGNER = RealSigner()
CLAIMS: dict[str, Any] = {"sub": "subject-1", "name": "佐藤花子"}


def write(claims: dict[str, Any] = CLAIMS, **options: Any) -> dict[str, Any] | str:
    client = make_client(options=ClientOptions(**options), jwks={"keys": [KEY.jwk]})
    return UserinfoForm(ISSUER, MemoryClients(client), SIGNER).write(claims, "rp")


def test_json_is_what_a_client_gets_that_asked_for_nothing() -> None:
    assert write() == CLAIMS


@pytest.mark.parametrize("alg", SIGNING_ALGORITHMS)
def test_a_signed_answer_says_who_says_it_and_to_whom(alg: str) -> None:
    """OIDC Core §5.3.2."""
    answer = write(userinfo_signed_response_alg=alg)
    assert isinstance(answer, str)
    assert SIGNER.verify_own(answer) == {**CLAIMS, "iss": ISSUER, "aud": "rp"}


def test_nothing_released_takes_the_place_of_issuer_or_audience() -> None:
    answer = write({**CLAIMS, "iss": "https://evil.example", "aud": "other"}, userinfo_signed_response_alg="ES256")
    assert isinstance(answer, str)
    assert SIGNER.verify_own(answer)["iss"] == ISSUER
    assert SIGNER.verify_own(answer)["aud"] == "rp"


def test_a_signed_answer_is_encrypted_around_its_signature() -> None:
    """OIDC Core §10.2: signed, then encrypted."""
    answer = write(userinfo_signed_response_alg="PS256", userinfo_encrypted_response_alg=KEY.alg)
    assert isinstance(answer, str)
    assert KEY.read_header(answer)["cty"] == "JWT"
    assert SIGNER.verify_own(KEY.decrypt(answer))["name"] == "佐藤花子"


def test_an_answer_may_be_encrypted_without_a_signature() -> None:
    answer = write(userinfo_encrypted_response_alg=KEY.alg, userinfo_encrypted_response_enc="A256GCM")
    assert isinstance(answer, str)
    assert KEY.read_header(answer)["enc"] == "A256GCM"
    assert "cty" not in KEY.read_header(answer)
    assert json.loads(KEY.decrypt(answer)) == CLAIMS


def test_a_client_that_is_gone_is_told_nothing() -> None:
    with pytest.raises(OAuthError) as refused:
        UserinfoForm(ISSUER, MemoryClients(), SIGNER).write(CLAIMS, "rp")
    assert refused.value.code is ErrorCode.INVALID_TOKEN


def test_a_client_without_a_key_gets_an_error_and_never_the_plain_text() -> None:
    client = make_client(options=ClientOptions(userinfo_encrypted_response_alg=KEY.alg))
    with pytest.raises(OAuthError) as refused:
        UserinfoForm(ISSUER, MemoryClients(client), SIGNER).write(CLAIMS, "rp")
    assert refused.value.code is ErrorCode.INVALID_REQUEST


def test_a_userinfo_answer_is_no_id_token_hint() -> None:
    """RFC 8725 §3.12: one kind of token in the place of another."""
    answer = write(userinfo_signed_response_alg="ES256")
    assert isinstance(answer, str)
    with pytest.raises(OAuthError) as refused:
        verify_id_token_hint(answer, SIGNER, "rp")
    assert refused.value.code is ErrorCode.INVALID_REQUEST


def test_an_id_token_is_nested_and_its_inside_is_a_good_hint() -> None:
    """OIDC Core §3.1.2.1: the client decrypts before it sends an ID token back as a hint."""
    client = make_client(
        options=ClientOptions(id_token_encrypted_response_alg=KEY.alg, id_token_encrypted_response_enc="A128GCM"),
        jwks={"keys": [KEY.jwk]},
    )
    token = issue_id_token(
        make_grant(),
        client,
        SIGNER,
        issuer=ISSUER,
        access_token="t",
        now=NOW,
        lifetime_seconds=60,
        sandbox=False,
        encryption=find_encryption(client, "id_token", MemoryClients()),
    )
    assert (KEY.read_header(token)["enc"], KEY.read_header(token)["cty"]) == ("A128GCM", "JWT")
    assert verify_id_token_hint(KEY.decrypt(token), SIGNER, "rp") == "subject-1"
