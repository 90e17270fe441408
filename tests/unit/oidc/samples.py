"""Values that the tests of the protocol half begin with: a client, a grant, keys, a request."""

import base64
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import urlencode

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey

from idp.identifiers import hash_secret
from idp.keys.errors import NotOurToken
from idp.keys.jws_registry import REGISTRIES
from idp.oidc.browser_session import BrowserSession
from idp.oidc.client import Client
from idp.oidc.dpop import ProofPolicy
from idp.oidc.dpop_nonce import DPoPNonces
from idp.oidc.grant import Grant
from idp.oidc.parameters import Parameters, parse_parameters
from idp.oidc.ports import OnceStore

ISSUER = "https://idp.example"
TOKEN_ENDPOINT = f"{ISSUER}/token"
NOW = datetime(2026, 11, 22, 3, 4, 5, tzinfo=UTC)
REDIRECT_URI = "https://rp.example/callback"
SECRET = "c2VjcmV0LW9mLXRoZS1jbGllbnQtaW4tdGhlLXRlc3Q"
# RFC 7636, appendix B.
CODE_VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CODE_CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
USER_AUTHENTICATION = f"{ISSUER}/acr/user-authentication"


@cache
def ec_key(name: str = "client") -> ECKey:
    return ECKey.generate_key("P-256", {"kid": f"{name}-ec"})


@cache
def rsa_key(name: str = "client") -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": f"{name}-rsa"})


@cache
def ed_key(name: str = "client") -> OKPKey:
    return OKPKey.generate_key("Ed25519", {"kid": f"{name}-ed"})


def make_client(**changed: Any) -> Client:
    members: dict[str, Any] = {
        "client_id": "rp",
        "client_name": "Relying party",
        "redirect_uris": (REDIRECT_URI,),
        "sector": "rp.example",
        "token_endpoint_auth_method": "client_secret_basic",
        "id_token_signed_response_alg": "ES256",
        "scope": ("openid", "offline_access"),
        "grant_types": ("authorization_code", "refresh_token"),
        "require_pkce": True,
        "is_reviewed": True,
        "client_uri": "https://rp.example",
        "post_logout_redirect_uris": (),
        "secret_hash": hash_secret(SECRET),
        "jwks": None,
        "created_at": NOW - timedelta(days=1),
        "fingerprint": b"f" * 32,
    }
    return Client(**{**members, **changed})


def make_public_client(**changed: Any) -> Client:
    return make_client(**{"token_endpoint_auth_method": "none", "secret_hash": None, **changed})


def make_assertion_client(**changed: Any) -> Client:
    keys = [key().as_dict(private=False) for key in (ec_key, rsa_key, ed_key)]
    members = {"token_endpoint_auth_method": "private_key_jwt", "secret_hash": None, "jwks": {"keys": keys}}
    return make_client(**{**members, **changed})


def make_grant(**changed: Any) -> Grant:
    members: dict[str, Any] = {
        "grant_id": "grant-1",
        "client_id": "rp",
        "account_id": "account-1",
        "credential_id": "credential-1",
        "session_hash": b"s" * 32,
        "sub": "subject-1",
        "redirect_uri": REDIRECT_URI,
        "scope": ("openid",),
        "nonce": "n-0S6_WzA2Mj",
        "code_challenge": CODE_CHALLENGE,
        "auth_time": NOW - timedelta(seconds=10),
        "acr": USER_AUTHENTICATION,
        "amr": ("sc", "pin"),
        "status_time": NOW - timedelta(hours=1),
        "txn": "txn-1",
        "created_at": NOW,
    }
    return Grant(**{**members, **changed})


def make_session(**changed: Any) -> BrowserSession:
    members: dict[str, Any] = {
        "session_hash": b"s" * 32,
        "origin_hash": b"s" * 32,
        "account_id": "account-1",
        "credential_id": "credential-1",
        "auth_time": NOW - timedelta(minutes=5),
        "acr": USER_AUTHENTICATION,
        "amr": ("sc", "pin"),
        "status_time": NOW - timedelta(minutes=5),
        "created_at": NOW - timedelta(minutes=5),
        "last_used_at": NOW,
        "expires_at": NOW + timedelta(hours=8),
    }
    return BrowserSession(**{**members, **changed})


def encode(*pairs: tuple[str, str], **named: str | None) -> Parameters:
    """Parameters as a client would send them; None leaves one out."""
    return parse_parameters(urlencode([*pairs, *((key, value) for key, value in named.items() if value is not None)]))


def authorization_parameters(*doubled: tuple[str, str], **changed: str | None) -> Parameters:
    members: dict[str, str | None] = {
        "client_id": "rp",
        "redirect_uri": REDIRECT_URI,
        "response_type": "code",
        "scope": "openid",
        "state": "af0ifjsldkj",
        "nonce": "n-0S6_WzA2Mj",
        "code_challenge": CODE_CHALLENGE,
        "code_challenge_method": "S256",
    }
    return encode(*doubled, **{**members, **changed})


def basic(client_id: str = "rp", secret: str = SECRET) -> str:
    return "Basic " + base64.b64encode(f"{client_id}:{secret}".encode()).decode()


def proof_policy(once: OnceStore, *, is_nonce_required: bool = False) -> ProofPolicy:
    return ProofPolicy(once, DPoPNonces(b"n" * 32), is_nonce_required)


class RealSigner:
    """The signer port with real keys of its own."""

    keys: Mapping[str, ECKey | RSAKey | OKPKey]

    def __init__(self) -> None:
        self.keys = {
            "ES256": ec_key("provider"),
            "RS256": rsa_key("provider"),
            "PS256": rsa_key("provider-pss"),
            "EdDSA": ed_key("provider"),
        }

    def sign(self, payload: Mapping[str, Any], alg: str, typ: str = "JWT") -> str:
        key = self.keys[alg]
        header = {"typ": typ, "alg": alg, "kid": key.kid}
        return jws.serialize_compact(header, json.dumps(payload), key, registry=REGISTRIES[alg])

    def verify_own(self, unverified_token: str, typ: str = "JWT") -> dict[str, Any]:
        for alg, key in self.keys.items():
            try:
                verified = jws.deserialize_compact(unverified_token, key, registry=REGISTRIES[alg])
                if verified.headers()["typ"] == typ:
                    return dict(json.loads(verified.payload))
            except (JoseError, ValueError):
                continue
        raise NotOurToken
