"""Keys, installation, audit seals and purge, on every engine."""

import os
import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from idp.audit import AuditEvent, AuditRecord
from idp.keys.ports import StoredSigningKey, Succession
from idp.ops.audit_sealing import AuditChainBroken, seal_audit_events, verify_audit_chain
from idp.ops.purge import purge
from idp.stores.sql.database import Database
from idp.stores.sql.database_facts import SqlDatabaseFacts
from idp.stores.sql.durable import DurableStore
from idp.stores.sql.installation import InstallationMismatch
from idp.stores.transient.open import open_transient
from tests.contracts.conftest import MIGRATIONS, Place
from tests.contracts.records import CODE, GRANT, LATER, MINUTE, NOW, SESSION, register, sign_in

KEY = StoredSigningKey("kid-1", "ES256", b"\x00secret", '{"kty":"EC"}', NOW, NOW, None, None)
ROTATED = AuditRecord(AuditEvent.SIGNING_KEY_ROTATED, NOW)


def append(store: DurableStore, count: int) -> None:
    for number in range(count):
        with store.writing() as writer:
            writer.append_audit(AuditRecord(AuditEvent.SIGNED_IN, NOW, f"account-{number}", "client", "txn"))


def test_signing_keys_come_back_in_order_until_they_are_no_longer_published(store: DurableStore) -> None:
    newer = replace(KEY, kid="kid-2", created_at=LATER, signs_from=LATER)
    other = replace(KEY, kid="kid-3", alg="RS256", created_at=NOW - MINUTE)
    for key in (KEY, other):
        store.rotate_signing_key(key, NOW, LATER, ROTATED)
    store.rotate_signing_key(newer, retire_at=LATER, published_until=LATER + MINUTE, audit=ROTATED)
    retired = replace(KEY, signs_until=LATER, published_until=LATER + MINUTE)
    assert store.find_signing_keys(NOW) == (other, retired, newer)
    assert store.find_signing_keys(LATER + MINUTE) == (other, newer)
    assert store.find_settled_audit_sequence() == 3


def test_a_rotation_leaves_the_dates_of_a_key_that_ends_sooner(store: DurableStore) -> None:
    sooner = replace(KEY, signs_until=LATER, published_until=LATER + MINUTE)
    store.rotate_signing_key(sooner, NOW, NOW, ROTATED)
    late = LATER + 5 * MINUTE
    store.rotate_signing_key(replace(KEY, kid="kid-2"), late, late, ROTATED)
    assert sooner in store.find_signing_keys(NOW)


def test_a_rotation_ends_a_key_earlier_than_it_was_to_end(store: DurableStore) -> None:
    store.rotate_signing_key(replace(KEY, signs_until=LATER + MINUTE), NOW, NOW, ROTATED)
    store.rotate_signing_key(replace(KEY, kid="kid-2"), LATER, LATER, ROTATED)
    assert store.find_signing_keys(NOW)[0].signs_until == LATER


