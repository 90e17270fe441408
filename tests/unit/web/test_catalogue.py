"""The catalogues: both whole, both the same shape, nothing but text."""

import re
from pathlib import Path

import pytest

from idp.web.catalogue import Catalogue, CatalogueBroken, load_catalogues
from idp.web.languages import LANGUAGES, Language

HEADER = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'


def write(directory: Path, ja: str, en: str) -> Path:
    (directory / "ja.po").write_text(HEADER + ja, encoding="utf-8")
    (directory / "en.po").write_text(HEADER + en, encoding="utf-8")
    return directory


def entry(key: str, text: str) -> str:
    return f'msgid "{key}"\nmsgstr "{text}"\n\n'


def test_both_languages_have_every_sentence() -> None:
    catalogues = load_catalogues()
    assert catalogues["ja"].all_keys() == catalogues["en"].all_keys()
    assert len(catalogues["ja"].all_keys()) > 200


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_are_plain_text(language: Language) -> None:
    catalogue = load_catalogues()[language]
    for key in catalogue.all_keys():
        text = catalogue.text(key, **dict.fromkeys(catalogue.places(key), ""))
        assert not re.search(r"[<>{}\n]|&\w+;", text), key
        assert text == text.strip(), key


def test_japanese_is_polite_and_ends_its_sentences() -> None:
    catalogue = load_catalogues()["ja"]
    for key in catalogue.all_keys():
        if key.endswith(".text") or ".next." in key:
            assert re.search(
                r"(です|ます|ません|ました|ください|でした|ませんでした)(（[^）]*）)?。$", catalogue.text(key)
            ), key


def test_a_value_with_braces_is_not_looked_at_again() -> None:
    catalogue = Catalogue("en", {"greeting": "{first} and {second}"})
    assert catalogue.text("greeting", first="{second}", second="x") == "{second} and x"


def test_numbered_sentences_end_at_the_first_gap() -> None:
    catalogue = Catalogue("en", {"n.1": "a", "n.2": "b", "n.4": "d"})
    assert list(catalogue.numbered("n")) == ["a", "b"]


@pytest.mark.parametrize(
    ("ja", "en"),
    [
        (entry("a", "あ"), ""),
        (entry("a", "あ"), entry("a", "")),
        (entry("a", "{x}"), entry("a", "{y}")),
        (entry("a", "あ"), "#, fuzzy\n" + entry("a", "a")),
        (entry("a", "あ"), 'msgid "a\nmsgstr'),
    ],
    ids=["missing", "empty", "other place", "fuzzy", "broken"],
)
def test_an_unfinished_catalogue_stops_the_start(tmp_path: Path, ja: str, en: str) -> None:
    with pytest.raises(CatalogueBroken):
        load_catalogues(write(tmp_path, ja, en))


def test_a_missing_catalogue_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(CatalogueBroken):
        load_catalogues(tmp_path)
