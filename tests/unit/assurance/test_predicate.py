"""Questions answered without the attribute."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.assurance.predicate import Area, Predicate, japanese_end_of_day
from tests.unit.assurance.samples import NOW, OSAKA, TAXING, TOKYO, person

TWENTY = Predicate("age", threshold=20)


@pytest.mark.parametrize(
    ("birthdate", "now", "answer"),
    [
        # The day begins in Japan: 15:00 UTC is midnight there.
        (date(2006, 11, 23), datetime(2026, 11, 22, 14, 59, 59, tzinfo=UTC), False),
        (date(2006, 11, 23), datetime(2026, 11, 22, 15, 0, 0, tzinfo=UTC), True),
        (date(2006, 11, 22), datetime(2026, 11, 22, 3, 0, 0, tzinfo=UTC), True),
        # 29 February in a year that has none.
        (date(2008, 2, 29), datetime(2027, 2, 28, 3, 0, tzinfo=UTC), False),
        (date(2008, 2, 29), datetime(2028, 2, 28, 3, 0, tzinfo=UTC), False),
        (date(2008, 2, 29), datetime(2028, 2, 29, 3, 0, tzinfo=UTC), True),
        (date(2026, 11, 22), datetime(2026, 11, 22, 3, 0, tzinfo=UTC), False),
        (date(1906, 1, 1), datetime(2026, 11, 22, 3, 0, tzinfo=UTC), True),
    ],
)
def test_age_turns_on_the_birthday_in_japan(birthdate: date, now: datetime, answer: bool) -> None:
    assert TWENTY.find_answer(person(birthdate=birthdate), now) is answer


def test_born_on_29_february_is_a_year_older_from_1_march_where_there_is_none() -> None:
    eighteen = Predicate("age", threshold=18)
    born = person(birthdate=date(2008, 2, 29))
    assert eighteen.find_answer(born, datetime(2026, 2, 28, 3, tzinfo=UTC)) is False
    assert eighteen.find_answer(born, datetime(2026, 3, 1, 3, tzinfo=UTC)) is True


@given(st.dates(min_value=date(1900, 1, 1), max_value=date(2026, 11, 22)), st.integers(1, 120))
def test_who_is_over_a_threshold_is_over_every_lower_one(birthdate: date, threshold: int) -> None:
    born = person(birthdate=birthdate)
    higher = Predicate("age", threshold=threshold).find_answer(born, NOW)
    lower = Predicate("age", threshold=threshold - 1).find_answer(born, NOW)
    assert lower or not higher


@pytest.mark.parametrize(("area", "answer"), [(TOKYO, True), (TAXING, True), (OSAKA, False)])
def test_residence_is_how_the_address_begins(area: Area, answer: bool) -> None:
    assert Predicate("residence", area=area).find_answer(person(), NOW) is answer


def test_large_and_small_letters_are_one_spelling() -> None:
    chigasaki = Predicate("residence", area=Area("14207", "神奈川県茅ヶ崎市"))
    assert chigasaki.find_answer(person(address="神奈川県茅ケ崎市一丁目1番"), NOW) is True
    assert chigasaki.find_answer(person(address="神奈川県鎌倉市一丁目1番"), NOW) is False


@pytest.mark.parametrize(
    ("code", "prefix"),
    [
        ("1", "東京都"),
        ("131016", "東京都"),
        ("1３", "東京都"),
        ("13", ""),
        ("13101", "千代田区"),
        ("13", "東京都 千代田区"),
        ("13", "東京都\n相手"),
        ("13", "東京都" * 11),
    ],
)
def test_an_area_that_would_answer_wrongly_cannot_be_set(code: str, prefix: str) -> None:
    with pytest.raises(ValueError, match="area"):
        Area(code, prefix)


def test_a_space_in_the_compared_part_leaves_it_unanswered() -> None:
    assert Predicate("residence", area=TAXING).find_answer(person(address="東京都　千代田区霞が関"), NOW) is None
    assert Predicate("residence", area=TOKYO).find_answer(person(address="東京都　千代田区霞が関"), NOW) is True


@pytest.mark.parametrize("address", ["千代田区霞が関二丁目", "", "東京 千代田区", "国外"])
def test_an_address_without_a_prefecture_answers_neither_yes_nor_no(address: str) -> None:
    assert Predicate("residence", area=OSAKA).find_answer(person(address=address), NOW) is None


@pytest.mark.parametrize(("position", "answer"), [(0, None), (6, None), (7, True), (12, True)])
def test_a_substitute_character_in_the_compared_part_leaves_it_unanswered(position: int, answer: bool | None) -> None:
    assert Predicate("residence", area=TAXING).find_answer(person(address_substitutions=(position,)), NOW) is answer


def test_the_name_says_the_whole_question() -> None:
    assert TWENTY.name == "age_20_or_over"
    assert Predicate("residence", area=TAXING).name == "lives_in_13101"
    assert TWENTY.definition() == {"claim": "birthdate", "fn": ["years_ago", ["gte", 20]]}


def test_the_last_second_of_a_day_is_japans() -> None:
    assert japanese_end_of_day(date(2026, 11, 22)) == datetime(2026, 11, 22, 14, 59, 59, tzinfo=UTC)
