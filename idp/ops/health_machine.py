"""Does the machine have room?"""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from idp.ops.health_answer import HealthAnswer, HealthState
from idp.settings.settings import Settings

FreeBytes = Callable[[Path], int]
_WARN_BYTES: Final = 1 << 30
# A revocation list of half a million entries needs 30 MB while it is replaced; a full disk stops every write.
_FAIL_BYTES: Final = 100 << 20
_SQLITE: Final = "sqlite:///"


def read_free_bytes(directory: Path) -> int:
    """How many bytes this process may still write below a directory, or below the nearest one that exists."""
    existing = next(path for path in (directory.absolute(), *directory.absolute().parents) if path.exists())
    return shutil.disk_usage(existing).free


def ask_disk(settings: Settings, free_bytes: FreeBytes = read_free_bytes) -> Iterator[HealthAnswer]:
    """Whether the folders that this installation writes to have room left."""
    for name, directory in _name_directories(settings):
        try:
            free = free_bytes(directory)
        except OSError as fault:
            yield HealthAnswer(HealthState.FAIL, f"disk.{name}", f"{directory}: {fault.strerror}")
            continue
        state = HealthState.FAIL if free < _FAIL_BYTES else HealthState.WARN if free < _WARN_BYTES else HealthState.OK
        yield HealthAnswer(state, f"disk.{name}", f"{free / (1 << 30):.1f} GiB free for {directory}")


def _name_directories(settings: Settings) -> Iterator[tuple[str, Path]]:
    for name, address in (("database", settings.stores.database), ("transient", settings.stores.transient)):
        if address.startswith(_SQLITE):
            yield name, Path(address.removeprefix(_SQLITE)).parent
    yield "revocation", settings.jpki.crl_index_directory
