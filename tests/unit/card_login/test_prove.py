"""From proof to card, for both purposes: neither certificate passes for the other, and attributes come whole."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from cryptography import x509

from idp.card_login.authenticate import authenticate
from idp.card_login.prove import CardVerifier, prove_card
from idp.card_login.proven_card import ProvenCard
from idp.evidence import EvidenceKind
from idp.identity.lookup_keys import LookupKey, LookupKeys
from idp.jpki.errors import CardError, CardRejected, CardUnverifiable, Rejection, Unverifiable
from idp.jpki.profile import PRODUCTION_PROFILES, SANDBOX_PROFILES
from idp.jpki.revocation import NoRevocation
from idp.presenter.message import ProofRequest
from idp.presenter.signed_bytes import message_to_sign
from idp.sandbox.cast import ORDINARY
from idp.sandbox.cast_cards import CastCard
from idp.sandbox.outcome import BrokenRevocation, declare_as
from idp.sandbox.pki import SandboxPki, create_sandbox_pki
from tests.unit.jpki import certificates
from tests.unit.jpki.test_attributes import others

ISSUER = "https://login.example.jp"
NOW = datetime(2026, 6, 1, 3, 0, tzinfo=UTC)
KEYS = LookupKeys((LookupKey("k1", b"k" * 32),))
SIGNING: EvidenceKind = "digital-signature"


@pytest.fixture(scope="module")
def pki(tmp_path_factory) -> SandboxPki:
    return create_sandbox_pki(tmp_path_factory.mktemp("sandbox"), NOW)


@pytest.fixture(scope="module")
def card(pki: SandboxPki) -> CastCard:
    holder = ORDINARY.holder
    return CastCard(ORDINARY, pki.issue_user_authentication(holder, NOW), pki.issue_digital_signature(holder, NOW))


@pytest.fixture
def verifier(pki: SandboxPki) -> CardVerifier:
    return CardVerifier(ISSUER, SANDBOX_PROFILES, pki.anchors(), NoRevocation(), KEYS)


def answer(card: CastCard, outcome: str, signed_for: EvidenceKind) -> ProofRequest:
    message = message_to_sign(signed_for, ISSUER, "nonce", b"{}")
    given = declare_as(card, outcome, {"expired": card, "revoked": card}, message)
    assert given is not None
    return ProofRequest("secret", given.certificate, given.algorithm, given.signature, "test/1")


def prove(
    verifier: CardVerifier, card: CastCard, *, purpose: EvidenceKind = SIGNING, signed_for: EvidenceKind = SIGNING,
    outcome: str = "ok",
) -> ProvenCard:  # fmt: skip
    return prove_card(verifier, answer(card, outcome, signed_for), "nonce", "{}", NOW, purpose=purpose)


def refusal_of(verifier: CardVerifier, card: CastCard, **how: object) -> CardError:
    with pytest.raises(CardError) as refusal:
        prove(verifier, card, **how)  # type: ignore[arg-type]
    return refusal.value


def test_a_declaration_gives_the_attributes(verifier: CardVerifier, card: CastCard) -> None:
    proven = prove(verifier, card)
    assert proven.purpose == "digital-signature"
    assert proven.attributes is not None
    assert (proven.attributes.name, proven.attributes.birthdate) == (ORDINARY.holder.name, ORDINARY.holder.birthdate)


def test_no_repr_of_a_proven_card_shows_its_holder(verifier: CardVerifier, card: CastCard) -> None:
    shown = repr(prove(verifier, card))
    assert not any(secret in shown for secret in ("山田", "東京都", "1990", "female"))


def test_a_declaration_alone_authenticates_nobody(verifier: CardVerifier, card: CastCard) -> None:
    with pytest.raises(ValueError, match="no session"):
        authenticate(ISSUER, prove(verifier, card), "account")


def test_a_signing_certificate_does_not_sign_in(verifier: CardVerifier, card: CastCard) -> None:
    refusal = refusal_of(verifier, card, purpose="user-authentication", signed_for="user-authentication")
    assert refusal.reason is Rejection.WRONG_PURPOSE


def test_a_user_authentication_certificate_declares_nothing(verifier: CardVerifier, card: CastCard) -> None:
    assert refusal_of(verifier, card, outcome="wrong_purpose").reason is Rejection.WRONG_PURPOSE


def test_a_signature_made_for_signing_in_declares_nothing(verifier: CardVerifier, card: CastCard) -> None:
    refusal = refusal_of(verifier, card, signed_for="user-authentication")
    assert refusal.reason is Rejection.BAD_SIGNATURE
    assert not refusal.possession_proven


def test_a_status_that_cannot_be_found_out_gives_no_attributes(verifier: CardVerifier, card: CastCard) -> None:
    down = verifier.with_revocation(BrokenRevocation(Unverifiable.STATUS_UNAVAILABLE))
    assert isinstance(refusal_of(down, card), CardUnverifiable)


@pytest.mark.parametrize("outcome", ["bad_signature", "unsupported_algorithm", "malformed"])
def test_a_spoilt_answer_is_refused_for_what_it_is(verifier: CardVerifier, card: CastCard, outcome: str) -> None:
    assert refusal_of(verifier, card, outcome=outcome).reason == outcome


def test_the_card_of_a_child_answers_nothing(card: CastCard) -> None:
    child = replace(card, digital_signature=None)
    assert declare_as(child, "ok", {"expired": card, "revoked": card}, b"message") is None


def test_unreadable_attributes_refuse_a_card_whose_possession_is_proven(verifier: CardVerifier) -> None:
    names = x509.SubjectAlternativeName(others()[:-1])
    leaf = certificates.signing_leaf(more=[(names, False)])
    algorithm, signature = certificates.sign(
        certificates.rsa_key("holder"), message_to_sign("digital-signature", ISSUER, "nonce", b"{}")
    )
    production = replace(
        verifier, profiles=PRODUCTION_PROFILES, trust=certificates.trust(), revocation=certificates.Good()
    )
    proof = ProofRequest("secret", leaf.der(), algorithm, signature, "test/1")
    with pytest.raises(CardRejected) as refusal:
        prove_card(production, proof, "nonce", "{}", NOW, purpose="digital-signature")
    assert refusal.value.reason is Rejection.ATTRIBUTES_UNREADABLE
    assert refusal.value.possession_proven
