"""The logout token, and that it is nothing else."""

import base64
import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jwcrypto import jwk, jws

from idp.clock import to_epoch_seconds
from idp.identifiers import is_identifier
from idp.keys.errors import NotOurToken
from idp.keys.key_encryption import KeyEncryption
from idp.keys.rotation import KeyRotation, RotationPace
from idp.keys.sealing import Sealer
from idp.keys.signer import KeyRing
from idp.oidc.backchannel_logout import LOGOUT_EVENT, issue_logout_token
from idp.oidc.client_options import ClientOptions
from idp.oidc.encrypted_answer import NoEncryptionKey
from idp.oidc.errors import OAuthError
from idp.oidc.id_token import verify_id_token_hint
from tests.support.encrypting_client import EncryptionKey
from tests.unit.keys.memory_signing_keys import MemorySigningKeys
from tests.unit.oidc.memory_stores import MemoryClients
from tests.unit.oidc.samples import ISSUER, NOW, make_client


def ring() -> KeyRing:
    store, encryption = MemorySigningKeys(), KeyEncryption(Sealer(bytes(range(32))))
    made = KeyRing(store, encryption, lambda: NOW)
    pace = RotationPace(timedelta(days=90), timedelta(days=1), timedelta(days=30))
    KeyRotation(store, encryption, pace, made.forget_set).ensure_keys(("ES256", "RS256"), NOW)
    return made


def issue(signer: KeyRing, **changed: Any) -> str:
    client = make_client(**changed)
    return issue_logout_token(client, signer, MemoryClients(), issuer=ISSUER, sub="subject-1", sid="sid-1", now=NOW)


@pytest.mark.parametrize("alg", ["ES256", "RS256"])
def test_a_second_implementation_verifies_it(alg: Any) -> None:
    """Back-Channel Logout §2.4, §2.6: iss, aud, iat, exp, jti, events, sub and sid, no nonce, typ logout+jwt."""
    signer = ring()
    keys = jwk.JWKSet.from_json(signer.public_jwks().decode())
    token = jws.JWS()
    token.deserialize(issue(signer, id_token_signed_response_alg=alg))
    header = json.loads(token.objects["protected"])
    assert header == {"typ": "logout+jwt", "alg": alg, "kid": header["kid"]}
    token.verify(keys.get_key(header["kid"]), alg)
    claims = json.loads(token.payload)
    assert is_identifier(claims.pop("jti"))
    assert claims == {
        "iss": ISSUER,
        "aud": "rp",
        "iat": to_epoch_seconds(NOW),
        "exp": to_epoch_seconds(NOW) + 120,
        "events": {LOGOUT_EVENT: {}},
        "sub": "subject-1",
        "sid": "sid-1",
    }


def test_every_logout_token_has_a_jti_of_its_own() -> None:
    signer = ring()
    assert len({claims(issue(signer))["jti"] for _ in range(3)}) == 3


def test_a_logout_token_is_no_id_token_hint() -> None:
    """RFC 8725 §3.11: what is typed for one use is refused for another."""
    signer = ring()
    token = issue(signer)
    with pytest.raises(NotOurToken):
        signer.verify_own(token)
    with pytest.raises(OAuthError):
        verify_id_token_hint(token, signer, "rp")


@given(st.text(max_size=80), st.text(max_size=80))
def test_whatever_names_person_and_session_comes_back_as_it_was(sub: str, sid: str) -> None:
    signed: list[dict[str, Any]] = []

    class Keeps:
        def sign(self, payload: Any, alg: str, typ: str = "JWT") -> str:
            signed.append(dict(payload))
            return f"{typ}.{alg}"

    made = issue_logout_token(make_client(), Keeps(), MemoryClients(), issuer=ISSUER, sub=sub, sid=sid, now=NOW)
    assert made == "logout+jwt.ES256"
    assert (signed[0]["sub"], signed[0]["sid"]) == (sub, sid)
    assert "nonce" not in signed[0]


def claims(token: str) -> dict[str, Any]:
    payload = token.split(".")[1]
    read: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return read


def test_it_is_encrypted_as_the_clients_id_tokens_are() -> None:
    """Back-Channel Logout §2.4 (iss outside too), §2.6: a client refuses one that is not."""
    key, signer = EncryptionKey("ECDH-ES"), ring()
    options = ClientOptions(id_token_encrypted_response_alg=key.alg, id_token_encrypted_response_enc="A256GCM")
    token = issue(signer, options=options, jwks={"keys": [key.jwk]})
    header = key.read_header(token)
    assert (header["cty"], header["enc"], header["iss"]) == ("JWT", "A256GCM", ISSUER)
    inside = jws.JWS()
    inside.deserialize(key.decrypt(token))
    assert inside.jose_header["typ"] == "logout+jwt"
    with pytest.raises(NoEncryptionKey):
        issue(signer, options=options, jwks=None)
