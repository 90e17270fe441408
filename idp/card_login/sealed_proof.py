"""A proof on its way from the presenter to the person's return: sealed for one sign-in, like the attributes."""

import json
from dataclasses import replace
from typing import Final

from idp.card_login.kept_proof import KeptProof, kept_proof_from_members
from idp.card_login.proven_card import ProvenCard
from idp.keys.sealing import Sealer

_PURPOSE: Final = "card-proof"


def seal_proof(sealer: Sealer, txn: str, proven: ProvenCard, proof: KeptProof) -> ProvenCard:
    """The card with its proof sealed for this sign-in, as it may be stored.

    Takes:  proof, that was just accepted. Its transaction stands in the record already: it is not stored twice, but
            what is sealed beside one transaction opens beside no other.
    Raises: ValueError: it is a user authentication, of which nothing is kept.
    """
    if proven.purpose != proof.purpose:
        raise ValueError("only the proof of a digital signature is kept")
    members = {name: value for name, value in proof.to_members().items() if name != "transaction"}
    plain = json.dumps(members, separators=(",", ":")).encode("ascii")
    return replace(proven, sealed_proof=sealer.seal(_PURPOSE, _context(txn, proof.transaction), plain))


def unseal_proof(sealer: Sealer, txn: str, proven: ProvenCard, transaction: str) -> KeptProof | None:
    """The proof of this sign-in's signature; None where it was not kept.

    Takes:  transaction, the RFC 8785 text that was frozen at opening.
    Raises: Unsealable: it was sealed for another sign-in or transaction, by another key, or was altered.
    """
    if not proven.sealed_proof:
        return None
    members = json.loads(sealer.unseal(_PURPOSE, _context(txn, transaction), proven.sealed_proof))
    return kept_proof_from_members(members | {"transaction": transaction})


def _context(txn: str, transaction: str) -> bytes:
    return txn.encode("ascii") + b"\x00" + transaction.encode("utf-8")
