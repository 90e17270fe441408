"""What a token is bound to: the key whose holder alone may use it (RFC 7800 §3.1)."""

import json
from dataclasses import dataclass
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Confirmation:
    """At least one of two SHA-256 thumbprints, each 43 base64url characters.

    ``jkt`` is that of a DPoP key (RFC 9449 §6.1), ``x5t_s256`` that of a certificate, whole (RFC 8705 §3.1).
    """

    jkt: str | None = None
    x5t_s256: str | None = None

    def is_proven_by(self, other: "Confirmation | None") -> bool:
        """Whether who has proven ``other`` has proven this."""
        return other is not None and self.jkt in (None, other.jkt) and self.x5t_s256 in (None, other.x5t_s256)

    def to_claim(self) -> dict[str, str]:
        """The members of ``cnf``."""
        members = {"jkt": self.jkt, "x5t#S256": self.x5t_s256}
        return {name: value for name, value in members.items() if value is not None}

    def to_text(self) -> str:
        """One text, for a column."""
        return json.dumps(self.to_claim(), separators=(",", ":"))

    @classmethod
    def from_text(cls, stored: str) -> Self:
        """The inverse of ``to_text``; only our own store's contents are given to it."""
        members: dict[str, Any] = json.loads(stored)
        return cls(members.get("jkt"), members.get("x5t#S256"))
