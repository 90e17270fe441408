"""Strings that a person reads before the PIN."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.presenter.display import UndisplayableText, check_client_name, check_display_text


@given(st.text(max_size=80))
def test_what_passes_is_one_visible_line_in_one_form(text: str) -> None:
    try:
        check_client_name(text)
    except UndisplayableText:
        return
    assert 1 <= len(text) <= 64
    assert text == text.strip()
    assert unicodedata.normalize("NFC", text) == text
    assert not {unicodedata.category(character) for character in text} & {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        " a",
        "a ",
        "a\nb",
        "a\u202eb",
        "a\u200bb",
        "\ufeffa",
        "か\u3099",
        "a\u2028b",
        "\ue000",
        "\U000e0041",
        "x" * 65,
        "a\u034fb",
        "\u115f",
        "a\u1160",
        "a\u17b4b",
        "\u17b5",
        "\u3164",
        "a\uffa0b",
    ],
)
def test_a_name_that_could_deceive_is_refused(text: str) -> None:
    with pytest.raises(UndisplayableText):
        check_client_name(text)


@pytest.mark.parametrize("text", ["市役所", "𠮷野家", "a" * 64, "髙島 屋", "Café", "<b>&amp;", "🏦"])
def test_a_plain_name_passes(text: str) -> None:
    check_client_name(text)


def test_a_line_feed_is_for_statements_only() -> None:
    check_display_text("one\ntwo", limit_characters=10, allow_line_feed=True)
    with pytest.raises(UndisplayableText):
        check_display_text("one\r\ntwo", limit_characters=10, allow_line_feed=True)
    with pytest.raises(UndisplayableText):
        check_display_text("one\ntwo", limit_characters=10)
