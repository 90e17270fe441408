"""The profile's own check: one fault a certificate, one refusal each."""

from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from idp.jpki.certificate import parse_certificate
from idp.jpki.conformance import check_profile, find_profile
from idp.jpki.errors import CardRejected, Rejection
from idp.jpki.profile import (
    CARD_DIGITAL_SIGNATURE,
    CARD_USER_AUTHENTICATION,
    CLIENT_AUTHENTICATION,
    ECDSA_P384,
    PRODUCTION_PROFILES,
)
from tests.unit.jpki.certificates import NOW, Leaf, ec_key, ed25519_key, key_usage, policies, rsa_key, signing_leaf

OID = CARD_USER_AUTHENTICATION.policy_oid
SERVER_AUTHENTICATION = "1.3.6.1.5.5.7.3.1"
ANY_EXTENDED_KEY_USAGE = "2.5.29.37.0"
PSS = padding.PSS(padding.MGF1(hashes.SHA256()), 32)
UNKNOWN = x509.UnrecognizedExtension(x509.ObjectIdentifier("2.25.1.99"), b"\x05\x00")
PERMITTED = x509.NameConstraints([x509.DNSName("example.jp")], None)
ALTERNATIVE = x509.SubjectAlternativeName([x509.DNSName("example.jp")])

FAULTS = {
    "policy missing": (Leaf(policies=None), Rejection.WRONG_PURPOSE),
    "policy of another kind": (Leaf(policies=policies("1.2.392.200149.8.5.1.3.31")), Rejection.WRONG_PURPOSE),
    "policy is a prefix": (Leaf(policies=policies("1.2.392.200149.8.5.1.3")), Rejection.WRONG_PURPOSE),
    "policy is a longer arc": (Leaf(policies=policies(OID + ".1")), Rejection.WRONG_PURPOSE),
    "anyPolicy": (Leaf(policies=policies("2.5.29.32.0")), Rejection.WRONG_PURPOSE),
    "two policies": (Leaf(policies=policies(OID, "1.2.3")), Rejection.WRONG_PURPOSE),
    "signing policy": (Leaf(policies=policies(CARD_DIGITAL_SIGNATURE.policy_oid)), Rejection.WRONG_PURPOSE),
    "policy not critical": (Leaf(policies_critical=False), Rejection.MALFORMED),
    "key usage missing": (Leaf(usage=None), Rejection.WRONG_PURPOSE),
    "key usage not critical": (Leaf(usage_critical=False), Rejection.MALFORMED),
    "key usage of signing": (Leaf(usage=key_usage("digital_signature", "content_commitment")), Rejection.WRONG_PURPOSE),
    "key usage of an authority": (Leaf(usage=key_usage("digital_signature", "key_cert_sign")), Rejection.WRONG_PURPOSE),
    "key usage without signing": (Leaf(usage=key_usage("key_encipherment")), Rejection.WRONG_PURPOSE),
    "extended key usage missing": (Leaf(extended=None), Rejection.WRONG_PURPOSE),
    "extended key usage of a server": (Leaf(extended=(SERVER_AUTHENTICATION,)), Rejection.WRONG_PURPOSE),
    "extended key usage any": (Leaf(extended=(ANY_EXTENDED_KEY_USAGE,)), Rejection.WRONG_PURPOSE),
    "extended key usage of both": (
        Leaf(extended=(CLIENT_AUTHENTICATION, SERVER_AUTHENTICATION)),
        Rejection.WRONG_PURPOSE,
    ),
    "an authority": (Leaf(constraints=x509.BasicConstraints(True, None)), Rejection.WRONG_PURPOSE),
    "RSA-1024": (Leaf(key=rsa_key("small", 1024)), Rejection.UNSUPPORTED_ALGORITHM),
    "RSA-3072": (Leaf(key=rsa_key("large", 3072)), Rejection.UNSUPPORTED_ALGORITHM),
    "RSA with e=3": (Leaf(key=rsa_key("low exponent", 2048, 3)), Rejection.UNSUPPORTED_ALGORITHM),
    "P-256": (Leaf(key=ec_key("holder", "P-256")), Rejection.UNSUPPORTED_ALGORITHM),
    "P-384 in today's profile": (Leaf(key=ec_key("holder")), Rejection.UNSUPPORTED_ALGORITHM),
    "Ed25519": (Leaf(key=ed25519_key()), Rejection.UNSUPPORTED_ALGORITHM),
    "signed with SHA-512": (Leaf(signature_digest=hashes.SHA512()), Rejection.UNSUPPORTED_ALGORITHM),
    "signed with RSASSA-PSS": (Leaf(signature_padding=PSS), Rejection.UNSUPPORTED_ALGORITHM),
    "signed with ECDSA": (Leaf(signing_key=ec_key("authority")), Rejection.UNSUPPORTED_ALGORITHM),
    "unknown critical extension": (Leaf(more=[(UNKNOWN, True)]), Rejection.MALFORMED),
    "critical name constraints": (Leaf(more=[(PERMITTED, True)]), Rejection.MALFORMED),
    "critical alternative name": (Leaf(more=[(ALTERNATIVE, True)]), Rejection.MALFORMED),
    "no authority key identifier": (Leaf(without_authority_key_id=True), Rejection.MALFORMED),
}


