"""Ask anew about the certificates on which something rests, where no revocation list would tell of them.

A list is held against all credentials at once (``revocation_sweep``). Where the status comes from an OCSP responder or
a platform operator, each certificate has to be asked about by itself; its serial number is kept, sealed, for that.
"""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from idp.clock import Clock
from idp.identity.sealed_serial import unseal_serial
from idp.jpki.errors import CardUnverifiable
from idp.jpki.named_certificate import RememberedCertificate
from idp.jpki.ports import RevocationSource, Status, StatusState
from idp.jpki.status_coverage import StatusCoverage
from idp.jpki.trust_anchors import TrustAnchor, TrustAnchors
from idp.keys.errors import Unsealable
from idp.keys.sealing import Sealer
from idp.ops.credential_ends import end_held_credentials, revoke_credentials
from idp.ops.recheck_ports import KeptSerial, KeptSerialStore

MOST_A_RUN: Final = 1_000
QUESTIONS_A_SECOND: Final = 5
# Shorter than the time between two runs, so that a slow source does not make runs overlap for long.
_MOST_SECONDS: Final = 240.0
# What a run took is nobody else's for so long; what it did not come to is due as before.
_CLAIMED: Final = timedelta(minutes=5)
_ASKED_IN_VAIN: Final = timedelta(minutes=10)
# A source that does not answer about so many in a row is left alone until the next run. "Unknown" is an answer.
_FAILURES_IN_A_ROW: Final = 5


@dataclass(frozen=True, slots=True)
class Pause:
    """Time as a run spends it, so that tests have none of it."""

    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


@dataclass(frozen=True, slots=True)
class RevocationRecheck:
    """What asking again is made of.

    ``status`` asks the sources that can be asked about one certificate, in the order of the settings; ``interval`` is
    how long after an answer a credential is due again.
    """

    trust: TrustAnchors
    coverage: StatusCoverage
    sealer: Sealer
    status: RevocationSource
    store: KeptSerialStore
    clock: Clock
    interval: timedelta
    pause: Pause = field(default=Pause())


@dataclass(frozen=True, slots=True)
class RecheckOutcome:
    """How many were found good, revoked, on hold; about how many nobody could say; how many are not kept any more.

    ``left_count`` were due and not asked about, for want of time or because their source does not answer.
    """

    good_count: int = 0
    revoked_count: int = 0
    held_count: int = 0
    unanswered_count: int = 0
    forgotten_count: int = 0
    left_count: int = 0


def recheck_revocations(recheck: RevocationRecheck, *, is_everyone_due: bool = False) -> RecheckOutcome:
    """Ask about the credentials that are due, those first that were due first, and end what is revoked.

    Takes:   is_everyone_due, to ask about those too that were asked about less than ``interval`` ago.
    Returns: what was found. At most ``MOST_A_RUN`` credentials, at ``QUESTIONS_A_SECOND``, for four minutes.
    Raises:  StoreUnavailable: what is committed stays, and the rest is due again.
    Effect:  a revoked credential ends in one transaction with its sessions, grants, tokens and an audit row; of one on
             hold, what it opened ends. A good one has a newer status time. Without an answer nothing changes: who was
             asked in vain is due again later, who was not asked stays due and comes first next time. What is kept of a
             certificate on which nothing rests is forgotten, and nobody is asked about it.
    Source:  RFC 6960 §2.2 (unknown is not revoked); design "Is the card genuine?", "Who is it?".
    """
    now = recheck.clock()
    due_by = now + recheck.interval if is_everyone_due else now
    claimed_until = now + _CLAIMED
    claimed = recheck.store.claim_kept_serials(due_by, claimed_until, MOST_A_RUN)
    relied_on = recheck.store.find_relied_on([kept.credential_id for kept in claimed], now)
    anchors = {
        anchor.issuer_key_id: anchor
        for anchor in recheck.trust.anchors
        if recheck.coverage.is_askable(anchor.issuer_key_id)
    }
    named: list[tuple[KeptSerial, RememberedCertificate]] = []
    forgotten: list[str] = []
    for kept in claimed:
        is_over = kept.is_revoked or kept.valid_until <= now or kept.credential_id not in relied_on
        certificate = None if is_over else _find_certificate(kept, anchors, recheck.sealer)
        if certificate is None:
            forgotten.append(kept.credential_id)
        else:
            named.append((kept, certificate))
    _end_revoked([kept.credential_id for kept in claimed if kept.is_revoked], recheck.store, now)
    forgotten_count = recheck.store.forget_serials(forgotten, claimed_until)
    counts, left = _ask_all(named, recheck)
    recheck.store.unclaim_kept_serials(left, claimed_until)
    in_vain = counts["unanswered"] + counts["unknown"]
    return RecheckOutcome(counts["good"], counts["revoked"], counts["held"], in_vain, forgotten_count, len(left))


