"""Bring the revocation lists up to date: the only place that reads a whole list, so that no request does."""

import fcntl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from idp.jpki.crl import CrlRefused, VerifiedCrl, verify_crl
from idp.jpki.crl_index import CrlIndex, index_path, open_index, write_index
from idp.jpki.errors import CardUnverifiable
from idp.jpki.ports import CrlSource
from idp.jpki.trust_anchors import TrustAnchor, TrustAnchors

RefreshState = Literal["updated", "unchanged", "refused", "no_source", "busy"]


@dataclass(frozen=True, slots=True)
class RefreshOutcome:
    """What became of one authority's list; ``detail`` is for the operator.

    ``next_update`` is that of the list now in use, None where there is none.
    """

    issuer_key_id: bytes
    state: RefreshState
    detail: str = ""
    next_update: datetime | None = None


def refresh_revocation(
    trust: TrustAnchors, sources: Mapping[bytes, CrlSource], directory: Path, now: datetime
) -> tuple[RefreshOutcome, ...]:
    """Fetch, verify and index the list of every anchor.

    Takes:   sources by the SHA-256 of the authority's public key; directory, where the workers look for indexes.
    Returns: one outcome an anchor; a list that cannot be used leaves the one before it in place.
    Effect:  one process at a time works (a lock file); the others answer "busy" at once.
    """
    directory.mkdir(parents=True, exist_ok=True)
    with _leadership(directory) as leading:
        if not leading:
            return tuple(RefreshOutcome(anchor.issuer_key_id, "busy") for anchor in trust.anchors)
        return tuple(
            _refresh_anchor(anchor, sources.get(anchor.issuer_key_id), directory, now) for anchor in trust.anchors
        )


def check_newer(crl: VerifiedCrl, held: CrlIndex) -> None:
    """Establish that a list does not take the installation back in time.

    Raises:  CrlRefused: an older CRLNumber or thisUpdate, or the number of the held list with another date.
    Source:  RFC 5280 §5.2.3: CRLNumber is monotonically increasing.
    """
    if crl.crl_number < held.crl_number or crl.this_update < held.this_update:
        raise CrlRefused("CRL is older than the one in use")
    if crl.crl_number == held.crl_number and crl.this_update != held.this_update:
        raise CrlRefused("two CRLs with one CRLNumber")


def _refresh_anchor(anchor: TrustAnchor, source: CrlSource | None, directory: Path, now: datetime) -> RefreshOutcome:
    path = index_path(directory, anchor.issuer_key_id)
    held = _find_held(path)
    in_use = None if held is None else held.next_update
    if source is None:
        return RefreshOutcome(anchor.issuer_key_id, "no_source", next_update=in_use)
    try:
        crl = verify_crl(source.read(), anchor, now)
        if held is not None:
            check_newer(crl, held)
    except CardUnverifiable as refusal:
        return RefreshOutcome(anchor.issuer_key_id, "refused", refusal.detail, in_use)
    if held is not None and held.crl_number == crl.crl_number:
        return RefreshOutcome(anchor.issuer_key_id, "unchanged", next_update=in_use)
    write_index(path, crl)
    return RefreshOutcome(anchor.issuer_key_id, "updated", f"{len(crl.serials) // 20} entries", crl.next_update)


def _find_held(path: Path) -> CrlIndex | None:
    try:
        return open_index(path)
    except (OSError, CrlRefused):
        # No list yet, or a damaged file: both are cured by a verified list, and there is nothing older to protect.
        return None


@contextmanager
def _leadership(directory: Path) -> Iterator[bool]:
    with (directory / ".refresh.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
