"""One step from a certificate to the authority that signed it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography import x509

from idp.jpki.certificate import parse_certificate
from idp.jpki.chain import verify_chain
from idp.jpki.errors import CardRejected, Rejection
from idp.jpki.profile import CARD_DIGITAL_SIGNATURE, CARD_USER_AUTHENTICATION, SANDBOX_CARD_USER_AUTHENTICATION
from idp.jpki.trust_anchors import SANDBOX_ORGANIZATION, TrustAnchors
from tests.unit.jpki.certificates import DAY, NOW, Fault, Leaf, anchor, name, rsa_key, trust

FIRST, SECOND, SIGNING = trust().anchors
SANDBOX_NAME = name("for user authentication", organization=SANDBOX_ORGANIZATION)


def chain(leaf: Leaf, trust_anchors: TrustAnchors | None = None, profile=CARD_USER_AUTHENTICATION, now=NOW):
    return verify_chain(parse_certificate(leaf.der()), profile, trust_anchors or trust(), now)


def refusal_of(leaf: Leaf, trust_anchors: TrustAnchors | None = None, profile=CARD_USER_AUTHENTICATION, now=NOW):
    with pytest.raises(CardRejected) as refusal:
        chain(leaf, trust_anchors, profile, now)
    return refusal.value.reason


def test_two_generations_of_one_name_are_told_apart_by_key():
    assert FIRST.certificate.subject == SECOND.certificate.subject
    assert chain(Leaf()).anchor is FIRST
    assert chain(Leaf(signing_key=rsa_key("authority-2"))).anchor is SECOND


def test_the_key_identifier_of_the_other_generation_is_refused():
    assert refusal_of(Leaf(authority_key_id=SECOND.key_id)) is Rejection.UNTRUSTED_ISSUER


def test_an_unknown_key_identifier_is_refused():
    assert refusal_of(Leaf(authority_key_id=bytes(20))) is Rejection.UNTRUSTED_ISSUER


def test_a_forged_issuer_with_the_right_key_identifier_is_refused():
    forged = Leaf(signing_key=rsa_key("forger"), authority_key_id=FIRST.key_id)
    assert refusal_of(forged) is Rejection.UNTRUSTED_ISSUER


def test_two_anchors_with_one_key_identifier_are_both_tried():
    twin = anchor(Fault(key=rsa_key("authority-2"), key_id=FIRST.key_id))
    assert chain(Leaf(), TrustAnchors([twin, FIRST])).anchor is FIRST


def test_another_issuer_name_than_the_anchor_has_is_refused():
    assert refusal_of(Leaf(issuer=name("for user authentication", "Other"))) is Rejection.UNTRUSTED_ISSUER


def test_a_certificate_signed_by_a_holder_is_refused():
    holder = x509.load_der_x509_certificate(Leaf().der())
    child = Leaf(key=rsa_key("child"), signing_key=rsa_key("holder"), issuer=holder.subject)
    assert refusal_of(child) is Rejection.UNTRUSTED_ISSUER


def test_the_anchor_for_signing_vouches_for_no_sign_in():
    leaf = Leaf(signing_key=rsa_key("signing-authority"), issuer=SIGNING.certificate.subject)
    assert refusal_of(leaf) is Rejection.UNTRUSTED_ISSUER
    assert chain(leaf, profile=CARD_DIGITAL_SIGNATURE).anchor is SIGNING


def test_the_anchor_for_sign_in_vouches_for_no_signature():
    assert refusal_of(Leaf(), profile=CARD_DIGITAL_SIGNATURE) is Rejection.UNTRUSTED_ISSUER


def test_a_sandbox_profile_needs_a_sandbox_anchor():
    assert refusal_of(Leaf(), profile=SANDBOX_CARD_USER_AUTHENTICATION) is Rejection.UNTRUSTED_ISSUER


def test_a_sandbox_anchor_vouches_for_sandbox_profiles_only():
    anchors = TrustAnchors([anchor(Fault(subject=SANDBOX_NAME), sandbox=True)])
    leaf = Leaf(issuer=SANDBOX_NAME)
    assert chain(leaf, anchors, SANDBOX_CARD_USER_AUTHENTICATION).anchor.sandbox
    assert refusal_of(leaf, anchors) is Rejection.UNTRUSTED_ISSUER


def test_without_anchors_nothing_is_trusted():
    assert refusal_of(Leaf(), TrustAnchors([])) is Rejection.UNTRUSTED_ISSUER


@pytest.mark.parametrize(
    "moment", [FIRST.not_before - timedelta(seconds=1), FIRST.not_after + timedelta(seconds=1)], ids=["before", "after"]
)
def test_an_anchor_outside_its_validity_vouches_for_nothing(moment):
    assert refusal_of(Leaf(), now=moment) is Rejection.UNTRUSTED_ISSUER


@pytest.mark.parametrize("moment", [FIRST.not_before, FIRST.not_after, NOW + DAY])
def test_an_anchor_within_its_validity_vouches(moment):
    assert chain(Leaf(), now=moment).anchor is FIRST


def test_a_signature_of_another_certificate_is_refused():
    parsed = parse_certificate(Leaf().der())
    other = Leaf(serial=99).der()
    own, foreign = parsed.unverified.signature, parse_certificate(other).unverified.signature
    swapped = parse_certificate(Leaf().der().replace(own, foreign))
    with pytest.raises(CardRejected) as refusal:
        verify_chain(replace(parsed, unverified=swapped.unverified), CARD_USER_AUTHENTICATION, trust(), NOW)
    assert refusal.value.reason is Rejection.UNTRUSTED_ISSUER
