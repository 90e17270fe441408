"""The cast's cards as they are now: a running provider sees a card that was renewed by another process."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager

from idp.sandbox.authority import write_file
from idp.sandbox.cast_cards import CastCard, open_cast
from idp.sandbox.pki import SandboxPki


class LiveCast(Mapping[str, CastCard]):
    """Cards by slug, read again after a change was announced.

    Takes: hold, the sandbox's lock; cards, as they were read inside it.
    """

    def __init__(
        self, pki: SandboxPki, hold: Callable[[], AbstractContextManager[None]], cards: Mapping[str, CastCard]
    ) -> None:
        self._pki = pki
        self._hold = hold
        self._cards = cards
        self._seen = _changed_at(pki)

    def __getitem__(self, slug: str) -> CastCard:
        return self._read()[slug]

    def __iter__(self) -> Iterator[str]:
        return iter(self._read())

    def __len__(self) -> int:
        return len(self._read())

    def _read(self) -> Mapping[str, CastCard]:
        if _changed_at(self._pki) != self._seen:
            with self._hold():
                self._seen = _changed_at(self._pki)
                self._cards = open_cast(self._pki)
        return self._cards


def announce_change(pki: SandboxPki) -> None:
    """Let every process read the cards again; inside the lock, after they were written."""
    path = pki.directory / "cast" / "changed"
    number = int(path.read_text("ascii")) + 1 if path.exists() else 1
    write_file(path, str(number).encode("ascii"), mode=0o600)


def _changed_at(pki: SandboxPki) -> str:
    path = pki.directory / "cast" / "changed"
    return path.read_text("ascii") if path.exists() else ""
