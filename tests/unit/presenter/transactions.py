"""Transactions for the presenter's tests: a plain one, and the published vectors."""

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

from idp.presenter.transaction import CardTransaction

VECTORS: dict[str, Any] = json.loads(
    (Path(__file__).parents[3] / "docs" / "card-presenter-protocol-vectors.json").read_text(encoding="ascii")
)
BASE: dict[str, Any] = VECTORS["base_transaction"]


def transaction(members: dict[str, Any] | None = None, **changes: Any) -> CardTransaction:
    """The vectors' base transaction, or other members, with changes."""
    whole = {**(members or BASE), **changes}
    assert whole.keys() == {field.name for field in fields(CardTransaction)}
    return CardTransaction(**{**whole, "claims": tuple(whole["claims"])})


def is_of_its_type(member: str, value: object) -> bool:
    """Whether a vector's value could stand in the dataclass at all; the type checker holds the rest."""
    if member == "claims":
        return isinstance(value, list) and all(isinstance(name, str) for name in value)
    return isinstance(value, str)
