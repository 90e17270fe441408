"""What runs beside the requests: purging, revocation and what follows, sealing, key rotation, logouts, numbers.

Every worker has these threads; the transient store decides which of them does a job when its time has come, so that any
number of workers on any number of nodes do each job once.
"""

import threading
from datetime import datetime
from typing import Final

from prometheus_client import Counter, Gauge

from idp.keys.rotation import RotationOutcome
from idp.log import Level, log_line
from idp.metrics_listener import MetricsListener
from idp.ops.audit_sealing import seal_audit_events
from idp.ops.evidence_purge import purge_evidence
from idp.ops.logout_delivery import LogoutSending, deliver_logouts
from idp.ops.purge import purge
from idp.ops.recheck_report import RecheckReport
from idp.ops.revocation_recheck import RecheckOutcome, recheck_revocations
from idp.ops.revocation_refresh import RefreshOutcome, expected_indexes, refresh_revocation
from idp.ops.revocation_sweep import RevocationSweep, SweepOutcome, sweep_revocations
from idp.ops.swept_status import SweptStatus
from idp.outbound.logout_call import LogoutCall
from idp.parts import Parts
from idp.timed_jobs import Job, TimedJobs

_TICK_SECONDS: Final = 5.0
_REVOCATION_SECONDS: Final = 900
_SEAL_SECONDS: Final = 3600
_LOGOUT_SECONDS: Final = 5
_LOGOUTS: Final = Counter("idp_logout_deliveries_total", "Logout tokens sent to clients, by outcome.", ["outcome"])
_KEY_SECONDS: Final = 900
_RECHECK_SECONDS: Final = 300
_FORGOTTEN_A_RUN: Final = 10_000
_RECHECKS: Final = Counter("idp_revocation_rechecks_total", "Cards asked about again, by answer.", ["answer"])
_OVERDUE: Final = Gauge(
    "idp_revocation_recheck_overdue_seconds", "For how long the first card is due.", multiprocess_mode="mostrecent"
)


def refresh_lists(parts: Parts, now: datetime) -> tuple[RefreshOutcome, ...]:
    """Bring the revocation lists up to date; a sandbox first publishes its own anew."""
    if parts.sandbox is not None:
        parts.sandbox[0].publish_crls(now)
    return refresh_revocation(parts.trust, parts.crl_sources, parts.settings.jpki.crl_index_directory, now)


def sweep_lists(parts: Parts, now: datetime) -> SweepOutcome:
    """End what the lists in use say is revoked, and say in the log which list it was."""
    directory = parts.settings.jpki.crl_index_directory
    expected = expected_indexes(parts.trust, parts.crl_sources, now, parts.status.coverage.askable)
    sweep = RevocationSweep(
        parts.trust, parts.lookup_keys, directory, parts.durable, parts.transient, expected=expected
    )
    outcome = sweep_revocations(sweep, now)
    if outcome.as_of is not None:
        SweptStatus(parts.transient).record(outcome.as_of, now)
    for found in outcome.swept:
        if found.revoked_count or found.held_count:
            log_line(
                "credentials_revoked_by_list", "warning", source=found.issuer_key_id.hex(), reference=found.check_id,
                count=found.revoked_count + found.held_count,
                detail=f"CRLNumber {found.crl_number} of {found.this_update.isoformat()}",
            )  # fmt: skip
    for name in outcome.unreadable:
        log_line("revocation_list_unreadable", "error", source=name)
    return outcome


def recheck_cards(parts: Parts, *, is_everyone_due: bool = False) -> RecheckOutcome | None:
    """Ask again about cards of which no list tells, end what is revoked, and say in the log what came of it.

    Returns: None where nobody is asked again; then nothing that was kept for it stays.
    """
    recheck = parts.revocation_recheck
    if recheck is None:
        parts.durable.forget_all_serials(_FORGOTTEN_A_RUN)
        return None
    outcome = recheck_revocations(recheck, is_everyone_due=is_everyone_due)
    now = parts.clock()
    RecheckReport(parts.transient).record(outcome, now)
    counts = {
        "good": outcome.good_count,
        "revoked": outcome.revoked_count,
        "on_hold": outcome.held_count,
        "unanswered": outcome.unanswered_count,
    }
    for answer, count in counts.items():
        _RECHECKS.labels(answer).inc(count)
    due_at = parts.durable.count_kept_serials().first_due_at
    _OVERDUE.set(0 if due_at is None else max(0, (now - due_at).total_seconds()))
    is_news = outcome.revoked_count or outcome.held_count or outcome.unanswered_count or outcome.left_count
    level: Level = "warning" if is_news else "info" if counts["good"] else "debug"
    told = counts | {"forgotten": outcome.forgotten_count, "left": outcome.left_count}
    detail = ", ".join(f"{answer} {count}" for answer, count in told.items())
    log_line("revocation_recheck", level, count=sum(counts.values()), detail=detail)
    return outcome