def test_of_many_who_announce_a_successor_of_the_same_key_one_does(store: DurableStore) -> None:
    store.rotate_signing_key(KEY, NOW, NOW, ROTATED)
    won: list[bool] = []
    barrier = threading.Barrier(4)

    def announce(number: int) -> None:
        barrier.wait(10)
        new = replace(KEY, kid=f"new-{number}", signs_from=LATER)
        won.append(store.succeed_signing_key(KEY.kid, new, LATER, LATER + MINUTE, ROTATED))

    threads = [threading.Thread(target=announce, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(won) == [False, False, False, True]
    present, new = store.find_signing_keys(NOW)
    assert (present.signs_until, present.published_until) == (LATER, LATER + MINUTE)
    assert (new.signs_from, new.signs_until) == (LATER, None)
    assert store.find_settled_audit_sequence() == 2


def test_a_successor_ends_every_other_key_of_its_algorithm(store: DurableStore) -> None:
    for kid in ("kid-1", "kid-2"):
        store.rotate_signing_key(replace(KEY, kid=kid), LATER, LATER, ROTATED)
    new = replace(KEY, kid="kid-3", signs_from=LATER)
    assert store.succeed_signing_key("kid-2", new, LATER, LATER + MINUTE, ROTATED)
    assert [key.kid for key in store.find_signing_keys(NOW) if key.signs_until is None] == ["kid-3"]


def test_a_private_half_is_replaced_once_and_only_when_the_key_signs_no_more(store: DurableStore) -> None:
    store.rotate_signing_key(replace(KEY, signs_until=LATER, published_until=LATER + MINUTE), NOW, NOW, ROTATED)
    assert not store.erase_private_key(KEY.kid, b"public", NOW, ROTATED)
    assert store.erase_private_key(KEY.kid, b"public", LATER, ROTATED)
    assert not store.erase_private_key(KEY.kid, b"again", LATER, ROTATED)
    [erased] = store.find_signing_keys(LATER)
    assert (erased.encrypted_private_jwk, erased.erased_at) == (b"public", LATER)
    assert not store.erase_private_key("unknown", b"", LATER, ROTATED)


def test_a_key_without_an_end_keeps_its_private_half(store: DurableStore) -> None:
    store.rotate_signing_key(KEY, NOW, NOW, ROTATED)
    assert not store.erase_private_key(KEY.kid, b"public", LATER, ROTATED)


def test_a_revoked_key_leaves_its_name_and_its_successor_signs(store: DurableStore) -> None:
    store.rotate_signing_key(KEY, NOW, NOW, ROTATED)
    announced = replace(KEY, kid="kid-2", signs_from=LATER)
    store.rotate_signing_key(announced, LATER, LATER + MINUTE, ROTATED)
    new = replace(KEY, kid="kid-3", alg="RS256")
    store.revoke_signing_keys(["kid-1"], Succession("kid-2", new), NOW + MINUTE, [ROTATED])
    revoked, activated, made = store.find_signing_keys(NOW + MINUTE)
    assert (revoked.encrypted_private_jwk, revoked.revoked_at) == (b"", NOW + MINUTE)
    assert (revoked.signs_until, revoked.published_until) == (NOW + MINUTE, NOW + MINUTE)
    assert activated.signs_from == NOW + MINUTE
    assert made.kid == "kid-3"
    assert store.find_settled_audit_sequence() == 3


def test_a_key_that_was_revoked_can_neither_be_followed_nor_erased_nor_revoked_later(store: DurableStore) -> None:
    store.rotate_signing_key(KEY, NOW, NOW, ROTATED)
    store.revoke_signing_keys([KEY.kid], Succession(None, None), NOW, [])
    store.revoke_signing_keys([KEY.kid], Succession(None, None), LATER, [])
    assert not store.succeed_signing_key(KEY.kid, replace(KEY, kid="kid-2"), LATER, LATER, ROTATED)
    assert not store.erase_private_key(KEY.kid, b"public", LATER, ROTATED)
    [revoked] = store.find_signing_keys(LATER)
    assert revoked.revoked_at == NOW


def test_a_purge_keeps_the_name_of_a_revoked_key_for_ninety_days(store: DurableStore) -> None:
    store.rotate_signing_key(KEY, NOW, NOW, ROTATED)
    store.revoke_signing_keys([KEY.kid], Succession(None, None), NOW, [])
    assert store.purge_expired(NOW + timedelta(days=90, seconds=-1), 10)["signing_keys"] == 0
    assert store.purge_expired(NOW + timedelta(days=90), 10)["signing_keys"] == 1


def test_an_installation_is_recorded_once_and_refuses_every_other(store: DurableStore) -> None:
    with pytest.raises(InstallationMismatch):
        store.check_installation("sandbox", "https://id.example")
    store.record_installation("sandbox", "https://id.example", NOW)
    store.record_installation("sandbox", "https://id.example", LATER)
    store.check_installation("sandbox", "https://id.example")
    with pytest.raises(InstallationMismatch):
        store.record_installation("production", "https://id.example", NOW)
    with pytest.raises(InstallationMismatch):
        store.check_installation("sandbox", "https://other.example")


def test_the_doctor_learns_version_owner_and_clock(place: Place, store: DurableStore, database: Database) -> None:
    facts = SqlDatabaseFacts(database, MIGRATIONS)
    assert facts.find_revision() == facts.get_expected_revision()
    assert facts.find_installation() is None
    store.record_installation("sandbox", "https://id.example", NOW)
    assert facts.find_installation() == ("sandbox", "https://id.example")
    assert facts.read_clock().tzinfo is not None


def test_the_doctor_may_ask_an_empty_database(empty_url: str, place: Place) -> None:
    if empty_url.startswith("sqlite"):
        os.close(os.open(empty_url.removeprefix("sqlite:///"), os.O_CREAT | os.O_RDWR))
    facts = SqlDatabaseFacts(Place("", empty_url, place.opened).open(), MIGRATIONS)
    assert facts.find_revision() is None
    assert facts.find_installation() is None


def test_seals_chain_over_all_events_and_prove_them(store: DurableStore) -> None:
    assert seal_audit_events(store, NOW) is None
    append(store, 3)
    first = seal_audit_events(store, NOW)
    append(store, 2)
    second = seal_audit_events(store, LATER)
    assert first is not None
    assert second is not None
    assert (first.first_sequence, first.last_sequence) == (1, 3)
    assert second.previous_digest == first.digest
    assert seal_audit_events(store, LATER) == second
    assert verify_audit_chain(store) == 5


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE audit_events SET account_id = 'else' WHERE sequence = 2",
        "DELETE FROM audit_events WHERE sequence = 2",
        "DELETE FROM audit_events WHERE sequence = 3",
        "DELETE FROM audit_seals WHERE first_sequence = 1",
    ],
)
def test_a_changed_or_missing_event_or_seal_is_found(store: DurableStore, database: Database, tampering: str) -> None:
    append(store, 3)
    seal_audit_events(store, NOW)
    append(store, 1)
    seal_audit_events(store, NOW)
    database.write(tampering)
    with pytest.raises(AuditChainBroken) as caught:
        verify_audit_chain(store)
    assert caught.value.first_sequence == 1


