"""The contract of ``identity.ports`` on every engine."""

import multiprocessing
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from idp.audit import AuditEvent, AuditRecord
from idp.identity.account import Account, AccountState
from idp.identity.credential import CredentialState, LookupDigest
from idp.stores.sql.database import Database
from idp.stores.sql.durable import DurableStore
from idp.stores.sql.open import open_database
from tests.contracts.conftest import Place
from tests.contracts.records import (
    ACCOUNT,
    CODE,
    CREDENTIAL,
    DIGEST,
    GRANT,
    LATER,
    MINUTE,
    NOW,
    SESSION,
    register,
    sign_in,
)

NEWER = LookupDigest("key-2", b"n" * 32)


@pytest.fixture
def opened(store: DurableStore) -> DurableStore:
    with store.writing() as writer:
        writer.insert_account(ACCOUNT)
        assert writer.insert_credential(CREDENTIAL, NOW)
    return store


def test_a_credential_is_found_under_any_of_its_digests(opened: DurableStore) -> None:
    assert opened.find_credential([NEWER, DIGEST]) == CREDENTIAL
    assert opened.find_credential([NEWER]) is None
    assert opened.find_credential([]) is None


def test_a_digest_counts_only_under_its_own_key(opened: DurableStore) -> None:
    assert opened.find_credential([LookupDigest("key-2", DIGEST.digest)]) is None


def test_a_credential_tells_that_its_account_is_suspended(opened: DurableStore) -> None:
    with opened.writing() as writer:
        assert writer.set_account_state("account", AccountState.SUSPENDED, NOW)
    assert opened.find_credential([DIGEST]) == replace(CREDENTIAL, is_account_active=False)


def test_the_state_of_an_unknown_account_cannot_be_set(opened: DurableStore) -> None:
    with opened.writing() as writer:
        assert not writer.set_account_state("nobody", "suspended", NOW)


def test_a_state_that_is_none_is_refused(opened: DurableStore) -> None:
    with opened.writing() as writer, pytest.raises(ValueError, match="asleep"):
        writer.set_account_state("account", "asleep", NOW)


def test_one_digest_belongs_to_one_credential(opened: DurableStore) -> None:
    with opened.writing() as writer:
        assert not writer.insert_credential(replace(CREDENTIAL, credential_id="second"), NOW)
        assert writer.find_credential([DIGEST]) == CREDENTIAL


def test_a_digest_is_rewritten_under_the_newest_key(opened: DurableStore) -> None:
    with opened.writing() as writer:
        writer.rewrite_credential_lookup("credential", NEWER, NOW)
    assert opened.find_credential([DIGEST]) is None
    assert opened.find_credential([NEWER]) == replace(CREDENTIAL, lookup=NEWER)
    assert opened.count_credentials_by_key() == {"key-2": 1}


def test_a_rewritten_digest_that_is_taken_leaves_both_credentials_as_they_are(opened: DurableStore) -> None:
    other = replace(CREDENTIAL, credential_id="second", lookup=NEWER)
    with opened.writing() as writer:
        assert writer.insert_credential(other, NOW)
        writer.rewrite_credential_lookup("credential", NEWER, NOW)
    assert opened.find_credential([DIGEST]) == CREDENTIAL


def test_an_account_without_credential_can_be_taken_back_and_no_other(opened: DurableStore) -> None:
    with opened.writing() as writer:
        writer.insert_account(Account("unused", AccountState.ACTIVE, NOW))
        writer.delete_unused_account("unused")
        writer.delete_unused_account("account")
        assert not writer.set_account_state("unused", "active", NOW)
    assert opened.find_credential([DIGEST]) == CREDENTIAL


def test_fifty_parallel_openings_of_one_card_make_one_account(store: DurableStore, database: Database) -> None:
    def open_account(number: int) -> str:
        with store.writing() as writer:
            writer.insert_account(Account(f"account-{number}", AccountState.ACTIVE, NOW))
            mine = replace(CREDENTIAL, credential_id=f"c{number}", account_id=f"account-{number}")
            if not writer.insert_credential(mine, NOW):
                writer.delete_unused_account(f"account-{number}")
            found = writer.find_credential([DIGEST])
            assert found is not None
            return found.account_id

    with ThreadPoolExecutor(50) as pool:
        assert len(set(pool.map(open_account, range(50)))) == 1
    assert database.read_all("SELECT COUNT(*) FROM accounts") == [(1,)]


def test_fifty_parallel_first_grants_of_a_sector_get_one_sub(opened: DurableStore) -> None:
    def find_or_insert(number: int) -> str:
        with opened.writing() as writer:
            return writer.find_or_insert_subject("account", "client.example", f"sub-{number}", NOW)

    with ThreadPoolExecutor(50) as pool:
        subs = set(pool.map(find_or_insert, range(50)))
    assert subs == {opened.find_subject("account", "client.example")}


def find_or_insert_in_process(url: str, number: int, results: "multiprocessing.Queue[str]") -> None:
    store = DurableStore(open_database(url))
    with store.writing() as writer:
        results.put(writer.find_or_insert_subject("account", "client.example", f"sub-{number}", NOW))


