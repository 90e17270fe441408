"""The evidence record: what was checked, agreed to and told in one sign-in, as it is kept for whoever must show it.

Always kept: who, for whom, procedure, kinds of certificate, checks, names of claims, items of consent, the hash of the
text that was signed. Values, that text and the whole proof of its signature, sealed, only for clients with a registered
legal basis. Of a user authentication neither certificate nor signature is kept for anybody.
"""

import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from idp.card_login.kept_proof import KeptProof, kept_proof_from_members
from idp.card_login.proven_card import ProvenCard
from idp.clock import from_epoch_seconds, to_epoch_seconds
from idp.evidence import Check, Evidence
from idp.keys.sealing import Sealer
from idp.oidc.claims_release import ReleasedClaims
from idp.oidc.client import Client
from idp.oidc.grant import Grant
from idp.signin.record import Signin

_PURPOSE: Final = "evidence"


@dataclass(frozen=True, slots=True)
class CheckedCertificate:
    """One certificate of the sign-in; ``kind`` is its purpose, ``procedure`` the credential profile.

    ``evidence_id`` is what ``verified_claims`` call ``verification_process``, and a check_id too.
    """

    evidence_id: str
    kind: str
    credential_kind: str
    procedure: str
    verified_at: datetime
    checks: tuple[Check, ...]


@dataclass(frozen=True, slots=True)
class EvidenceRecord:
    """One record. ``sealed`` opens with ``open_evidence``; ``held_at`` says since when it must not be deleted."""

    txn: str
    client_id: str
    account_id: str
    sub: str
    certificates: tuple[CheckedCertificate, ...]
    claim_names: tuple[str, ...]
    consent_items: tuple[str, ...]
    statement_hash: bytes | None
    sealed: str | None = field(repr=False)
    recorded_at: datetime
    expires_at: datetime
    held_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class EvidenceValues:
    """What is kept sealed: the claims with their values, and the text that was signed, empty where none was.

    ``proof`` is with what that signature can be verified again; None in records from before it was kept.
    """

    userinfo: dict[str, Any] = field(repr=False)
    id_token: dict[str, Any] = field(repr=False)
    statement: str = field(repr=False)
    proof: KeptProof | None = field(default=None, repr=False)


def make_evidence(
    signin: Signin,
    client: Client,
    grant: Grant,
    released: ReleasedClaims,
    evidence: tuple[Evidence, ...],
    proof: KeptProof | None,
    *,
    sealer: Sealer,
    retention: timedelta,
) -> EvidenceRecord:
    """The record of a grant that releases claims.

    Takes:  evidence, that of the sign-in's cards in order of showing, as released; proof, the signing one's;
            retention, of the installation; the client's own wins.
    Source: OIDC4IDA §5.4 (a check_id resolves in an audit); draft txn claim (what its issuer keeps).
    """
    statement = _signed_statement(signin)
    if client.evidence_retention_days is not None:
        retention = timedelta(days=client.evidence_retention_days)
    values = EvidenceValues(released.userinfo, released.id_token, statement, proof)
    return EvidenceRecord(
        txn=grant.txn,
        client_id=grant.client_id,
        account_id=grant.account_id,
        sub=grant.sub,
        certificates=_certificates(signin, evidence),
        claim_names=released.names,
        consent_items=signin.agreed or (),
        statement_hash=hashlib.sha256(statement.encode("utf-8")).digest() if statement else None,
        sealed=_seal(sealer, grant.txn, values) if client.is_lawful_verifier else None,
        recorded_at=grant.created_at,
        expires_at=grant.created_at + retention,
    )


def open_evidence(sealer: Sealer, record: EvidenceRecord) -> EvidenceValues | None:
    """What is kept sealed in a record; None where nothing is.

    Raises: Unsealable: the record was altered, or belongs to another sign-in.
    """
    if record.sealed is None:
        return None
    members = json.loads(sealer.unseal(_PURPOSE, record.txn.encode("ascii"), record.sealed))
    proof = members.get("proof")
    return EvidenceValues(
        members["userinfo"],
        members["id_token"],
        members["statement"],
        None if proof is None else kept_proof_from_members(proof),
    )


def certificates_to_json(certificates: tuple[CheckedCertificate, ...]) -> str:
    """Certificates as they are stored, times in epoch seconds."""
    members = [
        {
            "evidence_id": each.evidence_id,
            "kind": each.kind,
            "credential_kind": each.credential_kind,
            "procedure": each.procedure,
            "verified_at": to_epoch_seconds(each.verified_at),
            "checks": [[check.id, check.method, to_epoch_seconds(check.time)] for check in each.checks],
        }
        for each in certificates
    ]
    return json.dumps(members, separators=(",", ":"))


def certificates_from_json(stored: str) -> tuple[CheckedCertificate, ...]:
    """The inverse of ``certificates_to_json``, for our own store's contents."""
    return tuple(
        CheckedCertificate(
            evidence_id=each["evidence_id"],
            kind=each["kind"],
            credential_kind=each["credential_kind"],
            procedure=each["procedure"],
            verified_at=from_epoch_seconds(each["verified_at"]),
            checks=tuple(
                Check(check_id, method, from_epoch_seconds(time)) for check_id, method, time in each["checks"]
            ),
        )
        for each in json.loads(stored)
    )


def _certificates(signin: Signin, evidence: tuple[Evidence, ...]) -> tuple[CheckedCertificate, ...]:
    cards = [card for card in (signin.identified, signin.proven) if card is not None]
    return tuple(
        CheckedCertificate(
            shown.evidence_id,
            shown.kind,
            shown.credential_kind,
            shown.procedure,
            shown.verified_at,
            (*shown.checks, *_linkage(card)),
        )
        for card, shown in zip(cards, evidence, strict=True)
    )


def _linkage(card: ProvenCard) -> tuple[Check, ...]:
    # Whose card it is was asked of the operator, and is as much a part of the procedure as the signature.
    answer = card.presented.linkage
    return () if answer is None else (Check(answer.check_id, "linkage", answer.as_of),)


def _signed_statement(signin: Signin) -> str:
    # The frozen transaction is what the presenter showed and the card signed; nothing is worded anew.
    if signin.opening.purpose != "digital-signature" or not signin.opening.transaction:
        return ""
    statement: str = json.loads(signin.opening.transaction)["statement"]
    return statement


def _seal(sealer: Sealer, txn: str, values: EvidenceValues) -> str:
    members = {
        "userinfo": values.userinfo,
        "id_token": values.id_token,
        "statement": values.statement,
        "proof": None if values.proof is None else values.proof.to_members(),
    }
    plain = json.dumps(members, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
    return sealer.seal(_PURPOSE, txn.encode("ascii"), plain)
