"""What for, in the declaration that a person signs."""

from typing import Final, Literal

DECLARED_PURPOSE: Final[dict[Literal["ja", "en"], str]] = {
    "ja": "このサービスでの本人確認",
    "en": "identity verification for this service",
}
