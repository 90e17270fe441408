"""Evidence on every engine: kept for its time, longer while held, whatever becomes of account and client."""

from dataclasses import replace
from datetime import timedelta

import pytest

from idp.audit import AuditEvent
from idp.evidence import Check
from idp.ops.evidence_purge import deletion_digest, purge_evidence
from idp.outage import StoreConflict
from idp.signin.evidence_record import CheckedCertificate, EvidenceRecord
from idp.stores.sql.administration import Administration
from idp.stores.sql.client_administration import ClientAdministration
from idp.stores.sql.database import Database
from idp.stores.sql.durable import DurableStore
from tests.contracts.conftest import Place
from tests.contracts.records import NOW, make_client, register, sign_in

DAY = timedelta(days=1)
RECORD = EvidenceRecord(
    txn="txn",
    client_id="client",
    account_id="account",
    sub="subject",
    certificates=(
        CheckedCertificate(
            "evidence-id",
            "digital-signature",
            "card",
            "card-digital-signature",
            NOW,
            (Check("id-1", "crl", NOW), Check("2", "x", NOW)),
        ),
    ),
    claim_names=("::age_20_or_over", "verified_claims"),
    consent_items=("age_20_or_over",),
    statement_hash=b"\x00\xff" * 16,
    sealed="sealed",
    recorded_at=NOW,
    expires_at=NOW + DAY,
)


def keep(store: DurableStore, *records: EvidenceRecord) -> None:
    with store.writing() as writer:
        for record in records:
            writer.insert_evidence(record)


@pytest.mark.parametrize(
    "record", [RECORD, replace(RECORD, certificates=(), consent_items=(), statement_hash=None, sealed=None)]
)
def test_a_record_is_found_as_it_was_kept(store: DurableStore, record: EvidenceRecord) -> None:
    keep(store, record)
    assert store.find_evidence("txn", NOW) == record
    with store.writing() as writer:
        assert writer.find_evidence("txn", NOW) == record
    with pytest.raises(StoreConflict):
        keep(store, record)


@pytest.mark.parametrize("txn", ["", "unknown", "\x00", "\ud800", "' OR 1=1 --"])
def test_a_sign_in_without_evidence_finds_nothing(store: DurableStore, txn: str) -> None:
    keep(store, RECORD)
    assert store.find_evidence(txn, NOW) is None
    with store.writing() as writer:
        assert writer.hold_evidence(txn, NOW) is None
        assert writer.release_evidence(txn) is None


def test_expired_evidence_is_not_found_before_it_is_purged(store: DurableStore) -> None:
    keep(store, RECORD)
    assert store.find_evidence("txn", NOW + DAY - timedelta(seconds=1))
    assert store.find_evidence("txn", NOW + DAY) is None


def test_held_evidence_stays_until_it_is_released(store: DurableStore) -> None:
    keep(store, RECORD)
    with store.writing() as writer:
        assert writer.hold_evidence("txn", NOW) == ("client", "account")
        assert writer.hold_evidence("txn", NOW + DAY) == ("client", "account")
    assert purge_evidence(store, NOW + 9 * DAY) == 0
    assert store.find_evidence("txn", NOW + 9 * DAY) == replace(RECORD, held_at=NOW)
    with store.writing() as writer:
        assert writer.release_evidence("txn") == ("client", "account")
        assert writer.release_evidence("txn") is None
    assert purge_evidence(store, NOW + 9 * DAY) == 1


def test_what_is_purged_leaves_a_proof_for_each_client(store: DurableStore, database: Database) -> None:
    keep(store, *(replace(RECORD, txn=f"t{n}", client_id=f"c{n % 2}") for n in range(5)))
    keep(store, replace(RECORD, txn="later", expires_at=NOW + 2 * DAY))
    assert purge_evidence(store, NOW + DAY, batch_rows=100) == 5
    rows = database.read_all("SELECT event, client_id, txn, outcome FROM audit_events ORDER BY sequence")
    assert [tuple(row) for row in rows] == [
        (AuditEvent.EVIDENCE_DELETED, "c0", None, f"3 sha256:{deletion_digest(['t4', 't0', 't2'])}"),
        (AuditEvent.EVIDENCE_DELETED, "c1", None, f"2 sha256:{deletion_digest(['t1', 't3'])}"),
    ]
    assert store.find_evidence("later", NOW + DAY)


def test_a_purge_works_through_more_records_than_a_batch(store: DurableStore) -> None:
    keep(store, *(replace(RECORD, txn=f"t{n}") for n in range(7)))
    assert purge_evidence(store, NOW + DAY, batch_rows=2) == 7
    assert purge_evidence(store, NOW + DAY, batch_rows=2) == 0


def test_a_deletion_that_cannot_be_proven_does_not_happen(store: DurableStore) -> None:
    keep(store, RECORD)

    def delete_and_fail() -> None:
        with store.writing() as writer:
            assert writer.delete_expired_evidence(NOW + DAY, 10) == (("txn", "client"),)
            raise KeyError

    with pytest.raises(KeyError):
        delete_and_fail()
    assert purge_evidence(store, NOW + DAY) == 1


def test_of_a_deleted_account_stays_what_is_held_or_has_a_legal_basis(store: DurableStore) -> None:
    plain = replace(RECORD, sealed=None)
    held = replace(plain, txn="held", held_at=NOW)
    other = replace(plain, txn="other", account_id="another")
    keep(store, replace(RECORD, txn="lawful"), held, replace(plain, txn="plain"), other)
    with store.writing() as writer:
        assert writer.delete_account_evidence("account") == (("plain", "client"),)
    assert [each.txn for each in store.find_account_evidence("account")] == ["held", "lawful"]
    assert store.find_evidence("other", NOW) == other


def test_evidence_outlives_its_client(place: Place, store: DurableStore) -> None:
    register(place.url)
    sign_in(store)
    keep(store, RECORD)
    assert ClientAdministration(Administration(place.url)).delete_client("client", NOW)
    assert store.find_evidence("txn", NOW) == RECORD


def test_a_clients_entitlement_is_found_as_it_was_registered(place: Place, store: DurableStore) -> None:
    client = make_client(is_lawful_verifier=True, evidence_retention_days=30)
    register(place.url, client)
    assert store.find_client("client") == client
    assert ClientAdministration(Administration(place.url)).find_client("client") == client
