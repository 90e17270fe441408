"""The holder's attributes at rest: sealed for one sign-in, so that the transient store never holds a name.

What is sealed under one ``txn`` opens under no other: a record that was moved or mixed up gives nobody's data away.
"""

import json
from dataclasses import replace
from datetime import date
from typing import Final

from idp.card_login.proven_card import ProvenCard
from idp.evidence import BasicFour
from idp.keys.sealing import Sealer

_PURPOSE: Final = "card-attributes"


def seal_attributes(sealer: Sealer, txn: str, proven: ProvenCard) -> ProvenCard:
    """The card with its attributes sealed for this sign-in, as it may be stored; unchanged if it has none.

    Effect: the attributes in the clear are no longer in the value.
    """
    if proven.attributes is None:
        return proven
    sealed = sealer.seal(_PURPOSE, txn.encode("ascii"), _to_json(proven.attributes))
    return replace(proven, attributes=None, sealed_attributes=sealed)


def unseal_attributes(sealer: Sealer, txn: str, proven: ProvenCard) -> ProvenCard:
    """The card with its attributes in the clear, for the moment of their use; unchanged if it has none.

    Raises: Unsealable: they were sealed for another sign-in, by another key, or were altered.
    """
    if not proven.sealed_attributes:
        return proven
    attributes = _from_json(sealer.unseal(_PURPOSE, txn.encode("ascii"), proven.sealed_attributes))
    return replace(proven, attributes=attributes, sealed_attributes="")


def _to_json(attributes: BasicFour) -> bytes:
    members = {
        "name": attributes.name,
        "name_substitutions": attributes.name_substitutions,
        "address": attributes.address,
        "address_substitutions": attributes.address_substitutions,
        "birthdate": attributes.birthdate.isoformat(),
        "gender": attributes.gender,
    }
    return json.dumps(members, ensure_ascii=False, separators=(",", ":")).encode("utf-8")


def _from_json(value: bytes) -> BasicFour:
    members = json.loads(value)
    return BasicFour(
        name=members["name"],
        name_substitutions=tuple(members["name_substitutions"]),
        address=members["address"],
        address_substitutions=tuple(members["address_substitutions"]),
        birthdate=date.fromisoformat(members["birthdate"]),
        gender=members["gender"],
    )
