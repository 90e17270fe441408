"""``idp job``: what has to be done from time to time, once."""

from collections.abc import Mapping

import click

from idp.cli.failure import Undetermined
from idp.cli.session import Session, json_option
from idp.cli.table import lay_out_table
from idp.keys.key_calendar import write_time
from idp.ops.audit_sealing import seal_audit_events
from idp.ops.evidence_purge import purge_evidence
from idp.ops.logout_delivery import deliver_logouts
from idp.ops.purge import purge
from idp.ops.revocation_refresh import RefreshOutcome
from idp.ops.revocation_sweep import SweepOutcome
from idp.ops.status_sources import find_live_source

_GOOD = frozenset({"updated", "unchanged", "busy"})


@click.group("job")
def job() -> None:
    """What has to be done from time to time."""


@job.command("purge")
@json_option
@click.pass_obj
def purge_expired(session: Session) -> None:
    """Delete what has expired; of evidence, what is not under a legal hold, and the audit log keeps the proof."""
    counts = purge(session.parts.durable, session.parts.transient, session.now)
    counts["evidence"] = purge_evidence(session.parts.durable, session.now)
    session.show(counts, lay_out_table(["TABLE", "DELETED"], [[name, str(count)] for name, count in counts.items()]))


@job.command("revocation-refresh")
@json_option
@click.pass_obj
def refresh_lists(session: Session) -> None:
    """Fetch and verify the revocation lists of all authorities, and end every credential that they name."""
    outcomes = refresh_installation(session)
    names = {anchor.issuer_key_id: anchor.name for anchor in session.parts.trust.anchors}
    members = [_describe(outcome, names) for outcome in outcomes]
    rows = [[member["authority"], member["state"], member["detail"], member["next_update"]] for member in members]
    swept = _sweep_installation(session)
    counts = _count(swept)
    found = f"Credentials revoked: {counts['revoked']}, signed out because on hold: {counts['on_hold']}."
    table = lay_out_table(["AUTHORITY", "STATE", "DETAIL", "NEXT UPDATE"], rows)
    session.show({"lists": members, "sweep": counts}, f"{table}\n\n{found}")
    bad = [
        member["authority"]
        for member, outcome in zip(members, outcomes, strict=True)
        if outcome.state not in _GOOD and not (outcome.state == "no_source" and _needs_no_list(session, outcome))
    ]
    if bad:
        raise Undetermined(f"no new list of {', '.join(bad)}")
    if swept.unreadable:
        raise Undetermined(f"cannot read {', '.join(swept.unreadable)}")


@job.command("revocation-recheck")
@json_option
@click.pass_obj
def recheck_cards(session: Session) -> None:
    """Ask again, now, about every card on which something rests and of which no list tells, as they are due.

    At most 1,000 cards, five a second. The same runs beside the requests, about cards that are due.
    """
    # Late, as below.
    from idp.jobs import recheck_cards as recheck

    outcome = recheck(session.parts, is_everyone_due=True)
    if outcome is None:
        session.show({}, "Nobody is asked again: the lists tell of every card, or jpki.recheck_seconds is 0.")
        return
    counts = {
        "good": outcome.good_count,
        "revoked": outcome.revoked_count,
        "on_hold": outcome.held_count,
        "unanswered": outcome.unanswered_count,
        "forgotten": outcome.forgotten_count,
        "left": outcome.left_count,
    }
    session.show(counts, lay_out_table(["ANSWER", "CARDS"], [[name, str(count)] for name, count in counts.items()]))
    if outcome.unanswered_count or outcome.left_count:
        raise Undetermined(f"no answer about {outcome.unanswered_count + outcome.left_count} cards")


@job.command("seal-audit")
@json_option
@click.pass_obj
def seal_audit(session: Session) -> None:
    """Seal the audit log; keep what is printed somewhere else, it proves the log later."""
    seal = seal_audit_events(session.parts.durable, session.now)
    if seal is None:
        session.show({}, "There is no event yet.")
        return
    data = {"last_sequence": seal.last_sequence, "digest": seal.digest.hex(), "sealed_at": seal.sealed_at.isoformat()}
    session.show(data, f"Sealed up to event {seal.last_sequence}: {seal.digest.hex()}")


@job.command("logout-delivery")
@json_option
@click.pass_obj
def deliver_due_logouts(session: Session) -> None:
    """Bring clients the logout tokens that are due."""
    from idp.jobs import logout_sending  # late, as below

    sent = deliver_logouts(logout_sending(session.parts))
    counts = {"delivered": sent.delivered, "failed": sent.failed, "dead": sent.dead, "dropped": sent.dropped}
    session.show(counts, ", ".join(f"{name}: {count}" for name, count in counts.items()) + ".")


@job.command("key-rotation")
@json_option
@click.pass_obj
def rotate_due_keys(session: Session) -> None:
    """Announce the successors of keys whose time has come; destroy the private halves of those that sign no more."""
    # Late, as below.
    from idp.jobs import rotate_keys

    outcome = rotate_keys(session.parts, session.now)
    announced = [
        {"kid": key.kid, "alg": key.alg, "signs_from": write_time(key.signs_from)} for key in outcome.announced
    ]
    lines = [f"{member['alg']} {member['kid']} announced, signs from {member['signs_from']}" for member in announced]
    lines += [f"{kid} signs no more, its private half is destroyed" for kid in outcome.erased]
    session.show({"announced": announced, "erased": list(outcome.erased)}, "\n".join(lines) or "No key is due.")


def refresh_installation(session: Session) -> tuple[RefreshOutcome, ...]:
    """Bring the lists of this installation up to date; a sandbox first publishes its own anew."""
    # Late, because this brings the metrics' library, which decides at its import whether processes share their numbers.
    from idp.jobs import refresh_lists

    return refresh_lists(session.parts, session.now)


def _sweep_installation(session: Session) -> SweepOutcome:
    from idp.jobs import sweep_lists  # late, as above

    return sweep_lists(session.parts, session.now)


def _count(outcome: SweepOutcome) -> dict[str, int]:
    return {
        "lists": len(outcome.swept),
        "unchanged": outcome.settled_count,
        "unreadable": len(outcome.unreadable),
        "entries": sum(found.entry_count for found in outcome.swept),
        "revoked": sum(found.revoked_count for found in outcome.swept),
        "on_hold": sum(found.held_count for found in outcome.swept),
    }


def _needs_no_list(session: Session, outcome: RefreshOutcome) -> bool:
    jpki = session.parts.settings.jpki
    anchor = next(anchor for anchor in session.parts.trust.anchors if anchor.issuer_key_id == outcome.issuer_key_id)
    return "crl" not in jpki.revocation or find_live_source(anchor, jpki) is not None


def _describe(outcome: RefreshOutcome, names: Mapping[bytes, str]) -> dict[str, str]:
    return {
        "authority": names[outcome.issuer_key_id],
        "state": outcome.state,
        "detail": outcome.detail,
        "next_update": outcome.next_update.strftime("%Y-%m-%dT%H:%M:%SZ") if outcome.next_update else "",
    }
