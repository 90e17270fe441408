"""What a client does with evidence years later, alone: Python and cryptography, no provider to ask.

    python examples/verify_evidence.py evidence.json authority.pem [policy]

``evidence.json`` is the answer of GET /evidence/{txn}, ``authority.pem`` the certificate of the authority for digital
signatures, from J-LIS and not from the provider; ``policy`` is what a sandbox's certificates have instead of J-LIS's
policy. It ends with 1 where anything is not as it should be. Written from docs/evidence.md.
"""

import base64
import hashlib
import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, SHA384

DIGITAL_SIGNATURE_POLICY = "1.2.392.200149.8.5.1.1.20"


def verify(evidence: dict[str, Any], authority: x509.Certificate, policy: str = DIGITAL_SIGNATURE_POLICY) -> str:
    """The statement that was signed; raises if anything is not as it should be."""
    withheld = [name for name in ("signature", "certificate") if name not in evidence.get("proof", {})]
    check(not withheld, f"nothing to verify with: {' and '.join(withheld)} withheld, for the person did not agree")
    proof = evidence["proof"]
    certificate = x509.load_der_x509_certificate(base64.b64decode(proof["certificate"]))
    try:
        certificate.verify_directly_issued_by(authority)
    except InvalidSignature:
        raise ValueError("issued by another authority") from None
    policies = certificate.extensions.get_extension_for_class(x509.CertificatePolicies).value
    check([each.policy_identifier.dotted_string for each in policies] == [policy], "another kind of certificate")
    shown = next(c for c in evidence["certificates"] if c["verification_process"] == proof["verification_process"])
    signed_at = datetime.fromisoformat(shown["verified_at"])
    for each in (certificate, authority):
        check(each.not_valid_before_utc <= signed_at <= each.not_valid_after_utc, "not valid at that time")

    context = b"mynumber-idp/v1/" + proof["purpose"].encode() + b"\x00"
    parts = (proof["issuer"], proof["nonce"], proof["transaction"])
    message = context + b"".join(hashlib.sha256(part.encode()).digest() for part in parts)
    signature = base64.urlsafe_b64decode(proof["signature"] + "==")
    key = certificate.public_key()
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, message, padding.PKCS1v15(), SHA256())
        elif isinstance(key, ec.EllipticCurvePublicKey):
            r, s = int.from_bytes(signature[:48], "big"), int.from_bytes(signature[48:], "big")
            key.verify(encode_dss_signature(r, s), message, ec.ECDSA(SHA384()))
        else:
            raise ValueError("a key of another kind")
    except InvalidSignature:
        raise ValueError("its key did not sign this") from None

    signed = json.loads(proof["transaction"])
    check(signed["txn"] == evidence["txn"], "signed in another sign-in")
    check(signed["client_id"] == evidence["client_id"], "signed for another client")
    check(signed["statement"] == evidence["statement"], "another statement")
    digest = hashlib.sha256(signed["statement"].encode()).hexdigest()
    check(digest == evidence["statement_sha256"], "another statement")
    return str(signed["statement"])


def check(holds: bool, fault: str) -> None:
    """Raise what is not so."""
    if not holds:
        raise ValueError(fault)


if __name__ == "__main__":
    answer, anchor = (Path(name).read_bytes() for name in sys.argv[1:3])
    try:
        print(verify(json.loads(answer), x509.load_pem_x509_certificate(anchor), *sys.argv[3:4]))
    except ValueError as fault:
        sys.exit(f"refused: {fault}")
