"""All that is checked on a card, in order, and the two families of answers."""

import re
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import idp
from idp.jpki.chain import ChainedCertificate
from idp.jpki.errors import CardError, CardRejected, CardUnverifiable, Rejection, Unverifiable
from idp.jpki.ports import Status, StatusState
from idp.jpki.profile import ECDSA_P384, PRODUCTION_PROFILES, CredentialProfile
from idp.jpki.trust_anchors import TrustAnchors
from tests.unit.jpki.certificates import (
    MESSAGE,
    NOW,
    Fault,
    Leaf,
    anchor,
    ec_key,
    policies,
    rsa_key,
    sign,
    signing_leaf,
    trust,
    verify,
)

NEXT_CARD = CredentialProfile(
    name="next",
    purpose="user-authentication",
    credential_kind="card",
    policy_oid="2.25.1.3.50",
    key_rule=ECDSA_P384,
    key_usage=frozenset({"digital_signature"}),
    extended_key_usage="1.3.6.1.5.5.7.3.2",
    amr=("sc", "pin"),
)


class Answer:
    """A status rule that gives one answer and remembers whether it was asked."""

    def __init__(self, answer: Status | Exception) -> None:
        self.answer = answer
        self.asked = 0

    def check_good(self, certificate: ChainedCertificate, now: datetime) -> Status:
        self.asked += 1
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


GOOD = Status(StatusState.GOOD, NOW, "crl", "check-1")


def test_an_ordinary_card_is_verified():
    verified = verify(Leaf().der(), revocation=Answer(GOOD))
    assert verified.profile.name == "card-user-authentication"
    assert verified.serial == bytes.fromhex("1234abcd")
    assert verified.issuer_key_id == trust().anchors[0].issuer_key_id
    assert verified.status == GOOD
    assert [(check.method, check.time) for check in verified.checks] == [("signature", NOW), ("crl", NOW)]
    assert verified.checks[1].id == "check-1"


def test_without_a_status_the_check_says_none():
    verified = verify(Leaf().der())
    assert verified.status is None
    assert [check.method for check in verified.checks] == ["signature", "none"]


def test_a_digital_signature_certificate_is_verified_for_its_purpose():
    verified = verify(signing_leaf().der(), purpose="digital-signature")
    assert verified.profile.purpose == "digital-signature"


def test_a_next_generation_card_is_verified():
    root = Fault(key=ec_key("authority"))
    leaf = Leaf(key=ec_key("holder"), signing_key=ec_key("authority"), policies=policies(NEXT_CARD.policy_oid))
    profiles = (*PRODUCTION_PROFILES, NEXT_CARD)
    anchors = TrustAnchors([anchor(root)])
    verified = verify(leaf.der(), key=ec_key("holder"), profiles=profiles, anchors=anchors)
    assert verified.profile is NEXT_CARD


def test_a_signing_certificate_does_not_sign_in():
    with pytest.raises(CardRejected) as refusal:
        verify(signing_leaf().der())
    assert refusal.value.reason is Rejection.WRONG_PURPOSE


def test_a_user_authentication_certificate_signs_no_statement():
    with pytest.raises(CardRejected) as refusal:
        verify(Leaf().der(), purpose="digital-signature")
    assert refusal.value.reason is Rejection.WRONG_PURPOSE


@pytest.mark.parametrize(
    "leaf", [Leaf(policies=policies("1.2.3.4")), Leaf(issuer=trust().anchors[2].certificate.subject)]
)
def test_status_is_never_asked_before_the_certificate_is_known(leaf: Leaf):
    revocation = Answer(GOOD)
    with pytest.raises(CardRejected):
        verify(leaf.der(), revocation=revocation)
    assert revocation.asked == 0


def test_status_is_never_asked_before_possession_is_proven():
    revocation = Answer(GOOD)
    with pytest.raises(CardRejected) as refusal:
        verify(Leaf().der(), proof=sign(rsa_key("somebody else")), revocation=revocation)
    assert refusal.value.reason is Rejection.BAD_SIGNATURE
    assert not refusal.value.possession_proven
    assert revocation.asked == 0


@pytest.mark.parametrize(
    "refused", [CardRejected(Rejection.REVOKED), CardUnverifiable(Unverifiable.STATUS_UNAVAILABLE)]
)
def test_a_refusal_by_status_says_that_possession_was_proven_and_of_which_credential(refused: CardError):
    with pytest.raises(type(refused)) as refusal:
        verify(Leaf().der(), revocation=Answer(refused))
    assert refusal.value.possession_proven
    assert refusal.value.proven is not None
    assert refusal.value.proven.serial == bytes.fromhex("1234abcd")
    assert refusal.value.proven.issuer_key_id == trust().anchors[0].issuer_key_id


def test_nothing_printable_shows_the_serial_number_or_the_birthday():
    leaf = Leaf()
    verified = verify(leaf.der())
    with pytest.raises(CardRejected) as refusal:
        verify(leaf.der(), revocation=Answer(CardRejected(Rejection.REVOKED)))
    shown = repr(verified) + str(verified) + repr(refusal.value.proven) + str(refusal.value) + repr(refusal.value)
    for secret in ("1234abcd", str(0x1234ABCD), repr(bytes.fromhex("1234abcd")), repr(leaf.not_after), "13101003A"):
        assert secret not in shown


def test_a_verified_certificate_is_made_in_one_place():
    sources = [path.read_text("utf-8") for path in Path(idp.__file__).parent.rglob("*.py")]
    made = [found for source in sources for found in re.findall(r"(?<!class )\bVerifiedCertificate\(", source)]
    assert len(made) == 1


ALGORITHMS = st.one_of(st.sampled_from(["RS256", "ES384", "none", "HS256", "PS256", "ES256", ""]), st.text(max_size=8))


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300), ALGORITHMS, st.binary(max_size=300))
def test_random_bytes_end_in_a_card_error(certificate: bytes, algorithm: str, signature: bytes):
    with pytest.raises(CardError):
        verify(certificate, proof=(algorithm, signature))


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_a_mutated_certificate_ends_in_a_card_error(data: st.DataObject):
    der = bytearray(Leaf().der())
    for _ in range(data.draw(st.integers(1, 4))):
        position = data.draw(st.integers(0, len(der) - 1))
        kind = data.draw(st.sampled_from(["set", "delete", "insert"]))
        if kind == "set":
            der[position] ^= data.draw(st.integers(1, 255))
        elif kind == "delete":
            del der[position : position + data.draw(st.integers(1, 20))]
        else:
            der[position:position] = data.draw(st.binary(min_size=1, max_size=20))
    if bytes(der) != Leaf().der():
        with pytest.raises(CardError):
            verify(bytes(der))


@settings(max_examples=150, deadline=None)
@given(ALGORITHMS, st.binary(max_size=300))
def test_any_other_signature_ends_in_a_rejection(algorithm: str, signature: bytes):
    if signature != sign(rsa_key("holder"), MESSAGE)[1]:
        with pytest.raises(CardRejected):
            verify(Leaf().der(), proof=(algorithm, signature))
