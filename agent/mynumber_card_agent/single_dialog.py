"""One request at a time: a second window could be taken for the first. Protocol §5."""

import contextlib
import importlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mynumber_card_agent.outcomes import AgentError, Outcome


def _lock(descriptor: int) -> None:
    # The lock belongs to the open file, so the system drops it when this process ends, however it ends.
    if sys.platform == "win32":
        windows: Any = importlib.import_module("msvcrt")
        windows.locking(descriptor, windows.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


@contextlib.contextmanager
def hold_the_only_dialog(directory: Path) -> Iterator[None]:
    """Be the one run of this person that may ask for a PIN.

    Raises: AgentError(BUSY): another one is running. AgentError(CONFIGURATION): the lock file cannot be made.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(directory / "mynumber-card-agent.lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise AgentError(Outcome.CONFIGURATION, f"cannot lock in {directory}") from error
    try:
        try:
            _lock(descriptor)
        except OSError as error:
            raise AgentError(Outcome.BUSY) from error
        yield
    finally:
        os.close(descriptor)
