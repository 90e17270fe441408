"""``idp audit``: proving the audit log."""

import click

from idp.cli.session import Session, json_option
from idp.ops.audit_sealing import verify_audit_chain


@click.group("audit")
def audit() -> None:
    """The audit log."""


@audit.command("verify")
@json_option
@click.pass_obj
def verify_audit(session: Session) -> None:
    """That every sealed event is as it was when it was sealed; compare the last digest with the one you kept."""
    durable = session.parts.durable
    count = verify_audit_chain(durable)
    seal = durable.find_last_audit_seal()
    digest = None if seal is None else seal.digest.hex()
    session.show({"events": count, "digest": digest}, f"{count} sealed events are unchanged; last digest: {digest}")