def _end_revoked(credential_ids: list[str], store: KeptSerialStore, now: datetime) -> None:
    if credential_ids:
        # A version before this one may have opened something at the very moment of the revocation, which is audited.
        with store.writing() as writer:
            writer.end_credential_sign_ins(credential_ids, now)


def _find_certificate(
    kept: KeptSerial, anchors: dict[bytes, TrustAnchor], sealer: Sealer
) -> RememberedCertificate | None:
    try:
        issuer_key_id, serial = unseal_serial(sealer, kept.lookup, kept.sealed)
    except Unsealable:
        # Sealed for another row or under a look-up key that this row had before; its next sign-in seals it anew.
        return None
    anchor = anchors.get(issuer_key_id)
    return None if anchor is None else RememberedCertificate(anchor, serial)


def _ask_all(
    named: list[tuple[KeptSerial, RememberedCertificate]], recheck: RevocationRecheck
) -> tuple[Counter[str], list[KeptSerial]]:
    counts: Counter[str] = Counter()
    left: list[KeptSerial] = []
    failures: Counter[bytes] = Counter()
    begun = recheck.pause.monotonic()
    for kept, certificate in named:
        authority = certificate.anchor.issuer_key_id
        asked_at = recheck.pause.monotonic()
        if failures[authority] >= _FAILURES_IN_A_ROW or asked_at - begun >= _MOST_SECONDS:
            left.append(kept)
            continue
        word = _ask(kept, certificate, recheck)
        counts[word] += 1
        failures[authority] = failures[authority] + 1 if word == "unanswered" else 0
        recheck.pause.sleep(max(0.0, 1 / QUESTIONS_A_SECOND - (recheck.pause.monotonic() - asked_at)))
    return counts, left


def _ask(kept: KeptSerial, certificate: RememberedCertificate, recheck: RevocationRecheck) -> str:
    try:
        status = recheck.status.find_status(certificate, recheck.clock())
    except CardUnverifiable as refusal:
        # Who does not know it will hardly learn of it in minutes, and the time of a run is for the others.
        wait = recheck.interval if refusal.is_unknown else _ASKED_IN_VAIN
        recheck.store.postpone_recheck(kept.credential_id, recheck.clock() + wait)
        return "unknown" if refusal.is_unknown else "unanswered"
    return _settle(kept.credential_id, status, recheck)


def _settle(credential_id: str, status: Status, recheck: RevocationRecheck) -> str:
    now = recheck.clock()
    store, due_at = recheck.store, now + recheck.interval
    if status.state is StatusState.REVOKED:
        revoke_credentials([credential_id], store, source=status.source, check_id=status.check_id, now=now)
        return "revoked"
    if status.state is StatusState.ON_HOLD:
        end_held_credentials([credential_id], store, source=status.source, check_id=status.check_id, now=now)
        store.postpone_recheck(credential_id, due_at)
        return "held"
    store.record_good_status(credential_id, status.this_update, due_at)
    return "good"
