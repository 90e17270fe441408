"""How an authorization response travels: in the query or in a form, in plain parameters or as one signed JWT.

Implements OAuth 2.0 Multiple Response Types §2.1 (query), OAuth 2.0 Form Post Response Mode §2, JARM §2 (jwt), §3.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal
from urllib.parse import quote, urlencode

from idp.clock import to_epoch_seconds
from idp.oidc.encrypted_answer import Encryption
from idp.oidc.errors import ErrorCode, OAuthError
from idp.oidc.ports import IdTokenSigner

ResponseMode = Literal["query", "form_post", "query.jwt", "form_post.jwt"]

# JARM §3: where a client registered no algorithm. The same rule as for ID tokens would be ES256, but clients that
# verify by the standard's default would then refuse every answer.
DEFAULT_SIGNING_ALGORITHM: Final = "RS256"
# JARM §2.1 recommends at most ten minutes; the code inside lives for one.
RESPONSE_LIFETIME: Final = timedelta(minutes=5)
_MODES: Final[Mapping[str, ResponseMode]] = {
    "query": "query",
    "form_post": "form_post",
    "jwt": "query.jwt",  # JARM §2.3.4: the default of response_type=code
    "query.jwt": "query.jwt",
    "form_post.jwt": "form_post.jwt",
}
RESPONSE_MODES: Final = tuple(_MODES)
# RFC 6749 appendix A.5; a form sends a line break back as another one.
_STATE: Final = re.compile(r"[\x20-\x7e]*")


@dataclass(frozen=True, slots=True)
class AuthorizationResponse:
    """What a client is told through the browser, and the way it asked to be told.

    Made by ``VerifiedRedirect`` only, so that it has somewhere proven to go. ``origin`` is what CSP's ``form-action``
    must name; ``parameters`` are the answer with ``state`` and ``iss``; ``signing_algorithm`` is the client's for a
    response that is a JWT, ``encryption`` what is around it where the client registered for one.
    """

    redirect_uri: str
    origin: str
    response_mode: ResponseMode
    client_id: str
    signing_algorithm: str
    parameters: Mapping[str, str]
    encryption: Encryption | None = None


@dataclass(frozen=True, slots=True)
class FormPost:
    """A form that the browser sends to the client: the proven redirect URI, and names with values."""

    action: str
    fields: Mapping[str, str]


def parse_response_mode(response_mode: str | None, redirect_uri: str, state: str | None) -> ResponseMode:
    """Establish how the client wants to be answered.

    Raises: OAuthError invalid_request: an unknown mode, or a form where none can arrive unchanged: at an application's
            own scheme, or with a ``state`` that is not printable ASCII.
    Source: OAuth 2.0 Multiple Response Types §2.1; Form Post Response Mode §2; JARM §2.3.
    Omitted: fragment, for the code flow needs none, and jwt with it for any other flow.
    """
    mode = _MODES.get(response_mode or "query")
    if mode is None:
        raise _invalid(f"response_mode must be one of {' '.join(RESPONSE_MODES)}.")
    if mode.startswith("form_post") and not redirect_uri.startswith(("https://", "http://")):
        raise _invalid("response_mode form_post needs a redirect_uri of https.")
    if mode == "form_post" and _STATE.fullmatch(state or "") is None:
        raise _invalid("state must be printable ASCII for response_mode form_post.")
    return mode


def deliver_response(response: AuthorizationResponse, signer: IdTokenSigner, now: datetime) -> str | FormPost:
    """Put the response into the form that the client asked for.

    Returns: the ``Location`` to answer with 303, or the form to show.
    Effect:  a signature, where a JWT was asked for, and then encryption, where the client registered for it.
    Source:  RFC 6749 §4.1.2, §4.1.2.1; RFC 9207 §2; Form Post Response Mode §2; JARM §2.2, §2.3.
    """
    parameters = response.parameters
    if response.response_mode.endswith(".jwt"):
        parameters = {"response": _sign(response, signer, now)}
    if response.response_mode.startswith("form_post"):
        return FormPost(response.redirect_uri, parameters)
    query = urlencode(parameters, quote_via=quote)
    if "?" not in response.redirect_uri:
        return f"{response.redirect_uri}?{query}"
    separator = "" if response.redirect_uri.endswith(("?", "&")) else "&"
    return f"{response.redirect_uri}{separator}{query}"


def _sign(response: AuthorizationResponse, signer: IdTokenSigner, now: datetime) -> str:
    # JARM §2.1; RFC 9207 §2.4: the issuer is the claim that the JWT has anyway.
    claims: dict[str, Any] = dict(response.parameters)
    claims |= {"aud": response.client_id, "exp": to_epoch_seconds(now + RESPONSE_LIFETIME)}
    signed = signer.sign(claims, response.signing_algorithm)
    return signed if response.encryption is None else response.encryption.encrypt(signed)


def _invalid(description: str) -> OAuthError:
    return OAuthError(ErrorCode.INVALID_REQUEST, description, detail=description)
