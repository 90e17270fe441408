"""What a token is bound to: the key whose holder alone may use it (RFC 7800 §3.1)."""

import json
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Confirmation:
    """``jkt`` is the thumbprint of a DPoP key, base64url of SHA-256 (RFC 9449 §6.1)."""

    jkt: str

    def to_claim(self) -> dict[str, str]:
        """The members of ``cnf``."""
        return {"jkt": self.jkt}

    def to_text(self) -> str:
        """One text, for a column."""
        return json.dumps(self.to_claim(), separators=(",", ":"))

    @classmethod
    def from_text(cls, stored: str) -> Self:
        """The inverse of ``to_text``; only our own store's contents are given to it."""
        return cls(**json.loads(stored))
