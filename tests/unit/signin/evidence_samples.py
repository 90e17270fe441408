"""A record whose signature is good, with what is sealed in it."""

import hashlib
from dataclasses import replace
from datetime import timedelta

from idp.card_login.kept_proof import KeptProof
from idp.signin.evidence_record import CheckedCertificate, EvidenceRecord, EvidenceValues
from tests.contracts.test_evidence_store import RECORD
from tests.unit.card_login.proofs import CONSENT_ITEMS, STATEMENT, TXN, kept
from tests.unit.jpki.certificates import NOW

SIGNED_AT = NOW + timedelta(seconds=20)
SIGNED = CheckedCertificate(
    "ev-sign", "digital-signature", "card", "card-digital-signature", SIGNED_AT, RECORD.certificates[0].checks
)
AUTHENTICATED = replace(SIGNED, evidence_id="ev-auth", kind="user-authentication", checks=())
SIGNED_RECORD: EvidenceRecord = replace(
    RECORD,
    txn=TXN,
    client_id="bank",
    certificates=(AUTHENTICATED, SIGNED),
    consent_items=CONSENT_ITEMS,
    statement_hash=hashlib.sha256(STATEMENT.encode()).digest(),
)


def values(proof: KeptProof | None) -> EvidenceValues:
    """The sealed part, with this proof."""
    return EvidenceValues({"name": "山田　花子"}, {}, STATEMENT, proof)


SIGNED_VALUES = values(kept())
