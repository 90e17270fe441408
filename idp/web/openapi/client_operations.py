"""The endpoints of clients, presenters and machines, by method and path below the issuer: one entry each."""

from typing import Final

from idp.keys.key_calendar import CALENDAR_PATH
from idp.oidc.discovery import (
    AUTHORIZATION_PATH,
    INTROSPECTION_PATH,
    JWKS_PATH,
    PUSHED_REQUEST_PATH,
    REVOCATION_PATH,
    TOKEN_PATH,
    USERINFO_PATH,
)
from idp.oidc.dynamic_registration import REGISTRATION_PATH
from idp.oidc.end_session import END_SESSION_PATH
from idp.oidc.introspection import MEDIA_TYPE as INTROSPECTION_JWT
from idp.signin.evidence_answer import EVIDENCE_PATH
from idp.web.openapi.operation import (
    Operation,
    answer,
    answer_or_jwt,
    form_body,
    header_parameter,
    json_body,
    page,
    query_parameters,
    redirect,
    refusals,
)
from idp.web.openapi.schemas import AUTHORIZATION_REQUEST, LOGOUT_REQUEST

OPENAPI_PATH: Final = "/openapi.json"
# A client shows who it is in the header or in the form; which of them is registered, nobody else knows.
_CLIENT: Final[list[dict[str, list[str]]]] = [{"clientSecretBasic": []}, {}]
_ACCESS_TOKEN: Final[list[dict[str, list[str]]]] = [{"accessToken": []}, {}]
_ASSERTION: Final[list[dict[str, list[str]]]] = [{"clientAssertion": []}]
_INITIAL_TOKEN: Final[list[dict[str, list[str]]]] = [{"initialAccessToken": []}, {}]
_REGISTRATION_TOKEN: Final[list[dict[str, list[str]]]] = [{"registrationAccessToken": []}]
_PROOF_HEADER: Final = header_parameter("DPoP", "RFC 9449: binds what is issued to a key, or shows that key again")
_ONE_REGISTRATION: Final = REGISTRATION_PATH + "/{client_id}"
_HANDLE: Final[list[dict[str, list[str]]]] = [{"handle": []}]
_ANSWERED: Final = redirect(
    "On to a page of the sign-in, or back to the client with `code` or `error`, `state`, `iss`."
)
_AUTHORIZED: Final = {
    200: page("The form that carries the answer back to the client (`response_mode=form_post`)."),
    303: _ANSWERED,
    **refusals("person"),
}
_LOGGED_OUT: Final = {
    200: page("The question whether to sign out, or that it is done."),
    303: redirect("Back to the client, or on to a page of the provider."),
    **refusals("person"),
}
_UNCHANGED: Final = answer("Not changed since the `ETag` that was sent.")
_PREFLIGHT: Final = answer("Scripts of any origin may call this, without cookies (Fetch, CORS).")


def _document(summary: str, schema: str, media_type: str = "application/json") -> Operation:
    answers = {200: answer(summary, schema, media_type=media_type), 304: _UNCHANGED, **refusals("client")}
    return {"tags": ["metadata"], "summary": summary, "responses": answers}


def _preflight(path: str) -> Operation:
    summary = f"Whether a script may call {path}"
    return {"tags": ["client"], "summary": summary, "responses": {204: _PREFLIGHT, **refusals("client")}}


def _registration(summary: str) -> Operation:
    answers = {200: answer("The registration.", "Registration"), **refusals("client", 401)}
    return {"tags": ["client"], "summary": summary, "security": _REGISTRATION_TOKEN, "responses": answers}


def _presenter(summary: str, request: str, answered: str) -> Operation:
    # Whatever the size of the server's own limit, a presenter reads its protocol's codes.
    answers = {200: answer(summary, answered), **refusals("presenter")}
    return {"tags": ["presenter"], "summary": summary, "security": _HANDLE, "requestBody": json_body(request),
            "responses": answers}  # fmt: skip


_CROSS_ORIGIN: Final = (
    TOKEN_PATH,
    USERINFO_PATH,
    REVOCATION_PATH,
    PUSHED_REQUEST_PATH,
    REGISTRATION_PATH,
    _ONE_REGISTRATION,
)
_USERINFO: Final[Operation] = {
    "tags": ["client"],
    "summary": "The claims of the grant that an access token stands for",
    "security": _ACCESS_TOKEN,
    "parameters": [_PROOF_HEADER],
    "responses": {200: answer_or_jwt("The claims.", "Userinfo"), **refusals("client", 401, 403)},
}
_PROOF: Final = _presenter("Where the person's browser goes on", "ProofRequest", "ProofAnswer")
_PROOF["responses"] |= {
    422: answer("The card was refused; `error` says why.", "CardRefusal"),
    503: answer("Its status could not be found out, or the provider cannot answer now.", "Unanswered"),
}

