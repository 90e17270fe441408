"""What goes over the wire, by name: JSON Schema (2020-12), as OpenAPI 3.1 has it."""

from typing import Any, Final

from idp.presenter.message import CANCEL_REASONS, FORMAT

Schema = dict[str, Any]
_TEXT: Final[Schema] = {"type": "string"}
# 32 bytes in base64url: the last character has four bits only.
_32_BYTES: Final = "^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$"
_IDENTIFIER: Final[Schema] = {"type": "string", "pattern": _32_BYTES, "description": "256 bits, base64url"}
_SECONDS: Final[Schema] = {"type": "integer", "minimum": 0}


def _object(required: str, **properties: Schema) -> Schema:
    return {"type": "object", "required": required.split(), "properties": properties}


def _closed(required: str, **properties: Schema) -> Schema:
    return {**_object(required, **properties), "additionalProperties": False}


_CLIENT_AUTHENTICATION: Final[dict[str, Schema]] = {
    "client_id": _TEXT,
    "client_secret": _TEXT,
    "client_assertion_type": {"const": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
    "client_assertion": {"type": "string", "description": "RFC 7523: a JWT signed with a registered key"},
}
# RFC 6749 §4.1.1, OIDC Core §3.1.2.1
AUTHORIZATION_REQUEST: Final = _object(
    "client_id redirect_uri response_type scope",
    client_id=_TEXT,
    redirect_uri={"type": "string", "description": "registered, compared character by character"},
    response_type={"const": "code"},
    response_mode={"const": "query"},
    scope={"type": "string", "description": "openid and others, separated by spaces"},
    state=_TEXT,
    nonce=_TEXT,
    code_challenge={"type": "string", "pattern": _32_BYTES},
    code_challenge_method={"const": "S256"},
    prompt={"type": "string", "description": "none, login, consent, select_account"},
    max_age={"type": "string", "pattern": "^[0-9]+$", "description": "seconds since the card was used"},
    acr_values=_TEXT,
    id_token_hint=_TEXT,
    login_hint=_TEXT,
    ui_locales=_TEXT,
    claims={"type": "string", "description": "JSON (OIDC Core §5.5)"},
)
_TOKEN_REQUEST: Final = _object(
    "grant_type",
    grant_type={"enum": ["authorization_code", "refresh_token"]},
    code=_TEXT,
    redirect_uri=_TEXT,
    code_verifier={"type": "string", "pattern": "^[A-Za-z0-9._~-]{43,128}$"},
    refresh_token=_TEXT,
    scope=_TEXT,
    **_CLIENT_AUTHENTICATION,
)
_TOKEN_ANSWER: Final = _object(
    "access_token token_type expires_in scope",
    access_token=_TEXT,
    token_type={"const": "Bearer"},
    expires_in=_SECONDS,
    scope=_TEXT,
    refresh_token=_TEXT,
    id_token={"type": "string", "description": "a signed JWT"},
)
_CHECK: Final = _object("id method time", id=_TEXT, method=_TEXT, time=_TEXT)
_CERTIFICATE: Final = _object(
    "kind credential_kind procedure verified_at checks",
    kind={"enum": ["user-authentication", "digital-signature"]},
    credential_kind=_TEXT,
    procedure=_TEXT,
    verified_at=_TEXT,
    checks={"type": "array", "items": _CHECK},
)

SCHEMAS: Final[dict[str, Schema]] = {
    "Page": {"type": "string", "description": "an HTML page"},
    "Error": _object("error", error=_TEXT, error_description=_TEXT, error_reference=_TEXT),
    "PresenterError": _object("error reference", error=_TEXT, reference=_TEXT),
    "AuthorizationRequest": AUTHORIZATION_REQUEST,
    "TokenRequest": _TOKEN_REQUEST,
    "TokenAnswer": _TOKEN_ANSWER,
    "RevocationRequest": _object("token", token=_TEXT, token_type_hint=_TEXT, **_CLIENT_AUTHENTICATION),
    "UserinfoRequest": _object("", access_token={"type": "string", "description": "if not in the header"}),
    "Userinfo": _object("sub", sub=_TEXT),
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
    "Evidence": _object(
        "txn client_id sub recorded_at kept_until is_held certificates claims_released not_kept",
        txn=_IDENTIFIER,
        client_id=_TEXT,
        sub=_TEXT,
        recorded_at=_TEXT,
        kept_until=_TEXT,
        is_held={"type": "boolean"},
        certificates={"type": "array", "items": _CERTIFICATE},
        claims_released={"type": "array", "items": _TEXT},
        not_kept={"type": "array", "items": _TEXT},
    ),
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
        error=_TEXT,
        next_nonce=_TEXT,
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
