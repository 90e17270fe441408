"""``idp client export`` and ``import``: registrations as a file, without anything secret in it."""

import json
from pathlib import Path
from typing import Any, Final

import click

from idp.cli.client_answer import describe_client, show_clients, with_secret
from idp.cli.client_file import read_client_file
from idp.cli.failure import Refused
from idp.cli.session import Session, json_option
from idp.oidc.client import Client
from idp.oidc.registration import client_to_registration, register_client
from idp.oidc.sector_document import OperatorVouches, SectorVoucher

# What the operator says of a client, beside what the client says of itself.
_OWN_MEMBERS: Final = ("client_id", "is_reviewed", "is_lawful_verifier", "evidence_retention_days")


@click.command("export")
@click.argument("client_ids", nargs=-1, metavar="[CLIENT_ID]...")
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="A file; otherwise standard output.")
@click.pass_obj
def export_clients(session: Session, client_ids: tuple[str, ...], output: Path | None) -> None:
    """Write clients, all or those named, as JSON that import reads; secrets are not stored, so not written."""
    clients = session.parts.client_administration.list_clients()
    if missing := set(client_ids) - {each.client_id for each in clients}:
        raise Refused(f"there is no client {', '.join(sorted(missing))}")
    chosen = [_to_member(each) for each in clients if not client_ids or each.client_id in client_ids]
    text = json.dumps(chosen, ensure_ascii=False, indent=2)
    if output is None:
        click.echo(text)
        return
    try:
        output.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise Refused(f"{output}: {error.strerror}") from None


@click.command("import")
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--vouch-for-sector", is_flag=True, help="Do not ask sector_identifier_uri's documents.")
@json_option
@click.pass_obj
def import_clients(session: Session, path: Path, vouch_for_sector: bool) -> None:
    """Register every client of an exported file, or none; those that authenticate by a secret get a new one."""
    sectors = OperatorVouches() if vouch_for_sector else session.parts.sectors
    made = [_from_member(session, dict(members), sectors) for members in read_client_file(path)]
    taken = session.parts.client_administration.insert_clients([each for each, _ in made])
    if taken is not None:
        raise Refused(f"the client_id {taken} is taken; nothing was imported")
    show_clients(session, [with_secret(describe_client(each), secret) for each, secret in made], is_list=True)


def _to_member(client: Client) -> dict[str, Any]:
    members: dict[str, Any] = {"client_id": client.client_id, **client_to_registration(client)}
    if client.is_reviewed:
        members["is_reviewed"] = True
    if client.is_lawful_verifier:
        members["is_lawful_verifier"] = True
    if client.evidence_retention_days is not None:
        members["evidence_retention_days"] = client.evidence_retention_days
    return members


def _from_member(session: Session, members: dict[str, Any], sectors: SectorVoucher) -> tuple[Client, str | None]:
    own = {name: members.pop(name) for name in _OWN_MEMBERS if name in members}
    client_id = own.get("client_id")
    days = own.get("evidence_retention_days")
    flags = (own.get("is_reviewed", False), own.get("is_lawful_verifier", False))
    if not isinstance(client_id, str) or not all(isinstance(flag, bool) for flag in flags):
        raise Refused("client_id is a text, is_reviewed and is_lawful_verifier are true or false")
    if days is not None and (isinstance(days, bool) or not isinstance(days, int) or not 1 <= days <= 36_525):
        raise Refused("evidence_retention_days is a number from 1 to 36525")
    return register_client(
        members,
        sandbox=session.settings.is_sandbox,
        now=session.now,
        client_id=client_id,
        is_reviewed=flags[0],
        is_lawful_verifier=flags[1],
        evidence_retention_days=days,
        claims_policy=session.parts.claims_policy,
        sectors=sectors,
    )
