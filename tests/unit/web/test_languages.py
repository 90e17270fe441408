"""Which language a page has."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.web.languages import LANGUAGES, choose_language, parse_language


def test_japanese_is_the_default() -> None:
    assert choose_language([], None, None) == "ja"


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ("en", "en"), ("EN", "en"), ("en-GB", "en"), ("ja-JP", "ja"), (" ja ", "ja"), ("ja-Hira-JP", "ja"),
        ("english", None), ("fr", None), ("", None), (None, None), ("en_US", None), ("en" + "-x" * 600, None),
    ],
)  # fmt: skip
def test_a_tag_is_known_by_its_primary_subtag(tag: str | None, language: str | None) -> None:
    assert parse_language(tag) == language


def test_the_persons_own_choice_outranks_the_client_and_the_client_outranks_the_browser() -> None:
    assert choose_language(["ja"], "en", "ja") == "en"
    assert choose_language(["en"], None, "ja") == "en"
    assert choose_language([], None, "en") == "en"


def test_the_first_known_of_ui_locales_counts() -> None:
    assert choose_language(["fr-CA", "en-US", "ja"], None, None) == "en"


def test_a_cookie_that_is_not_a_language_is_as_if_absent() -> None:
    assert choose_language(["en"], "../../etc/passwd", None) == "en"


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("en", "en"),
        ("en-US,en;q=0.9,ja;q=0.8", "en"),
        ("en;q=0.5, ja;q=0.6", "ja"),
        ("en;q=0.5, ja;q=0.5", "en"),
        ("ja;q=0, en;q=0.001", "en"),
        ("en;q=0", "ja"),
        ("vi-VN,vi;q=0.9,en;q=0.3", "en"),
        ("fr", "ja"),
        ("*", "ja"),
        ("en;q=0.1,*;q=0.5", "ja"),
        ("en;Q=1.000", "en"),
        ("en;q=1.001", "ja"),
        ("en;q=nan", "ja"),
        ("en;q=-1", "ja"),
        ("en;q=9", "ja"),
        ("en;q=0.5;q=0.9", "ja"),
        (",,;;q=1,en;q=", "ja"),
        (",".join(["fr"] * 40) + ",en", "ja"),
        ("en" + " " * 1000, "ja"),
    ],
)
def test_the_header_is_read_with_its_weights(header: str, language: str) -> None:
    assert choose_language([], None, header) == language


@given(
    st.lists(st.text(), max_size=50),
    st.none() | st.text(),
    st.none() | st.text(alphabet="enja*;q=0.19, -", max_size=2000),
)
def test_any_input_yields_a_language(ui_locales: list[str], cookie: str | None, header: str | None) -> None:
    assert choose_language(ui_locales, cookie, header) in LANGUAGES


def test_a_huge_header_costs_nothing() -> None:
    began = time.perf_counter()
    choose_language(["x-" * 1_000_000] * 100, "e" * 1_000_000, "en;q=" * 1_000_000)
    assert time.perf_counter() - began < 0.5
