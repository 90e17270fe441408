"""The part of the error catalogues that is made of the pages' own words: every reason, what it means, what to do."""

from collections.abc import Iterable
from typing import Final

from idp.identity.errors import AttachRefusal
from idp.jpki.errors import Rejection, Unverifiable
from idp.presenter.message import CANCEL_REASONS
from idp.web.catalogue import load_catalogues
from idp.web.languages import Language
from idp.web.page_reason import PageReason
from idp.web.page_text import page_text
from idp.web.sandbox.request_outcome import TOLD_OUTCOMES
from tests.architecture.source_tree import ROOT

DOCUMENTS: Final[dict[Language, str]] = {"en": "docs/errors.md", "ja": "docs/errors.ja.md"}
MARK: Final = "<!-- made by `make specs` from here on -->\n"
FAMILIES: Final[tuple[tuple[Iterable[str], str, str], ...]] = (
    (Rejection, "The card: we know, and the answer is no", "カード: 確かめた結果、使えない"),
    (Unverifiable, "The card: we could not find out", "カード: 確かめられなかった"),
    (sorted(CANCEL_REASONS), "The card app stopped", "カードアプリで中断した"),
    (PageReason, "The page", "画面"),
    (AttachRefusal, "A card or phone is not added", "カードやスマートフォンを追加しなかった"),
)
_HEADS: Final = {
    "en": ("What a person reads", "reason", "what happened", "what to do"),
    "ja": ("本人に示す説明", "理由", "何が起きたか", "どうするか"),
}


def write_reasons(language: Language) -> str:
    """What follows the mark in a language's document."""
    catalogue = load_catalogues()[language]
    heading, *columns = _HEADS[language]
    number = 8 if language == "en" else 2
    lines = [MARK, f"## {number}. {heading}", ""]
    for family, english, japanese in FAMILIES:
        lines += [f"### {english if language == 'en' else japanese}", ""]
        lines += [f"| {' | '.join(columns)} |", "|---|---|---|"]
        for reason in family:
            told = page_text(str(reason), catalogue)
            happened = f"**{told.title}**<br>{told.text}"
            lines.append(f"| `{reason}` | {happened} | {'<br>'.join(told.next_steps)} |")
        lines.append("")
    noted = (
        "Notes of a client's requests that are no refusals"
        if language == "en"
        else "クライアントの記録に現れ、拒否ではないもの"
    )
    lines += [f"### {noted}", "", f"| {' | '.join(columns)} |", "|---|---|---|"]
    for outcome in TOLD_OUTCOMES:
        cause, cure = (catalogue.text(f"client_error.{outcome}.{part}") for part in ("cause", "cure"))
        lines.append(f"| `{outcome}` | {cause} | {cure} |")
    return "\n".join(lines).rstrip("\n") + "\n"


def documents_as_they_should_be() -> dict[str, str]:
    """Both documents, by path, with what follows the mark made anew."""
    made = {}
    for language, path in DOCUMENTS.items():
        by_hand = (ROOT / path).read_text(encoding="utf-8").partition(MARK)[0]
        made[path] = by_hand + write_reasons(language)
    return made
