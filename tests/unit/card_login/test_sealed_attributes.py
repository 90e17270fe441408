"""Attributes at rest: sealed for one sign-in, and never stored otherwise."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from idp.card_login.proven_card import ProvenCard, proven_card_from_members
from idp.card_login.sealed_attributes import seal_attributes, unseal_attributes
from idp.evidence import BasicFour, Check
from idp.identity.credential import LookupDigest, PresentedCredential
from idp.keys.errors import Unsealable
from idp.keys.sealing import Sealer

NOW = datetime(2026, 4, 1, tzinfo=UTC)
HANAKO = BasicFour("山田　花子", (0, 1), "東京都千代田区架空町", (), date(1990, 4, 15), "female")
PLAIN = ProvenCard(
    presented=PresentedCredential((LookupDigest("key", b"d" * 32),), "sandbox-card", "card", NOW),
    amr=("sc", "pin"),
    credential_kind="card",
    checks=(Check("one", "signature", NOW),),
    status_time=NOW,
    verified_at=NOW,
)
SIGNED = replace(PLAIN, purpose="digital-signature", attributes=HANAKO)
SEALER = Sealer(bytes(32))
SECRETS = ("山田", "花子", "東京都", "1990", "female", "\\u5c71")


def assert_shows_nothing(text: str) -> None:
    assert not any(secret in text for secret in SECRETS)


def test_attributes_come_back_for_the_same_sign_in_only() -> None:
    sealed = seal_attributes(SEALER, "txn-1", SIGNED)
    assert unseal_attributes(SEALER, "txn-1", sealed) == SIGNED
    with pytest.raises(Unsealable):
        unseal_attributes(SEALER, "txn-2", sealed)


def test_another_key_or_an_altered_text_opens_nothing() -> None:
    sealed = seal_attributes(SEALER, "txn-1", SIGNED)
    with pytest.raises(Unsealable):
        unseal_attributes(Sealer(b"k" * 32), "txn-1", sealed)
    with pytest.raises(Unsealable):
        unseal_attributes(SEALER, "txn-1", replace(sealed, sealed_attributes=sealed.sealed_attributes[::-1]))


def test_a_sealed_card_survives_the_store_and_shows_nothing_there() -> None:
    stored = json.dumps(seal_attributes(SEALER, "txn-1", SIGNED).to_members())
    assert_shows_nothing(stored)
    back = proven_card_from_members(json.loads(stored))
    assert unseal_attributes(SEALER, "txn-1", back) == SIGNED


def test_attributes_in_the_clear_cannot_be_stored() -> None:
    with pytest.raises(ValueError, match="seal"):
        SIGNED.to_members()


def test_no_repr_shows_an_attribute() -> None:
    for card in (SIGNED, seal_attributes(SEALER, "txn-1", SIGNED)):
        assert_shows_nothing(repr(card))
        assert "sealed_attributes" not in repr(card)
    assert_shows_nothing(repr(SIGNED.to_evidence("e")))


def test_a_card_without_attributes_stays_as_it_is() -> None:
    assert seal_attributes(SEALER, "txn-1", PLAIN) is PLAIN
    assert unseal_attributes(SEALER, "txn-1", PLAIN) is PLAIN


def test_a_record_from_before_purposes_is_one_of_user_authentication() -> None:
    members = PLAIN.to_members()
    del members["purpose"], members["sealed_attributes"]
    assert proven_card_from_members(members) == PLAIN


def test_the_evidence_names_its_kind_and_carries_the_attributes() -> None:
    evidence = SIGNED.to_evidence("e")
    assert (evidence.kind, evidence.attributes) == ("digital-signature", HANAKO)
    assert (PLAIN.to_evidence("e").kind, PLAIN.to_evidence("e").attributes) == ("user-authentication", None)
