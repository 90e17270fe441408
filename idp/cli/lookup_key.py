"""``idp lookup-key``: the keys under which credentials are found again."""

from pathlib import Path

import click

from idp.audit import AuditEvent, AuditRecord
from idp.cli.failure import Refused
from idp.cli.session import Session, json_option
from idp.cli.table import lay_out_table
from idp.identity.lookup_keys import check_lookup_keys
from idp.settings.secret_file import create_key_file

_NEXT_STEPS = """\
Wrote {path}. docs/decisions/0003-linking.md says why the order matters:
1. Copy the file to every node, put this last in the settings, restart every node:

   [[identity.lookup_key]]
   id = "{key_id}"
   file = "{path}"

2. Move it to the first place, restart every node. Each sign-in now moves one credential.
3. Remove the old key when idp lookup-key list shows no credential under it."""


@click.group("lookup-key")
def lookup_key() -> None:
    """The keys under which credentials are found again."""


@lookup_key.command("list")
@json_option
@click.pass_obj
def list_lookup_keys(session: Session) -> None:
    """The configured keys, first the one that writes, with how many credentials are stored under each."""
    parts = session.parts
    new = {key.key_id for key in check_lookup_keys(parts.lookup_keys, parts.durable)}
    counts = parts.durable.count_credentials_by_key()
    members = [
        {
            "id": key.key_id,
            "writes": position == 0,
            "is_new": key.key_id in new,
            "credentials": counts.get(key.key_id, 0),
        }
        for position, key in enumerate(parts.lookup_keys.keys)
    ]
    rows = [
        [str(member["id"]), "writes" if member["writes"] else "reads", str(member["credentials"])] for member in members
    ]
    session.show(members, lay_out_table(["ID", "USE", "CREDENTIALS"], rows))


@lookup_key.command("add")
@click.argument("key_id", metavar="ID")
@click.option("--file", "path", type=click.Path(path_type=Path, dir_okay=False), required=True, help="Where to write.")
@json_option
@click.pass_obj
def add_lookup_key(session: Session, key_id: str, path: Path) -> None:
    """Make the file of a new key, and say how to bring it into use without making anybody a new person."""
    if key_id in {known.id for known in session.settings.identity.lookup_key}:
        raise Refused(f"a key with the id {key_id} is configured already, and an id never changes its meaning")
    parts = session.parts
    path = path.absolute()
    if not create_key_file(path):
        raise Refused(f"{path} is there already; it is left alone")
    with parts.durable.writing() as writer:
        writer.append_audit(AuditRecord(AuditEvent.LOOKUP_KEY_ADDED, session.now, outcome=key_id))
    session.show({"id": key_id, "file": str(path)}, _NEXT_STEPS.format(path=path, key_id=key_id))
