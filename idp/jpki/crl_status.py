"""Status out of the mapped lists: of the certificate's partition, and of the whole authority (RFC 5280 §6.3)."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from idp.identifiers import Randomness, new_identifier
from idp.jpki.crl_index import CrlIndex, index_path, open_index
from idp.jpki.errors import CardUnverifiable, Unverifiable
from idp.jpki.named_certificate import NamedCertificate
from idp.jpki.ports import Status, StatusState


@dataclass(frozen=True, slots=True)
class _Held:
    index: CrlIndex
    identity: tuple[int, int, int]
    looked_at: datetime


class CrlRevocation:
    """A ``RevocationSource`` over a directory of index files, one for each list.

    Takes: partitioned, the authorities (SHA-256 of their key) some of whose lists are of one distribution point;
           grace_seconds, how long past nextUpdate a list may still answer; restat_seconds, how long a worker goes
           without looking whether the file was replaced.
    """

    def __init__(
        self,
        directory: Path,
        *,
        partitioned: Collection[bytes] = (),
        grace_seconds: int = 0,
        restat_seconds: int = 10,
        randomness: Randomness = secrets.token_bytes,
    ) -> None:
        self._directory = directory
        self._partitioned = frozenset(partitioned)
        self._grace = timedelta(seconds=grace_seconds)
        self._restat = timedelta(seconds=restat_seconds)
        self._randomness = randomness
        self._held: dict[tuple[bytes, bytes], _Held] = {}

    def find_status(self, certificate: NamedCertificate, now: datetime) -> Status:
        """Revoked if a list of the certificate's scope says so, on hold if the newest one does, else good.

        A list of another partition is not looked at, whatever it says. One that is past its time still revokes,
        because revoked is final. A hold may end, so that an older list does not outvote a newer one about it.

        Raises: CardUnverifiable: status_unavailable, no list or a damaged one; status_stale, past nextUpdate and grace.
        """
        indexes = self._open_lists(certificate, now)
        serial = certificate.serial
        revoking = [index for index in indexes if index.is_revoked(serial)]
        if revoking:
            return self._status(StatusState.REVOKED, revoking)
        current = [index for index in indexes if now <= index.next_update + self._grace]
        if not current:
            raise CardUnverifiable(Unverifiable.STATUS_STALE, "the CRL is past its nextUpdate")
        newest = max(index.this_update for index in current)
        holding = [index for index in indexes if index.this_update >= newest and index.is_on_hold(serial)]
        if holding:
            return self._status(StatusState.ON_HOLD, holding)
        return self._status(StatusState.GOOD, current)

    def open_list(self, issuer_key_id: bytes, now: datetime, partition: bytes = b"") -> CrlIndex:
        """The newest list of an authority or of one of its partitions, opened again where its file was replaced.

        Raises: CardUnverifiable: status_unavailable.
        """
        held = self._held.get((issuer_key_id, partition))
        if held is not None and timedelta() <= now - held.looked_at < self._restat:
            return held.index
        path = index_path(self._directory, issuer_key_id, partition)
        try:
            found = path.stat()
            identity = (found.st_ino, found.st_mtime_ns, found.st_size)
            index = held.index if held is not None and held.identity == identity else open_index(path)
        except OSError as fault:
            raise CardUnverifiable(Unverifiable.STATUS_UNAVAILABLE, "no CRL for this authority") from fault
        if (index.issuer_key_id, index.partition) != (issuer_key_id, partition):
            raise CardUnverifiable(Unverifiable.STATUS_UNAVAILABLE, "the CRL index is of another scope")
        # A replaced index is not closed here: another thread may be reading it. Its last reader frees it.
        self._held[issuer_key_id, partition] = _Held(index, identity, now)
        return index

    def _open_lists(self, certificate: NamedCertificate, now: datetime) -> list[CrlIndex]:
        issuer_key_id = certificate.anchor.issuer_key_id
        scopes = certificate.partitions if issuer_key_id in self._partitioned else ()
        found: list[CrlIndex] = []
        missing: CardUnverifiable | None = None
        for partition in (*scopes, b""):
            try:
                found.append(self.open_list(issuer_key_id, now, partition))
            except CardUnverifiable as fault:
                missing = missing or fault
        if missing is not None and not found:
            raise missing
        return found

    def _status(self, state: StatusState, indexes: list[CrlIndex]) -> Status:
        newest = max(index.this_update for index in indexes)
        return Status(state, newest, "crl", new_identifier(self._randomness))
