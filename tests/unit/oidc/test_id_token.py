"""What is said about a sign-in; a second implementation of JOSE reads it."""

import base64
import hashlib
import json
from datetime import timedelta
from typing import Any

import pytest
from authlib.oidc.core.util import create_half_hash
from jwcrypto import jwk, jws

from idp.clock import to_epoch_seconds
from idp.keys.jws_registry import SIGNING_ALGORITHMS, SigningAlgorithm
from idp.oidc.client import Client
from idp.oidc.errors import ErrorCode, OAuthError
from idp.oidc.id_token import access_token_hash, issue_id_token, verify_id_token_hint
from idp.oidc.session_id import session_id
from tests.unit.oidc.samples import ISSUER, NOW, USER_AUTHENTICATION, RealSigner, make_client, make_grant
from tests.unit.oidc.token_world import OFFLINE, TokenWorld

SIGNER = RealSigner()


def issue(client: Client | None = None, grant: Any = None, **changed: Any) -> str:
    members = {
        "issuer": ISSUER,
        "access_token": "token",
        "now": NOW,
        "lifetime_seconds": 600,
        "sandbox": False,
        "encryption": None,
        **changed,
    }
    return issue_id_token(grant or make_grant(), client or make_client(), SIGNER, **members)


def read_with_jwcrypto(token: str, alg: str) -> dict[str, Any]:
    key = jwk.JWK(**SIGNER.keys[alg].as_dict(private=False))
    verified = jws.JWS()
    verified.allowed_algs = [alg]
    verified.deserialize(token, key)
    return dict(json.loads(verified.payload))


@pytest.mark.parametrize("alg", SIGNING_ALGORITHMS)
def test_a_second_implementation_verifies_it(alg: SigningAlgorithm) -> None:
    claims = read_with_jwcrypto(issue(make_client(id_token_signed_response_alg=alg)), alg)
    assert claims == {
        "iss": ISSUER,
        "sub": "subject-1",
        "aud": "rp",
        "exp": to_epoch_seconds(NOW) + 600,
        "iat": to_epoch_seconds(NOW),
        "auth_time": to_epoch_seconds(NOW) - 10,
        "nonce": "n-0S6_WzA2Mj",
        "acr": USER_AUTHENTICATION,
        "amr": ["sc", "pin"],
        "sid": session_id(b"s" * 32, "rp"),
        "at_hash": access_token_hash("token", alg),
    }


@pytest.mark.parametrize("alg", SIGNING_ALGORITHMS)
def test_authlib_computes_the_same_at_hash(alg: SigningAlgorithm) -> None:
    """OIDC Core §3.1.3.6; for EdDSA with Ed25519 the hash is SHA-512, RFC 8032 §5.1."""
    assert access_token_hash("token", alg) == create_half_hash("token", alg).decode()
    assert len(access_token_hash("token", alg)) == (43 if alg == "EdDSA" else 22)


def test_at_hash_is_the_left_half_of_sha_256() -> None:
    """OIDC Core §3.1.3.6."""
    world = TokenWorld()
    answer = world.redeem()
    half = hashlib.sha256(answer["access_token"].encode()).digest()[:16]
    expected = base64.urlsafe_b64encode(half).rstrip(b"=").decode()
    assert world.signer.verify_own(answer["id_token"])["at_hash"] == expected


def test_a_nonce_that_was_not_sent_is_not_said() -> None:
    assert "nonce" not in SIGNER.verify_own(issue(grant=make_grant(nonce=None)))


def test_the_sandbox_marks_every_id_token() -> None:
    assert SIGNER.verify_own(issue(sandbox=True))["sandbox"] is True
    assert SIGNER.verify_own(TokenWorld().in_sandbox().redeem()["id_token"])["sandbox"] is True
    assert "sandbox" not in SIGNER.verify_own(issue())


def test_a_refreshed_id_token_is_of_the_same_authentication() -> None:
    """OIDC Core §12.2: same iss, sub, aud and auth_time; no nonce."""
    world = TokenWorld(scope=OFFLINE)
    first = world.redeem()
    again = world.refresh(first["refresh_token"], seconds=100)
    before, after = (world.signer.verify_own(answer["id_token"]) for answer in (first, again))
    for name in ("iss", "sub", "aud", "auth_time", "acr", "amr"):
        assert after[name] == before[name]
    assert after["iat"] == before["iat"] + 100
    assert "nonce" not in after


@pytest.mark.parametrize(("seconds", "is_said"), [(-3600, True), (0, True), (1, False)])
def test_acr_implies_a_status_only_as_long_as_one_is_known(seconds: int, is_said: bool) -> None:
    status_time = NOW - timedelta(seconds=86_400 + seconds)
    for acr in (USER_AUTHENTICATION, "aal3"):
        token = issue(grant=make_grant(acr=acr, status_time=status_time), status_max_age_seconds=86_400)
        expected = acr if is_said else USER_AUTHENTICATION + "-unchecked"
        assert SIGNER.verify_own(token)["acr"] == expected


def test_acr_without_a_status_stays_what_it_is() -> None:
    grant = make_grant(acr=USER_AUTHENTICATION + "-unchecked", status_time=None)
    assert SIGNER.verify_own(issue(grant=grant, status_max_age_seconds=60))["acr"] == grant.acr
    unknown = make_grant(status_time=None)
    assert SIGNER.verify_own(issue(grant=unknown, status_max_age_seconds=60))["acr"] == grant.acr


def test_nothing_but_the_grants_account_data_leaves() -> None:
    text = json.dumps(SIGNER.verify_own(issue()))
    for private in ("account-1", "credential-1", "txn-1", "grant-1"):
        assert private not in text


def test_a_hint_may_be_expired() -> None:
    assert verify_id_token_hint(issue(lifetime_seconds=-10_000), SIGNER, "rp") == "subject-1"


@pytest.mark.parametrize(
    "payload",
    [
        {"sub": "s", "exp": 1},
        {"aud": ["rp"], "sub": "s", "exp": 1},
        {"aud": "other", "sub": "s", "exp": 1},
        {"aud": "rp", "exp": 1},
        {"aud": "rp", "sub": 1, "exp": 1},
        {"aud": "rp", "sub": "s"},
    ],
)
def test_a_hint_without_this_client_or_a_subject_is_refused(payload: dict[str, Any]) -> None:
    with pytest.raises(OAuthError) as refused:
        verify_id_token_hint(SIGNER.sign(payload, "ES256"), SIGNER, "rp")
    assert refused.value.code is ErrorCode.INVALID_REQUEST


@pytest.mark.parametrize("hint", ["", "x", "a.b.c", "e30.e30."])
def test_a_hint_that_is_not_ours_is_refused(hint: str) -> None:
    with pytest.raises(OAuthError) as refused:
        verify_id_token_hint(hint, SIGNER, "rp")
    assert refused.value.code is ErrorCode.INVALID_REQUEST