OPERATIONS: Final[dict[tuple[str, str], Operation]] = {
    ("GET", AUTHORIZATION_PATH): {
        "tags": ["client"],
        "summary": "An authorization request",
        "parameters": query_parameters(AUTHORIZATION_REQUEST),
        "responses": _AUTHORIZED,
    },
    ("POST", AUTHORIZATION_PATH): {
        "tags": ["client"],
        "summary": "An authorization request in a form",
        "requestBody": form_body("AuthorizationRequest"),
        "responses": _AUTHORIZED,
    },
    ("GET", AUTHORIZATION_PATH + "/posted/{name}"): {
        "tags": ["page"],
        "summary": "Goes on with a request that a form posted",
        "responses": _AUTHORIZED,
    },
    ("POST", PUSHED_REQUEST_PATH): {
        "tags": ["client"],
        "summary": "Keeps an authorization request, for one visit to the authorization endpoint",
        "security": _CLIENT,
        "parameters": [_PROOF_HEADER],
        "requestBody": form_body("PushedRequest"),
        "responses": {201: answer("Its name.", "PushedAnswer"), **refusals("client", 401)},
    },
    ("POST", TOKEN_PATH): {
        "tags": ["client"],
        "summary": "Tokens for a code or a refresh token",
        "security": _CLIENT,
        "parameters": [_PROOF_HEADER],
        "requestBody": form_body("TokenRequest"),
        "responses": {200: answer("The tokens.", "TokenAnswer"), **refusals("client", 401)},
    },
    ("GET", USERINFO_PATH): _USERINFO,
    ("POST", USERINFO_PATH): _USERINFO | {"requestBody": form_body("UserinfoRequest") | {"required": False}},
    ("POST", REVOCATION_PATH): {
        "tags": ["client"],
        "summary": "Ends a token and what hangs on it",
        "security": _CLIENT,
        "requestBody": form_body("RevocationRequest"),
        "responses": {200: answer("It is good no more, whether it was before or not."), **refusals("client", 401)},
    },
    ("POST", INTROSPECTION_PATH): {
        "tags": ["client"],
        "summary": "What an access token is worth, for its client and for the resource servers that it is for",
        "security": _CLIENT,
        "requestBody": form_body("IntrospectionRequest"),
        "responses": {
            200: answer_or_jwt("What there is to say.", "Introspection", INTROSPECTION_JWT),
            **refusals("client", 401),
        },
    },
    ("GET", EVIDENCE_PATH + "{txn}"): {
        "tags": ["client"],
        "summary": "What was checked, agreed to and told in one sign-in, for the client it was made for",
        "security": _ASSERTION,
        "responses": {200: answer("The record.", "Evidence"), **refusals("client", 404)},
    },
    **{("OPTIONS", path): _preflight(path) for path in _CROSS_ORIGIN},
    ("POST", REGISTRATION_PATH): {
        "tags": ["client"],
        "summary": "Registers a client; where the operator invites, with an initial access token",
        "security": _INITIAL_TOKEN,
        "requestBody": json_body("ClientMetadata"),
        "responses": {
            201: answer("The registration, its secrets this once.", "Registration"),
            **refusals("client", 401),
        },
    },
    ("GET", _ONE_REGISTRATION): _registration("What is registered for a client"),
    ("PUT", _ONE_REGISTRATION): _registration("Registers a client anew, wholly")
    | {"requestBody": json_body("ClientUpdate")},
    ("DELETE", _ONE_REGISTRATION): _registration("Removes a client with all that was issued to it")
    | {"responses": {204: answer("It is gone."), **refusals("client", 401)}},
    ("GET", END_SESSION_PATH): {
        "tags": ["client"],
        "summary": "A logout request",
        "parameters": query_parameters(LOGOUT_REQUEST),
        "responses": _LOGGED_OUT,
    },
    ("POST", END_SESSION_PATH): {
        "tags": ["client"],
        "summary": "A logout request in a form",
        "requestBody": form_body("LogoutRequest"),
        "responses": _LOGGED_OUT,
    },
    ("GET", "/.well-known/openid-configuration"): _document("The provider's metadata", "Metadata"),
    ("GET", "/.well-known/oauth-authorization-server"): _document("The same, by RFC 8414's name", "Metadata"),
    ("GET", JWKS_PATH): _document("The keys that tokens are signed with", "JwkSet", "application/jwk-set+json"),
    ("GET", CALENDAR_PATH): _document("When each key signs, and which are revoked", "KeyCalendar"),
    ("GET", OPENAPI_PATH): _document("This description", "OpenApi"),
    ("POST", "/card/open"): _presenter("What the card is to sign", "OpenRequest", "OpenAnswer"),
    ("POST", "/card/proof"): _PROOF,
    ("POST", "/card/cancel"): _presenter("The person, or the presenter, stops here", "CancelRequest", "Nothing"),
    ("GET", "/livez"): {
        "tags": ["machine"],
        "summary": "Whether the process answers",
        "responses": {200: answer("It does.", "Alive"), **refusals("machine")},
    },
    ("GET", "/readyz"): {
        "tags": ["machine"],
        "summary": "Whether a sign-in can go through here",
        "responses": {
            200: answer("It can.", "Readiness"),
            **refusals("machine"),
            503: answer("It cannot; `failed` names what is wrong.", "NotReady"),
        },
    },
}


def page_operation(summary: str) -> Operation:
    """A page or a form of the provider's own, for people and not for programs."""
    answers = {200: page("The page."), 303: redirect("On to the next page."), **refusals("person")}
    return {"tags": ["page"], "summary": summary, "responses": answers}


def file_operation(summary: str, media_type: str) -> Operation:
    """A file of the pages; its address changes with its content."""
    answers = {200: answer(summary, "Page", media_type=media_type), 304: _UNCHANGED, **refusals("person")}
    return {"tags": ["page"], "summary": summary, "responses": answers}


def refused_operation(path: str) -> Operation:
    """A method that the presenter's API refuses in its own form."""
    answers = {405: answer("Only POST.", "PresenterError"), **refusals("presenter")}
    return {"tags": ["presenter"], "summary": f"Refused: {path} takes POST", "responses": answers}
