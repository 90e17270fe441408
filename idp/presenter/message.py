"""The three request bodies of a presenter, parsed as closed schemas (protocol §3)."""

import base64
import binascii
import re
from dataclasses import dataclass
from typing import Final

from idp.identifiers import is_identifier
from idp.presenter.errors import PresenterError, PresenterErrorCode
from idp.strict_json import JsonLimits, NotJson, read_json_object

FORMAT: Final = "mynumber-card/1"
BODY_LIMIT_BYTES: Final = 16 * 1024
_LIMITS: Final = JsonLimits(size_bytes=BODY_LIMIT_BYTES, depth=2, values=32)
CANCEL_REASONS: Final = frozenset(
    ["cancelled", "wrong_pin", "locked", "no_reader", "no_card", "wrong_card", "no_certificate", "removed", "timeout"]
)
_BASE64URL: Final = re.compile(r"[A-Za-z0-9_-]+")
_TELEMETRY: Final = re.compile(r"[\x20-\x7e]{1,64}")


@dataclass(frozen=True, slots=True)
class OpenRequest:
    """A presenter wants to see the transaction; ``commitment`` is base64url SHA-256 of its secret."""

    commitment: str


@dataclass(frozen=True, slots=True)
class ProofRequest:
    """A card's answer; nothing in it is trusted before ``jpki.verify`` has spoken."""

    secret: str
    unverified_certificate: bytes
    algorithm: str
    unverified_signature: bytes
    presenter: str


@dataclass(frozen=True, slots=True)
class CancelRequest:
    """The person, or the presenter for them, stops here."""

    secret: str
    reason: str


def parse_open_request(body: bytes) -> OpenRequest:
    """Establish that the body is an opening of this protocol.

    Raises: PresenterError invalid_request, unsupported_format, too_large.
    Source: card presenter protocol §3.1.
    """
    members = _parse_object(body, {"format", "commitment"})
    return OpenRequest(_identifier(members["commitment"], "commitment"))


def parse_proof_request(body: bytes) -> ProofRequest:
    """Establish that the body has the form of a proof; its content stays unverified.

    Raises: PresenterError invalid_request, unsupported_format, too_large.
    Source: card presenter protocol §3.4.
    """
    names = {"format", "secret", "unverified_certificate", "algorithm", "signature", "presenter"}
    members = _parse_object(body, names)
    if not _TELEMETRY.fullmatch(members["presenter"]):
        raise _invalid("presenter")
    return ProofRequest(
        secret=_identifier(members["secret"], "secret"),
        unverified_certificate=_decode_base64(members["unverified_certificate"]),
        algorithm=members["algorithm"][:16],
        unverified_signature=_decode_base64url(members["signature"]),
        presenter=members["presenter"],
    )


def parse_cancel_request(body: bytes) -> CancelRequest:
    """Establish that the body is a cancellation.

    Raises: PresenterError invalid_request, unsupported_format, too_large.
    Source: card presenter protocol §3.5.
    """
    members = _parse_object(body, {"format", "secret", "reason"})
    if members["reason"] not in CANCEL_REASONS:
        raise _invalid("reason")
    return CancelRequest(_identifier(members["secret"], "secret"), members["reason"])


def _parse_object(body: bytes, names: set[str]) -> dict[str, str]:
    if len(body) > BODY_LIMIT_BYTES:
        raise PresenterError(PresenterErrorCode.TOO_LARGE)
    try:
        parsed = read_json_object(body, _LIMITS)
    except NotJson as error:
        raise _invalid(str(error)) from error
    if not all(isinstance(value, str) for value in parsed.values()):
        raise _invalid("not an object of strings")
    if "format" in parsed and parsed["format"] != FORMAT:
        raise PresenterError(PresenterErrorCode.UNSUPPORTED_FORMAT)
    if set(parsed) != names:
        raise _invalid("members")
    return parsed


def _identifier(text: str, member: str) -> str:
    if not is_identifier(text):
        raise _invalid(member)
    return text


def _decode_base64(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise _invalid("unverified_certificate") from error


def _decode_base64url(text: str) -> bytes:
    if not _BASE64URL.fullmatch(text) or len(text) % 4 == 1:
        raise _invalid("signature")
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _invalid(detail: str) -> PresenterError:
    return PresenterError(PresenterErrorCode.INVALID_REQUEST, detail)
