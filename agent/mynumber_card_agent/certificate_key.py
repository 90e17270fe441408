"""Which algorithm a certificate's key fixes. It reads the structure only; whether it is genuine the provider decides.

Source: RFC 5280 §4.1 (Certificate, SubjectPublicKeyInfo); X.690 §8.1 (DER tag and length); RFC 8017 §A.1.1.
"""

from typing import Final

from mynumber_card_agent.outcomes import AgentError, Outcome

_SEQUENCE: Final = 0x30
_INTEGER: Final = 0x02
_BIT_STRING: Final = 0x03
_OBJECT_IDENTIFIER: Final = 0x06
_EXPLICIT_VERSION: Final = 0xA0
_RSA_ENCRYPTION: Final = bytes.fromhex("2a864886f70d010101")
_RSA_EXPONENT: Final = 65537
_RSA_BITS: Final = 2048


class _Reader:
    """Successive DER elements of one constructed value."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._position = 0

    def peek_tag(self) -> int:
        if self._position >= len(self._content):
            raise AgentError(Outcome.NO_CERTIFICATE, "the certificate ends too early")
        return self._content[self._position]

    def read(self, tag: int | None = None) -> bytes:
        found = self.peek_tag()
        if tag is not None and found != tag:
            raise AgentError(Outcome.NO_CERTIFICATE, "the certificate has another structure")
        size, start = self._read_length(self._position + 1)
        if start + size > len(self._content):
            raise AgentError(Outcome.NO_CERTIFICATE, "the certificate ends too early")
        self._position = start + size
        return self._content[start : start + size]

    def _read_length(self, position: int) -> tuple[int, int]:
        first = self._content[position : position + 1]
        if not first or first == b"\x80" or first[0] > 0x84:
            raise AgentError(Outcome.NO_CERTIFICATE, "the certificate has a malformed length")
        if first[0] < 0x80:
            return first[0], position + 1
        octets = self._content[position + 1 : position + 1 + (first[0] & 0x7F)]
        return int.from_bytes(octets, "big"), position + 1 + (first[0] & 0x7F)


def parse_algorithm(unverified_certificate: bytes) -> str:
    """The protocol's name for the signature that this certificate's key makes on the card.

    Returns: ``RS256``.
    Raises:  AgentError(NO_CERTIFICATE): not a certificate. AgentError(UNSUPPORTED_KEY): another key than RSA-2048 with
             e = 65537, such as the next card's P-384, whose commands are not published.
    """
    to_be_signed = _Reader(_Reader(_Reader(unverified_certificate).read(_SEQUENCE)).read(_SEQUENCE))
    if to_be_signed.peek_tag() == _EXPLICIT_VERSION:
        to_be_signed.read()
    for _ in ("serialNumber", "signature", "issuer", "validity", "subject"):
        to_be_signed.read()
    key_info = _Reader(to_be_signed.read(_SEQUENCE))
    if _Reader(key_info.read(_SEQUENCE)).read(_OBJECT_IDENTIFIER) != _RSA_ENCRYPTION:
        raise AgentError(Outcome.UNSUPPORTED_KEY, "not an RSA key")
    key = _Reader(_Reader(key_info.read(_BIT_STRING)[1:]).read(_SEQUENCE))
    modulus = int.from_bytes(key.read(_INTEGER), "big")
    exponent = int.from_bytes(key.read(_INTEGER), "big")
    if modulus.bit_length() != _RSA_BITS or exponent != _RSA_EXPONENT:
        raise AgentError(Outcome.UNSUPPORTED_KEY, "not RSA-2048 with e = 65537")
    return "RS256"
