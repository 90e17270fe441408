"""Status out of the mapped lists: one complete list for each authority (RFC 5280 §6.3)."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from idp.identifiers import Randomness, new_identifier
from idp.jpki.chain import ChainedCertificate
from idp.jpki.crl_index import CrlIndex, index_path, open_index
from idp.jpki.errors import CardUnverifiable, Unverifiable
from idp.jpki.ports import Status, StatusState


@dataclass(frozen=True, slots=True)
class _Held:
    index: CrlIndex
    identity: tuple[int, int, int]
    looked_at: datetime


class CrlRevocation:
    """A ``RevocationSource`` over a directory of index files, one an authority.

    Takes: grace_seconds, how long past nextUpdate a list may still answer; restat_seconds, how long a worker goes
           without looking whether the file was replaced.
    """

    def __init__(
        self,
        directory: Path,
        *,
        grace_seconds: int = 0,
        restat_seconds: int = 10,
        randomness: Randomness = secrets.token_bytes,
    ) -> None:
        self._directory = directory
        self._grace = timedelta(seconds=grace_seconds)
        self._restat = timedelta(seconds=restat_seconds)
        self._randomness = randomness
        self._held: dict[bytes, _Held] = {}

    def find_status(self, certificate: ChainedCertificate, now: datetime) -> Status:
        """Revoked if the list of the certificate's authority names it, else good, as of the list's thisUpdate.

        Raises: CardUnverifiable: status_unavailable, no list or a damaged one; status_stale, past nextUpdate and grace.
        """
        index = self.open_list(certificate.anchor.issuer_key_id, now)
        if now > index.next_update + self._grace:
            raise CardUnverifiable(Unverifiable.STATUS_STALE, "the CRL is past its nextUpdate")
        revoked = index.is_revoked(certificate.certificate.serial)
        state = StatusState.REVOKED if revoked else StatusState.GOOD
        return Status(state, index.this_update, "crl", new_identifier(self._randomness))

    def open_list(self, issuer_key_id: bytes, now: datetime) -> CrlIndex:
        """The newest list of an authority, opened again where its file was replaced.

        Raises: CardUnverifiable: status_unavailable.
        """
        held = self._held.get(issuer_key_id)
        if held is not None and timedelta() <= now - held.looked_at < self._restat:
            return held.index
        path = index_path(self._directory, issuer_key_id)
        try:
            found = path.stat()
            identity = (found.st_ino, found.st_mtime_ns, found.st_size)
            index = held.index if held is not None and held.identity == identity else open_index(path)
        except OSError as fault:
            raise CardUnverifiable(Unverifiable.STATUS_UNAVAILABLE, "no CRL for this authority") from fault
        if index.issuer_key_id != issuer_key_id:
            raise CardUnverifiable(Unverifiable.STATUS_UNAVAILABLE, "the CRL index is of another authority")
        # A replaced index is not closed here: another thread may be reading it. Its last reader frees it.
        self._held[issuer_key_id] = _Held(index, identity, now)
        return index
