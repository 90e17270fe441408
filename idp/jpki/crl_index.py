"""A verified list as a file that every worker maps: a JSON head, then serial numbers of 20 bytes each.

First come those that are revoked for good, sorted, then those on hold, sorted.

The library looks a serial up by reading the whole list (50 ms at half a million entries); here it is a bisection over
pages that all workers share. The file is replaced whole, by rename, so a reader sees the old list or the new one.
"""

import hashlib
import json
import mmap
import os
import tempfile
from bisect import bisect_left
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from idp.clock import from_epoch_seconds, to_epoch_seconds
from idp.jpki.certificate import SERIAL_LIMIT_BYTES
from idp.jpki.crl import CrlRefused, VerifiedCrl

_MAGIC: Final = b"mynumber-idp crl index 2\n"
_HEAD_LIMIT_BYTES: Final = 4096


class _Records:
    """The mapped records, counted and numbered, so that ``bisect`` reads only the twenty or so it needs."""

    def __init__(self, mapped: mmap.mmap, start: int, count: int) -> None:
        self._mapped = mapped
        self._start = start
        self._count = count

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, index: int) -> bytes:
        offset = self._start + index * SERIAL_LIMIT_BYTES
        return self._mapped[offset : offset + SERIAL_LIMIT_BYTES]

    def holds(self, serial: bytes) -> bool:
        wanted = serial.rjust(SERIAL_LIMIT_BYTES, b"\x00")
        position = bisect_left(self, wanted)
        return position < self._count and self[position] == wanted

    def __iter__(self) -> Iterator[bytes]:
        return (self[index] for index in range(self._count))


class CrlIndex:
    """One verified list, opened for look-ups."""

    def __init__(self, head: dict[str, str | int], mapped: mmap.mmap, start: int) -> None:
        self.issuer_key_id = bytes.fromhex(str(head["issuer_key_id"]))
        self.partition = bytes.fromhex(str(head["partition"]))
        self.crl_number = int(str(head["crl_number"]))
        self.base_number = int(str(head["base_number"]))
        self.this_update = from_epoch_seconds(int(head["this_update"]))
        self.next_update = from_epoch_seconds(int(head["next_update"]))
        count, held_count = int(head["count"]), int(head["held_count"])
        self._revoked = _Records(mapped, start, count)
        self._held = _Records(mapped, start + count * SERIAL_LIMIT_BYTES, held_count)

    def __len__(self) -> int:
        return len(self._revoked) + len(self._held)

    def is_revoked(self, serial: bytes) -> bool:
        """Whether the list names the serial number (big-endian, at most 20 bytes) as revoked for good."""
        return self._revoked.holds(serial)

    def is_on_hold(self, serial: bytes) -> bool:
        """Whether the list names the serial number as on hold, so that a later list may not name it any more."""
        return self._held.holds(serial)

    def list_revoked(self) -> Iterator[bytes]:
        """Every serial number that is revoked for good, as 20 bytes, in order."""
        return iter(self._revoked)

    def list_on_hold(self) -> Iterator[bytes]:
        """Every serial number that is on hold, as 20 bytes, in order."""
        return iter(self._held)


def index_path(directory: Path, issuer_key_id: bytes, partition: bytes = b"") -> Path:
    """Where the index of one authority's list lives, or of one of its partitions."""
    scope = f"{issuer_key_id.hex()}.{partition.hex()}" if partition else issuer_key_id.hex()
    return directory / f"{scope}.crlindex"


def write_index(path: Path, crl: VerifiedCrl) -> None:
    """Put a verified list where the workers find it.

    Effect: atomic and durable; a crash leaves the old file or the new one.
    """
    head = json.dumps(
        {
            "issuer_key_id": crl.issuer_key_id.hex(),
            "partition": crl.partition.hex(),
            "crl_number": str(crl.crl_number),  # up to 20 bytes (RFC 5280 §5.2.3): too long for many JSON readers
            "base_number": str(crl.crl_number if crl.base_number is None else crl.base_number),
            "this_update": to_epoch_seconds(crl.this_update),
            "next_update": to_epoch_seconds(crl.next_update),
            "count": len(crl.serials) // SERIAL_LIMIT_BYTES,
            "held_count": len(crl.held) // SERIAL_LIMIT_BYTES,
            "sha256": hashlib.sha256(crl.serials + crl.held).hexdigest(),
        }
    ).encode("ascii")
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(_MAGIC + head + b"\n" + crl.serials + crl.held)
            file.flush()
            os.fsync(file.fileno())
            os.fchmod(file.fileno(), 0o644)  # a list is public; workers may run under another user than the refresher
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    _sync_directory(path.parent)


def open_index(path: Path) -> CrlIndex:
    """Map an index that ``write_index`` made.

    Raises: FileNotFoundError: there is none. CrlRefused: it is damaged.
    """
    with path.open("rb") as file:
        if file.readline(len(_MAGIC)) != _MAGIC:
            raise CrlRefused("CRL index is of another format")
        head_line = file.readline(_HEAD_LIMIT_BYTES)
        start = file.tell()
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    try:
        head = json.loads(head_line)
        with memoryview(mapped) as view, view[start:] as records:
            digest = hashlib.sha256(records).hexdigest()
        records_bytes = (head["count"] + head["held_count"]) * SERIAL_LIMIT_BYTES
        if digest != head["sha256"] or len(mapped) - start != records_bytes:
            raise CrlRefused("CRL index is damaged")
        return CrlIndex(head, mapped, start)
    except (ValueError, KeyError, TypeError, OverflowError, OSError) as fault:
        raise CrlRefused("CRL index is damaged") from fault


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
