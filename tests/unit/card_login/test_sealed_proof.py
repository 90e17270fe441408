"""A proof at rest in a sign-in: sealed for it and for what was signed, and for no user authentication."""

import json
from dataclasses import replace

import pytest

from idp.card_login.proven_card import proven_card_from_members
from idp.card_login.sealed_attributes import seal_attributes
from idp.card_login.sealed_proof import seal_proof, unseal_proof
from idp.keys.errors import Unsealable
from idp.keys.sealing import Sealer
from tests.unit.card_login.proofs import NONCE, kept
from tests.unit.card_login.test_sealed_attributes import PLAIN, SIGNED

SEALER = Sealer(bytes(32))
PROOF = kept()
CARD = seal_attributes(SEALER, "txn-1", SIGNED)


def test_a_proof_comes_back_for_the_same_sign_in_and_transaction_only() -> None:
    sealed = seal_proof(SEALER, "txn-1", CARD, PROOF)
    assert unseal_proof(SEALER, "txn-1", sealed, PROOF.transaction) == PROOF
    for txn, transaction in (("txn-2", PROOF.transaction), ("txn-1", PROOF.transaction + " "), ("txn-1", "")):
        with pytest.raises(Unsealable):
            unseal_proof(SEALER, txn, sealed, transaction)


def test_another_key_or_an_altered_text_opens_nothing() -> None:
    sealed = seal_proof(SEALER, "txn-1", CARD, PROOF)
    with pytest.raises(Unsealable):
        unseal_proof(Sealer(b"k" * 32), "txn-1", sealed, PROOF.transaction)
    with pytest.raises(Unsealable):
        unseal_proof(
            SEALER, "txn-1", replace(sealed, sealed_proof=sealed.sealed_proof[:-4] + "AAAA"), PROOF.transaction
        )


def test_attributes_and_proof_do_not_pass_for_each_other() -> None:
    sealed = seal_proof(SEALER, "txn-1", CARD, PROOF)
    with pytest.raises(Unsealable):
        unseal_proof(SEALER, "txn-1", replace(CARD, sealed_proof=sealed.sealed_attributes), PROOF.transaction)


def test_a_sealed_proof_survives_the_store_and_shows_nothing_there() -> None:
    stored = json.dumps(seal_proof(SEALER, "txn-1", CARD, PROOF).to_members())
    members = PROOF.to_members()
    for secret in (NONCE, members["signature"], members["certificate"], members["certificate"][40:80]):
        assert secret not in stored
    back = proven_card_from_members(json.loads(stored))
    assert unseal_proof(SEALER, "txn-1", back, PROOF.transaction) == PROOF
    assert "sealed_proof" not in repr(back)


def test_what_is_stored_of_a_proof_stays_small() -> None:
    proof = kept(certificate=bytes(2_000))
    assert len(seal_proof(SEALER, "txn-1", CARD, proof).sealed_proof) < 4_500


def test_a_user_authentication_is_kept_for_nobody() -> None:
    with pytest.raises(ValueError, match="digital signature"):
        seal_proof(SEALER, "txn-1", PLAIN, PROOF)


def test_where_nothing_was_kept_there_is_nothing() -> None:
    assert unseal_proof(SEALER, "txn-1", CARD, PROOF.transaction) is None
    members = CARD.to_members()
    del members["sealed_proof"]
    assert proven_card_from_members(members) == CARD
