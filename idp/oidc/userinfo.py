"""The userinfo endpoint: claims about the person an access token stands for (OIDC Core §5.3, RFC 6750)."""

import re
from datetime import datetime
from typing import Any, Final

from idp.oidc.access_token import bare_challenge, bearer_error, verify_access_token
from idp.oidc.bound_token import check_sender
from idp.oidc.claims_ports import ReleasedClaimsReader
from idp.oidc.errors import ErrorCode, OAuthError
from idp.oidc.parameters import Parameters
from idp.oidc.ports import ClientAdmission, OwnTokenVerifier, TokenReader
from idp.oidc.sender import Sender
from idp.oidc.userinfo_form import UserinfoForm

_CREDENTIALS: Final = re.compile(r"(bearer|dpop) +([A-Za-z0-9._~+/-]+=*)", re.IGNORECASE)


def answer_userinfo_request(
    authorization_header: str | None,
    body_parameters: Parameters | None,
    tokens: TokenReader,
    now: datetime,
    released: ReleasedClaimsReader | None = None,
    sender: Sender | None = None,
    own_tokens: OwnTokenVerifier | None = None,
    form: UserinfoForm | None = None,
    admission: ClientAdmission | None = None,
) -> dict[str, Any] | str:
    """Tell the claims of the grant behind an access token, nothing more.

    Takes:   the Authorization header; the form body of a POST, None for GET. A token in the query never counts;
             released, what grants release, None where claims are not released; sender, what else the request carries,
             None where it proves nothing: then a token that is bound to a key is refused; own_tokens, by which access
             tokens that are JWTs are recognised; form, by which the answer is written as the client registered for,
             None for JSON; admission, where the request is counted against the client that the token was issued to.
    Returns: the members of the JSON answer, or a JWT to be sent as application/jwt; with ``Cache-Control: no-store``.
    Raises:  OAuthError with ``authenticate``: no token (a bare challenge), two tokens, invalid_token,
             insufficient_scope, invalid_dpop_proof, use_dpop_nonce.
    Source:  OIDC Core §5.3.1, §5.3.2; RFC 6750 §2, §3.1; RFC 9700 §4.3.2 (not in the query); RFC 9449 §7.
    """
    scheme, token = _get_token(authorization_header, body_parameters)
    live = verify_access_token(token, tokens, now, own_tokens)
    # R14, RFC 8707 §2.2: what is for another resource is not for this one.
    if live.audience:
        raise bearer_error(ErrorCode.INVALID_TOKEN, "The access token is for another resource.")
    try:
        check_sender(live.confirmation, scheme, token, sender, now)
    except OAuthError as refusal:
        # Everything else is right then, so it is its client that asks, and its count that this costs.
        if refusal.code is ErrorCode.USE_DPOP_NONCE:
            _admit(live.grant.client_id, form, admission)
        raise
    # Before the token and its sender were checked, anybody could have asked in the client's name.
    _admit(live.grant.client_id, form, admission)
    if "openid" not in live.scope:
        raise bearer_error(ErrorCode.INSUFFICIENT_SCOPE, "The access token does not carry the scope openid.")
    claims = None if released is None else released.find_released_claims(live.grant.grant_id)
    told = {**({} if claims is None else claims.for_userinfo(live.scope)), "sub": live.grant.sub}
    return told if form is None else form.write(told, live.grant.client_id)


def _admit(client_id: str, form: UserinfoForm | None, admission: ClientAdmission | None) -> None:
    if admission is not None and form is not None:
        admission.admit(form.get_client(client_id))


def _get_token(authorization_header: str | None, body_parameters: Parameters | None) -> tuple[str, str]:
    in_body = None
    if body_parameters is not None:
        if body_parameters.duplicated is not None:
            raise bearer_error(ErrorCode.INVALID_REQUEST, "A parameter is given more than once.")
        in_body = body_parameters.get("access_token")
    if authorization_header is None:
        if in_body is None:
            # RFC 6750 §3.1: who sent no credentials learns the scheme and no error code in the challenge.
            raise OAuthError(
                ErrorCode.INVALID_TOKEN,
                "An access token is required.",
                detail="no token",
                authenticate=bare_challenge(),
            )
        return "bearer", in_body
    if in_body is not None:
        raise bearer_error(ErrorCode.INVALID_REQUEST, "The access token is given in two ways.")
    match = _CREDENTIALS.fullmatch(authorization_header)
    if match is None:
        raise bearer_error(ErrorCode.INVALID_REQUEST, "The Authorization header carries no access token.")
    return match[1].lower(), match[2]
