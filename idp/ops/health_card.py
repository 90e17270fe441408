"""Can cards be verified: are the authorities pinned and in force, are their revocation lists fresh?"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from idp.jpki.crl import CrlRefused
from idp.jpki.crl_index import CrlIndex, index_path, open_index
from idp.jpki.crl_partition import parse_distribution_point, partition_id
from idp.jpki.profile import Purpose
from idp.jpki.trust_anchors import TrustAnchor, TrustAnchors
from idp.ops.health_answer import HealthAnswer, HealthState, sum_up
from idp.ops.status_sources import find_list_sources, find_live_source
from idp.settings.card_section import JpkiSection

_PURPOSES: Final[tuple[Purpose, ...]] = ("user-authentication", "digital-signature")
_ANCHOR_WARN: Final = timedelta(days=90)
# Past jpki.status_max_age_seconds sign-ins are refused; this share of it leaves somebody time to look.
_AGE_WARN: Final = 0.9


def ask_anchors(trust: TrustAnchors, now: datetime) -> Iterator[HealthAnswer]:
    """Whether each purpose has an authority in force; without one for user authentication nobody signs in."""
    for purpose in _PURPOSES:
        anchors = [anchor for anchor in trust.anchors if anchor.purpose == purpose]
        in_force = [anchor for anchor in anchors if anchor.not_before <= now <= anchor.not_after]
        key = f"trust.{purpose}"
        if not in_force:
            state = HealthState.FAIL if purpose == "user-authentication" else HealthState.WARN
            yield HealthAnswer(state, key, "no authority in force: run idp trust import")
            continue
        last = max(anchor.not_after for anchor in in_force)
        state = HealthState.WARN if last - now < _ANCHOR_WARN else HealthState.OK
        names = ", ".join(anchor.name for anchor in in_force)
        yield HealthAnswer(state, key, f"{names}; the last one ends {last:%Y-%m-%d}")


def ask_revocation_lists(trust: TrustAnchors, jpki: JpkiSection, now: datetime) -> Iterator[HealthAnswer]:
    """Whether every authority in force has a source of status that can answer; without one its cards are refused."""
    if not jpki.revocation:
        yield HealthAnswer(HealthState.WARN, "revocation", "no source of certificate status is configured")
        return
    for anchor in trust.anchors:
        if anchor.not_before <= now <= anchor.not_after:
            yield _judge_authority(anchor, jpki, now)


def _judge_authority(anchor: TrustAnchor, jpki: JpkiSection, now: datetime) -> HealthAnswer:
    key = f"revocation.{anchor.name}"
    live = find_live_source(anchor, jpki)
    # Only user authentication stops for a missing list today, and only where nobody else can be asked.
    failing = HealthState.FAIL if anchor.purpose == "user-authentication" and live is None else HealthState.WARN
    points = _points(anchor, jpki, live)
    if not points:
        if live is None:
            return HealthAnswer(failing, key, "no source of its certificates' status is configured")
        return HealthAnswer(HealthState.OK, key, f"asked each time ({live})")
    # An authority has a list for each of some 1,700 municipalities, or one: the answer is about the worst of them.
    found = [_judge_list(anchor, point, jpki, failing, now) for point in points]
    worst = sum_up(found)
    concerned = [(point, answer) for point, answer in zip(points, found, strict=True) if answer.state is worst]
    if len(points) == 1:
        return found[0]
    point, answer = concerned[0]
    return HealthAnswer(
        worst, key, f"{len(concerned)} of {len(points)} lists {worst}, as {point or 'all'}: {answer.text}"
    )


def _points(anchor: TrustAnchor, jpki: JpkiSection, live: str | None) -> list[str]:
    configured = [source.distribution_point for source in find_list_sources(anchor, jpki)]
    if configured or "crl" not in jpki.revocation:
        return configured
    # A sandbox publishes a list of the whole authority that nobody configures.
    is_there = index_path(jpki.crl_index_directory, anchor.issuer_key_id).exists()
    return [""] if is_there or live is None else []


def _judge_list(
    anchor: TrustAnchor, point: str, jpki: JpkiSection, failing: HealthState, now: datetime
) -> HealthAnswer:
    key = f"revocation.{anchor.name}"
    try:
        partition = partition_id(parse_distribution_point(point)) if point else b""
        index = open_index(index_path(jpki.crl_index_directory, anchor.issuer_key_id, partition))
    except FileNotFoundError:
        return HealthAnswer(failing, key, "no list yet: run idp job revocation-refresh")
    except (OSError, ValueError, CrlRefused) as fault:
        return HealthAnswer(failing, key, f"the list cannot be read ({type(fault).__name__})")
    return HealthAnswer(_judge_age(index, jpki, failing, now), key, _describe(index, now))


def _judge_age(index: CrlIndex, jpki: JpkiSection, failing: HealthState, now: datetime) -> HealthState:
    limit = timedelta(seconds=jpki.status_max_age_seconds)
    age = now - index.this_update
    if now > index.next_update + timedelta(seconds=jpki.crl_grace_seconds) or age > limit:
        return failing
    return HealthState.WARN if age > _AGE_WARN * limit else HealthState.OK


def _describe(index: CrlIndex, now: datetime) -> str:
    hours = (now - index.this_update).total_seconds() / 3600
    return f"{hours:.1f} h old, {len(index)} entries, next by {index.next_update:%Y-%m-%d %H:%M} UTC"
