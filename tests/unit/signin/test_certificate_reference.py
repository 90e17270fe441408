"""What crosses the seam of a certificate: issuer and serial number of the signing card's, and nothing else."""

from dataclasses import fields, replace

from idp.assurance.ports import CertificateReference
from idp.signin.certificate_reference import KeptCertificate
from tests.unit.assurance.samples import EVIDENCE, digital_signature
from tests.unit.card_login.proofs import kept
from tests.unit.jpki.certificates import signing_leaf

PROOF = kept(certificate=signing_leaf(serial=0x1A2B3C4D).der())


def test_the_signing_cards_certificate_is_named_by_its_evidence_alone() -> None:
    found = KeptCertificate(EVIDENCE, PROOF)
    reference = found.find_certificate_reference("ev-sign")
    assert reference == CertificateReference("OU=Authority,OU=for digital signature,O=THROWAWAY,C=JP", "1a2b3c4d")
    assert {field.name for field in fields(CertificateReference)} == {"issuer", "serial_number"}
    assert "1a2b3c4d" not in repr(reference)
    assert "1a2b3c4d" not in repr(found)


def test_neither_a_user_authentication_nor_anything_unknown_has_a_reference() -> None:
    found = KeptCertificate(EVIDENCE, PROOF)
    assert found.find_certificate_reference("ev-auth") is None
    assert found.find_certificate_reference("") is None


def test_a_phones_certificate_is_not_named() -> None:
    phone = replace(digital_signature(), credential_kind="phone")
    assert KeptCertificate((phone,), PROOF).find_certificate_reference("ev-sign") is None
