"""Answers that need not be asked for again yet, in the memory of one process."""

import hashlib
import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from idp.jpki.ocsp import VerifiedOcspAnswer

_ENTRIES_LIMIT: Final = 10_000


@dataclass(frozen=True, slots=True)
class _Kept:
    answer: VerifiedOcspAnswer
    kept_at: datetime
    until: datetime


class OcspCache:
    """Answers by a digest of issuer key and serial number; of too many, those go that were not used for longest."""

    def __init__(self, entries_limit: int = _ENTRIES_LIMIT) -> None:
        self._limit = entries_limit
        self._kept: OrderedDict[bytes, _Kept] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, issuer_key_id: bytes, serial: bytes, now: datetime) -> VerifiedOcspAnswer | None:
        """The answer that was kept, if its time has not passed; a clock that went back forgets it."""
        key = _key(issuer_key_id, serial)
        with self._lock:
            kept = self._kept.get(key)
            if kept is None:
                return None
            if not kept.kept_at <= now < kept.until:
                del self._kept[key]
                return None
            self._kept.move_to_end(key)
            return kept.answer

    def keep(
        self, issuer_key_id: bytes, serial: bytes, answer: VerifiedOcspAnswer, now: datetime, until: datetime
    ) -> None:
        """Keep an answer until a moment."""
        with self._lock:
            self._kept[_key(issuer_key_id, serial)] = _Kept(answer, now, until)
            while len(self._kept) > self._limit:
                self._kept.popitem(last=False)


def _key(issuer_key_id: bytes, serial: bytes) -> bytes:
    return hashlib.sha256(issuer_key_id + serial).digest()
