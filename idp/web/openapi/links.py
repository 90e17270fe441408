"""What of one operation's answer goes into another operation: the ways from a registration to a person's claims.

A link says where values come from; what only the caller has (a secret, a ``code_verifier``, a proof) its description
names. ``Authorization`` is written as a parameter, although OpenAPI describes it by security schemes alone: without it
no tool could tell which of several tokens is meant, and one that goes by the letter leaves it out.

Source: OpenAPI 3.1.0 §4.8.20 (Link Object), §4.8.20.4 (Runtime Expressions).
"""

from typing import Any, Final

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
from idp.signin.evidence_answer import EVIDENCE_PATH
from idp.web.openapi.operation import operation_id

Link = dict[str, Any]
_ONE_REGISTRATION: Final = REGISTRATION_PATH + "/{client_id}"
_FORMAT: Final = "$request.body#/format"


def _link(method: str, path: str, told: str, body: dict[str, str] | None = None, **parameters: str) -> Link:
    # A parameter's place and name are joined by a dot, which Python's names have not.
    passed = {name.replace("_", ".", 1): value for name, value in parameters.items()}
    link: Link = {"operationId": operation_id(method, path), "description": told}
    return link | ({"parameters": passed} if passed else {}) | ({"requestBody": body} if body else {})


def _token_link(method: str, path: str, told: str) -> Link:
    shown = "{$response.body#/token_type} {$response.body#/access_token}"
    return _link(method, path, told, header_Authorization=shown)


def _registration_link(method: str, told: str, body: dict[str, str] | None = None) -> Link:
    return _link(
        method,
        _ONE_REGISTRATION,
        told,
        body,
        path_client_id="$response.body#/client_id",
        header_Authorization="Bearer {$response.body#/registration_access_token}",
    )


_READ: Final = _registration_link("GET", "What is registered now.")
_UPDATE: Final = _registration_link(
    "PUT",
    "The whole registration anew: what is left out is removed.",
    {"client_id": "$response.body#/client_id", "redirect_uris": "$response.body#/redirect_uris"},
)
_REMOVE: Final = _registration_link("DELETE", "The client and all that was issued to it.")
_CODE: Final = "The browser brings the `code` back, in the address or a form; the `code_verifier` is the client's own."
_REVOKED: Final = "Ends it, and with a refresh token all that came of the grant."
_CARD_AGAIN: Final = {"header_Authorization": "$request.header.Authorization"}
_CANCEL: Final = _link(
    "POST",
    "/card/cancel",
    "The person, or the presenter, stops; `secret` is what the commitment was made of.",
    {"format": _FORMAT},
    **_CARD_AGAIN,
)

# By method and path of the operation, then by the status of its answer, then by the link's name.
LINKS: Final[dict[tuple[str, str], dict[int, dict[str, Link]]]] = {
    ("POST", REGISTRATION_PATH): {
        201: {
            "readRegistration": _READ,
            "updateRegistration": _UPDATE,
            "removeRegistration": _REMOVE,
            "pushRequest": _link(
                "POST",
                PUSHED_REQUEST_PATH,
                "An authorization request of the new client, which proves itself as it is registered.",
                {"client_id": "$response.body#/client_id", "redirect_uri": "$response.body#/redirect_uris/0"},
            ),
            "authorize": _link(
                "GET",
                AUTHORIZATION_PATH,
                "The same in the person's browser.",
                query_client_id="$response.body#/client_id",
                query_redirect_uri="$response.body#/redirect_uris/0",
            ),
        }
    },
    ("GET", _ONE_REGISTRATION): {200: {"updateRegistration": _UPDATE, "removeRegistration": _REMOVE}},
    ("PUT", _ONE_REGISTRATION): {200: {"readRegistration": _READ, "removeRegistration": _REMOVE}},
    ("POST", PUSHED_REQUEST_PATH): {
        201: {
            "authorize": _link(
                "GET",
                AUTHORIZATION_PATH,
                "Where the person's browser is sent; nothing but these two parameters, and once.",
                query_client_id="$request.body#/client_id",
                query_request_uri="$response.body#/request_uri",
            )
        }
    },
    ("GET", AUTHORIZATION_PATH): {
        303: {
            "redeemCode": _link(
                "POST",
                TOKEN_PATH,
                _CODE,
                {"grant_type": "authorization_code", "redirect_uri": "$request.query.redirect_uri"},
            )
        }
    },
    ("POST", AUTHORIZATION_PATH): {
        303: {
            "redeemCode": _link(
                "POST",
                TOKEN_PATH,
                _CODE,
                {"grant_type": "authorization_code", "redirect_uri": "$request.body#/redirect_uri"},
            )
        }
    },
    ("POST", TOKEN_PATH): {
        200: {
            "readClaims": _token_link("GET", USERINFO_PATH, "The claims of the grant."),
            "readClaimsByPost": _token_link("POST", USERINFO_PATH, "The same, where a GET cannot be sent."),
            "refresh": _link(
                "POST",
                TOKEN_PATH,
                "New tokens of the same grant; which refresh token is good from then on, the answer says.",
                {"grant_type": "refresh_token", "refresh_token": "$response.body#/refresh_token"},
            ),
            "introspect": _link(
                "POST",
                INTROSPECTION_PATH,
                "What the access token is worth.",
                {"token": "$response.body#/access_token", "token_type_hint": "access_token"},
            ),
            "revokeAccessToken": _link(
                "POST",
                REVOCATION_PATH,
                _REVOKED,
                {"token": "$response.body#/access_token", "token_type_hint": "access_token"},
            ),
            "revokeRefreshToken": _link(
                "POST",
                REVOCATION_PATH,
                _REVOKED,
                {"token": "$response.body#/refresh_token", "token_type_hint": "refresh_token"},
            ),
            "signOut": _link(
                "GET",
                END_SESSION_PATH,
                "Where the person's browser is sent to sign out here too.",
                query_id_token_hint="$response.body#/id_token",
            ),
        }
    },
    ("GET", USERINFO_PATH): {
        200: {
            "readEvidence": _link(
                "GET",
                EVIDENCE_PATH + "{txn}",
                "The record of the sign-in, where `txn` was among the claims; with a client assertion of its own.",
                path_txn="$response.body#/txn",
            )
        }
    },
    ("GET", "/.well-known/openid-configuration"): {
        200: {
            "readKeys": _link("GET", JWKS_PATH, "What `jwks_uri` names."),
            "readKeyCalendar": _link("GET", CALENDAR_PATH, "When these keys change."),
        }
    },
    ("POST", "/card/open"): {
        200: {
            "prove": _link(
                "POST",
                "/card/proof",
                "The card's signature over `nonce` and what was shown; `secret` is what the commitment was made of.",
                {"format": _FORMAT},
                **_CARD_AGAIN,
            ),
            "cancel": _CANCEL,
        }
    },
    ("POST", "/card/proof"): {
        422: {
            "proveAgain": _link(
                "POST",
                "/card/proof",
                "A new signature, over `next_nonce`, while `tries_left`.",
                {
                    "format": _FORMAT,
                    "secret": "$request.body#/secret",
                    "unverified_certificate": "$request.body#/unverified_certificate",
                    "algorithm": "$request.body#/algorithm",
                },
                **_CARD_AGAIN,
            ),
            "cancel": _link(
                "POST",
                "/card/cancel",
                "The person, or the presenter, stops.",
                {"format": _FORMAT, "secret": "$request.body#/secret"},
                **_CARD_AGAIN,
            ),
        }
    },
}