def test_two_processes_get_one_sub(place: Place, opened: DurableStore) -> None:
    context = multiprocessing.get_context("spawn")
    results: multiprocessing.Queue[str] = context.Queue()
    processes = [
        context.Process(target=find_or_insert_in_process, args=(place.url, number, results)) for number in range(2)
    ]
    for process in processes:
        process.start()
    subs = {results.get(timeout=30) for _ in processes}
    for process in processes:
        process.join(30)
    assert subs == {opened.find_subject("account", "client.example")}


def test_sectors_and_accounts_have_their_own_subs(opened: DurableStore) -> None:
    with opened.writing() as writer:
        writer.insert_account(Account("other", AccountState.ACTIVE, NOW))
        assert writer.find_or_insert_subject("account", "a.example", "sub-a", NOW) == "sub-a"
        assert writer.find_or_insert_subject("account", "b.example", "sub-b", NOW) == "sub-b"
        assert writer.find_or_insert_subject("other", "a.example", "sub-c", NOW) == "sub-c"
        assert writer.find_or_insert_subject("account", "a.example", "sub-d", NOW) == "sub-a"
    assert opened.find_subject("account", "c.example") is None


def test_a_revoked_credential_ends_its_sessions_and_grants_and_no_others(place: Place, store: DurableStore) -> None:
    register(place.url)
    sign_in(store)
    other = replace(CREDENTIAL, credential_id="phone", lookup=NEWER)
    with store.writing() as writer:
        writer.insert_credential(other, NOW)
        writer.insert_browser_session(
            replace(SESSION, session_hash=b"o" * 32, origin_hash=b"o" * 32, credential_id="phone")
        )
        by_phone = replace(GRANT, grant_id="g2", txn="t2", credential_id="phone", session_hash=b"o" * 32)
        writer.insert_grant(by_phone, b"p" * 32, LATER)
        writer.revoke_credential("credential", NOW)
    with store.writing() as writer:
        assert writer.spend_code(CODE, "client", NOW) is None
        assert writer.spend_code(b"p" * 32, "client", NOW) is not None
    assert store.find_credential([DIGEST]) == replace(CREDENTIAL, state=CredentialState.REVOKED)
    assert store.find_browser_session(SESSION.session_hash, NOW) is None
    assert store.find_browser_session(b"o" * 32, NOW) is not None


def test_signing_an_account_out_counts_what_was_alive(place: Place, store: DurableStore) -> None:
    register(place.url)
    sign_in(store)
    with store.writing() as writer:
        writer.insert_browser_session(replace(SESSION, session_hash=b"e" * 32, expires_at=NOW))
        assert writer.end_account_sessions("account", NOW) == 2
        assert writer.end_account_sessions("account", NOW) == 0


def test_a_session_comes_back_as_it_was_recorded_until_it_ends(place: Place, store: DurableStore) -> None:
    register(place.url)
    sign_in(store)
    used = NOW + MINUTE
    with store.writing() as writer:
        writer.touch_browser_session(SESSION.session_hash, used)
        writer.touch_browser_session(SESSION.session_hash, NOW)
    touched = replace(SESSION, last_used_at=used)
    assert store.find_browser_session(SESSION.session_hash, SESSION.expires_at - timedelta(seconds=1)) == touched
    assert store.find_browser_session(SESSION.session_hash, SESSION.expires_at) is None
    with store.writing() as writer:
        writer.end_browser_session(SESSION.session_hash, NOW)
    assert store.find_browser_session(SESSION.session_hash, NOW) is None


def test_a_session_of_a_suspended_account_is_not_found(place: Place, store: DurableStore) -> None:
    register(place.url)
    sign_in(store)
    with store.writing() as writer:
        writer.set_account_state("account", "suspended", NOW)
    assert store.find_browser_session(SESSION.session_hash, NOW) is None


def test_a_consent_is_remembered_replaced_expired_and_forgotten(place: Place, opened: DurableStore) -> None:
    register(place.url)
    with opened.writing() as writer:
        writer.save_consent("account", "client", frozenset({"openid"}), NOW, LATER)
        writer.save_consent("account", "client", frozenset({"openid", "offline_access"}), NOW, LATER)
    assert opened.find_consent("account", "client", NOW) == {"openid", "offline_access"}
    assert opened.find_consent("account", "client", LATER) is None
    assert opened.find_consent("account", "other", NOW) is None
    with opened.writing() as writer:
        assert writer.delete_consent("account", "client")
        assert not writer.delete_consent("account", "client")
    assert opened.find_consent("account", "client", NOW) is None


def test_a_canary_once_stored_stays(store: DurableStore) -> None:
    assert store.find_canary("key-1") is None
    store.insert_canary("key-1", b"canary", NOW)
    store.insert_canary("key-1", b"another", NOW)
    assert store.find_canary("key-1") == b"canary"
    assert store.count_credentials_by_key() == {}


def test_an_audit_record_is_written_with_its_change_or_not_at_all(opened: DurableStore) -> None:
    record = AuditRecord(AuditEvent.SIGNED_IN, NOW, "account", "client", "txn", "ok", ("check-1", "check-2"))

    def fail_late() -> None:
        with opened.writing() as writer:
            writer.append_audit(record)
            raise KeyError

    with pytest.raises(KeyError):
        fail_late()
    assert opened.find_settled_audit_sequence() == 0
    with opened.writing() as writer:
        writer.append_audit(record)
    settled = opened.find_settled_audit_sequence()
    assert [event.record for event in opened.read_audit_events(1, settled, 10)] == [record]
