"""RFC 5280 §6.1 and §6.3, judged by two libraries beside us: whatever we accept, both accept.

The reverse does not hold: we are stricter than the text (docs of ``idp.jpki.conformance``), and each difference stands
here.
"""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.x509.verification import (
    Criticality,
    ExtensionPolicy,
    Policy,
    PolicyBuilder,
    Store,
    VerificationError,
)
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import PathBuildingError, PathValidationError, ValidationError

from idp.jpki.errors import CardError
from idp.jpki.profile import CARD_USER_AUTHENTICATION
from tests.support.event_loop import run_apart
from tests.unit.jpki.certificates import DAY, NOW, Fault, Leaf, authority, name, policies, rsa_key, verify

GENERATIONS = (authority(), authority(Fault(key=rsa_key("authority-2"), serial=8)))
UNKNOWN = x509.UnrecognizedExtension(x509.ObjectIdentifier("2.25.1.99"), b"\x05\x00")


@dataclass(frozen=True)
class Verdicts:
    """Who takes the certificate."""

    ours: bool
    pyca: bool
    pyhanko: bool


def ours(der: bytes) -> bool:
    try:
        verify(der)
    except CardError:
        return False
    return True


def exact_policy(policy: Policy, certificate: x509.Certificate, extension: x509.CertificatePolicies | None) -> None:
    if extension is None or [p.policy_identifier.dotted_string for p in extension] != [
        CARD_USER_AUTHENTICATION.policy_oid
    ]:
        raise ValueError("policy")


def pyca(der: bytes) -> bool:
    leaf_policy = ExtensionPolicy.permit_all().require_present(
        x509.CertificatePolicies, Criticality.CRITICAL, exact_policy
    )
    verifier = (
        PolicyBuilder()
        .store(Store([x509.load_der_x509_certificate(root) for root in GENERATIONS]))
        .time(NOW)
        .extension_policies(ca_policy=ExtensionPolicy.webpki_defaults_ca(), ee_policy=leaf_policy)
        .build_client_verifier()
    )
    try:
        verifier.verify(x509.load_der_x509_certificate(der), [])
    except VerificationError:
        return False
    return True


def pyhanko(der: bytes) -> bool:
    context = ValidationContext(
        trust_roots=[asn1_x509.Certificate.load(root) for root in GENERATIONS],
        moment=NOW,
        allow_fetching=False,
        revocation_mode="soft-fail",
        time_tolerance=timedelta(),
    )
    validator = CertificateValidator(asn1_x509.Certificate.load(der), validation_context=context)
    try:
        run_apart(validator.async_validate_usage({"digital_signature"}))
    except (PathBuildingError, PathValidationError, ValidationError):
        return False
    return True


def verdicts(leaf: Leaf) -> Verdicts:
    der = leaf.der()
    return Verdicts(ours(der), pyca(der), pyhanko(der))


@pytest.mark.parametrize("leaf", [Leaf(), Leaf(signing_key=rsa_key("authority-2"))], ids=["first", "second"])
def test_all_three_take_a_card_of_either_generation(leaf: Leaf):
    assert verdicts(leaf) == Verdicts(ours=True, pyca=True, pyhanko=True)


REFUSED_BY_ALL = {
    "§6.1.3 (a)(1) signature": Leaf(signing_key=rsa_key("forger")),
    "§6.1.3 (a)(2) not yet valid": Leaf(not_before=NOW + timedelta(seconds=1)),
    "§6.1.3 (a)(2) expired": Leaf(not_after=NOW - timedelta(seconds=1)),
    "§6.1.3 (a)(4) issuer name": Leaf(issuer=name("Other")),
    "§6.1.4 (k) issued by a holder": Leaf(
        key=rsa_key("child"), signing_key=rsa_key("holder"), issuer=x509.load_der_x509_certificate(Leaf().der()).subject
    ),
    "§6.1.5 (f) unknown critical extension": Leaf(more=[(UNKNOWN, True)]),
}


@pytest.mark.parametrize("leaf", REFUSED_BY_ALL.values(), ids=REFUSED_BY_ALL.keys())
def test_all_three_refuse(leaf: Leaf):
    assert verdicts(leaf) == Verdicts(ours=False, pyca=False, pyhanko=False)


STRICTER = {
    "§4.2.1.9 a holder that is an authority": Leaf(constraints=x509.BasicConstraints(True, None)),
    "§4.2.1.4 a second policy": Leaf(policies=policies(CARD_USER_AUTHENTICATION.policy_oid, "1.2.3")),
    "key of 1024 bits": Leaf(key=rsa_key("small", 1024)),
    "exponent 3": Leaf(key=rsa_key("low exponent", 2048, 3)),
}


@pytest.mark.parametrize("leaf", STRICTER.values(), ids=STRICTER.keys())
def test_we_refuse_what_another_takes(leaf: Leaf):
    found = verdicts(leaf)
    assert not found.ours
    assert found.pyca or found.pyhanko


@pytest.mark.parametrize("days", [-101, -100, -99, 99, 100, 101])
def test_the_ends_of_validity_are_the_same_for_all(days: int):
    leaf = Leaf(not_before=NOW + (days - 200) * DAY, not_after=NOW + days * DAY)
    found = verdicts(leaf)
    assert found.ours == found.pyca == found.pyhanko
