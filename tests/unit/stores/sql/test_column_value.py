"""Values in columns come back as they were."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.stores.sql.column_value import (
    from_optional_seconds,
    is_storable,
    join_words,
    split_words,
    to_optional_seconds,
)


@given(st.lists(st.text(min_size=1).filter(lambda word: " " not in word)))
def test_a_list_of_words_comes_back(words: list[str]) -> None:
    assert split_words(join_words(words)) == tuple(words)


@pytest.mark.parametrize("words", [["a b"], [" "], [""], ["a", ""]])
def test_a_word_that_would_come_back_as_another_list_is_refused(words: list[str]) -> None:
    with pytest.raises(ValueError, match="space"):
        join_words(words)


def test_times_come_back_and_none_stays_none() -> None:
    moment = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert from_optional_seconds(to_optional_seconds(moment)) == moment
    assert from_optional_seconds(to_optional_seconds(None)) is None


@given(st.text())
def test_text_that_is_called_storable_can_be_encoded_and_has_no_nul(text: str) -> None:
    assert b"\x00" not in text.encode("utf-8") if is_storable(text) else True


@pytest.mark.parametrize("text", ["\x00", "a\x00b", "\ud800", "x\udfff"])
def test_nul_and_lone_surrogates_are_not_storable(text: str) -> None:
    assert not is_storable(text)
