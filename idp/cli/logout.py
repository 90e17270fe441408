"""``idp logout``: logout tokens that clients have not taken yet, and those that were given up."""

from typing import Any, Final

import click

from idp.audit import AuditEvent, AuditRecord
from idp.cli.failure import Refused
from idp.cli.session import Session, json_option
from idp.cli.table import lay_out_table
from idp.ops.logout_ports import LogoutDelivery

_LIMIT: Final = 1000
# A random identifier may begin with a hyphen and is no option then.
_ANY_IDENTIFIER: Final = {"ignore_unknown_options": True}


@click.group("logout")
def logout() -> None:
    """Logouts that clients have to be told of."""


@logout.command("pending")
@json_option
@click.pass_obj
def list_pending(session: Session) -> None:
    """Logout tokens that wait for their next try, oldest first, at most 1,000."""
    _show(session, is_dead=False)


@logout.command("dead")
@json_option
@click.pass_obj
def list_dead(session: Session) -> None:
    """Logout tokens that were given up after a day of tries; they stay for 30 days."""
    _show(session, is_dead=True)


@logout.command("retry", context_settings=_ANY_IDENTIFIER)
@click.argument("delivery_id", nargs=-1)
@click.option("--client", "client_id", help="All that this client is owed.")
@json_option
@click.pass_obj
def retry(session: Session, delivery_id: tuple[str, ...], client_id: str | None) -> None:
    """Begin anew with deliveries, given up or not; the job tries them at once."""
    chosen = _choose(session, delivery_id, client_id, only_dead=False)
    with session.parts.durable.writing() as writer:
        count = sum(writer.retry_logout_delivery(each, session.now) is not None for each in chosen)
    _finish(session, "retried", count)


@logout.command("drop", context_settings=_ANY_IDENTIFIER)
@click.argument("delivery_id", nargs=-1)
@click.option("--client", "client_id", help="All of this client's that were given up.")
@json_option
@click.pass_obj
def drop(session: Session, delivery_id: tuple[str, ...], client_id: str | None) -> None:
    """Forget deliveries: their clients will not be told. The audit log keeps how many."""
    chosen = _choose(session, delivery_id, client_id, only_dead=True)
    count = 0
    with session.parts.durable.writing() as writer:
        for each in chosen:
            if (owner := writer.drop_logout_delivery(each)) is not None:
                count += 1
                writer.append_audit(AuditRecord(AuditEvent.LOGOUT_DROPPED, session.now, client_id=owner))
    _finish(session, "dropped", count)


def _choose(
    session: Session, delivery_ids: tuple[str, ...], client_id: str | None, *, only_dead: bool
) -> tuple[str, ...]:
    if bool(delivery_ids) == (client_id is not None):
        raise click.UsageError("name deliveries, or a client with --client")
    if client_id is None:
        return delivery_ids
    outbox = session.parts.durable
    found = list(outbox.list_logout_deliveries(is_dead=True, limit=_LIMIT, client_id=client_id))
    if not only_dead:
        found += outbox.list_logout_deliveries(is_dead=False, limit=_LIMIT, client_id=client_id)
    return tuple(delivery.delivery_id for delivery in found)


def _finish(session: Session, done: str, count: int) -> None:
    if not count:
        raise Refused("there is no such delivery")
    session.show({done: count}, f"{count} {done}.")


def _show(session: Session, *, is_dead: bool) -> None:
    found = session.parts.durable.list_logout_deliveries(is_dead=is_dead, limit=_LIMIT)
    members = [_describe(delivery) for delivery in found]
    rows = [[str(value) for value in member.values()] for member in members]
    session.show(members, lay_out_table(["DELIVERY", "CLIENT", "ENDED", "TRIES", "OUTCOME", "NEXT TRY", "DEAD"], rows))


def _describe(delivery: LogoutDelivery) -> dict[str, Any]:
    return {
        "delivery_id": delivery.delivery_id,
        "client_id": delivery.client_id,
        "ended_at": delivery.created_at.isoformat(),
        "tries": delivery.tries,
        "outcome": delivery.outcome,
        "due_at": "" if delivery.dead_at else delivery.due_at.isoformat(),
        "dead_at": delivery.dead_at.isoformat() if delivery.dead_at else "",
    }
