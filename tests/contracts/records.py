"""Records for the contracts: one person at one client, and what is varied of them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from idp.identity.account import Account, AccountState
from idp.identity.credential import Credential, CredentialState, LookupDigest
from idp.oidc.browser_session import BrowserSession
from idp.oidc.client import Client
from idp.oidc.grant import Grant
from idp.stores.sql.administration import Administration
from idp.stores.sql.client_administration import ClientAdministration
from idp.stores.sql.durable import DurableStore

NOW = datetime(2026, 11, 22, 9, 0, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
LATER = NOW + MINUTE
CODE = b"c" * 32
DIGEST = LookupDigest("key-1", b"d" * 32)

CLIENT = Client(
    client_id="client",
    client_name="市役所の図書館",
    redirect_uris=("https://client.example/cb", "https://client.example/other?x=%20y"),
    sector="client.example",
    token_endpoint_auth_method="client_secret_basic",
    id_token_signed_response_alg="ES256",
    scope=("openid", "offline_access"),
    grant_types=("authorization_code", "refresh_token"),
    require_pkce=True,
    is_reviewed=False,
    client_uri="https://client.example/",
    post_logout_redirect_uris=(),
    secret_hash=b"\x00\xff" * 16,
    jwks={"keys": [{"kty": "EC", "kid": "1"}]},
    created_at=NOW,
    fingerprint=b"f" * 32,
)
ACCOUNT = Account("account", AccountState.ACTIVE, NOW)
CREDENTIAL = Credential(
    "credential", "account", DIGEST, "card", "card", NOW + timedelta(days=900), CredentialState.ACTIVE, True
)
SESSION = BrowserSession(
    b"s" * 32,
    b"s" * 32,
    "account",
    "credential",
    NOW,
    "urn:acr",
    ("sc", "pin"),
    NOW - MINUTE,
    NOW,
    NOW,
    NOW + 60 * MINUTE,
)
GRANT = Grant(
    grant_id="grant",
    client_id="client",
    account_id="account",
    credential_id="credential",
    session_hash=b"s" * 32,
    sub="subject",
    redirect_uri="https://client.example/cb",
    scope=("openid", "offline_access"),
    nonce="nonce % ? ' \" ノンス",
    code_challenge="challenge",
    auth_time=NOW,
    acr="urn:acr",
    amr=("sc", "pin"),
    status_time=None,
    txn="txn",
    created_at=NOW,
)


def make_client(**changes: Any) -> Client:
    return replace(CLIENT, **changes)


def register(url: str, *clients: Client) -> None:
    """Register the clients as an operator does."""
    administration = ClientAdministration(Administration(url))
    for client in clients or (CLIENT,):
        assert administration.insert_client(client)


def sign_in(store: DurableStore, grant: Grant = GRANT, code_hash: bytes = CODE) -> None:
    """Leave what a first sign-in leaves: account, credential, session, grant and code."""
    with store.writing() as writer:
        writer.insert_account(ACCOUNT)
        assert writer.insert_credential(CREDENTIAL, NOW)
        writer.insert_browser_session(SESSION)
        writer.insert_grant(grant, code_hash, LATER)