def test_an_event_of_a_transaction_that_is_not_over_is_not_passed_by(store: DurableStore, place: Place) -> None:
    written, may_commit = threading.Event(), threading.Event()

    def write_slowly() -> None:
        with store.writing() as writer:
            writer.append_audit(AuditRecord(AuditEvent.SIGNED_IN, NOW))
            written.set()
            may_commit.wait(10)

    slow = threading.Thread(target=write_slowly)
    slow.start()
    written.wait(10)
    sealed: list[object] = []
    sealer = threading.Thread(target=lambda: sealed.append(seal_audit_events(store, NOW)))
    sealer.start()
    sealer.join(0.3)
    may_commit.set()
    slow.join(10)
    sealer.join(10)
    assert sealed[0] is not None
    assert verify_audit_chain(store) == 1


def test_a_purge_deletes_what_has_ended_and_nothing_else(place: Place, store: DurableStore, database: Database) -> None:
    register(place.url)
    sign_in(store)
    transient = open_transient(place.url)
    transient.insert("signin", "key", b"", LATER, NOW)
    with store.writing() as writer:
        writer.save_consent("account", "client", frozenset({"openid"}), NOW, LATER)
        writer.insert_access_token(b"a", "grant", ("openid",), NOW, LATER + MINUTE)
        writer.insert_refresh_token(b"r", "grant", ("openid",), NOW, LATER + 2 * MINUTE)
    assert set(purge(store, transient, NOW).values()) == {0}
    counts = purge(store, transient, LATER)
    assert {table for table, count in counts.items() if count} == {"consents", "transient"}
    counts = purge(store, transient, LATER + MINUTE)
    assert {table for table, count in counts.items() if count} == {"access_tokens"}
    with store.writing() as writer:
        assert writer.spend_refresh_token(b"r", "client", LATER + MINUTE) is not None
    counts = purge(store, transient, LATER + 2 * MINUTE)
    assert {table for table, count in counts.items() if count} == {"refresh_tokens", "grants"}
    counts = purge(store, transient, SESSION.expires_at)
    assert {table for table, count in counts.items() if count} == {"browser_sessions"}
    assert database.read_all("SELECT COUNT(*) FROM accounts") == [(1,)]
    transient.close()


def test_a_purge_works_through_more_rows_than_a_batch_and_past_living_grants(place: Place, store: DurableStore) -> None:
    register(place.url)
    sign_in(store)
    with store.writing() as writer:
        writer.insert_refresh_token(b"r", "grant", ("openid",), NOW, NOW + timedelta(days=30))
        for number in range(25):
            code_hash = bytes([number]) * 32
            writer.insert_grant(replace(GRANT, grant_id=f"g{number}", txn=f"t{number}"), code_hash, LATER)
            writer.insert_access_token(code_hash, f"g{number}", ("openid",), NOW, LATER)
    transient = open_transient(place.url)
    assert purge(store, transient, LATER, batch_rows=2)["grants"] == 25
    transient.close()
    with store.writing() as writer:
        assert writer.find_refresh_token(b"r", "client") is not None
        assert writer.spend_code(CODE, "client", NOW) is not None


def test_a_purge_ends_a_withdrawn_signing_key(place: Place, store: DurableStore) -> None:
    store.rotate_signing_key(replace(KEY, signs_until=NOW, published_until=LATER), NOW, NOW, ROTATED)
    store.rotate_signing_key(replace(KEY, kid="kid-2"), NOW, NOW, ROTATED)
    assert store.purge_expired(LATER, 10)["signing_keys"] == 1
    assert [key.kid for key in store.find_signing_keys(NOW)] == ["kid-2"]
