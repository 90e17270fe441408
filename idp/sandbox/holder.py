"""A fictional holder of a card, and the basic four attributes in the form certificates carry them."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Final

JAPAN_STANDARD_TIME: Final = timezone(timedelta(hours=9), "JST")
_ERAS: Final = (
    (date(2019, 5, 1), "5"),
    (date(1989, 1, 8), "4"),
    (date(1926, 12, 25), "3"),
    (date(1912, 7, 30), "2"),
)
_VALIDITY_BIRTHDAYS: Final = 5


@dataclass(frozen=True, slots=True)
class Holder:
    """A person who does not exist.

    ``name`` and ``address`` are as the certificate prints them; in the maps stands one digit a character, 1 where the
    character was substituted because the certificate cannot carry the real one. ``gender`` is 1 male, 2 female, 3
    unknown. ``municipality_code`` has five digits; prefecture and city are romanised for the directory name.
    """

    name: str
    address: str
    birthdate: date
    gender: str
    name_map: str = ""
    address_map: str = ""
    municipality_code: str = "13101"
    prefecture: str = "Tokyo-to"
    city: str = "Chiyoda-ku"

    def with_full_maps(self) -> "Holder":
        """The same holder with a map of zeros where none was given."""
        return replace(
            self,
            name_map=self.name_map or "0" * len(self.name),
            address_map=self.address_map or "0" * len(self.address),
        )


def encode_birthdate(birthdate: date) -> str:
    """A birthdate as EYYYYMMDD: the era's digit, then the Gregorian date.

    Source: J-LIS profile v3.2, subjectAltName of the digital signature certificate.
    """
    era = next((digit for begins, digit in _ERAS if birthdate >= begins), "1")
    return f"{era}{birthdate:%Y%m%d}"


def end_of_validity(birthdate: date, issued_at: datetime) -> datetime:
    """When a certificate ends: 23:59:59 Japanese time on the holder's fifth birthday after the issue.

    Source: J-LIS profile v3.2, validity.
    """
    issued_on = issued_at.astimezone(JAPAN_STANDARD_TIME).date()
    years_left = _VALIDITY_BIRTHDAYS - (1 if _birthday(birthdate, issued_on.year) > issued_on else 0)
    last_day = _birthday(birthdate, issued_on.year + years_left)
    return datetime.combine(last_day, time(23, 59, 59), JAPAN_STANDARD_TIME).astimezone(UTC)


def _birthday(birthdate: date, year: int) -> date:
    try:
        return birthdate.replace(year=year)
    except ValueError:
        return date(year, 2, 28)  # born on 29 February
