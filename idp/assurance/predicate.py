"""Derived answers: a question about an attribute, answered yes or no without the attribute itself."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any, Final, Literal

from idp.evidence import BasicFour

PredicateKind = Literal["age", "residence"]
FUNCTIONS: Final = ("years_ago", "gte", "get", "starts_with")
MAXIMUM_FUNCTIONS: Final = 2
_AREA_CODE: Final = re.compile(r"[0-9]{2}(?:[0-9]{3})?")
_MAXIMUM_PREFIX_CHARACTERS: Final = 30
# Large and small are written for each other (茅ヶ崎, 茅ケ崎), in registers too.
_ONE_SPELLING: Final = str.maketrans("ヶヵ", "ケカ")
# Japan has had no summer time since 1951, and a birthday begins there at midnight of this offset.
_JAPAN: Final = timezone(timedelta(hours=9))
_PREFECTURES: Final = (
    "北海道", "青森県", "岩手県", "宮城県", "秋田県", "山形県", "福島県", "茨城県",
    "栃木県", "群馬県", "埼玉県", "千葉県", "東京都", "神奈川県", "新潟県", "富山県",
    "石川県", "福井県", "山梨県", "長野県", "岐阜県", "静岡県", "愛知県", "三重県",
    "滋賀県", "京都府", "大阪府", "兵庫県", "奈良県", "和歌山県", "鳥取県", "島根県",
    "岡山県", "広島県", "山口県", "徳島県", "香川県", "愛媛県", "高知県", "福岡県",
    "佐賀県", "長崎県", "熊本県", "大分県", "宮崎県", "鹿児島県", "沖縄県",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Area:
    """A prefecture or municipality: its code (全国地方公共団体コード) and how addresses in it begin.

    The code has the prefecture's two digits, or five with the municipality's; the prefix begins with the prefecture,
    because without it every address would seem to be elsewhere.
    """

    code: str
    prefix: str

    def __post_init__(self) -> None:
        if _AREA_CODE.fullmatch(self.code) is None:
            raise ValueError("an area has a code of two or five digits")
        is_plain = len(self.prefix) <= _MAXIMUM_PREFIX_CHARACTERS and self.prefix.isalpha()
        if not is_plain or not self.prefix.startswith(_PREFECTURES):
            raise ValueError("an area's prefix begins with its prefecture and is made of at most 30 letters")


@dataclass(frozen=True, slots=True)
class Predicate:
    """One question. ``name`` says the whole of it, so that nobody can change the question and keep the name.

    ``threshold`` is an age in years for ``age``; ``area`` is there for ``residence``.
    """

    kind: PredicateKind
    threshold: int = 0
    area: Area | None = None

    @property
    def name(self) -> str:
        """``age_20_or_over``, ``lives_in_13101``."""
        return f"age_{self.threshold}_or_over" if self.area is None else f"lives_in_{self.area.code}"

    def definition(self) -> dict[str, Any]:
        """The question in the words of Advanced Syntax for Claims (draft 01, Transformed Claims)."""
        if self.area is None:
            return {"claim": "birthdate", "fn": ["years_ago", ["gte", self.threshold]]}
        return {"claim": "address", "fn": [["get", "formatted"], ["starts_with", self.area.prefix]]}

    def find_answer(self, attributes: BasicFour, now: datetime) -> bool | None:
        """Yes, no, or None where the certificate does not say.

        Takes:  now, aware; the day is Japan's.
        Source: Advanced Syntax for Claims (draft 01): ``years_ago`` counts whole years, rounded down.
        """
        if self.area is None:
            return _years_between(attributes.birthdate, now.astimezone(_JAPAN).date()) >= self.threshold
        return _find_residence(attributes, self.area.prefix)


def japanese_end_of_day(day: date) -> datetime:
    """The last second of a day in Japan, as aware UTC (OIDC4IDA §5.5.2 counts the age of a date from there)."""
    return datetime(day.year, day.month, day.day, 23, 59, 59, tzinfo=_JAPAN).astimezone(UTC)


def _years_between(birthdate: date, day: date) -> int:
    # Who was born on 29 February is a year older from 1 March on in other years: 年齢計算ニ関スル法律, 民法 143条2項.
    had_birthday = (day.month, day.day) >= (birthdate.month, birthdate.day)
    return day.year - birthdate.year - (0 if had_birthday else 1)


def _find_residence(attributes: BasicFour, prefix: str) -> bool | None:
    # A no must be as reliable as a yes: without a prefecture at its beginning, with a space or with a character there
    # that stands for another one, the address does not say where it is.
    compared = attributes.address[: len(prefix)]
    if not attributes.address.startswith(_PREFECTURES) or any(map(str.isspace, compared)):
        return None
    if any(position < len(prefix) for position in attributes.address_substitutions):
        return None
    return compared.translate(_ONE_SPELLING) == prefix.translate(_ONE_SPELLING)
