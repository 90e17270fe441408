"""What is personalised into a card: keys, certificates, and whether it is the plastic card or a phone."""

from dataclasses import dataclass, field
from typing import Final, Literal

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

CardKind = Literal["card", "phone"]

_KEY_BITS: Final = 2048
_SHORTEST_CERTIFICATE_BYTES: Final = 0x100
_LONGEST_CERTIFICATE_BYTES: Final = 0x7FFF


@dataclass(frozen=True, slots=True)
class CardCredential:
    """A key pair of the card: the private key, RSA-2048, and its certificate in DER."""

    private_key: RSAPrivateKey = field(repr=False)
    certificate: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class CardContents:
    """Everything a card holds, except its passwords. Certificates are DER.

    Without a digital-signature credential it is the card of somebody under fifteen, or of whoever did not want one.
    """

    kind: CardKind
    user_authentication: CardCredential
    digital_signature: CardCredential | None
    user_authentication_ca_certificate: bytes = field(repr=False)
    digital_signature_ca_certificate: bytes = field(repr=False)


def check_contents(contents: CardContents) -> None:
    """Establish that a card can carry these contents.

    Raises:  ValueError: a key that is not RSA-2048, or a certificate outside 256 to 32,767 bytes: readers of this
             application take its length from a two-byte DER length, and READ BINARY reaches no further.
    Source:  J-LIS profile v3.2 (RSA-2048); ISO/IEC 7816-4 §11.3.3.
    """
    credentials = [contents.user_authentication]
    if contents.digital_signature is not None:
        credentials.append(contents.digital_signature)
    if any(credential.private_key.key_size != _KEY_BITS for credential in credentials):
        raise ValueError("a key of the card is not RSA-2048")
    certificates = [credential.certificate for credential in credentials]
    certificates += [contents.user_authentication_ca_certificate, contents.digital_signature_ca_certificate]
    if any(not _SHORTEST_CERTIFICATE_BYTES <= len(der) <= _LONGEST_CERTIFICATE_BYTES for der in certificates):
        raise ValueError("a certificate of the card is not 256 to 32767 bytes long")
