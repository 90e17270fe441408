"""The files of the JPKI application and who may use them."""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from idp.sandbox.card.contents import CardContents, CardKind
from idp.sandbox.card.password import CardPassword

_TOKEN_LABELS: Final[Mapping[CardKind, bytes]] = {"card": b"JPKIAPICCTOKEN2", "phone": b"JPKIAPGPSETOKEN"}
_CERTIFICATE_PRESENT: Final = 0x8F
_CERTIFICATE_ABSENT: Final = 0x00


class FileId(IntEnum):
    """The file identifiers. Those of real cards whose meaning is not public (0005, 0009, 0010, 0016, …) are absent."""

    DIGITAL_SIGNATURE_CERTIFICATE = 0x0001
    DIGITAL_SIGNATURE_CA_CERTIFICATE = 0x0002
    TOKEN_INFORMATION = 0x0006
    CERTIFICATE_PRESENCE = 0x0008
    USER_AUTHENTICATION_CERTIFICATE = 0x000A
    USER_AUTHENTICATION_CA_CERTIFICATE = 0x000B
    USER_AUTHENTICATION_KEY = 0x0017
    USER_AUTHENTICATION_PIN = 0x0018
    DIGITAL_SIGNATURE_KEY = 0x001A
    SIGNING_PASSWORD = 0x001B


@dataclass(frozen=True, slots=True)
class ReadableFile:
    """Bytes that READ BINARY gives out, to everybody or after one password."""

    content: bytes
    opened_by: FileId | None = None


@dataclass(frozen=True, slots=True)
class KeyFile:
    """A private key that signs after one password; None is the place of a key that was never made."""

    private_key: RSAPrivateKey | None
    opened_by: FileId


@dataclass(frozen=True, slots=True)
class PasswordFile:
    """A password to VERIFY against, and the name under which other files ask for it."""

    password: CardPassword
    opens: FileId


ElementaryFile = ReadableFile | KeyFile | PasswordFile


def lay_out_files(
    contents: CardContents, pin: CardPassword, signing_password: CardPassword
) -> dict[int, ElementaryFile]:
    """The application's files for these contents.

    Returns: files by identifier. The user-authentication certificate is free on the plastic card and opened by the PIN
             on a phone; the digital-signature certificate, which carries name and address, by the signing password.
             Without the digital-signature credential its files are there and empty, behind a password that nobody can
             verify, and CERTIFICATE_PRESENCE says so: that flag would have no use if the files could be missing.
    Source:  facts from public reader software for the JPKI application; J-LIS's card specification is not public.
    """
    signature = contents.digital_signature
    return {
        FileId.DIGITAL_SIGNATURE_CERTIFICATE: ReadableFile(
            signature.certificate if signature else b"", opened_by=FileId.SIGNING_PASSWORD
        ),
        FileId.DIGITAL_SIGNATURE_CA_CERTIFICATE: ReadableFile(contents.digital_signature_ca_certificate),
        FileId.TOKEN_INFORMATION: ReadableFile(_token_information(contents.kind)),
        FileId.CERTIFICATE_PRESENCE: ReadableFile(_certificate_presence(signature is not None)),
        FileId.USER_AUTHENTICATION_CERTIFICATE: ReadableFile(
            contents.user_authentication.certificate,
            opened_by=FileId.USER_AUTHENTICATION_PIN if contents.kind == "phone" else None,
        ),
        FileId.USER_AUTHENTICATION_CA_CERTIFICATE: ReadableFile(contents.user_authentication_ca_certificate),
        FileId.USER_AUTHENTICATION_KEY: KeyFile(
            contents.user_authentication.private_key, opened_by=FileId.USER_AUTHENTICATION_PIN
        ),
        FileId.USER_AUTHENTICATION_PIN: PasswordFile(pin, opens=FileId.USER_AUTHENTICATION_PIN),
        FileId.DIGITAL_SIGNATURE_KEY: KeyFile(
            signature.private_key if signature else None, opened_by=FileId.SIGNING_PASSWORD
        ),
        FileId.SIGNING_PASSWORD: PasswordFile(signing_password, opens=FileId.SIGNING_PASSWORD),
    }


def _token_information(kind: CardKind) -> bytes:
    """A CK_TOKEN_INFO with 32-bit numbers, 160 bytes (PKCS #11 v2.40 §3.2); only the label means anything."""
    texts = (_TOKEN_LABELS[kind].ljust(32), b"Virtual card, not genuine".ljust(32), b"Sandbox".ljust(16), b" " * 16)
    return struct.pack(">32s32s16s16s44s4s16s", *texts, bytes(44), b"0000", b" " * 16)


def _certificate_presence(has_signature: bool) -> bytes:
    """Three bytes: digital signature, user authentication, and one whose meaning is not public."""
    return bytes([_CERTIFICATE_PRESENT if has_signature else _CERTIFICATE_ABSENT, _CERTIFICATE_PRESENT, 0x00])
