"""What a client is told of its evidence: its own records, behind its own key; to everybody else there is nothing.

Implements RFC 7523 §3 (the assertion) in the header of RFC 6750 §2.1, because a GET carries no form.
"""

import re
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol

from idp.audit import AuditEvent, AuditRecord, AuditWriter
from idp.keys.errors import Unsealable
from idp.keys.sealing import Sealer
from idp.log import Level, log_line
from idp.oidc.client import Client
from idp.oidc.client_assertion import check_client_assertion, find_unverified_client_id
from idp.oidc.errors import OAuthError
from idp.oidc.ports import ClientAdmission, ClientStore, OnceStore
from idp.signin.evidence_proof import describe_proof
from idp.signin.evidence_record import CheckedCertificate, EvidenceRecord, EvidenceValues, open_evidence

EVIDENCE_PATH: Final = "/evidence/"
_BEARER: Final = re.compile(r"bearer +([A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+)", re.IGNORECASE)


class NoEvidence(Exception):
    """There is nothing for this caller; why, only the log says."""


class EvidenceReader(AuditWriter, Protocol):
    """One durable transaction in which evidence is read and the reading recorded."""

    def find_evidence(self, txn: str, now: datetime) -> EvidenceRecord | None:
        """The record of a sign-in; None if there is none, or if it has expired and is not held."""
        ...


class EvidenceStore(Protocol):
    """Where evidence is."""

    def writing(self) -> AbstractContextManager[EvidenceReader]:
        """One durable transaction."""
        ...


@dataclass(frozen=True, slots=True)
class EvidenceDependencies:
    """What the endpoint works with."""

    issuer: str
    clients: ClientStore
    store: EvidenceStore
    once: OnceStore
    sealer: Sealer


def answer_evidence_request(
    txn: str,
    authorization_header: str | None,
    dependencies: EvidenceDependencies,
    now: datetime,
    admission: ClientAdmission | None = None,
) -> dict[str, Any]:
    """Tell a client what was checked, agreed to and told in one sign-in that was for it.

    Takes:   txn, as it stands in the path; the Authorization header, ``Bearer`` and a client assertion whose audience
             is the issuer or this very address; admission, where the request is counted against its client.
    Returns: the members of the JSON answer, to be sent with ``Cache-Control: no-store``.
    Raises:  NoEvidence: nobody authenticated, unknown, expired, another client's: one answer for all of them.
    Effect:  the assertion's ``jti`` is spent; an answer is audited in the transaction that reads it.
    Source:  RFC 7523 §3; draft txn claim; docs/evidence.md.
    """
    client = _authenticate(txn, authorization_header, dependencies, now, admission)
    if admission is not None:
        admission.admit(client)
    with dependencies.store.writing() as writer:
        record = writer.find_evidence(txn, now)
        if record is None or record.client_id != client.client_id:
            raise _refuse("not_found", client.client_id)
        values = _entitled_values(dependencies.sealer, client, record)
        writer.append_audit(
            AuditRecord(AuditEvent.EVIDENCE_READ, now, record.account_id, client.client_id, txn, "client")
        )
    return describe_evidence(record, values)


def describe_evidence(
    record: EvidenceRecord, values: EvidenceValues | None, *, for_operator: bool = False
) -> dict[str, Any]:
    """A record as it is told: to a client without the account, whose ``sub`` is all that the client knows.

    Takes: values, what is kept sealed, None where it is not told; for_operator, who may see all of it.
    """
    members: dict[str, Any] = {
        "txn": record.txn,
        "client_id": record.client_id,
        "sub": record.sub,
        "recorded_at": _write_time(record.recorded_at),
        "kept_until": _write_time(record.expires_at),
        "is_held": record.held_at is not None,
        "certificates": [_describe_certificate(each, for_operator=for_operator) for each in record.certificates],
        "claims_released": list(record.claim_names),
        **describe_proof(record, values, for_operator=for_operator),
    }
    if values is not None or for_operator:
        # What was agreed to and not released would tell a refusal from a value that was not met (decision 0006), and a
        # hash of the statement tells the items to whoever tries the few combinations there are.
        members["consent_items"] = list(record.consent_items)
        members["statement_sha256"] = None if record.statement_hash is None else record.statement_hash.hex()
    if values is not None:
        members["values"] = {"userinfo": values.userinfo, "id_token": values.id_token}
        members["statement"] = values.statement or None
    return members


def _authenticate(
    txn: str,
    authorization_header: str | None,
    dependencies: EvidenceDependencies,
    now: datetime,
    admission: ClientAdmission | None,
) -> Client:
    match = _BEARER.fullmatch(authorization_header or "")
    client_id = None if match is None else find_unverified_client_id(match[1])
    client = None if client_id is None else dependencies.clients.find_client(client_id)
    if match is None or client is None or client.token_endpoint_auth_method != "private_key_jwt":
        raise _refuse("not_authenticated")
    url = dependencies.issuer + EVIDENCE_PATH + txn
    try:
        check_client_assertion(
            match[1],
            client,
            dependencies.clients,
            dependencies.once,
            issuer=dependencies.issuer,
            endpoint_url=url,
            now=now,
            admission=admission,
        )
    except OAuthError as error:
        raise _refuse("not_authenticated", client.client_id, error.detail) from None
    return client


def _entitled_values(sealer: Sealer, client: Client, record: EvidenceRecord) -> EvidenceValues | None:
    # Both count: the legal basis when the record was made, and that it has not been withdrawn since.
    if not client.is_lawful_verifier:
        return None
    try:
        return open_evidence(sealer, record)
    except Unsealable:
        raise _refuse("unsealable", client.client_id) from None


def _refuse(reason: str, client_id: str | None = None, detail: str | None = None) -> NoEvidence:
    level: Level = "error" if reason == "unsealable" else "info"
    log_line("evidence_refused", level, client_id=client_id, reason=reason, detail=detail)
    return NoEvidence(reason)


def _describe_certificate(certificate: CheckedCertificate, *, for_operator: bool) -> dict[str, Any]:
    # That an operator had to be asked whose card this is would tell a client that the card was new here.
    checks = [check for check in certificate.checks if for_operator or check.method != "linkage"]
    return {
        "verification_process": certificate.evidence_id,
        "kind": certificate.kind,
        "credential_kind": certificate.credential_kind,
        "procedure": certificate.procedure,
        "verified_at": _write_time(certificate.verified_at),
        "checks": [{"id": check.id, "method": check.method, "time": _write_time(check.time)} for check in checks],
    }


def _write_time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
