"""In which language a person is spoken to: Japanese unless the person or the client asks for English."""

import re
from collections.abc import Sequence
from typing import Final, Literal

Language = Literal["ja", "en"]
LANGUAGES: Final[tuple[Language, ...]] = ("ja", "en")
DEFAULT_LANGUAGE: Final[Language] = "ja"

# What comes from outside is looked at this far; no browser sends more, and the work stays bounded.
_LIMIT_CHARACTERS: Final = 1000
_LIMIT_ITEMS: Final = 32
# RFC 9110 §12.4.2: at most three digits after the point.
_QUALITY: Final = re.compile(r"[qQ]=(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)", re.ASCII)


def parse_language(tag: str | None) -> Language | None:
    """The language that a tag asks for, by its primary subtag; None for any other text.

    Takes:  a BCP 47 tag such as ``en-GB``, unverified: the value of ``?lang=``, of the cookie, of one ui_locales entry.
    Source: RFC 5646 §2.2.1; RFC 4647 §3.3.1.
    """
    if tag is None or len(tag) > _LIMIT_CHARACTERS:
        return None
    primary = tag.strip().partition("-")[0].lower()
    return next((language for language in LANGUAGES if language == primary), None)


def choose_language(ui_locales: Sequence[str], cookie: str | None, accept_language: str | None) -> Language:
    """The language of a page: what the person chose here, what the client says, what the browser says, Japanese.

    Takes:  ui_locales in the order of preference; the language cookie; the header; all unverified.
    Source: OIDC Core §3.1.2.1, ui_locales; RFC 9110 §12.5.4.
    Stricter: the person's own choice outranks ui_locales, or the switch on the page would do nothing.
    """
    chosen = parse_language(cookie)
    if chosen is not None:
        return chosen
    for tag in ui_locales[:_LIMIT_ITEMS]:
        asked = parse_language(tag)
        if asked is not None:
            return asked
    return _choose_by_header(accept_language or "") or DEFAULT_LANGUAGE


def _choose_by_header(header: str) -> Language | None:
    if len(header) > _LIMIT_CHARACTERS:
        return None
    best: Language | None = None
    best_quality = 0.0
    for item in header.split(",")[:_LIMIT_ITEMS]:
        tag, _, parameter = item.partition(";")
        quality = _parse_quality(parameter.strip())
        language = DEFAULT_LANGUAGE if tag.strip() == "*" else parse_language(tag)
        if language is not None and quality > best_quality:
            best, best_quality = language, quality
    return best


def _parse_quality(parameter: str) -> float:
    if not parameter:
        return 1.0
    match = _QUALITY.fullmatch(parameter)
    return float(match[1]) if match else 0.0
