"""The use of a token that is bound to a key, at a resource of ours (RFC 9449 §7)."""

from datetime import datetime

from idp.oidc.access_token import bearer_error, dpop_error
from idp.oidc.confirmation import Confirmation
from idp.oidc.dpop import missing_proof
from idp.oidc.errors import ErrorCode, OAuthError
from idp.oidc.sender import Sender


def check_sender(
    confirmation: Confirmation | None, scheme: str, token: str, sender: Sender | None, now: datetime
) -> None:
    """Establish that whoever presents a live token is the one it was issued to.

    Takes:   scheme, "bearer" or "dpop", in which it was presented.
    Raises:  OAuthError with ``authenticate``: invalid_token (a bound token without its scheme, a bearer token in the
             scheme DPoP, another key), invalid_dpop_proof, use_dpop_nonce.
    Source:  RFC 9449 §7.1, §7.2 (no downgrade to a bearer token).
    """
    if confirmation is None:
        if scheme == "dpop":
            raise dpop_error(_invalid_token("The access token is not bound to a key."))
        return
    if scheme != "dpop":
        raise dpop_error(_invalid_token("The access token is bound to a key: use the scheme DPoP."))
    try:
        jkt = None if sender is None else sender.prove_key(now, token)
        if jkt is None:
            raise missing_proof()
    except OAuthError as refusal:
        raise dpop_error(refusal) from refusal
    if jkt != confirmation.jkt:
        raise dpop_error(_invalid_token("The access token is bound to another key."))


def _invalid_token(description: str) -> OAuthError:
    return bearer_error(ErrorCode.INVALID_TOKEN, description)
