"""Every sentence that a person reads, by key: one gettext file a language, parsed once at start."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from babel.messages.pofile import PoFileError, read_po

from idp.web.languages import LANGUAGES, Language

CATALOGUE_DIRECTORY: Final = Path(__file__).resolve().parent / "catalogues"
_PLACE: Final = re.compile(r"\{([a-z_]+)\}", re.ASCII)


class CatalogueBroken(Exception):
    """The catalogues of this installation do not hold the same sentences; the message names file or keys."""


class Catalogue:
    """The sentences of one language. A place for a value is written ``{client_name}``; nothing else is special."""

    def __init__(self, language: Language, sentences: Mapping[str, str]) -> None:
        self.language = language
        self._sentences = dict(sentences)

    def __contains__(self, key: str) -> bool:
        return key in self._sentences

    def all_keys(self) -> frozenset[str]:
        """The keys of all sentences."""
        return frozenset(self._sentences)

    def places(self, key: str) -> frozenset[str]:
        """The names of the values that a sentence has room for."""
        return frozenset(_PLACE.findall(self._sentences[key]))

    def text(self, key: str, **values: object) -> str:
        """One sentence with its values in place, unescaped: the template escapes it.

        Raises: KeyError: no such sentence, or a value is missing. A value with braces in it stays as it is.
        """
        sentence = self._sentences[key]
        if not values:
            return sentence
        return _PLACE.sub(lambda place: str(values[place[1]]), sentence)

    def numbered(self, prefix: str) -> Iterator[str]:
        """The sentences ``prefix.1``, ``prefix.2`` … as far as there are any."""
        number = 1
        while (sentence := self._sentences.get(f"{prefix}.{number}")) is not None:
            yield sentence
            number += 1


def load_catalogues(directory: Path = CATALOGUE_DIRECTORY) -> dict[Language, Catalogue]:
    """The catalogues of all languages, proven to hold the same keys with the same places.

    Raises: CatalogueBroken: a file is missing or unreadable, a sentence empty, fuzzy or absent in one language.
    """
    catalogues = {language: _load(directory / f"{language}.po", language) for language in LANGUAGES}
    first = catalogues[LANGUAGES[0]]
    for other in catalogues.values():
        if differing := first.all_keys() ^ other.all_keys():
            raise CatalogueBroken(f"only in one of {first.language} and {other.language}: {sorted(differing)}")
        if differing := frozenset(key for key in first.all_keys() if first.places(key) != other.places(key)):
            raise CatalogueBroken(f"other places in {first.language} than in {other.language}: {sorted(differing)}")
    return catalogues


def _load(path: Path, language: Language) -> Catalogue:
    try:
        with path.open("rb") as file:
            messages = [message for message in read_po(file, abort_invalid=True) if message.id]
    except (OSError, PoFileError, ValueError) as error:
        raise CatalogueBroken(f"{path}: {error}") from error
    sentences = {str(message.id): str(message.string) for message in messages}
    unfinished = sorted(str(message.id) for message in messages if message.fuzzy or not message.string)
    if unfinished:
        raise CatalogueBroken(f"{path}: unfinished: {unfinished}")
    return Catalogue(language, sentences)
