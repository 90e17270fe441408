"""The provider's own page as the target of a sign-in: a client that is made in this process and registered nowhere.

Only ``/account`` begins a sign-in for it, and no code is ever issued to it: the session in the person's browser is all
that such a sign-in is for. ``docs/decisions/0007-the-persons-own-page.md`` says why.
"""

import hashlib
from datetime import UTC, datetime
from typing import Final

from idp.oidc.authorization_request import AuthorizationRequest
from idp.oidc.client import Client
from idp.oidc.ports import ClientStore
from idp.signin.record import Signin

# The colon keeps it apart: no registration, not even one whose operator chooses the name, accepts it.
OWN_CLIENT_ID: Final = ":account"
OWN_PAGE_NAME: Final = "マイページ（My page）"
_NEVER_REGISTERED: Final = datetime(1970, 1, 1, tzinfo=UTC)


def own_account_address(issuer: str) -> str:
    """Where a finished sign-in of this kind leads."""
    return f"{issuer}/account"


def is_own_account(signin: Signin) -> bool:
    """Whether the sign-in is for the person's own page and for no relying party."""
    return signin.request.client_id == OWN_CLIENT_ID


def find_signin_client(clients: ClientStore, issuer: str, client_id: str) -> Client | None:
    """The client of a sign-in in flight: a registered one, or the provider's own page.

    ``/authorize`` and the token endpoint never ask here, so from outside the own page is an unknown client.
    """
    return own_account_client(issuer) if client_id == OWN_CLIENT_ID else clients.find_client(client_id)


def own_account_client(issuer: str) -> Client:
    """What the person and the card app are shown as the service; it can redeem nothing."""
    address = own_account_address(issuer)
    return Client(
        client_id=OWN_CLIENT_ID,
        client_name=OWN_PAGE_NAME,
        redirect_uris=(address,),
        sector="",
        token_endpoint_auth_method="none",
        id_token_signed_response_alg="ES256",
        scope=("openid",),
        grant_types=(),
        require_pkce=True,
        is_reviewed=True,
        client_uri="",
        post_logout_redirect_uris=(),
        secret_hash=None,
        jwks=None,
        created_at=_NEVER_REGISTERED,
        fingerprint=hashlib.sha256(f"{OWN_CLIENT_ID} {address}".encode()).digest(),
    )


def own_account_request(issuer: str) -> AuthorizationRequest:
    """The request that stands behind such a sign-in: always the card, nothing released."""
    address = own_account_address(issuer)
    return AuthorizationRequest(
        client_id=OWN_CLIENT_ID,
        redirect_uri=address,
        scope=("openid",),
        state=None,
        nonce=None,
        code_challenge=None,
        prompt=frozenset({"login"}),
        max_age_seconds=None,
        login_hint=None,
        ui_locales=(),
        acr_values=(),
        id_token_hint_sub=None,
        request_hash=hashlib.sha256(address.encode()).digest(),
    )