def rotate_keys(parts: Parts, now: datetime) -> RotationOutcome:
    """Announce the keys that are due and destroy the private halves that are done with, and say so in the log."""
    outcome = parts.key_rotation.run_schedule(now)
    for key in outcome.announced:
        log_line("signing_key_announced", reference=key.kid, detail=f"{key.alg} from {key.signs_from.isoformat()}")
    for kid in outcome.erased:
        log_line("signing_key_erased", reference=kid)
    return outcome


def make_timed_jobs(parts: Parts) -> TimedJobs:
    """The jobs of an installation, at their intervals."""

    def refresh(now: datetime) -> None:
        for outcome in refresh_lists(parts, now):
            if outcome.state == "refused":
                log_line("revocation_list_refused", "error", source=outcome.issuer_key_id.hex(), detail=outcome.detail)
        sweep_lists(parts, now)

    def seal(now: datetime) -> None:
        seal_audit_events(parts.durable, now)

    def clear(now: datetime) -> None:
        log_line("purged", "debug", count=sum(purge(parts.durable, parts.transient, now).values()))
        if count := purge_evidence(parts.durable, now):
            log_line("evidence_deleted", count=count)

    def rotate(now: datetime) -> None:
        rotate_keys(parts, now)

    jobs: dict[str, tuple[int, Job]] = {
        "purge": (parts.settings.ops.purge_interval_seconds, clear),
        "seal-audit": (_SEAL_SECONDS, seal),
        "key-rotation": (_KEY_SECONDS, rotate),
    }
    if "crl" in parts.settings.jpki.revocation:
        jobs["revocation-refresh"] = (_REVOCATION_SECONDS, refresh)
    return TimedJobs(parts.transient, parts.clock, jobs)


def make_recheck_jobs(parts: Parts) -> TimedJobs:
    """Asking again about cards, apart from the other jobs: it waits for others, and no more than some a second."""

    def recheck(_: datetime) -> None:
        recheck_cards(parts)

    return TimedJobs(parts.transient, parts.clock, {"revocation-recheck": (_RECHECK_SECONDS, recheck)})


def logout_sending(parts: Parts) -> LogoutSending:
    """What delivers logout tokens, by calls through the guard, and counts what became of them."""
    caller = LogoutCall(parts.guarded_http())
    issuer, ring, clock = parts.settings.issuer, parts.key_ring, parts.clock
    return LogoutSending(issuer, parts.durable, parts.clients, ring, caller, clock, observe=_count_logout)


def _count_logout(outcome: str) -> None:
    _LOGOUTS.labels(outcome).inc()


def make_logout_jobs(parts: Parts) -> TimedJobs:
    """The delivery of logouts, apart from the other jobs: a long download must not keep a logout waiting."""
    sending = logout_sending(parts)

    def deliver(_: datetime) -> None:
        deliver_logouts(sending)

    return TimedJobs(parts.transient, parts.clock, {"logout-delivery": (_LOGOUT_SECONDS, deliver)})


def write_journal(parts: Parts) -> None:
    """Write what this process noted of clients' requests; what cannot be written is lost, and that is logged."""
    notes = parts.journal.drain()
    if not notes:
        return
    try:
        with parts.durable.writing() as writer:
            writer.insert_client_notes(notes)
    except Exception as error:  # a client may be removed in this moment; nothing here may end the thread of the jobs
        log_line("client_notes_lost", "warning", count=len(notes), exception=type(error).__name__)


def start_beside_requests(
    parts: Parts, jobs: TimedJobs, listener: MetricsListener | None, stop: threading.Event
) -> threading.Thread:
    """Start the thread; it ends with the process, or when ``stop`` is set."""

    def run() -> None:
        while not stop.wait(_TICK_SECONDS):
            jobs.run_due()
            write_journal(parts)
            if listener is not None:
                listener.try_listen()

    thread = threading.Thread(target=run, name="idp-jobs", daemon=True)
    thread.start()
    return thread


def start_apart(name: str, jobs: TimedJobs, stop: threading.Event) -> threading.Thread:
    """Start a thread for jobs that wait for others: logouts, questions about cards. It ends as the other one does."""

    def run() -> None:
        while not stop.wait(_TICK_SECONDS):
            jobs.run_due()

    thread = threading.Thread(target=run, name=name, daemon=True)
    thread.start()
    return thread
