"""``idp client``: the relying parties that are registered here."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from idp.cli.client_answer import describe_client, show_clients, with_secret, write_members
from idp.cli.client_file import read_client_file
from idp.cli.client_invitation import invite, list_invitations, uninvite
from idp.cli.client_members import given_members, metadata_options
from idp.cli.client_transfer import export_clients, import_clients
from idp.cli.client_update import update
from idp.cli.failure import Refused
from idp.cli.session import Session, json_option
from idp.cli.table import lay_out_table
from idp.identifiers import hash_secret, new_identifier
from idp.oidc.client import Client
from idp.oidc.registration import register_client
from idp.oidc.sector_document import OperatorVouches
from idp.stores.sql.client_notes import NOTES_A_CLIENT


@click.group("client")
def client() -> None:
    """The relying parties that are registered here."""


client.add_command(update)
client.add_command(export_clients)
client.add_command(import_clients)
client.add_command(invite)
client.add_command(list_invitations)
client.add_command(uninvite)


@client.command("add")
@click.option(
    "--file",
    "path",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Metadata under the names of OIDC Registration, TOML or JSON, instead of the options below.",
)
@click.option("--client-id", help="Otherwise a random one.")
@click.option("--reviewed", is_flag=True, help="The name was checked; otherwise people are told that it was not.")
@click.option("--lawful-verifier", is_flag=True, help="Its legal basis for values and signatures is on file.")
@click.option("--vouch-for-sector", is_flag=True, help="Do not ask sector_identifier_uri's document; it belongs there.")
@click.option("--evidence-days", type=click.IntRange(1, 36_525), help="How long its evidence is kept, if not as set.")
@metadata_options
@json_option
@click.pass_obj
def add_client(
    session: Session,
    /,
    path: Path | None,
    client_id: str | None,
    reviewed: bool,
    lawful_verifier: bool,
    vouch_for_sector: bool,
    evidence_days: int | None,
    **options: Any,
) -> None:
    """Register a client and print its credentials, once."""
    given = given_members(options)
    if (path is None) == (not given):
        raise click.UsageError("either --file or the client's metadata as options is needed")
    described = (given,) if path is None else read_client_file(path)
    if client_id is not None and len(described) > 1:
        raise click.UsageError("--client-id is for one client")
    is_sandbox = session.settings.is_sandbox
    # All are checked before the first is stored, so that a file is registered whole or not at all.
    made = [
        register_client(
            metadata,
            sandbox=is_sandbox,
            now=session.now,
            client_id=client_id,
            is_reviewed=reviewed,
            is_lawful_verifier=lawful_verifier,
            evidence_retention_days=evidence_days,
            claims_policy=session.parts.claims_policy,
            sectors=OperatorVouches() if vouch_for_sector else session.parts.sectors,
        )
        for metadata in described
    ]
    taken = session.parts.client_administration.insert_clients([new_client for new_client, _ in made])
    if taken is not None:
        raise Refused(f"the client_id {taken} is taken")
    answers = [with_secret(describe_client(new_client), secret) for new_client, secret in made]
    show_clients(session, answers, is_list=len(answers) > 1)


@client.command("list")
@json_option
@click.pass_obj
def list_clients(session: Session) -> None:
    """All clients, in order of registration."""
    clients = session.parts.client_administration.list_clients()
    rows = [[each.client_id, each.client_name, each.sector, each.token_endpoint_auth_method] for each in clients]
    table = lay_out_table(["CLIENT_ID", "CLIENT_NAME", "SECTOR", "AUTHENTICATION"], rows)
    session.show([describe_client(each) for each in clients], table)


@client.command("show")
@click.argument("client_id")
@json_option
@click.pass_obj
def show_client(session: Session, client_id: str) -> None:
    """One client's registration."""
    members = describe_client(_get_client(session, client_id))
    session.show(members, write_members(members))


@client.command("remove")
@click.argument("client_id")
@json_option
@click.pass_obj
def remove_client(session: Session, client_id: str) -> None:
    """Remove a client with its grants, tokens and consents."""
    if not session.parts.client_administration.delete_client(client_id, session.now):
        raise Refused(f"there is no client {client_id}")
    session.show({"client_id": client_id, "state": "removed"}, f"{client_id} is removed.")


@client.command("rotate-secret")
@click.argument("client_id")
@json_option
@click.pass_obj
def rotate_secret(session: Session, client_id: str) -> None:
    """Give a client a new secret, at once, and print it, once; the old one ends."""
    found = _get_client(session, client_id)
    if found.secret_hash is None:
        raise Refused(f"{client_id} authenticates with {found.token_endpoint_auth_method} and has no secret")
    secret = new_identifier()
    if not session.parts.client_administration.replace_secret_hash(client_id, hash_secret(secret), session.now):
        raise Refused(f"there is no client {client_id}")
    members = {"client_id": client_id, "client_secret": secret}
    show_clients(session, [members], is_list=False)


@client.command("requests")
@click.argument("client_id")
@click.option("--limit", type=click.IntRange(1, NOTES_A_CLIENT), default=50, show_default=True)
@json_option
@click.pass_obj
def list_requests(session: Session, client_id: str, limit: int) -> None:
    """A client's last requests, newest first, why one failed and why a claim was left out."""
    _get_client(session, client_id)
    notes = session.parts.durable.list_client_notes(client_id, session.now, limit)
    answers = [asdict(note) | {"at": note.at.isoformat()} for note in notes]
    rows = [
        [note.at.isoformat(timespec="seconds"), note.where, note.outcome, note.reference, note.detail] for note in notes
    ]
    session.show(answers, lay_out_table(["AT", "WHERE", "OUTCOME", "REFERENCE", "DETAIL"], rows))


def _get_client(session: Session, client_id: str) -> Client:
    found = session.parts.client_administration.find_client(client_id)
    if found is None:
        raise Refused(f"there is no client {client_id}")
    return found
