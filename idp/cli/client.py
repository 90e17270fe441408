"""``idp client``: the relying parties that are registered here."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import click

from idp.cli.client_file import read_client_file
from idp.cli.failure import Refused
from idp.cli.session import Session, json_option
from idp.cli.table import lay_out_table
from idp.identifiers import hash_secret, new_identifier
from idp.oidc.client import Client
from idp.oidc.registration import client_to_metadata, register_client
from idp.oidc.sector_document import OperatorVouches

_KEEP_SECRET: Final = "The client_secret is shown this once and not stored."


@click.group("client")
def client() -> None:
    """The relying parties that are registered here."""


def _metadata_options(command: Callable[..., Any]) -> Callable[..., Any]:
    options = (
        click.option("--client-name", "--name", "client_name", help="The name that people are shown."),
        click.option("--redirect-uri", "redirect_uris", multiple=True, help="May be repeated."),
        click.option("--post-logout-redirect-uri", "post_logout_redirect_uris", multiple=True, help="May be repeated."),
        click.option("--client-uri", help="Its home page; 'back to the service' leads there."),
        click.option("--application-type", type=click.Choice(["web", "native"])),
        click.option("--token-endpoint-auth-method", help="client_secret_basic if not given."),
        click.option("--id-token-signed-response-alg", help="ES256 if not given."),
        click.option("--grant-type", "grant_types", multiple=True, help="May be repeated."),
        click.option("--scope", help='Separated by spaces, for example "openid offline_access".'),
        click.option(
            "--sector-identifier-uri", help="For redirect URIs of several hosts, or a sector shared by clients."
        ),
        click.option("--jwks-file", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="Public keys."),
        click.option("--no-pkce", is_flag=True, help="Do not require PKCE of this confidential client."),
    )
    for option in reversed(options):
        command = option(command)
    return command


@client.command("add")
@click.option(
    "--file",
    "path",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Metadata under the names of OIDC Registration, TOML or JSON, instead of the options below.",
)
@click.option("--client-id", help="Otherwise a random one.")
@click.option("--reviewed", is_flag=True, help="The name was checked; otherwise people are told that it was not.")
@click.option("--lawful-verifier", is_flag=True, help="Its legal basis for values in evidence is on file.")
@click.option("--vouch-for-sector", is_flag=True, help="Do not ask sector_identifier_uri's document; it belongs there.")
@click.option("--evidence-days", type=click.IntRange(1, 36_525), help="How long its evidence is kept, if not as set.")
@_metadata_options
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
    given = _to_metadata(options)
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
    for new_client, _ in made:
        if not session.parts.client_administration.insert_client(new_client):
            raise Refused(f"the client_id {new_client.client_id} is taken")
    answers = [_with_secret(_describe(new_client), secret) for new_client, secret in made]
    text = "\n\n".join(map(_write_members, answers))
    if any(secret for _, secret in made):
        text += f"\n\n{_KEEP_SECRET}"
    session.show(answers[0] if len(answers) == 1 else answers, text)


@client.command("list")
@json_option
@click.pass_obj
def list_clients(session: Session) -> None:
    """All clients, in order of registration."""
    clients = session.parts.client_administration.list_clients()
    rows = [[each.client_id, each.client_name, each.sector, each.token_endpoint_auth_method] for each in clients]
    table = lay_out_table(["CLIENT_ID", "CLIENT_NAME", "SECTOR", "AUTHENTICATION"], rows)
    session.show([_describe(each) for each in clients], table)


@client.command("show")
@click.argument("client_id")
@json_option
@click.pass_obj
def show_client(session: Session, client_id: str) -> None:
    """One client's registration."""
    members = _describe(_get_client(session, client_id))
    session.show(members, _write_members(members))


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
    session.show(members, f"{_write_members(members)}\n\n{_KEEP_SECRET}")


def _get_client(session: Session, client_id: str) -> Client:
    found = session.parts.client_administration.find_client(client_id)
    if found is None:
        raise Refused(f"there is no client {client_id}")
    return found


def _to_metadata(options: Mapping[str, Any]) -> dict[str, Any]:
    metadata: dict[str, Any] = {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in options.items()
        if value not in (None, (), False) and name not in ("jwks_file", "no_pkce")
    }
    if options["no_pkce"]:
        metadata["require_pkce"] = False
    if options["jwks_file"] is not None:
        (metadata["jwks"],) = read_client_file(options["jwks_file"])
    return metadata


def _describe(described: Client) -> dict[str, Any]:
    members = {**client_to_metadata(described), "sector": described.sector, "is_reviewed": described.is_reviewed}
    if described.is_lawful_verifier:
        members["is_lawful_verifier"] = True
    if described.evidence_retention_days is not None:
        members["evidence_retention_days"] = described.evidence_retention_days
    return members


def _with_secret(members: dict[str, Any], secret: str | None) -> dict[str, Any]:
    # RFC 7591 §3.2.1: client_secret_expires_at is required with a secret; 0 says never.
    return members if secret is None else {**members, "client_secret": secret, "client_secret_expires_at": 0}


def _write_members(members: Mapping[str, Any]) -> str:
    width = max(map(len, members))
    return "\n".join(f"{name.ljust(width)}  {_write(value)}" for name, value in members.items())


def _write(value: object) -> str:
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)
