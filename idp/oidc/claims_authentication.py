"""Claims that are asked for and say something about the sign-in itself: ``sub`` and ``acr`` (OIDC Core §5.5.1.1)."""

from idp.assurance.constraint import Constraint, InvalidClaimsRequest
from idp.oidc.acr import satisfies
from idp.oidc.claims_request import ClaimsRequest, WantedClaims, find_texts
from idp.oidc.errors import ErrorCode, OAuthError


def find_asked_sub(request: ClaimsRequest) -> str | None:
    """The one person the client asks for, as with ``id_token_hint``.

    Raises: OAuthError invalid_request: several, or no text.
    Source: OIDC Core §3.1.2.2: with a requested ``sub`` only that person's sign-in is an answer.
    """
    asked = [sub for place in (request.id_token, request.userinfo) for sub in _texts(place, "sub")]
    if len(set(asked)) > 1:
        raise OAuthError(ErrorCode.INVALID_REQUEST, "claims asks for more than one sub.", detail="several subs")
    return asked[0] if asked else None


def find_asked_acr(request: ClaimsRequest) -> tuple[tuple[str, ...], bool]:
    """The levels asked for in the ID token, in order of preference, and whether one of them is essential.

    Raises: OAuthError invalid_request: another value than a text.
    Source: OIDC Core §5.5.1.1.
    """
    values = _texts(request.id_token, "acr")
    constraint = dict(request.id_token.claims).get("acr", Constraint())
    return values, bool(values) and constraint.is_essential


def check_essential_acr(acr_values: tuple[str, ...], reached: str, issuer: str) -> None:
    """Refuse an answer below the level that the client cannot do without.

    Takes:  acr_values, those of a request whose ``is_acr_essential`` is set.
    Raises: OAuthError unmet_authentication_requirements.
    Source: OIDC Core §5.5.1.1: an essential ``acr`` that cannot be met is a failed authentication.
    """
    if not any(satisfies(reached, asked, issuer) for asked in acr_values):
        raise OAuthError(
            ErrorCode.UNMET_AUTHENTICATION_REQUIREMENTS,
            "The level of authentication that is asked for was not reached.",
            detail="essential acr not reached",
        )


def _texts(wanted: WantedClaims, name: str) -> tuple[str, ...]:
    try:
        return find_texts(wanted, name) or ()
    except InvalidClaimsRequest as error:
        raise OAuthError(ErrorCode.INVALID_REQUEST, f"{error}.", detail=error.where) from error
