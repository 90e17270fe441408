"""What the developer of a client may see of its requests: when, where, and why one was refused; nothing about a person.

Notes are kept in memory and written in batches beside the requests, so that a sign-in pays nothing for them. What a
process that dies had not yet written is lost: this is help, not evidence; the audit is ``idp.audit``.
"""

import threading
from collections import deque
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

_MOST_WAITING: Final = 2_000


@dataclass(frozen=True, slots=True)
class ClientNote:
    """One thing that happened to a client.

    ``where`` is the route, or ``claims`` for what was left out of an answer; ``outcome`` a registered code, a reason,
    or ``answered``; ``detail`` says more in words of ours; ``reference`` is the number that the answer or the log has.
    ``client_id`` is only claimed where authentication failed.
    """

    client_id: str
    at: datetime
    where: str
    outcome: str
    detail: str = ""
    reference: str = ""


class ClientNoteReader(Protocol):
    """The notes that are written."""

    def list_client_notes(self, client_id: str, now: datetime, limit: int) -> tuple[ClientNote, ...]:
        """A client's notes, newest first; those of a week, and of them the newest."""
        ...


class ClientJournal:
    """The notes of one process that are not written yet; of too many the oldest go."""

    def __init__(self, most_waiting: int = _MOST_WAITING) -> None:
        self._waiting: deque[ClientNote] = deque(maxlen=most_waiting)
        self._lock = threading.Lock()

    def note(self, note: ClientNote) -> None:
        """Keep one, in memory."""
        with self._lock:
            self._waiting.append(note)

    def drain(self) -> tuple[ClientNote, ...]:
        """All that wait, oldest first; they wait no more."""
        with self._lock:
            drained = tuple(self._waiting)
            self._waiting.clear()
        return drained
