"""Software statements: what a trusted issuer signed counts, and nothing else does."""

import base64
import hmac
import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws

from idp.clock import to_epoch_seconds
from idp.oidc.errors import ErrorCode, OAuthError
from idp.oidc.software_statement import verify_software_statement
from tests.unit.oidc.registration_world import METADATA, STATEMENT_ISSUER, World
from tests.unit.oidc.samples import ISSUER, NOW, ec_key, rsa_key

AT = to_epoch_seconds(NOW)
TRUSTED = ec_key("trust")
ISSUERS = {STATEMENT_ISSUER: {"keys": [TRUSTED.as_dict(private=False), rsa_key("trust").as_dict(private=False)]}}


def sign(claims: Mapping[str, Any] | None = None, *, key: Any = TRUSTED, alg: str = "ES256", **header: Any) -> str:
    members = {"iss": STATEMENT_ISSUER, "software_id": "app-1", "client_name": "承認済み"} if claims is None else claims
    return jws.serialize_compact({"alg": alg, "kid": key.kid, **header}, json.dumps(members), key, algorithms=[alg])


def verify(statement: str) -> dict[str, Any]:
    return verify_software_statement(statement, ISSUERS, audience=ISSUER, now=NOW)


def code_of(statement: str) -> ErrorCode:
    with pytest.raises(OAuthError) as refused:
        verify(statement)
    assert refused.value.status == 400
    return refused.value.code


@pytest.mark.parametrize("alg", ["ES256", "RS256", "PS256"])
def test_what_a_trusted_issuer_says_is_taken_without_the_claims_about_the_statement(alg: str) -> None:
    key = TRUSTED if alg == "ES256" else rsa_key("trust")
    claims = {"iss": STATEMENT_ISSUER, "aud": [ISSUER], "iat": AT, "exp": AT + 1, "jti": "1", "tos_uri": "u"}
    assert verify(sign(claims, alg=alg, key=key)) == {"tos_uri": "u"}


@pytest.mark.parametrize("issuer", ["https://other.example", STATEMENT_ISSUER + "/", "", None, 1, [STATEMENT_ISSUER]])
def test_another_issuer_is_not_approved(issuer: Any) -> None:
    assert code_of(sign({"iss": issuer})) is ErrorCode.UNAPPROVED_SOFTWARE_STATEMENT
    assert code_of(sign({})) is ErrorCode.UNAPPROVED_SOFTWARE_STATEMENT


@pytest.mark.parametrize(
    "changed",
    [
        {"exp": AT},
        {"exp": AT - 1},
        {"exp": "tomorrow"},
        {"exp": True},
        {"exp": 1e400},
        {"nbf": AT + 61},
        {"iat": AT + 61},
        {"aud": "https://other.example"},
        {"aud": []},
        {"aud": {ISSUER: 1}},
    ],
)
def test_past_its_time_or_for_somebody_else_it_is_invalid(changed: dict[str, Any]) -> None:
    assert code_of(sign({"iss": STATEMENT_ISSUER, **changed})) is ErrorCode.INVALID_SOFTWARE_STATEMENT


def encode(members: Any) -> str:
    data = members if isinstance(members, bytes) else json.dumps(members).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def test_the_algorithm_is_the_keys_and_never_the_tokens_alone() -> None:
    """Algorithm confusion: none, a public key as a secret, and a key of another kind."""
    claims = {"iss": STATEMENT_ISSUER, "client_name": "My Bank"}
    unsigned = f"{encode({'alg': 'none'})}.{encode(claims)}."
    signed = f"{encode({'alg': 'HS256', 'kid': TRUSTED.kid})}.{encode(claims)}"
    digest = hmac.digest(TRUSTED.as_pem(private=False), signed.encode(), "sha256")
    with_public_key = f"{signed}.{encode(digest)}"
    embedded = sign(claims, key=ec_key("thief"), kid=TRUSTED.kid, jwk=ec_key("thief").as_dict(private=False))
    renamed = sign(claims, key=rsa_key("thief"), alg="RS256", kid=TRUSTED.kid)
    for statement in (unsigned, with_public_key, embedded, renamed, sign(claims, key=ec_key("thief"))):
        assert code_of(statement) is ErrorCode.INVALID_SOFTWARE_STATEMENT


ES256_HEADER = encode({"alg": "ES256"})


@pytest.mark.parametrize(
    "statement",
    [
        "",
        "a.b.c",
        "..",
        "ü.ü.ü",
        "x" * 20_000,
        f"{encode([])}.{encode({'iss': STATEMENT_ISSUER})}.AA",
        f"{encode({'alg': 'ES256'})}.{encode([])}.AA",
        ES256_HEADER + "." + encode(b'{"iss":"a","iss":"b"}') + ".AA",
        f"{encode({'alg': ['ES256']})}.{encode({'iss': STATEMENT_ISSUER})}.AA",
        f"{encode({'alg': {'a': 1}})}.{encode({'iss': STATEMENT_ISSUER})}.AA",
        f"{encode({'alg': 'ES256', 'crit': ['b64'], 'b64': False})}.{encode({'iss': STATEMENT_ISSUER})}.AA",
    ],
)
def test_what_cannot_be_read_is_invalid(statement: str) -> None:
    assert code_of(statement) is ErrorCode.INVALID_SOFTWARE_STATEMENT


@given(st.text(max_size=60) | st.binary(max_size=60).map(lambda data: f"{encode({'alg': 'ES256'})}.{encode(data)}.AA"))
def test_no_statement_gets_another_exception_out(statement: str) -> None:
    with pytest.raises(OAuthError):
        verify(statement)


def test_the_statement_wins_over_plain_members_and_is_given_back() -> None:
    """RFC 7591 §2.3, §3.2.1."""
    statement = sign()
    world = World()
    answer = world.register({**METADATA, "client_name": "My Bank", "software_statement": statement})
    assert (answer["client_name"], answer["software_id"]) == ("承認済み", "app-1")
    assert answer["software_statement"] == statement
    assert world.read(answer["client_id"], answer["registration_access_token"])["software_statement"] == statement


def test_a_statement_does_not_go_beyond_what_may_be_registered() -> None:
    world = World()
    for claims in ({"scope": "openid name"}, {"redirect_uris": ["http://rp.example/"]}, {"scope": 1}):
        statement = sign({"iss": STATEMENT_ISSUER, **claims})
        with pytest.raises(OAuthError):
            world.register({**METADATA, "software_statement": statement})


@pytest.mark.parametrize("sent", [{}, {"software_statement": None}, {"software_statement": 1}])
def test_where_a_statement_is_required_nobody_registers_or_changes_without_one(sent: dict[str, Any]) -> None:
    world = World(is_statement_required=True)
    with pytest.raises(OAuthError) as refused:
        world.register({**METADATA, **sent})
    assert refused.value.code is ErrorCode.INVALID_SOFTWARE_STATEMENT
    made = world.register({**METADATA, "software_statement": sign()})
    update = {**METADATA, **sent, "client_id": made["client_id"]}
    with pytest.raises(OAuthError):
        world.update(made["client_id"], made["registration_access_token"], update)
