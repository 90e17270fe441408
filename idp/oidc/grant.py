"""A grant: what one sign-in gave one client; its code, access tokens and refresh tokens hang on it."""

from dataclasses import dataclass
from datetime import datetime

from idp.oidc.authorization_details import AuthorizationDetails
from idp.oidc.confirmation import Confirmation


class AlreadyGranted(Exception):
    """This sign-in has its grant: whoever was second, in another tab or after a reload, gets none."""


@dataclass(frozen=True, slots=True)
class Grant:
    """What was granted, by whom, to whom, after which authentication.

    ``sub`` is fixed at the grant, so that tokens of one grant never change their subject. ``txn`` names the sign-in
    in log, audit and evidence. ``session_hash`` is the ``origin_hash`` of the browser session it came from.
    ``dpop_jkt`` is the thumbprint of the key that the code is bound to (RFC 9449 §10), None for none; ``resources``
    are those that access tokens may be for (RFC 8707), empty for userinfo alone; ``authorization_details`` are those
    that the person agreed to (RFC 9396 §7).
    Source: RFC 6749 §4.1; OIDC Core §2, §3.1.3.
    """

    grant_id: str
    client_id: str
    account_id: str
    credential_id: str
    session_hash: bytes
    sub: str
    redirect_uri: str
    scope: tuple[str, ...]
    nonce: str | None
    code_challenge: str | None
    auth_time: datetime
    acr: str
    amr: tuple[str, ...]
    status_time: datetime | None
    txn: str
    created_at: datetime
    dpop_jkt: str | None = None
    resources: tuple[str, ...] = ()
    authorization_details: AuthorizationDetails | None = None


@dataclass(frozen=True, slots=True)
class SpentCode:
    """The grant of a code that was spent just now, and what of its request the client had used before.

    ``is_challenge_repeated``: another code of this client, with the same ``code_challenge``, was redeemed, which takes
    its verifier. ``is_nonce_repeated``: the same of ``nonce``. Both only as far back as grants are kept.
    """

    grant: Grant
    is_challenge_repeated: bool = False
    is_nonce_repeated: bool = False


@dataclass(frozen=True, slots=True)
class LiveAccessToken:
    """An access token that is neither expired nor revoked, of an account that is not suspended.

    ``confirmation`` is the key it is bound to, None for a bearer token; ``audience`` the resources it is for, empty for
    userinfo; ``authorization_details`` those that it carries, at most the grant's.
    """

    grant: Grant
    scope: tuple[str, ...]
    expires_at: datetime
    confirmation: Confirmation | None = None
    audience: tuple[str, ...] = ()
    authorization_details: AuthorizationDetails | None = None


@dataclass(frozen=True, slots=True)
class StoredRefreshToken:
    """A refresh token as stored, whatever its state; the rule in ``refresh_token.py`` judges it."""

    grant: Grant
    scope: tuple[str, ...]
    created_at: datetime
    expires_at: datetime
    spent_at: datetime | None
    grace_uses: int
    is_grant_live: bool
    confirmation: Confirmation | None = None
