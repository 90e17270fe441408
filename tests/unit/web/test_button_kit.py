"""The button kit for other sites: readable in every scheme, alone in the world, in the words that it states."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from idp.web.security_headers import content_security_policy
from tests.unit.web.test_static_file import contrast

KIT = Path(__file__).resolve().parents[3] / "docs" / "button"
CSS = (KIT / "button.css").read_text(encoding="utf-8")
PAGE = (KIT / "index.html").read_text(encoding="utf-8")
README = (KIT / "README.md").read_text(encoding="utf-8")
WORDINGS = re.findall(r"^\| [^|]+ \| (マイナンバーカードで\S+) \| ([A-Z][\w -]+Card) \|$", README, re.MULTILINE)


def colours(scheme: str) -> dict[str, str]:
    """The kit's colours in a scheme."""
    light, dark = CSS.split("@media (prefers-color-scheme: dark)")
    return dict(re.findall(r"--mnc-([a-z-]+): (#[0-9a-f]{6});", light if scheme == "light" else dark))


@pytest.mark.parametrize(("scheme", "page"), [("light", "#ffffff"), ("dark", "#1a1a1a")])
def test_words_rings_and_shapes_can_be_seen(scheme: str, page: str) -> None:
    """WCAG 2.2 §1.4.3, §1.4.11: 4.5 for words, 3 for the shape and for the ring beside the page and the button."""
    told = colours(scheme)
    assert set(told) == {"text", "fill", "fill-hover", "fill-active", "ring", "glow"}
    for fill in ("fill", "fill-hover", "fill-active"):
        assert contrast(told["text"], told[fill]) >= 4.5
        assert contrast(told[fill], page) >= 3
    assert contrast(told["ring"], page) >= 3
    assert contrast(told["ring"], told["glow"]) >= 3


@pytest.mark.parametrize(("scheme", "page"), [("light", "#ffffff"), ("dark", "#1a1a1a")])
def test_the_note_can_be_read(scheme: str, page: str) -> None:
    light, dark = re.findall(r"\.mnc-note \{[^}]*color: (#[0-9a-f]{6})", CSS)
    assert contrast(light if scheme == "light" else dark, page) >= 4.5


def test_it_fetches_nothing_and_runs_nothing() -> None:
    for text in (CSS, (KIT / "page.css").read_text(encoding="utf-8")):
        assert "url(" not in text
        assert "@import" not in text
    assert "<script" not in PAGE
    assert not re.search(r"\sstyle=|\son\w+=|https?:|<img", PAGE)
    assert re.findall(r'(?:href|src)="([^"#]+)', PAGE) == ["button.css", "page.css"]
    assert "style-src 'self'" in content_security_policy()[1]  # such a policy is all that it needs


def test_sizes_grow_with_the_text() -> None:
    lengths = re.findall(
        r"(?<![\w.#-])(\d*\.?\d+)(px|rem|em|%|s)?(?=[;\s)])", re.sub(r"/\*.*?\*/", "", CSS, flags=re.S)
    )
    assert {unit for _, unit in lengths if unit} <= {"rem", "em", "%", "s"}
    heights = [float(height) * 16 for height in re.findall(r"min-height: ([\d.]+)rem", CSS)]
    assert heights == [48, 44, 56]


def test_forced_colours_motion_and_focus_are_thought_of() -> None:
    assert "forced-colors: active" in CSS
    assert "prefers-reduced-motion" in CSS
    assert ":focus-visible" in CSS
    assert "outline: none" not in CSS


def test_four_wordings_in_two_languages_and_three_sizes_are_shown() -> None:
    assert len(WORDINGS) == 4
    shown = _Buttons.read(PAGE)
    expected = [
        (language, words, size)
        for index, language in enumerate(("ja", "en"))
        for words in [pair[index] for pair in WORDINGS]
        for size in ("small", "medium", "large")
    ]
    assert shown == expected


def test_the_snippet_is_one_of_the_page() -> None:
    (snippet,) = re.findall(r"^(<a class=.*</a>)$", README, re.MULTILINE)
    assert snippet.replace("/login", "#ja") in PAGE


class _Buttons(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str, str]] = []
        self._language = ""
        self._size: str | None = None

    @classmethod
    def read(cls, page: str) -> list[tuple[str, str, str]]:
        reader = cls()
        reader.feed(page)
        return reader.found

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "section":
            self._language = values["lang"]
        if tag == "a":
            self._size = values["class"].partition("--")[2] or "medium"

    def handle_data(self, data: str) -> None:
        if self._size is not None and data.strip():
            self.found.append((self._language, data, self._size))
            self._size = None