def check(leaf: Leaf, profile=CARD_USER_AUTHENTICATION, now=NOW) -> None:
    check_profile(parse_certificate(leaf.der()), profile, now)


def refusal_of(leaf: Leaf, profile=CARD_USER_AUTHENTICATION, now=NOW) -> Rejection:
    with pytest.raises(CardRejected) as refusal:
        check(leaf, profile, now)
    return refusal.value.reason


@pytest.mark.parametrize(("leaf", "rejection"), FAULTS.values(), ids=FAULTS.keys())
def test_a_fault_is_refused(leaf: Leaf, rejection: Rejection):
    assert refusal_of(leaf) is rejection


@pytest.mark.parametrize(
    "leaf",
    [Leaf(), Leaf(constraints=x509.BasicConstraints(False, None)), Leaf(more=[(UNKNOWN, False)])],
    ids=["plain", "not an authority, expressly", "unknown extension, not critical"],
)
def test_the_profile_is_accepted(leaf: Leaf):
    check(leaf)


@pytest.mark.parametrize(
    ("moment", "rejection"),
    [
        (Leaf().not_before - timedelta(seconds=1), Rejection.NOT_YET_VALID),
        (Leaf().not_before - timedelta(microseconds=1), Rejection.NOT_YET_VALID),
        (Leaf().not_after + timedelta(microseconds=1), Rejection.EXPIRED),
        (Leaf().not_after + timedelta(seconds=1), Rejection.EXPIRED),
    ],
)
def test_outside_its_validity_it_is_refused(moment, rejection: Rejection):
    assert refusal_of(Leaf(), now=moment) is rejection


@pytest.mark.parametrize("moment", [Leaf().not_before, Leaf().not_after], ids=["first second", "last second"])
def test_the_ends_of_its_validity_belong_to_it(moment):
    check(Leaf(), now=moment)


def test_a_signing_certificate_passes_its_own_profile():
    check(signing_leaf(), CARD_DIGITAL_SIGNATURE)


def test_a_signing_certificate_with_the_usage_of_authentication_is_refused():
    leaf = signing_leaf(usage=key_usage("digital_signature"))
    assert refusal_of(leaf, CARD_DIGITAL_SIGNATURE) is Rejection.WRONG_PURPOSE


def test_a_profile_without_extended_key_usage_refuses_one():
    leaf = signing_leaf(extended=(CLIENT_AUTHENTICATION,))
    assert refusal_of(leaf, CARD_DIGITAL_SIGNATURE) is Rejection.WRONG_PURPOSE


@pytest.mark.parametrize("key", [rsa_key("holder"), ec_key("holder", "P-256")], ids=["RSA-2048", "P-256"])
def test_the_next_profile_takes_p384_only(key):
    profile = replace(CARD_USER_AUTHENTICATION, key_rule=ECDSA_P384)
    leaf = Leaf(key=key, signing_key=ec_key("authority"))
    assert refusal_of(leaf, profile) is Rejection.UNSUPPORTED_ALGORITHM


@pytest.mark.parametrize("found", [None, policies("1.2.3"), policies(OID, "1.2.3")], ids=["none", "other", "two"])
def test_no_profile_is_found_without_its_one_policy(found):
    assert find_profile(parse_certificate(Leaf(policies=found).der()), PRODUCTION_PROFILES) is None
