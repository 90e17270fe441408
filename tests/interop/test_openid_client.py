"""openid-client (npm), which none of us wrote, signs in and judges what it gets."""

import json
import os
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from joserfc.jwk import ECKey

from tests.support.headless_person import check_id_token, finish
from tests.support.http_browser import HttpBrowser
from tests.support.running_provider import ROOT, RunningProvider

HERE = Path(__file__).parent
REDIRECT_URI = "http://localhost:9321/callback"

pytestmark = [pytest.mark.interop, pytest.mark.journey]


def find_node() -> str:
    """Node 20 or newer, and the judge's packages; else the test fails and says what to run."""
    node = shutil.which("node", path=f"{ROOT / '.venv' / 'bin'}:{os.environ['PATH']}")
    if node is None or not (HERE / "node_modules" / "openid-client").is_dir():
        pytest.fail("Node or openid-client is missing; run: scripts/install-node (or: npm ci in tests/interop)")
    return node


def run_client(provider: RunningProvider, browser: HttpBrowser, rp: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """A sign-in at the script's relying party; what it verified, and the nonce that it drew."""
    with subprocess.Popen(
        [find_node(), "openid_client.mjs"], cwd=HERE, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        redirect_uri = rp.get("redirect_uri", REDIRECT_URI)
        process.stdin.write(json.dumps({"issuer": provider.issuer, "redirect_uri": redirect_uri, **rp}) + "\n")
        process.stdin.flush()
        begun = process.stdout.readline()
        assert begun, process.stderr.read()
        page = finish(browser, browser.open(json.loads(begun)["url"]))
        out, err = process.communicate(json.dumps({"url": page.left_for}) + "\n", timeout=60)
        assert process.returncode == 0, err
    return json.loads(out), json.loads(begun)["nonce"]


@pytest.fixture
def browser(provider: RunningProvider) -> HttpBrowser:
    return HttpBrowser(provider.issuer)


@pytest.mark.parametrize(
    ("method", "algorithm", "discovery"),
    [
        ("client_secret_basic", "ES256", "oidc"),
        ("client_secret_post", "RS256", "oauth2"),
        ("private_key_jwt", "ES256", "oidc"),
        ("none", "RS256", "oidc"),
        ("client_secret_basic", "PS256", "oidc"),
        ("client_secret_basic", "EdDSA", "oidc"),
    ],
)
def test_openid_client_signs_in(
    provider: RunningProvider, browser: HttpBrowser, method: str, algorithm: str, discovery: str
) -> None:
    metadata: dict[str, Any] = {"token_endpoint_auth_method": method, "id_token_signed_response_alg": algorithm}
    rp: dict[str, Any] = {"method": method, "algorithm": algorithm, "discovery": discovery}
    if method == "private_key_jwt":
        key = ECKey.generate_key("P-256", auto_kid=True)
        metadata["jwks"] = {"keys": [{**key.as_dict(private=False), "alg": "ES256", "use": "sig"}]}
        rp["private_jwk"] = key.as_dict(private=True)
    got = sign_in(provider, browser, metadata, rp)

    assert got["header"]["alg"] == algorithm


def test_openid_client_reads_what_is_encrypted_to_it_and_verifies_what_is_inside(
    provider: RunningProvider, browser: HttpBrowser
) -> None:
    """Provider checklist 2a.8: ID token and userinfo, signed and encrypted."""
    key = ECKey.generate_key("P-256", auto_kid=True)
    private = key.as_dict(private=True)
    answers = {"userinfo_signed_response_alg": "PS256"}
    for answer in ("id_token", "userinfo"):
        answers |= {f"{answer}_encrypted_response_alg": "ECDH-ES+A256KW", f"{answer}_encrypted_response_enc": "A256GCM"}
    metadata: dict[str, Any] = {
        **answers,
        "id_token_signed_response_alg": "EdDSA",
        "jwks": {"keys": [{**key.as_dict(private=False), "use": "enc", "alg": "ECDH-ES+A256KW"}]},
    }
    rp = {"method": "client_secret_basic", "algorithm": "EdDSA", "discovery": "oidc", "metadata": answers}

    got = sign_in(provider, browser, metadata, {**rp, "decryption_jwk": private})

    assert got["header"] == {"alg": "ECDH-ES+A256KW", "enc": "A256GCM", "kid": key.kid, "cty": "JWT"} | {
        "epk": got["header"]["epk"]
    }


def sign_in(
    provider: RunningProvider, browser: HttpBrowser, metadata: dict[str, Any], rp: dict[str, Any]
) -> dict[str, Any]:
    """Register and sign in, to what the client got and verified."""
    client = provider.add_client(REDIRECT_URI, **metadata)
    got, nonce = run_client(
        provider, browser, {**rp, "client_id": client.client_id, "client_secret": client.client_secret}
    )
    check_id_token(got["claims"], issuer=provider.issuer, client_id=client.client_id, nonce=nonce, now=time.time())
    assert got["claims"]["sandbox"] is True
    assert got["userinfo"]["sub"] == got["claims"]["sub"]
    assert got["token_type"] == "bearer"
    # OIDC Core §12.2: iss, sub, aud and auth_time of a refreshed ID token are those of the first one.
    assert got["refreshed"]["is_rotated"]
    if got["refreshed"]["claims"] is not None:
        unchanged = ("iss", "sub", "aud", "auth_time")
        assert [got["refreshed"]["claims"][name] for name in unchanged] == [got["claims"][name] for name in unchanged]
    assert got["again"] == "invalid_grant"
    assert got["revoked"] == "invalid_grant"
    return got


@pytest.mark.parametrize(
    ("is_pushed", "is_signed", "answer_algorithm"),
    [(True, False, None), (False, True, "RS256"), (True, True, "ES256")],
    ids=["pushed", "signed, answered signed", "pushed and signed, answered signed"],
)
def test_openid_client_pushes_and_signs_its_requests(
    provider: RunningProvider, browser: HttpBrowser, *, is_pushed: bool, is_signed: bool, answer_algorithm: str | None
) -> None:
    """PAR, JAR and JARM of a client that none of us wrote; it must use what it uses (F17)."""
    key = ECKey.generate_key("P-256", auto_kid=True)
    metadata: dict[str, Any] = {
        "token_endpoint_auth_method": "private_key_jwt",
        "jwks": {"keys": [{**key.as_dict(private=False), "alg": "ES256", "use": "sig"}]},
        "require_pushed_authorization_requests": is_pushed,
        "require_signed_request_object": is_signed,
    }
    if answer_algorithm is not None:
        metadata["authorization_signed_response_alg"] = answer_algorithm
    client = provider.add_client(REDIRECT_URI, **metadata)
    rp = {
        "method": "private_key_jwt", "algorithm": "ES256", "discovery": "oidc", "client_id": client.client_id,
        "private_jwk": key.as_dict(private=True), "is_pushed": is_pushed, "is_signed": is_signed,
        "is_answered_signed": answer_algorithm is not None, "answer_algorithm": answer_algorithm or "RS256",
    }  # fmt: skip

    got, nonce = run_client(provider, browser, rp)

    check_id_token(got["claims"], issuer=provider.issuer, client_id=client.client_id, nonce=nonce, now=time.time())
    assert got["again"] == "invalid_grant"


def test_openid_client_has_its_requests_and_every_answer_to_them_encrypted(
    provider: RunningProvider, browser: HttpBrowser
) -> None:
    """JAR, JARM, ID token, userinfo and introspection: signed, then encrypted, each verified inside by the client."""
    signing, encryption = (ECKey.generate_key("P-256", auto_kid=True) for _ in range(2))
    answers: dict[str, Any] = {}
    for answer in ("id_token", "userinfo", "authorization", "introspection"):
        answers |= {
            f"{answer}_signed_response_alg": "ES256",
            f"{answer}_encrypted_response_alg": "ECDH-ES+A256KW",
            f"{answer}_encrypted_response_enc": "A256GCM",
        }
    metadata: dict[str, Any] = {
        **answers,
        "token_endpoint_auth_method": "private_key_jwt",
        "require_signed_request_object": True,
        "jwks": {
            "keys": [
                {**signing.as_dict(private=False), "alg": "ES256", "use": "sig"},
                {**encryption.as_dict(private=False), "alg": "ECDH-ES+A256KW", "use": "enc"},
            ]
        },
    }
    client = provider.add_client(REDIRECT_URI, **metadata)
    rp = {
        "method": "private_key_jwt", "algorithm": "ES256", "discovery": "oidc", "client_id": client.client_id,
        "private_jwk": signing.as_dict(private=True), "decryption_jwk": encryption.as_dict(private=True),
        "metadata": answers, "is_signed": True, "is_request_encrypted": True, "is_answered_signed": True,
        "answer_algorithm": "ES256", "is_introspecting": True,
    }  # fmt: skip

    got, nonce = run_client(provider, browser, rp)

    check_id_token(got["claims"], issuer=provider.issuer, client_id=client.client_id, nonce=nonce, now=time.time())
    assert got["header"]["enc"] == "A256GCM"
    assert got["introspected"]["active"] is True
    assert got["introspected"]["sub"] == got["claims"]["sub"]
    assert got["again"] == "invalid_grant"


@pytest.mark.parametrize(("method", "proof_algorithm"), [("private_key_jwt", "ES256"), ("none", "PS256")])
def test_f5_openid_client_signs_in_with_tokens_bound_to_its_key(
    provider: RunningProvider, browser: HttpBrowser, method: str, proof_algorithm: str
) -> None:
    """RFC 9449 as another implementation makes proofs, takes nonces and names its key in the authorization request."""
    key = ECKey.generate_key("P-256", auto_kid=True)
    metadata: dict[str, Any] = {"token_endpoint_auth_method": method, "dpop_bound_access_tokens": True}
    if method == "private_key_jwt":
        metadata["jwks"] = {"keys": [{**key.as_dict(private=False), "alg": "ES256", "use": "sig"}]}
    client = provider.add_client(REDIRECT_URI, **metadata)
    rp = {
        "client_id": client.client_id,
        "method": method,
        "algorithm": "ES256",
        "discovery": "oidc",
        "private_jwk": key.as_dict(private=True),
        "dpop": proof_algorithm,
    }

    got, nonce = run_client(provider, browser, rp)

    check_id_token(got["claims"], issuer=provider.issuer, client_id=client.client_id, nonce=nonce, now=time.time())
    assert got["token_type"] == "dpop"
    assert got["userinfo"]["sub"] == got["claims"]["sub"]
    assert got["as_bearer"] == "invalid_token"
    assert not got["refreshed"]["is_rotated"]
    assert got["again"] == "invalid_grant"
    assert got["revoked"] == "invalid_grant"


@pytest.mark.parametrize("profile", ["fapi2", "fapi2-message-signing"])
def test_openid_client_keeps_the_fapi_profiles(provider: RunningProvider, browser: HttpBrowser, profile: str) -> None:
    """FAPI 2.0: PAR, private_key_jwt, S256, DPoP; with message signing JAR and JARM too."""
    key = ECKey.generate_key("P-256", auto_kid=True)
    is_signed = profile == "fapi2-message-signing"
    metadata: dict[str, Any] = {
        "profile": profile,
        "token_endpoint_auth_method": "private_key_jwt",
        "jwks": {"keys": [{**key.as_dict(private=False), "alg": "ES256", "use": "sig"}]},
        **({"authorization_signed_response_alg": "ES256"} if is_signed else {}),
    }
    client = provider.add_client("https://bank.example/callback", **metadata)
    rp = {
        "client_id": client.client_id, "method": "private_key_jwt", "algorithm": "ES256", "discovery": "oidc",
        "private_jwk": key.as_dict(private=True), "redirect_uri": "https://bank.example/callback",
        "dpop": "ES256", "is_pushed": True, "is_signed": is_signed, "is_answered_signed": is_signed,
        "answer_algorithm": "ES256",
    }  # fmt: skip

    got, nonce = run_client(provider, browser, rp)

    check_id_token(got["claims"], issuer=provider.issuer, client_id=client.client_id, nonce=nonce, now=time.time())
    assert (got["token_type"], got["as_bearer"]) == ("dpop", "invalid_token")
    assert not got["refreshed"]["is_rotated"]


def test_openid_client_registers_itself_signs_in_and_out(provider: RunningProvider, browser: HttpBrowser) -> None:
    """OIDC Registration, Core and RP-Initiated Logout by one client, start to end."""
    rp = {
        "is_registering": True, "method": "client_secret_basic", "algorithm": "ES256", "discovery": "oidc",
        "metadata": {
            "scope": "openid offline_access",
            "token_endpoint_auth_method": "client_secret_basic",
            "id_token_signed_response_alg": "ES256",
            "post_logout_redirect_uris": [REDIRECT_URI],
        },
    }  # fmt: skip

    got, nonce = run_client(provider, browser, rp)

    check_id_token(got["claims"], issuer=provider.issuer, client_id=got["client_id"], nonce=nonce, now=time.time())
    # The hint names this very session, so nobody is asked; afterwards the card is needed again.
    assert browser.open(got["end_session_url"]).left_for == f"{REDIRECT_URI}?state=out"
    silent = browser.open(f"{provider.issuer}/authorize?{urlencode(silent_request(got['client_id']))}")
    # Nobody has looked at this client, so an error does not send a person on by itself (R4).
    assert (silent.left_for, silent.status) == (None, 400)
    assert "login_required" in silent.html


def silent_request(client_id: str) -> dict[str, str]:
    """A request that only a session answers."""
    return {
        "client_id": client_id, "redirect_uri": REDIRECT_URI, "response_type": "code", "scope": "openid",
        "prompt": "none", "nonce": "n", "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        "code_challenge_method": "S256",
    }  # fmt: skip
