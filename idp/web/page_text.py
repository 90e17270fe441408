"""What a person is told for a reason: what happened, what it means, what to do next."""

from dataclasses import dataclass

from idp.web.catalogue import Catalogue
from idp.web.page_reason import PageReason


@dataclass(frozen=True, slots=True)
class PageText:
    """One reason in one language; ``next_steps`` are things the person can do, the likeliest first."""

    title: str
    text: str
    next_steps: tuple[str, ...]


def page_text(reason: str, catalogue: Catalogue, *, is_signing: bool = False) -> PageText:
    """The text for a reason: a value of Rejection, Unverifiable, PageReason or a presenter's reason to cancel.

    Takes:   is_signing, whether the card was to sign with its other certificate, which has a password of its own, more
             tries, and ends with a move; who is at that step is signed in already.
    Returns: the text of ``server_error`` for a reason that nobody wrote a text for, because this runs while something
             has already gone wrong. A test asserts that every reason of ours has its own.
    """
    known = reason if f"reason.{reason}.title" in catalogue else PageReason.SERVER_ERROR.value
    told = f"signing.{known}" if is_signing and f"signing.{known}.title" in catalogue else f"reason.{known}"
    return PageText(
        title=catalogue.text(f"{told}.title"),
        text=catalogue.text(f"{told}.text"),
        next_steps=tuple(catalogue.numbered(f"{told}.next")),
    )
