"""``idp client update``: the same client with other metadata."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from idp.cli.client_answer import describe_client, show_clients, with_secret
from idp.cli.client_file import read_client_file
from idp.cli.client_members import given_members, metadata_options
from idp.cli.failure import Refused
from idp.cli.session import Session, json_option
from idp.oidc.client import Client
from idp.oidc.client_update import change_client
from idp.oidc.registration import client_fingerprint, client_to_registration
from idp.oidc.sector_document import OperatorVouches


@click.command("update")
@click.argument("client_id")
@click.option(
    "--file",
    "path",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="The whole metadata of one client; without it the options below change what is registered.",
)
@click.option("--unset", "unset", multiple=True, metavar="MEMBER", help="Register this member no more.")
@click.option("--reviewed/--not-reviewed", "is_reviewed", default=None, help="The name was checked, or no more.")
@click.option("--lawful-verifier/--no-lawful-verifier", "is_lawful_verifier", default=None, help="As at registration.")
@click.option("--evidence-days", type=click.IntRange(1, 36_525), help="How long its evidence is kept.")
@click.option("--vouch-for-sector", is_flag=True, help="Do not ask sector_identifier_uri's document.")
@click.option("--new-sector", is_flag=True, help="Accept that people get another sub; consents end.")
@metadata_options
@json_option
@click.pass_obj
def update(
    session: Session,
    /,
    client_id: str,
    path: Path | None,
    unset: tuple[str, ...],
    is_reviewed: bool | None,
    is_lawful_verifier: bool | None,
    evidence_days: int | None,
    vouch_for_sector: bool,
    new_sector: bool,
    **options: Any,
) -> None:
    """Change a client's registration; a sign-in in flight notices and starts over."""
    found = session.parts.client_administration.find_client(client_id)
    if found is None:
        raise Refused(f"there is no client {client_id}")
    metadata = _metadata(found, path, unset, given_members(options))
    changed, secret = change_client(
        _judged(found, is_reviewed, is_lawful_verifier, evidence_days),
        metadata,
        sandbox=session.settings.is_sandbox,
        now=session.now,
        claims_policy=session.parts.claims_policy,
        sectors=OperatorVouches() if vouch_for_sector else session.parts.sectors,
        may_change_sector=new_sector,
    )
    if not session.parts.client_administration.replace_client(found, changed, session.now):
        raise Refused(f"{client_id} was changed or removed in the meantime")
    show_clients(session, [with_secret(describe_client(changed), secret)], is_list=False)


def _metadata(found: Client, path: Path | None, unset: tuple[str, ...], given: dict[str, Any]) -> dict[str, Any]:
    if path is not None:
        if given or unset:
            raise click.UsageError("--file is the whole metadata, so it stands without options of members")
        described = read_client_file(path)
        if len(described) != 1:
            raise click.UsageError("the file has more than one client")
        return dict(described[0])
    metadata = client_to_registration(found) | given
    for name in unset:
        if metadata.pop(name, None) is None:
            raise click.UsageError(f"--unset: {name} is not registered")
    return metadata


def _judged(
    found: Client, is_reviewed: bool | None, is_lawful_verifier: bool | None, evidence_days: int | None
) -> Client:
    judged = replace(
        found,
        is_reviewed=found.is_reviewed if is_reviewed is None else is_reviewed,
        is_lawful_verifier=found.is_lawful_verifier if is_lawful_verifier is None else is_lawful_verifier,
        evidence_retention_days=evidence_days or found.evidence_retention_days,
    )
    return replace(judged, fingerprint=client_fingerprint(judged))
