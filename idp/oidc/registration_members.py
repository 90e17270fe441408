"""Rules for groups of members: which there are, of what type, and what must hold between them.

A group is a module of its own and enters ``registration.GROUPS`` when what it promises is kept.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

MAXIMUM_ITEMS: Final = 20
MAXIMUM_TEXT_CHARACTERS: Final = 2000

TypeCheck = Callable[[object], bool]


@dataclass(frozen=True, slots=True)
class MemberGroup:
    """``members`` by name with the check of their type and size; ``check`` refuses what does not fit together.

    ``check`` is given the metadata and whether this is a sandbox; it raises OAuthError invalid_client_metadata.
    """

    members: Mapping[str, TypeCheck]
    check: Callable[[Mapping[str, Any], bool], None]


def is_text(value: object) -> bool:
    """A text of 1 to 2,000 characters."""
    return isinstance(value, str) and 0 < len(value) <= MAXIMUM_TEXT_CHARACTERS


def is_list_of_texts(value: object) -> bool:
    """At most 20 such texts."""
    return isinstance(value, list) and len(value) <= MAXIMUM_ITEMS and all(map(is_text, value))


def is_flag(value: object) -> bool:
    """True or false."""
    return isinstance(value, bool)
