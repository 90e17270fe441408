"""Dates as certificates carry them."""

from datetime import UTC, date, datetime

import pytest

from idp.sandbox.holder import Holder, encode_birthdate, end_of_validity


@pytest.mark.parametrize(
    ("born", "encoded"),
    [
        (date(1912, 7, 29), "119120729"),
        (date(1912, 7, 30), "219120730"),
        (date(1926, 12, 24), "219261224"),
        (date(1926, 12, 25), "319261225"),
        (date(1989, 1, 7), "319890107"),
        (date(1989, 1, 8), "419890108"),
        (date(2019, 4, 30), "420190430"),
        (date(2019, 5, 1), "520190501"),
    ],
)
def test_eras_begin_on_their_days(born: date, encoded: str):
    assert encode_birthdate(born) == encoded


@pytest.mark.parametrize(
    ("born", "issued", "ends"),
    [
        (date(1990, 4, 15), datetime(2026, 4, 14, 3, tzinfo=UTC), datetime(2030, 4, 15, 14, 59, 59, tzinfo=UTC)),
        (date(1990, 4, 15), datetime(2026, 4, 15, 3, tzinfo=UTC), datetime(2031, 4, 15, 14, 59, 59, tzinfo=UTC)),
        (date(1990, 4, 15), datetime(2026, 4, 14, 15, tzinfo=UTC), datetime(2031, 4, 15, 14, 59, 59, tzinfo=UTC)),
        (date(2000, 2, 29), datetime(2026, 3, 1, 3, tzinfo=UTC), datetime(2031, 2, 28, 14, 59, 59, tzinfo=UTC)),
        (date(2000, 2, 29), datetime(2023, 3, 1, 3, tzinfo=UTC), datetime(2028, 2, 29, 14, 59, 59, tzinfo=UTC)),
    ],
    ids=["day before", "birthday", "birthday in Japan already", "leap day", "leap day in a leap year"],
)
def test_validity_ends_on_the_fifth_birthday(born: date, issued: datetime, ends: datetime):
    assert end_of_validity(born, issued) == ends


def test_maps_are_filled_with_zeros_where_none_is_given():
    holder = Holder("山田　花子", "東京都", date(1990, 4, 15), "2", name_map="01000").with_full_maps()
    assert (holder.name_map, holder.address_map) == ("01000", "000")
