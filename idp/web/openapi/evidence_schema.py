"""What ``GET /evidence/{txn}`` answers, as JSON Schema; described for people in docs/evidence.md."""

from typing import Any, Final

_TEXT: Final = {"type": "string"}
_OPTIONAL_TEXT: Final = {"type": ["string", "null"]}
_TEXTS: Final = {"type": "array", "items": _TEXT}
_CHECK: Final = {
    "type": "object",
    "required": ["id", "method", "time"],
    "properties": {"id": _TEXT, "method": _TEXT, "time": _TEXT},
}
_CERTIFICATE: Final = {
    "type": "object",
    "required": ["kind", "credential_kind", "procedure", "verified_at", "checks"],
    "properties": {
        "verification_process": _TEXT,
        "kind": {"enum": ["user-authentication", "digital-signature"]},
        "credential_kind": _TEXT,
        "procedure": _TEXT,
        "verified_at": _TEXT,
        "checks": {"type": "array", "items": _CHECK},
    },
}
# Card presenter protocol §3.3
_PROOF: Final = {
    "type": "object",
    "description": "What the signature is verified with: M = ASCII('mynumber-idp/v1/' + purpose) || 0x00 || "
    "SHA-256(issuer) || SHA-256(nonce) || SHA-256(transaction)",
    "required": ["purpose", "issuer", "nonce", "transaction", "algorithm", "signature"],
    "additionalProperties": False,
    "properties": {
        "verification_process": {**_OPTIONAL_TEXT, "description": "that of its certificate in `certificates`"},
        "purpose": {"const": "digital-signature"},
        "issuer": _TEXT,
        "nonce": _TEXT,
        "transaction": {"type": "string", "description": "RFC 8785, these very bytes; it holds the statement"},
        "algorithm": {"enum": ["RS256", "ES384"]},
        "signature": {"type": "string", "description": "base64url"},
        "certificate": {"type": "string", "description": "the signer's, DER in base64; where all in it was agreed to"},
    },
}
EVIDENCE: Final[dict[str, Any]] = {
    "type": "object",
    "required": [
        "txn", "client_id", "sub", "recorded_at", "kept_until", "is_held", "certificates", "claims_released", "not_kept"
    ],
    "properties": {
        "txn": {
            "type": "string",
            "pattern": "^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$",
            "description": "256 bits, base64url",
        },
        "client_id": _TEXT,
        "sub": _TEXT,
        "recorded_at": _TEXT,
        "kept_until": _TEXT,
        "is_held": {"type": "boolean"},
        "certificates": {"type": "array", "items": _CERTIFICATE},
        "claims_released": _TEXTS,
        "not_kept": {**_TEXTS, "description": "what an auditor would look for and what nobody has"},
        # The rest only for clients with a registered legal basis.
        "withheld": {**_TEXTS, "description": "what is kept and the person did not agree to give this client"},
        "consent_items": _TEXTS,
        "statement_sha256": _OPTIONAL_TEXT,
        "values": {"type": "object"},
        "statement": _OPTIONAL_TEXT,
        "proof": _PROOF,
    },
}  # fmt: skip
