"""The sandbox's directory, made once however many processes start at the same moment."""

import fcntl
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from idp.identifiers import Randomness
from idp.sandbox.cast_cards import CastCard, issue_cast, open_cast
from idp.sandbox.live_cast import LiveCast
from idp.sandbox.pki import SandboxPki, create_sandbox_pki, open_sandbox_pki


def prepare_sandbox(
    directory: Path, now: datetime, randomness: Randomness = secrets.token_bytes
) -> tuple[SandboxPki, Mapping[str, CastCard]]:
    """Open the installation's sandbox, or make it at its first start.

    Returns: the PKI and the cast's cards by slug, as they are whenever one looks.
    Effect:  at the first start authorities, cards and lists; under a lock, whole or not at all.
    """
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    with holding_sandbox(directory):
        whole = directory / "installed"
        if whole.exists():
            pki = open_sandbox_pki(directory, randomness)
            return pki, LiveCast(pki, lambda: holding_sandbox(directory), open_cast(pki))
        # What a killed first start left behind is made anew: nobody can have used it.
        (directory / "pki.json").unlink(missing_ok=True)
        pki = create_sandbox_pki(directory, now, randomness)
        cards = issue_cast(pki, now)
        whole.touch()
        return pki, LiveCast(pki, lambda: holding_sandbox(directory), cards)


@contextmanager
def holding_sandbox(directory: Path) -> Iterator[None]:
    """Nobody else reads or changes the sandbox's files inside the block; not to be entered twice."""
    with (directory / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
