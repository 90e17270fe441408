"""How values stand in columns: times as whole seconds, lists as words between single spaces."""

from collections.abc import Iterable
from datetime import datetime

from idp.clock import from_epoch_seconds, to_epoch_seconds


def to_optional_seconds(moment: datetime | None) -> int | None:
    """A moment as whole seconds since 1970; None stays None."""
    return None if moment is None else to_epoch_seconds(moment)


def from_optional_seconds(seconds: int | None) -> datetime | None:
    """The aware UTC datetime; None stays None."""
    return None if seconds is None else from_epoch_seconds(seconds)


def join_words(words: Iterable[str]) -> str:
    """A list of values without spaces as one text.

    Raises: ValueError: a value is empty or has a space, and would come back as another list.
    """
    listed = tuple(words)
    if any(not word or " " in word for word in listed):
        raise ValueError("a value in a list is empty or has a space")
    return " ".join(listed)


def split_words(text: str) -> tuple[str, ...]:
    """The list that ``join_words`` wrote."""
    return tuple(text.split(" ")) if text else ()


def is_storable(text: str) -> bool:
    """Whether a text from outside can be a value at all: PostgreSQL has no NUL, neither engine lone surrogates."""
    return "\x00" not in text and not any("\ud800" <= character <= "\udfff" for character in text)
