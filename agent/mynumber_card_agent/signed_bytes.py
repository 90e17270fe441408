"""The bytes that the card signs, built from what this side knows itself. Protocol §3.3."""

import hashlib
import json
from typing import Final

from mynumber_card_agent.closed_json import JsonObject

CONTEXT: Final = "mynumber-idp/v1/"
_SHA256_DIGEST_INFO: Final = bytes.fromhex("3031300d060960864801650304020105000420")


def encode_canonical(members: JsonObject) -> bytes:
    """The one JSON text of an object of strings and arrays of strings whose member names are ASCII.

    For such an object Python's own writer agrees with RFC 8785: members sorted, no white space, only the escapes that
    JSON demands, the rest UTF-8. Surrogates never come here: the member rules refuse them.

    Source: RFC 8785 §3.2.
    """
    return json.dumps(members, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode("utf-8")


def make_signed_bytes(issuer: str, purpose: str, nonce: str, members: JsonObject) -> bytes:
    """M, over which the card signs.

    Takes: the configured issuer, the nonce as the text received, the transaction's members as they came and were shown.
    """
    return b"".join(
        (
            (CONTEXT + purpose).encode("ascii"),
            b"\x00",
            hashlib.sha256(issuer.encode("ascii")).digest(),
            hashlib.sha256(nonce.encode("ascii")).digest(),
            hashlib.sha256(encode_canonical(members)).digest(),
        )
    )


def make_digest_info(signed_bytes: bytes) -> bytes:
    """The 51 bytes that an RSA card pads and signs.

    Source: RFC 8017 §9.2, DigestInfo of SHA-256.
    """
    return _SHA256_DIGEST_INFO + hashlib.sha256(signed_bytes).digest()
