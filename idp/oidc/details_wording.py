"""Details in words, for the page on which a person agrees and for the statement that is signed; the same in both."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from idp.oidc.authorization_details import AuthorizationDetails, DetailsType


@dataclass(frozen=True, slots=True)
class WordedDetail:
    """One object: what the operator says that its type is, and its members by name, each with its texts."""

    words: str
    members: tuple[tuple[str, tuple[str, ...]], ...]


def word_details(
    details: AuthorizationDetails | None, types: Mapping[str, DetailsType], language: Literal["ja", "en"]
) -> tuple[WordedDetail, ...]:
    """The details in the order in which they were asked; of a type that is declared no more, its name.

    Source: RFC 9396 §7 (what is granted is what was shown).
    """
    return tuple(_word(detail, types, language) for detail in (() if details is None else details.to_list()))


def _word(
    detail: Mapping[str, str | list[str]], types: Mapping[str, DetailsType], language: Literal["ja", "en"]
) -> WordedDetail:
    name = str(detail["type"])
    declared = types.get(name)
    words = name if declared is None else declared.ja if language == "ja" else declared.en
    members = ((each, value) for each, value in detail.items() if each != "type")
    return WordedDetail(
        words, tuple((each, (value,) if isinstance(value, str) else tuple(value)) for each, value in members)
    )
