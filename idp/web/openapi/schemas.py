"""What goes over the wire, by name: JSON Schema (2020-12), as OpenAPI 3.1 has it."""

from typing import Any, Final, get_args

from idp.jpki.errors import Rejection, Unverifiable
from idp.oidc.encrypted_answer import Answer
from idp.oidc.errors import ErrorCode
from idp.oidc.pushed_request import REQUEST_URI_PREFIX
from idp.oidc.response_mode import RESPONSE_MODES
from idp.presenter.errors import PresenterErrorCode
from idp.presenter.message import CANCEL_REASONS, FORMAT
from idp.web.openapi.evidence_schema import EVIDENCE

Schema = dict[str, Any]
_TEXT: Final[Schema] = {"type": "string"}
# 32 bytes in base64url: the last character has four bits only.
_32_BYTES: Final = "^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$"
_IDENTIFIER: Final[Schema] = {"type": "string", "pattern": _32_BYTES, "description": "256 bits, base64url"}
_SECONDS: Final[Schema] = {"type": "integer", "minimum": 0}
# Beside the registered codes: a limit that is reached, and evidence that is not there.
_PLAIN_CODES: Final = ("too_many_requests", "not_found")


def _object(required: str, **properties: Schema) -> Schema:
    return {"type": "object", "required": required.split(), "properties": properties}


def _codes(*codes: str) -> Schema:
    return {"enum": sorted(str(code) for code in codes)}


def _closed(required: str, **properties: Schema) -> Schema:
    return {**_object(required, **properties), "additionalProperties": False}


