"""The use of a token that is bound to a key, at a resource of ours (RFC 9449 §7, RFC 8705 §3)."""

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
             scheme DPoP, another key, another certificate), invalid_dpop_proof; use_dpop_nonce, where everything else
             is right.
    Source:  RFC 9449 §7.1, §7.2 (no downgrade to a bearer token); RFC 8705 §3.
    """
    if confirmation is not None and confirmation.x5t_s256 is not None:
        _check_certificate(confirmation.x5t_s256, sender)
    if confirmation is None or confirmation.jkt is None:
        if scheme == "dpop":
            raise dpop_error(_invalid_token("The access token is not bound to a key of DPoP."))
    elif scheme != "dpop":
        raise dpop_error(_invalid_token("The access token is bound to a key: use the scheme DPoP."))
    else:
        _check_proof(confirmation.jkt, token, sender, now)


def _check_proof(jkt: str, token: str, sender: Sender | None, now: datetime) -> None:
    try:
        if sender is None or sender.prove_key(now, token, bound_to=jkt) is None:
            raise missing_proof()
    except OAuthError as refusal:
        raise dpop_error(refusal) from refusal


def _check_certificate(x5t_s256: str, sender: Sender | None) -> None:
    try:
        proven = None if sender is None else sender.prove_certificate()
    except OAuthError as refusal:
        raise bearer_error(ErrorCode.INVALID_TOKEN, refusal.description, detail=refusal.detail) from refusal
    if proven != x5t_s256:
        raise _invalid_token("The access token is bound to another client certificate.")


def _invalid_token(description: str) -> OAuthError:
    return bearer_error(ErrorCode.INVALID_TOKEN, description)
