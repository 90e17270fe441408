"""The questions asked of an authorization request once its answer has somewhere to go; the order is in ``CHECKS``.

Each function refuses one kind of fault and says nothing otherwise.
"""

import json
import re
from typing import Final

from idp.identifiers import is_identifier
from idp.oidc.client import Client
from idp.oidc.client_profile import must_get_jwt_answers
from idp.oidc.errors import ErrorCode, OAuthError
from idp.oidc.parameters import Parameters
from idp.oidc.pkce import check_code_challenge
from idp.oidc.response_mode import parse_response_mode

MAXIMUM_MAX_AGE_SECONDS: Final = 10 * 365 * 86_400
KNOWN_PROMPTS: Final = frozenset({"none", "login", "consent", "select_account"})
_SCOPE: Final = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+(?: [\x21\x23-\x5b\x5d-\x7e]+)*")
_NON_NEGATIVE: Final = re.compile(r"[0-9]{1,10}")
_NOT_SUPPORTED: Final = {
    "request_uri": ErrorCode.REQUEST_URI_NOT_SUPPORTED,
    "registration": ErrorCode.REGISTRATION_NOT_SUPPORTED,
}


def check_unique(parameters: Parameters, client: Client) -> None:
    """RFC 6749 §3.1: no parameter more than once."""
    parameters.check_unique()


def check_supported(parameters: Parameters, client: Client) -> None:
    """OIDC Core §3.1.2.6: what would change the request and is not supported is refused, not ignored in silence.

    A ``request_uri`` that is still here was not given out by this provider, and what it names is not fetched.
    """
    for name, code in _NOT_SUPPORTED.items():
        if parameters.get(name) is not None:
            raise OAuthError(code, f"The parameter {name} is not supported.", detail=name)


def check_response_type(parameters: Parameters, client: Client) -> None:
    """OIDC Core §3.1.2.1: the code flow only (RFC 9700 §2.1.2: no token travels through the browser)."""
    response_type = parameters.get("response_type")
    if response_type is None:
        raise _invalid("response_type is required.")
    if response_type != "code":
        raise OAuthError(
            ErrorCode.UNSUPPORTED_RESPONSE_TYPE, "response_type must be code.", detail="response_type is not code"
        )
    if "authorization_code" not in client.grant_types:
        raise OAuthError(
            ErrorCode.UNAUTHORIZED_CLIENT,
            "This client is not registered for the authorization code grant.",
            detail="no authorization_code in grant_types",
        )


def check_response_mode(parameters: Parameters, client: Client) -> None:
    """OAuth 2.0 Multiple Response Types §2.1: an answer in another mode than the one asked for breaks the client."""
    mode = parse_response_mode(
        parameters.get("response_mode"), parameters.get("redirect_uri") or "", parameters.get("state")
    )
    if must_get_jwt_answers(client) and not mode.endswith("jwt"):
        raise _invalid("response_mode must be jwt, query.jwt or form_post.jwt.")


def check_scope(parameters: Parameters, client: Client) -> None:
    """OIDC Core §3.1.2.1: ``openid`` is there; RFC 6749 §3.3: the value is a list of scope tokens."""
    scope = parameters.get("scope")
    if scope is None or _SCOPE.fullmatch(scope) is None:
        raise OAuthError(ErrorCode.INVALID_SCOPE, "scope is missing or malformed.", detail="scope syntax")
    if "openid" not in scope.split(" "):
        raise OAuthError(ErrorCode.INVALID_SCOPE, "scope must contain openid.", detail="no openid in scope")


def check_challenge(parameters: Parameters, client: Client) -> None:
    """RFC 7636 §4.3; RFC 9700 §2.1.1: required of all but confidential clients registered otherwise.

    Stricter: who sends no challenge sends a nonce, or nothing would notice a code that was injected.
    """
    check_code_challenge(parameters, is_required=client.is_public or client.require_pkce)
    if parameters.get("code_challenge") is None and parameters.get("nonce") is None:
        raise _invalid("nonce is required without a code_challenge.")


def check_dpop_jkt(parameters: Parameters, client: Client) -> None:
    """RFC 9449 §10: the key that the code is to be bound to, as the SHA-256 thumbprint that it is."""
    dpop_jkt = parameters.get("dpop_jkt")
    if dpop_jkt is not None and not is_identifier(dpop_jkt):
        raise _invalid("dpop_jkt must be the base64url SHA-256 thumbprint of a key.")


def check_prompt(parameters: Parameters, client: Client) -> None:
    """OIDC Core §3.1.2.1: known values only, and ``none`` stands alone."""
    prompts = (parameters.get("prompt") or "").split()
    if not KNOWN_PROMPTS.issuperset(prompts):
        raise _invalid("prompt has an unknown value.")
    if "none" in prompts and len(prompts) > 1:
        raise _invalid("prompt none stands alone.")


def check_max_age(parameters: Parameters, client: Client) -> None:
    """OIDC Core §3.1.2.1: a non-negative number of seconds."""
    max_age = parameters.get("max_age")
    if max_age is None:
        return
    if _NON_NEGATIVE.fullmatch(max_age) is None or int(max_age) > MAXIMUM_MAX_AGE_SECONDS:
        raise _invalid("max_age must be a non-negative number of seconds.")


def check_claims(parameters: Parameters, client: Client) -> None:
    """OIDC Core §5.5: a JSON object. It is not advertised and so may be ignored, but nonsense is still refused."""
    claims = parameters.get("claims")
    if claims is None:
        return
    try:
        value = json.loads(claims)
    except (ValueError, RecursionError) as error:
        raise _invalid("claims must be a JSON object.") from error
    if not isinstance(value, dict):
        raise _invalid("claims must be a JSON object.")


def _invalid(description: str) -> OAuthError:
    return OAuthError(ErrorCode.INVALID_REQUEST, description, detail=description)
