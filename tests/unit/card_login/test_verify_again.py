"""A kept signature years later: good as of the time of signing, and never good for anything else."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from idp.card_login.kept_proof import KeptProof
from idp.card_login.verify_again import NoLongerKnown, check_kept_signature, verify_kept_certificate
from idp.jpki.errors import CardRejected, Rejection
from idp.jpki.profile import PRODUCTION_PROFILES, CredentialProfile
from idp.jpki.trust_anchors import TrustAnchors
from tests.unit.card_login.proofs import kept
from tests.unit.jpki.certificates import (
    DAY,
    NOW,
    SIGNING_AUTHORITY_NAME,
    Fault,
    Leaf,
    anchor,
    ec_key,
    rsa_key,
    signing_leaf,
    trust,
)

# Long past the certificate's end: an auditor's time is not the time of signing.
LATER = NOW + 2_000 * DAY


def verify(proof: KeptProof, signed_at: datetime = NOW, **changes: Any) -> None:
    profiles: tuple[CredentialProfile, ...] = changes.get("profiles", PRODUCTION_PROFILES)
    anchors: TrustAnchors = changes.get("trust", trust())
    verify_kept_certificate(proof, profiles=profiles, trust=anchors, signed_at=signed_at)


def test_a_certificate_that_has_expired_since_is_good_as_of_the_time_of_signing() -> None:
    verify(kept())
    with pytest.raises(CardRejected) as refusal:
        verify(kept(), LATER)
    assert refusal.value.reason is Rejection.EXPIRED


@pytest.mark.parametrize(
    ("certificate", "reason"),
    [
        (Leaf().der(), Rejection.WRONG_PURPOSE),
        (signing_leaf(signing_key=rsa_key("somebody"), authority_key_id=None).der(), None),
        (b"\x30\x00", Rejection.MALFORMED),
        (signing_leaf(not_before=NOW + DAY / 2).der(), Rejection.NOT_YET_VALID),
    ],
    ids=["user authentication", "no such authority", "malformed", "not yet valid"],
)
def test_another_certificate_is_not_good(certificate: bytes, reason: Rejection | None) -> None:
    with pytest.raises((CardRejected, NoLongerKnown)) as refusal:
        verify(kept(certificate=certificate))
    assert getattr(refusal.value, "reason", None) is reason


def test_a_certificate_that_another_signed_under_an_authoritys_name_is_refused() -> None:
    real = anchor(Fault(subject=SIGNING_AUTHORITY_NAME, key=rsa_key("signing-authority")), "digital-signature")
    forged = signing_leaf(signing_key=rsa_key("somebody"), authority_key_id=real.key_id)
    with pytest.raises(CardRejected) as refusal:
        verify(kept(certificate=forged.der()))
    assert refusal.value.reason is Rejection.UNTRUSTED_ISSUER


def test_an_authority_or_a_profile_that_is_gone_is_no_refusal() -> None:
    with pytest.raises(NoLongerKnown):
        verify(kept(), trust=TrustAnchors([anchor()]))
    with pytest.raises(NoLongerKnown):
        verify(kept(), profiles=())


def test_the_signature_is_good_for_exactly_what_was_signed() -> None:
    check_kept_signature(kept())
    next_card = ec_key("next")
    check_kept_signature(kept(key=next_card, certificate=signing_leaf(key=next_card).der()))


@pytest.mark.parametrize(
    "change",
    [
        {"issuer": "https://id.example.jp/"},
        {"nonce": "m" * 43},
        {"transaction": "{}"},
        {"signature": bytes(256)},
        {"algorithm": "ES384"},
        {"certificate": signing_leaf(key=rsa_key("another")).der()},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_signature_is_good_for_nothing_else(change: dict[str, Any]) -> None:
    with pytest.raises(CardRejected) as refusal:
        check_kept_signature(replace(kept(), **change))
    expected = Rejection.UNSUPPORTED_ALGORITHM if "algorithm" in change else Rejection.BAD_SIGNATURE
    assert refusal.value.reason is expected
