"""``idp account merge``: two accounts of one person become one; shown first, and undoable."""

from typing import Any

import click

from idp.cli.session import Session, json_option
from idp.cli.table import lay_out_table
from idp.identity.merge import MergePlan, apply_merge, plan_merge, undo_merge


@click.command("merge")
@click.option("--from", "from_account_id", metavar="ACCOUNT", help="Which account closes.")
@click.option("--into", "into_account_id", metavar="ACCOUNT", help="Which account goes on.")
@click.option("--dry-run", "way", flag_value="dry-run", default="dry-run", help="Show what would happen (the default).")
@click.option("--apply", "way", flag_value="apply", help="Do it.")
@click.option("--undo", "merge_id", metavar="MERGE", help="Give back what a merge moved.")
@json_option
@click.pass_obj
def merge(
    session: Session, from_account_id: str | None, into_account_id: str | None, way: str, merge_id: str | None
) -> None:
    """Merge two accounts of one person. Clients that know both see the remaining account's sub from then on."""
    if merge_id is not None:
        if from_account_id or into_account_id:
            raise click.UsageError("--undo stands alone")
        _undo(session, merge_id)
        return
    if from_account_id is None or into_account_id is None:
        raise click.UsageError("--from and --into are needed")
    with session.parts.durable.writing() as writer:
        plan = plan_merge(writer, from_account_id, into_account_id)
        done = apply_merge(writer, plan, now=session.now) if way == "apply" else None
    data = _describe(session, plan) | {"merge_id": None if done is None else done.merge_id}
    session.show(data, _write(data))


def _undo(session: Session, merge_id: str) -> None:
    with session.parts.durable.writing() as writer:
        undone = undo_merge(writer, merge_id, now=session.now)
    data = {"merge_id": merge_id, "from": undone.from_account_id, "into": undone.into_account_id, "state": "undone"}
    session.show(data, f"{undone.from_account_id} is an account of its own again.")


def _describe(session: Session, plan: MergePlan) -> dict[str, Any]:
    sectors = dict.fromkeys(plan.moved_sectors, "keeps_sub") | dict.fromkeys(plan.retired_sectors, "other_sub")
    clients = [
        {"client_id": client.client_id, "client_name": client.client_name, "sub": sectors[client.sector]}
        for client in session.parts.client_administration.list_clients()
        if client.sector in sectors
    ]
    counts: dict[str, int] = {}
    for item in plan.moved:
        counts[item.kind] = counts.get(item.kind, 0) + 1
    return {"from": plan.from_account_id, "into": plan.into_account_id, "moved": counts, "clients": clients}


def _write(data: dict[str, Any]) -> str:
    rows = [[client["client_id"], client["client_name"], client["sub"]] for client in data["clients"]]
    moved = ", ".join(f"{count} {kind}" for kind, count in data["moved"].items()) or "nothing"
    end = "Nothing was changed; --apply does it." if data["merge_id"] is None else f"Done; --undo {data['merge_id']}"
    return f"{lay_out_table(['CLIENT', 'NAME', 'SUB'], rows)}\n\nMoves {moved}. {end}"
