"""The proof of one digital signature, whole, as it is kept for whoever must show it years later (protocol §3.3)."""

import base64
from dataclasses import dataclass, field
from typing import Any, Literal

from idp.identifiers import encode_base64url
from idp.jpki.certificate import parse_certificate


@dataclass(frozen=True, slots=True)
class KeptProof:
    """What is needed to verify a signature again without asking anybody.

    ``transaction`` is the RFC 8785 text that was signed, ``signature`` as the presenter sent it (RS256, or raw r||s),
    ``certificate`` the signer's, DER. It was verified when it was kept; what comes out of a store is verified anew.
    The certificate names its holder: absent from every repr, like the signature, which tells two cards apart.
    """

    issuer: str
    nonce: str = field(repr=False)
    transaction: str = field(repr=False)
    algorithm: str
    signature: bytes = field(repr=False)
    certificate: bytes = field(repr=False)
    purpose: Literal["digital-signature"] = "digital-signature"

    def to_members(self) -> dict[str, Any]:
        """As JSON members, in the protocol's encodings: the certificate base64, the signature base64url."""
        return {
            "purpose": self.purpose,
            "issuer": self.issuer,
            "nonce": self.nonce,
            "transaction": self.transaction,
            "algorithm": self.algorithm,
            "signature": encode_base64url(self.signature),
            "certificate": base64.b64encode(self.certificate).decode("ascii"),
        }


def kept_proof_from_members(members: dict[str, Any]) -> KeptProof:
    """The inverse of ``to_members``, for what we sealed ourselves."""
    return KeptProof(
        issuer=members["issuer"],
        nonce=members["nonce"],
        transaction=members["transaction"],
        algorithm=members["algorithm"],
        signature=base64.urlsafe_b64decode(members["signature"] + "=" * (-len(members["signature"]) % 4)),
        certificate=base64.b64decode(members["certificate"]),
    )


def name_certificate(kept: KeptProof) -> tuple[str, str]:
    """What names the signer's certificate: its issuer's DN, and its serial number.

    Returns: the DN as a text (``OU=…,O=…,C=JP``), the serial number in hexadecimal, lower case, whole bytes.
    Source:  RFC 4514 §2; RFC 5280 §4.1.2.2, §4.1.2.4.
    """
    certificate = parse_certificate(kept.certificate)
    return certificate.unverified.issuer.rfc4514_string(), certificate.serial.hex()
