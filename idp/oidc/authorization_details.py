"""What a client asks for in structured form: objects of types that the operator declared (RFC 9396)."""

import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from idp.oidc.client import Client
from idp.oidc.errors import ErrorCode, OAuthError
from idp.strict_json import JsonLimits, NotJson, read_json

MAXIMUM_DETAILS: Final = 8
MAXIMUM_TEXTS: Final = 10
MAXIMUM_TEXT_CHARACTERS: Final = 200
LIMITS: Final = JsonLimits(size_bytes=16 * 1024)
_UNSHOWABLE: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
# Letters and marks drawn as nothing: grapheme joiner, Hangul fillers, Khmer inherent vowels (presenter protocol §3.2).
_INVISIBLE: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0")


@dataclass(frozen=True, slots=True)
class DetailsType:
    """One type: the members that its objects may have, and what a person is told about it, in both languages."""

    type: str
    members: frozenset[str]
    ja: str
    en: str


@dataclass(frozen=True, slots=True)
class AuthorizationDetails:
    """Details that are understood and may be shown; ``text`` is their one form, JSON."""

    text: str

    def to_list(self) -> list[dict[str, Any]]:
        """The objects, as the client gets them back."""
        details: list[dict[str, Any]] = json.loads(self.text)
        return details

    @classmethod
    def from_list(cls, details: list[dict[str, Any]]) -> Self:
        """The inverse of ``to_list``."""
        return cls(json.dumps(details, separators=(",", ":"), sort_keys=True))


def parse_authorization_details(
    unverified_text: str, client: Client, types: Mapping[str, DetailsType]
) -> AuthorizationDetails:
    """Establish that every object is of a type that this client registered, and says nothing but what that type has.

    Takes:    the parameter's value; types by name, as the operator declared them.
    Raises:   OAuthError invalid_authorization_details.
    Source:   RFC 9396 §2, §5 (unknown type, unknown or wrong member), §10 (authorization_details_types).
    Stricter: a member is a text that a page and a card app can show (presenter protocol §3.2), or a list of such, since
              a person is asked about all of it and may sign it; there are at most 8 objects.
    """
    try:
        details = read_json(unverified_text.encode("utf-8"), LIMITS)
    except (NotJson, UnicodeEncodeError) as error:
        raise _refusal("not JSON that can be read") from error
    if not isinstance(details, list) or not 1 <= len(details) <= MAXIMUM_DETAILS:
        raise _refusal(f"not a list of 1 to {MAXIMUM_DETAILS} objects")
    for detail in details:
        _check_detail(detail, client, types)
    return AuthorizationDetails.from_list(details)


def _check_detail(detail: object, client: Client, types: Mapping[str, DetailsType]) -> None:
    name = detail.get("type") if isinstance(detail, dict) else None
    if not isinstance(detail, dict) or not isinstance(name, str):
        raise _refusal("no object with a type")
    if name not in types or name not in client.options.authorization_details_types:
        raise _refusal("a type that this client has not registered")
    for member, value in detail.items():
        if member != "type" and member not in types[name].members:
            raise _refusal("a member that its type does not have")
        texts = value if isinstance(value, list) else [value]
        if not 1 <= len(texts) <= MAXIMUM_TEXTS or not all(map(_is_showable, texts)):
            raise _refusal("a member is neither a text nor a list of texts that can be shown")


def _is_showable(value: object) -> bool:
    return (
        isinstance(value, str)
        and 0 < len(value) <= MAXIMUM_TEXT_CHARACTERS
        and _UNSHOWABLE.isdisjoint(map(unicodedata.category, value))
        and _INVISIBLE.isdisjoint(value)
        and value == value.strip()
        and unicodedata.is_normalized("NFC", value)
    )


def _refusal(detail: str) -> OAuthError:
    return OAuthError(
        ErrorCode.INVALID_AUTHORIZATION_DETAILS,
        f"authorization_details is refused: {detail}.",
        detail=f"authorization_details: {detail}",
    )
