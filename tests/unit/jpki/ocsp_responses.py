"""OCSP responses with one fault each, signed by the throwaway authorities or a responder of theirs."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from asn1crypto import core
from asn1crypto import ocsp as asn1_ocsp
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from idp.jpki.ocsp_question import OcspQuestion, hash_issuer
from tests.unit.jpki.certificates import AUTHORITY_NAME, DAY, NOW, Leaf, PrivateKey, digest_of, ec_key, rsa_key, trust
from tests.unit.jpki.revocation_lists import HOUR

ANCHOR = trust().anchors[0]
SERIAL = Leaf().serial
NONCE = bytes(range(32))
GOOD, REVOKED, UNKNOWN = ocsp.OCSPCertStatus.GOOD, ocsp.OCSPCertStatus.REVOKED, ocsp.OCSPCertStatus.UNKNOWN
CRITICAL = (x509.UnrecognizedExtension(x509.ObjectIdentifier("2.25.1.99"), b"\x05\x00"), True)


def question(nonce: bytes | None = None) -> OcspQuestion:
    return OcspQuestion(ANCHOR, SERIAL.to_bytes(4, "big"), nonce)


@dataclass(frozen=True)
class Delegate:
    """A responder's certificate, or what is wrong with it."""

    key: PrivateKey = field(default_factory=lambda: ec_key("responder", "P-256"))
    signing_key: PrivateKey = field(default_factory=lambda: rsa_key("authority-1"))
    issuer: x509.Name = AUTHORITY_NAME
    purposes: tuple[x509.ObjectIdentifier, ...] | None = (ExtendedKeyUsageOID.OCSP_SIGNING,)
    no_check: bool = True
    not_before: datetime = NOW - DAY
    not_after: datetime = NOW + DAY
    more: Iterable[tuple[x509.ExtensionType, bool]] = ()

    def certificate(self) -> x509.Certificate:
        builder = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Responder")]))
            .issuer_name(self.issuer)
            .public_key(self.key.public_key())
            .serial_number(77)
            .not_valid_before(self.not_before)
            .not_valid_after(self.not_after)
        )
        if self.purposes is not None:
            builder = builder.add_extension(x509.ExtendedKeyUsage(self.purposes), False)
        if self.no_check:
            builder = builder.add_extension(x509.OCSPNoCheck(), False)
        for value, critical in self.more:
            builder = builder.add_extension(value, critical)
        return builder.sign(self.signing_key, digest_of(self.signing_key))


@dataclass(frozen=True)
class Answer:
    """What a response says of one certificate."""

    serial: int = SERIAL
    status: ocsp.OCSPCertStatus = GOOD
    this_update: datetime = NOW - HOUR
    next_update: datetime | None = NOW + HOUR
    algorithm: hashes.HashAlgorithm = field(default_factory=hashes.SHA1)
    name_hash: bytes | None = None
    key_hash: bytes | None = None
    critical: bool | None = None  # of an unknown extension
    reason: x509.ReasonFlags | None = None


@dataclass(frozen=True)
class Response:
    """A response of the first authority's delegated responder, unless told otherwise."""

    answers: tuple[Answer, ...] = (Answer(),)
    delegate: Delegate | None = field(default_factory=Delegate)
    signing_key: PrivateKey | None = None
    named: x509.Certificate | None = None
    by: ocsp.OCSPResponderEncoding = ocsp.OCSPResponderEncoding.HASH
    attached: tuple[x509.Certificate, ...] | None = None
    nonce: bytes | None = None
    more: Iterable[tuple[x509.ExtensionType, bool]] = ()
    digest: hashes.HashAlgorithm | None = None
    produced_at: datetime | None = None  # the machine's time, which the library writes

    def der(self) -> bytes:
        extended = any(answer.critical is not None for answer in self.answers)
        is_plain = (
            not extended
            and self.signing_key is None
            and self.produced_at is None
            and not isinstance(self.digest, hashes.SHA1)
        )
        if len(self.answers) != 1 or not is_plain:
            return self._joined()
        (answer,) = self.answers
        size = answer.algorithm.digest_size
        name_hash, key_hash = hash_issuer(ANCHOR, answer.algorithm.name)
        builder = ocsp.OCSPResponseBuilder().add_response_by_hash(
            (answer.name_hash or name_hash)[:size],
            (answer.key_hash or key_hash)[:size],
            answer.serial,
            answer.algorithm,
            answer.status,
            answer.this_update,
            answer.next_update,
            NOW - DAY if answer.status is REVOKED else None,
            answer.reason,
        )
        own = ANCHOR.certificate if self.delegate is None else self.delegate.certificate()
        key = rsa_key("authority-1") if self.delegate is None else self.delegate.key
        builder = builder.responder_id(self.by, self.named or own)
        attached = self.attached if self.attached is not None else () if self.delegate is None else (own,)
        if attached:
            builder = builder.certificates(list(attached))
        if self.nonce is not None:
            builder = builder.add_extension(x509.OCSPNonce(self.nonce), False)
        for value, critical in self.more:
            builder = builder.add_extension(value, critical)
        return builder.sign(key, self.digest or hashes.SHA256()).public_bytes(Encoding.DER)

    def _joined(self) -> bytes:
        # The library makes responses of one answer only, and none that its signer's key does not verify.
        plain = replace(self, signing_key=None, digest=None, produced_at=None)
        parts = [
            asn1_ocsp.OCSPResponse.load(replace(plain, answers=(replace(a, critical=None),)).der())
            for a in self.answers or (Answer(),)
        ]
        first = parts[0]["response_bytes"]["response"].parsed
        data = first["tbs_response_data"]
        singles = [part["response_bytes"]["response"].parsed["tbs_response_data"]["responses"][0] for part in parts]
        for single, answer in zip(singles, self.answers, strict=False):
            if answer.critical is not None:
                extension = {"extn_id": "2.25.1.99", "critical": answer.critical, "extn_value": b"\x05\x00"}
                single["single_extensions"] = [extension]
        data["responses"] = singles if self.answers else []
        if self.produced_at is not None:
            data["produced_at"] = self.produced_at
        key = self.signing_key or (rsa_key("authority-1") if self.delegate is None else self.delegate.key)
        algorithm = self.digest or hashes.SHA256()
        if isinstance(algorithm, hashes.SHA1):
            first["signature_algorithm"] = {"algorithm": "sha1_rsa", "parameters": core.Null()}
        tbs = data.dump(force=True)
        first["signature"] = (
            key.sign(tbs, padding.PKCS1v15(), algorithm)
            if isinstance(key, rsa.RSAPrivateKey)
            else key.sign(tbs, ec.ECDSA(algorithm))
        )
        parts[0]["response_bytes"]["response"] = core.ParsableOctetString(first.dump(force=True))
        return parts[0].dump(force=True)


def one(**changes: object) -> Response:
    return Response(answers=(Answer(**changes),))
