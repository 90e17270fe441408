"""Bring the revocation lists up to date: the only place that reads a whole list, so that no request does."""

import fcntl
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Literal

from cryptography import x509

from idp.jpki.crl import CrlRefused, VerifiedCrl, verify_crl
from idp.jpki.crl_delta import apply_delta, verify_delta
from idp.jpki.crl_index import CrlIndex, index_path, open_index, write_index
from idp.jpki.crl_partition import partition_id
from idp.jpki.errors import CardUnverifiable
from idp.jpki.ports import CrlSource
from idp.jpki.trust_anchors import TrustAnchor, TrustAnchors

RefreshState = Literal["updated", "unchanged", "refused", "no_source", "busy"]


@dataclass(frozen=True, slots=True)
class CrlFeed:
    """Where one list comes from, which partition it serves (None: the whole authority), and where its delta is."""

    source: CrlSource
    distribution_point: x509.Name | None = None
    delta: CrlSource | None = None


@dataclass(frozen=True, slots=True)
class RefreshOutcome:
    """What became of one list of an authority; ``detail`` is for the operator.

    ``next_update`` is that of the list now in use, None where there is none.
    """

    issuer_key_id: bytes
    state: RefreshState
    detail: str = ""
    next_update: datetime | None = None


def refresh_revocation(
    trust: TrustAnchors, feeds: Mapping[bytes, Sequence[CrlFeed]], directory: Path, now: datetime
) -> tuple[RefreshOutcome, ...]:
    """Fetch, verify and index the lists of every anchor.

    Takes:   feeds by the SHA-256 of the authority's public key; directory, where the workers look for indexes.
    Returns: one outcome a list, or one for an anchor without any; a list that cannot be used leaves the one before it
             in place.
    Effect:  one process at a time works (a lock file); the others answer "busy" at once.
    """
    directory.mkdir(parents=True, exist_ok=True)
    with _leadership(directory) as leading:
        if not leading:
            return tuple(RefreshOutcome(anchor.issuer_key_id, "busy") for anchor in trust.anchors)
        return tuple(
            outcome
            for anchor in trust.anchors
            for outcome in _refresh_anchor(anchor, feeds.get(anchor.issuer_key_id, ()), directory, now)
        )


def expected_indexes(
    trust: TrustAnchors,
    feeds: Mapping[bytes, Sequence[CrlFeed]],
    now: datetime,
    askable: Collection[bytes] = frozenset(),
) -> frozenset[str]:
    """The names of the indexes without which nothing can be said of all listed cards.

    Returns: one a list of every unexpired anchor. An anchor without any list has one missing, unless somebody can be
             asked about its cards one by one: then none of them is listed.
    """
    return frozenset(
        path.name
        for anchor in trust.anchors
        if anchor.not_after > now and (anchor.issuer_key_id in feeds or anchor.issuer_key_id not in askable)
        for path in _index_paths(anchor, feeds.get(anchor.issuer_key_id, ()))
    )


def _index_paths(anchor: TrustAnchor, feeds: Sequence[CrlFeed]) -> Iterator[Path]:
    if not feeds:
        yield index_path(Path(), anchor.issuer_key_id)
    for feed in feeds:
        point = feed.distribution_point
        yield index_path(Path(), anchor.issuer_key_id, b"" if point is None else partition_id(point))


def check_newer(crl: VerifiedCrl, held: CrlIndex) -> None:
    """Establish that a list does not take the installation back in time, nor the list below a delta.

    Raises:  CrlRefused: an older CRLNumber or thisUpdate, or the number of the held list with another date.
    Source:  RFC 5280 §5.2.3: CRLNumber is monotonically increasing, complete lists and deltas of a scope together.
    """
    if crl.crl_number < held.crl_number or crl.this_update < held.this_update:
        raise CrlRefused("CRL is older than the one in use")
    if crl.crl_number == held.crl_number and crl.this_update != held.this_update:
        raise CrlRefused("two CRLs with one CRLNumber")
    if crl.base_number is not None and crl.base_number < held.base_number:
        raise CrlRefused("complete CRL is older than the one below the delta in use")


def _refresh_anchor(
    anchor: TrustAnchor, feeds: Sequence[CrlFeed], directory: Path, now: datetime
) -> Iterator[RefreshOutcome]:
    if not feeds:
        held = _find_held(index_path(directory, anchor.issuer_key_id))
        yield RefreshOutcome(anchor.issuer_key_id, "no_source", next_update=None if held is None else held.next_update)
    for feed in feeds:
        outcome = _refresh_list(anchor, feed, directory, now)
        point = feed.distribution_point
        yield outcome if point is None else replace(outcome, detail=f"{point.rfc4514_string()}: {outcome.detail}")


def _refresh_list(anchor: TrustAnchor, feed: CrlFeed, directory: Path, now: datetime) -> RefreshOutcome:
    point = feed.distribution_point
    path = index_path(directory, anchor.issuer_key_id, b"" if point is None else partition_id(point))
    held = _find_held(path)
    in_use = None if held is None else held.next_update
    delta_refusal: CardUnverifiable | None = None
    try:
        crl = verify_crl(feed.source.read(), anchor, now, point)
        if feed.delta is not None:
            try:
                crl = apply_delta(crl, verify_delta(feed.delta.read(), anchor, now, point))
            except CardUnverifiable as refusal:
                delta_refusal = refusal  # the complete list alone is still worth having, where it is the newer one
        if held is not None:
            check_newer(crl, held)
    except CardUnverifiable as refusal:
        return RefreshOutcome(anchor.issuer_key_id, "refused", (delta_refusal or refusal).detail, in_use)
    is_same = held is not None and (held.crl_number, held.base_number) == (crl.crl_number, _base(crl))
    if not is_same:
        write_index(path, crl)
        in_use = crl.next_update
    if delta_refusal is not None:
        return RefreshOutcome(anchor.issuer_key_id, "refused", delta_refusal.detail, in_use)
    if is_same:
        return RefreshOutcome(anchor.issuer_key_id, "unchanged", next_update=in_use)
    return RefreshOutcome(anchor.issuer_key_id, "updated", f"{len(crl.serials + crl.held) // 20} entries", in_use)


def _base(crl: VerifiedCrl) -> int:
    return crl.crl_number if crl.base_number is None else crl.base_number


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
