"""``idp evidence``: what was checked, agreed to and told in one sign-in, for an auditor; and legal holds."""

import click

from idp.audit import AuditEvent, AuditRecord
from idp.cli.evidence_sheet import lay_out_page, lay_out_sheet, list_sheet_rows
from idp.cli.failure import Refused, Undetermined
from idp.cli.session import Session, json_option
from idp.cli.table import lay_out_table
from idp.keys.errors import Unsealable
from idp.signin.evidence_answer import describe_evidence
from idp.signin.evidence_record import EvidenceRecord, EvidenceValues, open_evidence
from idp.signin.evidence_verification import Verdict, sum_up_verification, verify_evidence


@click.group("evidence")
def evidence() -> None:
    """What was checked, agreed to and told in a sign-in."""


@evidence.command("show")
@click.argument("txn")
@click.option("--html", "as_html", is_flag=True, help="Print a page for the printer.")
@json_option
@click.pass_obj
def show(session: Session, txn: str, as_html: bool) -> None:
    """Print the record of a sign-in (確認記録); the audit log says that it was read."""
    if as_html and session.as_json:
        raise click.UsageError("--html or --json, not both")
    record, values = _read(session, txn)
    operator = session.settings.operator.name
    rows = list_sheet_rows(record, values, operator=operator, issuer=session.settings.issuer)
    text = lay_out_page(rows, record.txn) if as_html else lay_out_sheet(rows)
    session.show({**describe_evidence(record, values, for_operator=True), "account_id": record.account_id}, text)


@evidence.command("verify")
@click.argument("txn")
@json_option
@click.pass_obj
def verify(session: Session, txn: str) -> None:
    """Verify the signature that a record keeps, as of the time of signing; audited like a reading.

    Ends with 1 if a step is refused, with 3 if one cannot be answered: no signature is kept, or the authority's
    certificate is not imported any more.
    """
    record, values = _read(session, txn)
    parts = session.parts
    steps = verify_evidence(record, values, issuer=session.settings.issuer, profiles=parts.profiles, trust=parts.trust)
    verdict = sum_up_verification(steps)
    members = [{"step": step.name, "verdict": step.verdict.value, "detail": step.detail} for step in steps]
    table = lay_out_table(["STEP", "VERDICT", "DETAIL"], [list(each.values()) for each in members])
    session.show({"txn": txn, "verdict": verdict.value, "steps": members}, table)
    if verdict is Verdict.REFUSED:
        raise Refused("the signature is not good for this record")
    if verdict is Verdict.UNKNOWN:
        raise Undetermined("whether the signature is good cannot be said here")


@evidence.command("hold")
@click.argument("txn")
@json_option
@click.pass_obj
def hold(session: Session, txn: str) -> None:
    """Keep a record beyond its time, until it is released."""
    with session.parts.durable.writing() as writer:
        held = writer.hold_evidence(txn, session.now)
        if held is None:
            raise Refused("there is no evidence of this sign-in")
        client_id, account_id = held
        writer.append_audit(AuditRecord(AuditEvent.EVIDENCE_HELD, session.now, account_id, client_id, txn))
    session.show({"txn": txn, "state": "held"}, "Held: it is not deleted before it is released.")


@evidence.command("release")
@click.argument("txn")
@json_option
@click.pass_obj
def release(session: Session, txn: str) -> None:
    """End a hold; what is past its time goes with the next purge."""
    with session.parts.durable.writing() as writer:
        released = writer.release_evidence(txn)
        if released is None:
            raise Refused("there is no evidence of this sign-in under a hold")
        client_id, account_id = released
        writer.append_audit(AuditRecord(AuditEvent.EVIDENCE_RELEASED, session.now, account_id, client_id, txn))
    session.show({"txn": txn, "state": "released"}, "Released.")


def _read(session: Session, txn: str) -> tuple[EvidenceRecord, EvidenceValues | None]:
    with session.parts.durable.writing() as writer:
        record = writer.find_evidence(txn, session.now)
        if record is None:
            raise Refused("there is no evidence of this sign-in")
        try:
            values = open_evidence(session.parts.sealer, record)
        except Unsealable:
            raise Refused("the sealed part of this record was altered, or made under another key") from None
        writer.append_audit(
            AuditRecord(AuditEvent.EVIDENCE_READ, session.now, record.account_id, record.client_id, txn, "operator")
        )
    return record, values