_CLIENT_AUTHENTICATION: Final[dict[str, Schema]] = {
    "client_id": _TEXT,
    "client_secret": _TEXT,
    "client_assertion_type": {"const": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
    "client_assertion": {"type": "string", "description": "RFC 7523: a JWT signed with a registered key"},
}
_REQUEST_URI: Final[Schema] = {"type": "string", "pattern": f"^{REQUEST_URI_PREFIX}[A-Za-z0-9_-]{{43}}$"}
# RFC 6749 §4.1.1, OIDC Core §3.1.2.1, RFC 8707 §2, RFC 9101 §5, RFC 9396 §2, RFC 9449 §10
_PUSHED: Final[dict[str, Schema]] = {
    "client_id": _TEXT,
    "redirect_uri": {"type": "string", "description": "registered, compared character by character"},
    "response_type": {"const": "code"},
    "response_mode": {"enum": list(RESPONSE_MODES)},
    "scope": {"type": "string", "description": "openid and others, separated by spaces"},
    "state": _TEXT,
    "nonce": _TEXT,
    "code_challenge": {"type": "string", "pattern": _32_BYTES},
    "code_challenge_method": {"const": "S256"},
    "prompt": {"type": "string", "description": "none, login, consent, select_account"},
    "max_age": {"type": "string", "pattern": "^[0-9]+$", "description": "seconds since the card was used"},
    "acr_values": _TEXT,
    "id_token_hint": _TEXT,
    "login_hint": _TEXT,
    "ui_locales": _TEXT,
    "claims": {"type": "string", "description": "JSON (OIDC Core §5.5)"},
    "resource": {"type": "string", "format": "uri", "description": "RFC 8707; may be there more than once"},
    "authorization_details": {"type": "string", "description": "a JSON array (RFC 9396)"},
    "dpop_jkt": {"type": "string", "pattern": _32_BYTES, "description": "RFC 9449: the key that the code is bound to"},
    "request": {"type": "string", "description": "RFC 9101: all other parameters, signed by the client"},
}
# What is left out stands in the request object, or in the request that was pushed.
AUTHORIZATION_REQUEST: Final = _object(
    "client_id", **_PUSHED, request_uri={"type": "string", "description": "RFC 9126: as /par gave it"}
)
# RP-Initiated Logout 1.0 §2
LOGOUT_REQUEST: Final = _object(
    "",
    id_token_hint=_TEXT,
    client_id=_TEXT,
    post_logout_redirect_uri={"type": "string", "description": "registered, compared character by character"},
    state=_TEXT,
    logout_hint=_TEXT,
    ui_locales=_TEXT,
)
_TOKEN_REQUEST: Final = _object(
    "grant_type",
    grant_type={"enum": ["authorization_code", "refresh_token"]},
    code=_TEXT,
    redirect_uri=_TEXT,
    code_verifier={"type": "string", "pattern": "^[A-Za-z0-9._~-]{43,128}$"},
    refresh_token=_TEXT,
    scope=_TEXT,
    resource={"type": "string", "format": "uri", "description": "RFC 8707"},
    authorization_details={"type": "string", "description": "a JSON array of details that were granted (RFC 9396 §6)"},
    **_CLIENT_AUTHENTICATION,
)
_TOKEN_ANSWER: Final = _object(
    "access_token token_type expires_in scope",
    access_token=_TEXT,
    token_type={"enum": ["Bearer", "DPoP"]},
    expires_in=_SECONDS,
    scope=_TEXT,
    refresh_token=_TEXT,
    id_token={"type": "string", "description": "a signed JWT, encrypted to a client that is registered for it"},
    authorization_details={"type": "array", "items": {"type": "object"}},
)
# RFC 7662 §2.2
_INTROSPECTION: Final = _object(
    "active",
    active={"type": "boolean"},
    iss=_TEXT,
    client_id=_TEXT,
    sub=_TEXT,
    aud={"anyOf": [_TEXT, {"type": "array", "items": _TEXT}]},
    scope=_TEXT,
    exp=_SECONDS,
    auth_time=_SECONDS,
    acr=_TEXT,
    token_type={"enum": ["Bearer", "DPoP"]},
    cnf={"type": "object"},
    authorization_details={"type": "array", "items": {"type": "object"}},
)
# RFC 7591 §2; what is not known is ignored
_CLIENT_METADATA: Final[dict[str, Schema]] = {
    "redirect_uris": {"type": "array", "items": {"type": "string", "format": "uri"}},
    "client_name": _TEXT,
    "scope": _TEXT,
    "grant_types": {"type": "array", "items": {"enum": ["authorization_code", "refresh_token"]}},
    "token_endpoint_auth_method": _TEXT,
    "id_token_signed_response_alg": _TEXT,
    "userinfo_signed_response_alg": _TEXT,
    "authorization_signed_response_alg": _TEXT,
    "introspection_signed_response_alg": _TEXT,
    **{f"{answer}_encrypted_response_{part}": _TEXT for answer in get_args(Answer) for part in ("alg", "enc")},
    "jwks": {"type": "object"},
    "jwks_uri": {"type": "string", "format": "uri"},
    "post_logout_redirect_uris": {"type": "array", "items": {"type": "string", "format": "uri"}},
    "backchannel_logout_uri": {"type": "string", "format": "uri"},
    "backchannel_logout_session_required": {"type": "boolean"},
    "frontchannel_logout_uri": {"type": "string", "format": "uri"},
    "frontchannel_logout_session_required": {"type": "boolean"},
    "software_statement": {"type": "string", "description": "a signed JWT"},
}
# RFC 7591 §3.2.1, RFC 7592 §3
_REGISTRATION: Final = _object(
    "client_id client_id_issued_at redirect_uris registration_access_token registration_client_uri",
    client_id=_TEXT,
    client_id_issued_at=_SECONDS,
    client_secret=_TEXT,
    client_secret_expires_at=_SECONDS,
    registration_access_token=_TEXT,
    registration_client_uri={"type": "string", "format": "uri"},
    **_CLIENT_METADATA,
)
_CALENDAR: Final = _object(
    "issuer jwks_cache_seconds announce_seconds rotation_seconds retire_seconds keys revoked",
    issuer=_TEXT,
    jwks_cache_seconds=_SECONDS,
    announce_seconds=_SECONDS,
    rotation_seconds={"type": ["integer", "null"], "minimum": 0},
    retire_seconds=_SECONDS,
    keys={
        "type": "array",
        "items": _object("kid alg use published_from", kid=_TEXT, alg=_TEXT, use={"enum": ["sig", "enc"]},
                         published_from={"type": ["string", "null"]}),
    },
    revoked={"type": "array", "items": _object("kid alg revoked_at", kid=_TEXT, alg=_TEXT, revoked_at=_TEXT)},
)  # fmt: skip

SCHEMAS: Final[dict[str, Schema]] = {
    "Page": {"type": "string", "description": "an HTML page"},
    "Error": _object("error", error=_codes(*ErrorCode, *_PLAIN_CODES), error_description=_TEXT, error_reference=_TEXT),
    "PresenterError": _closed("error reference", error=_codes(*PresenterErrorCode), reference=_TEXT),
    "AuthorizationRequest": AUTHORIZATION_REQUEST,
    "TokenRequest": _TOKEN_REQUEST,
    "TokenAnswer": _TOKEN_ANSWER,
    "PushedRequest": _object("", **_PUSHED, **{n: s for n, s in _CLIENT_AUTHENTICATION.items() if n != "client_id"}),
    "PushedAnswer": _closed("request_uri expires_in", request_uri=_REQUEST_URI, expires_in=_SECONDS),
    "IntrospectionRequest": _object("token", token=_TEXT, token_type_hint=_TEXT, **_CLIENT_AUTHENTICATION),
    "Introspection": _INTROSPECTION,
    "Jwt": {"type": "string", "description": "a signed JWT, encrypted to a client that is registered for it"},
    "LogoutRequest": LOGOUT_REQUEST,
    "ClientMetadata": _object("redirect_uris", **_CLIENT_METADATA),
    "ClientUpdate": _object("client_id redirect_uris", client_id=_TEXT, **_CLIENT_METADATA),
    "Registration": _REGISTRATION,
    "KeyCalendar": _CALENDAR,
    "RevocationRequest": _object("token", token=_TEXT, token_type_hint=_TEXT, **_CLIENT_AUTHENTICATION),
    "UserinfoRequest": _object("", access_token={"type": "string", "description": "if not in the header"}),
    "Userinfo": _object("sub", sub=_TEXT, txn=_IDENTIFIER, verified_claims={"type": ["object", "array"]}),
    "Metadata": _object(
        "issuer authorization_endpoint token_endpoint jwks_uri response_types_supported subject_types_supported "
        "id_token_signing_alg_values_supported",
        issuer=_TEXT,
        authorization_endpoint=_TEXT,
        token_endpoint=_TEXT,
        jwks_uri=_TEXT,
    ),
    "JwkSet": _object("keys", keys={"type": "array", "items": _object("kty kid", kty=_TEXT, kid=_TEXT)}),
    "OpenApi": _object("openapi info paths", openapi=_TEXT),
    "Evidence": EVIDENCE,
    "OpenRequest": _closed("format commitment", format={"const": FORMAT}, commitment=_IDENTIFIER),
    "OpenAnswer": _closed(
        "format issuer purpose nonce transaction expires_in",
        format={"const": FORMAT},
        issuer=_TEXT,
        purpose={"enum": ["user-authentication", "digital-signature"]},
        nonce=_IDENTIFIER,
        transaction={"type": "object"},
        expires_in=_SECONDS,
    ),
    "ProofRequest": _closed(
        "format secret unverified_certificate algorithm signature presenter",
        format={"const": FORMAT},
        secret=_IDENTIFIER,
        unverified_certificate={"type": "string", "contentEncoding": "base64"},
        algorithm={"enum": ["RS256", "ES384"]},
        signature={"type": "string", "contentEncoding": "base64url"},
        presenter={"type": "string", "pattern": "^[ -~]{1,64}$"},
    ),
    "ProofAnswer": _closed("return_url", return_url=_TEXT),
    "CardRefusal": _closed(
        "error next_nonce tries_left reference",
        error=_codes(*Rejection, *Unverifiable),
        next_nonce={"anyOf": [_IDENTIFIER, {"const": ""}], "description": "empty where no try is left"},
        tries_left={"type": "integer", "minimum": 0, "maximum": 5},
        reference=_TEXT,
    ),
    "Unanswered": {"anyOf": [{"$ref": f"#/components/schemas/{name}"} for name in ("CardRefusal", "PresenterError")]},
    "CancelRequest": _closed(
        "format secret reason",
        format={"const": FORMAT},
        secret=_IDENTIFIER,
        reason={"enum": sorted(CANCEL_REASONS)},
    ),
    "Nothing": {"type": "object", "maxProperties": 0},
    "Alive": _closed("status", status={"const": "alive"}),
    "Readiness": _closed(
        "status failed",
        status={"enum": ["ready", "not_ready"]},
        failed={"type": "array", "items": _TEXT},
    ),
    "NotReady": {"anyOf": [{"$ref": f"#/components/schemas/{name}"} for name in ("Readiness", "Error")]},
}
