"""The sandbox's OCSP responder, as behaviour: a request's bytes in, a signed response's bytes out (RFC 6960)."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from idp.identifiers import Randomness
from idp.jpki.ocsp_question import hash_issuer
from idp.jpki.trust_anchors import TrustAnchor
from idp.sandbox.authority import Authority
from idp.sandbox.pki import SandboxPki

_VALIDITY_SECONDS: Final = 900  # as often as J-LIS renews its responder's data
_CERTIFICATE_DAYS: Final = 30
_REQUEST_LIMIT_BYTES: Final = 8192
_HASHES: Final = frozenset({"sha1", "sha256"})


@dataclass(frozen=True, slots=True)
class _Delegate:
    private_key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate


class SandboxResponder:
    """Answers for every authority of a sandbox, each by a certificate of its own that the authority signed for this."""

    def __init__(
        self,
        pki: SandboxPki,
        randomness: Randomness = secrets.token_bytes,
        *,
        validity_seconds: int = _VALIDITY_SECONDS,
        returns_nonce: bool = True,
    ) -> None:
        self._pki = pki
        self._randomness = randomness
        self._validity = timedelta(seconds=validity_seconds)
        self._returns_nonce = returns_nonce
        self._delegates: dict[str, _Delegate] = {}

    def answer(self, request: bytes, now: datetime) -> bytes:
        """The response to a request: good, revoked, or unknown for a serial number that was never issued.

        Source: RFC 6960 §2.2, §2.3, §4.2.1: malformedRequest and unauthorized are not signed.
        """
        try:
            if len(request) > _REQUEST_LIMIT_BYTES:
                raise ValueError("too long")
            parsed = ocsp.load_der_ocsp_request(request)
            algorithm = parsed.hash_algorithm
            nonces = [e.value for e in parsed.extensions if isinstance(e.value, x509.OCSPNonce)]
        except (ValueError, TypeError, NotImplementedError, UnsupportedAlgorithm):
            return _refuse(ocsp.OCSPResponseStatus.MALFORMED_REQUEST)
        issuer = self._find_issuer(parsed, algorithm.name)
        if issuer is None:
            return _refuse(ocsp.OCSPResponseStatus.UNAUTHORIZED)
        builder = self._answer_about(parsed, issuer, now)
        delegate = self._delegate(issuer, now)
        builder = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, delegate.certificate)
        builder = builder.certificates([delegate.certificate])
        if nonces and self._returns_nonce:
            builder = builder.add_extension(nonces[0], critical=False)
        return builder.sign(delegate.private_key, hashes.SHA256()).public_bytes(Encoding.DER)

    def _answer_about(self, request: ocsp.OCSPRequest, issuer: Authority, now: datetime) -> ocsp.OCSPResponseBuilder:
        revoked = {found.serial_number: found.revoked_at for found in issuer.revoked()}
        revoked_at = revoked.get(request.serial_number)
        if revoked_at is not None:
            status = ocsp.OCSPCertStatus.REVOKED
        elif request.serial_number in issuer.issued():
            status = ocsp.OCSPCertStatus.GOOD
        else:
            status = ocsp.OCSPCertStatus.UNKNOWN
        moment = now.replace(microsecond=0)
        return ocsp.OCSPResponseBuilder().add_response_by_hash(
            request.issuer_name_hash,
            request.issuer_key_hash,
            request.serial_number,
            request.hash_algorithm,
            status,
            moment,
            moment + self._validity,
            revoked_at,
            None,
        )

    def _find_issuer(self, request: ocsp.OCSPRequest, algorithm: str) -> Authority | None:
        wanted = (request.issuer_name_hash, request.issuer_key_hash)
        pairs: zip[tuple[TrustAnchor, Authority]] = zip(self._pki.anchors().anchors, self._pki.authorities, strict=True)
        if algorithm not in _HASHES:
            return None
        return next((authority for anchor, authority in pairs if hash_issuer(anchor, algorithm) == wanted), None)

    def _delegate(self, issuer: Authority, now: datetime) -> _Delegate:
        held = self._delegates.get(issuer.name)
        if held is None or not held.certificate.not_valid_before_utc <= now < held.certificate.not_valid_after_utc:
            held = self._delegates[issuer.name] = self._new_delegate(issuer, now)
        return held

    def _new_delegate(self, issuer: Authority, now: datetime) -> _Delegate:
        private_key = ec.generate_private_key(ec.SECP256R1())
        organization = x509.NameAttribute(NameOID.ORGANIZATION_NAME, self._pki.marks.organization)
        common_name = x509.NameAttribute(NameOID.COMMON_NAME, f"OCSP responder of {issuer.name}")
        builder = (
            x509.CertificateBuilder()
            .issuer_name(issuer.certificate.subject)
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COUNTRY_NAME, "JP"), organization, common_name]))
            .public_key(private_key.public_key())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=_CERTIFICATE_DAYS))
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING]), critical=False)
            .add_extension(x509.OCSPNoCheck(), critical=False)
        )
        return _Delegate(private_key, issuer.sign_certificate(builder, self._randomness))


def _refuse(status: ocsp.OCSPResponseStatus) -> bytes:
    return ocsp.OCSPResponseBuilder.build_unsuccessful(status).public_bytes(Encoding.DER)
