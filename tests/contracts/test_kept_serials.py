"""The contract of ``ops.recheck_ports.KeptSerialStore`` on every engine, and how a sign-in keeps a serial number."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from idp.identity.credential import LookupDigest, SealedSerial
from idp.ops.known_status import RecheckedStatus
from idp.ops.recheck_ports import KeptSerial, KeptSerials
from idp.stores.sql.durable import DurableStore, DurableWriter
from idp.stores.sql.open import open_database
from tests.contracts.conftest import Place
from tests.contracts.records import ACCOUNT, CREDENTIAL, DIGEST, GRANT, LATER, MINUTE, NOW, SESSION, register, sign_in

HOUR = timedelta(hours=1)
DUE = NOW + 6 * HOUR
CLAIMED = DUE + 5 * MINUTE
SERIAL = SealedSerial("sealed", DUE)
NOT_KEPT = KeptSerials(0, None)


def keep(store: DurableStore, credential_id: str = "credential", due_at: datetime = DUE) -> None:
    with store.writing() as writer:
        writer.touch_credential(credential_id, NOW, SealedSerial(f"sealed {credential_id}", due_at))


@pytest.fixture
def signed_in(place: Place, store: DurableStore) -> DurableStore:
    register(place.url)
    sign_in(store)
    return store


@pytest.fixture
def three(store: DurableStore) -> DurableStore:
    with store.writing() as writer:
        writer.insert_account(ACCOUNT)
        for number in range(3):
            lookup = LookupDigest("key-1", bytes([number]) * 32)
            assert writer.insert_credential(replace(CREDENTIAL, credential_id=f"c{number}", lookup=lookup), NOW)
    for number in range(3):
        keep(store, f"c{number}", DUE + number * MINUTE)
    return store


def claimed_ids(store: DurableStore, due_by: datetime, limit: int = 10, until: datetime = CLAIMED) -> list[str]:
    return sorted(kept.credential_id for kept in store.claim_kept_serials(due_by, until, limit))


def test_a_sign_in_keeps_a_serial_number_and_one_that_needs_none_forgets_it(signed_in: DurableStore) -> None:
    assert signed_in.count_kept_serials() == NOT_KEPT
    keep(signed_in)
    assert signed_in.count_kept_serials() == KeptSerials(1, DUE, NOW)
    kept = KeptSerial("credential", DIGEST, "sealed credential", CREDENTIAL.valid_until, False, DUE)
    assert signed_in.claim_kept_serials(DUE, CLAIMED, 10) == (kept,)
    with signed_in.writing() as writer:
        writer.touch_credential("credential", NOW)
    assert signed_in.count_kept_serials() == NOT_KEPT


def test_every_sign_in_puts_the_question_off(signed_in: DurableStore) -> None:
    keep(signed_in)
    for shown_at in (NOW + HOUR, NOW + 4 * HOUR):
        with signed_in.writing() as writer:
            assert writer.touch_credential("credential", shown_at, SealedSerial("sealed anew", shown_at + 6 * HOUR))
        # Seen to the day.
        assert signed_in.count_kept_serials() == KeptSerials(1, shown_at + 6 * HOUR, NOW)


@pytest.mark.parametrize("serial", [None, SERIAL])
def test_a_credential_that_ended_since_it_was_found_is_not_shown(
    serial: SealedSerial | None, signed_in: DurableStore
) -> None:
    with signed_in.writing() as writer:
        writer.suspend_credential("credential", NOW)
        assert not writer.touch_credential("credential", NOW, serial)
        writer.revoke_credential("credential", NOW)
        assert not writer.touch_credential("credential", NOW, serial)
    assert signed_in.count_kept_serials() == NOT_KEPT


def test_whoever_revokes_a_credential_that_is_being_shown_waits_and_ends_what_it_opens(
    place: Place, signed_in: DurableStore
) -> None:
    other = DurableStore(place.open())

    def revoke_meanwhile() -> None:
        with other.writing() as writer:
            writer.revoke_listed_credentials(["credential"], NOW)

    with ThreadPoolExecutor(1) as pool:
        with signed_in.writing() as writer:
            # Shown before on the same day, so that nothing about it is news.
            assert writer.touch_credential("credential", NOW)
            revoking = pool.submit(revoke_meanwhile)
            with pytest.raises(TimeoutError):
                revoking.result(0.5)
            writer.insert_grant(replace(GRANT, grant_id="late", txn="late"), b"z" * 32, LATER)
        revoking.result(20)
    with signed_in.writing() as writer:
        assert writer.spend_code(b"z" * 32, GRANT.client_id, NOW) is None


def test_those_due_first_are_claimed_once(three: DurableStore) -> None:
    assert claimed_ids(three, DUE - MINUTE) == []
    assert claimed_ids(three, DUE + HOUR, limit=2) == ["c0", "c1"]
    assert claimed_ids(three, DUE + 3 * MINUTE) == ["c2"]
    assert claimed_ids(three, DUE + 3 * MINUTE) == []
    assert three.count_kept_serials() == KeptSerials(3, CLAIMED, NOW)


def test_who_was_due_first_is_claimed_first_and_says_since_when(three: DurableStore) -> None:
    three.postpone_recheck("c0", DUE + 2 * MINUTE)
    claimed = three.claim_kept_serials(DUE + HOUR, DUE + 2 * HOUR, 10)
    assert [(kept.credential_id, kept.due_at) for kept in claimed] == [
        ("c1", DUE + MINUTE),
        ("c0", DUE + 2 * MINUTE),
        ("c2", DUE + 2 * MINUTE),
    ]


def test_those_not_asked_about_are_due_as_before_unless_shown_since(three: DurableStore) -> None:
    until = DUE + 2 * HOUR
    claimed = three.claim_kept_serials(DUE + HOUR, until, 10)
    three.postpone_recheck("c1", DUE + 5 * HOUR)
    three.unclaim_kept_serials([], until)
    three.unclaim_kept_serials(claimed[:2], until)
    again = three.claim_kept_serials(DUE + 9 * HOUR, DUE + 10 * HOUR, 10)
    assert {kept.credential_id: kept.due_at for kept in again} == {"c0": DUE, "c1": DUE + 5 * HOUR, "c2": until}


def test_a_whole_run_is_claimed_and_given_back_at_once(three: DurableStore) -> None:
    with three.writing() as writer:
        for number in range(3, 1_000):
            lookup = LookupDigest("key-1", number.to_bytes(32, "big"))
            credential = replace(CREDENTIAL, credential_id=f"c{number}", lookup=lookup)
            assert writer.insert_credential(credential, NOW)
            writer.touch_credential(credential.credential_id, NOW, SERIAL)
    claimed = three.claim_kept_serials(DUE + HOUR, DUE + 2 * HOUR, 1_000)
    assert len(claimed) == 1_000
    three.unclaim_kept_serials(claimed, DUE + 2 * HOUR)
    assert three.count_kept_serials() == KeptSerials(1_000, DUE, NOW)


def test_the_oldest_word_about_a_kept_card_is_its_answer_or_its_sign_in(three: DurableStore) -> None:
    assert three.count_kept_serials().first_known_at == NOW
    for credential_id in ("c0", "c1"):
        three.record_good_status(credential_id, NOW + 2 * HOUR, DUE)
    assert three.count_kept_serials().first_known_at == NOW
    three.record_good_status("c2", NOW + HOUR, DUE)
    assert three.count_kept_serials().first_known_at == NOW + HOUR


def test_of_many_callers_at_once_one_claims_each(place: Place, three: DurableStore) -> None:
    stores = [DurableStore(place.open()) for _ in range(6)]
    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(lambda store: claimed_ids(store, DUE + 3 * MINUTE, 3, DUE + HOUR), stores))
    assert sorted(each for claimed in found for each in claimed) == ["c0", "c1", "c2"]


def test_a_good_answer_is_noted_and_an_older_one_changes_nothing(signed_in: DurableStore) -> None:
    assert signed_in.find_rechecked_status("credential") == RecheckedStatus(False, None)
    assert signed_in.find_rechecked_status("unknown") == RecheckedStatus(False, None)
    keep(signed_in)
    assert signed_in.find_rechecked_status("credential") == RecheckedStatus(True, None)
    signed_in.record_good_status("credential", LATER, DUE + HOUR)
    assert signed_in.find_rechecked_status("credential") == RecheckedStatus(True, LATER)
    signed_in.record_good_status("credential", NOW, DUE + 2 * HOUR)
    assert signed_in.find_rechecked_status("credential") == RecheckedStatus(True, LATER)
    assert signed_in.count_kept_serials() == KeptSerials(1, DUE + 2 * HOUR, LATER)
    signed_in.postpone_recheck("credential", DUE)
    assert signed_in.count_kept_serials() == KeptSerials(1, DUE, LATER)


def test_by_which_lists_a_card_was_told_of_is_noted_when_it_is_shown_and_outlives_its_serial_number(
    signed_in: DurableStore,
) -> None:
    for serial, listed_by in ((None, "lists"), (None, "other lists"), (SERIAL, ""), (SERIAL, "lists")):
        with signed_in.writing() as writer:
            writer.touch_credential("credential", NOW, serial, listed_by)
        assert signed_in.find_rechecked_status("credential") == RecheckedStatus(serial is not None, None, listed_by)
    assert signed_in.forget_all_serials(9) == 1
    assert signed_in.find_rechecked_status("credential") == RecheckedStatus(False, None, "lists")


def test_an_answer_that_comes_after_the_revocation_brings_nothing_back(signed_in: DurableStore) -> None:
    keep(signed_in)
    with signed_in.writing() as writer:
        writer.revoke_credential("credential", NOW)
    signed_in.record_good_status("credential", LATER, DUE)
    signed_in.postpone_recheck("credential", DUE)
    assert signed_in.count_kept_serials() == NOT_KEPT
    assert signed_in.find_rechecked_status("credential") == RecheckedStatus(False, None)


def revoke(writer: DurableWriter) -> None:
    writer.revoke_credential("credential", NOW)


def revoke_listed(writer: DurableWriter) -> None:
    assert writer.revoke_listed_credentials(["credential"], NOW)


def rewrite(writer: DurableWriter) -> None:
    writer.rewrite_credential_lookup("credential", LookupDigest("key-2", b"e" * 32), NOW)


def erase(writer: DurableWriter) -> None:
    writer.suspend_credential("credential", NOW)
    writer.erase_account("account", NOW)


@pytest.mark.parametrize("end", [revoke, revoke_listed, rewrite, erase])
def test_what_is_kept_goes_with_the_credential_and_with_the_digest_it_was_sealed_for(
    end: Callable[[DurableWriter], None], signed_in: DurableStore
) -> None:
    keep(signed_in)
    signed_in.record_good_status("credential", LATER, DUE)
    with signed_in.writing() as writer:
        end(writer)
    assert signed_in.count_kept_serials() == NOT_KEPT
    assert signed_in.find_rechecked_status("credential") == RecheckedStatus(False, None)


def test_what_was_claimed_is_forgotten_unless_it_was_shown_since(three: DurableStore) -> None:
    assert claimed_ids(three, DUE + 3 * MINUTE) == ["c0", "c1", "c2"]
    with three.writing() as writer:
        writer.touch_credential("c2", CLAIMED - MINUTE, SealedSerial("sealed anew", CLAIMED + 6 * HOUR))
    assert three.forget_serials([], CLAIMED) == 0
    assert three.forget_serials(["c0", "c1", "c2", "unknown"], CLAIMED) == 2
    assert three.count_kept_serials() == KeptSerials(1, CLAIMED + 6 * HOUR, NOW)


def test_everything_kept_is_forgotten_some_at_a_time(three: DurableStore) -> None:
    assert [three.forget_all_serials(2) for _ in range(3)] == [2, 1, 0]
    assert three.count_kept_serials() == NOT_KEPT


def test_a_session_relies_on_its_credential_until_it_ends(store: DurableStore) -> None:
    with store.writing() as writer:
        writer.insert_account(ACCOUNT)
        assert writer.insert_credential(CREDENTIAL, NOW)
        writer.insert_browser_session(SESSION)
    assert store.find_relied_on(["credential", "unknown"], NOW) == {"credential"}
    assert store.find_relied_on(["credential"], SESSION.expires_at) == frozenset()
    assert store.find_relied_on([], NOW) == frozenset()


def test_a_grant_relies_on_its_credential_while_a_token_of_it_lives(signed_in: DurableStore) -> None:
    with signed_in.writing() as writer:
        writer.end_browser_session(SESSION.session_hash, NOW)
        writer.insert_grant(replace(GRANT, grant_id="kept", txn="kept"), b"k" * 32, LATER)
        writer.insert_refresh_token(b"r" * 32, "kept", ("openid",), NOW, NOW + 24 * HOUR)
        writer.insert_access_token(b"t" * 32, "kept", ("openid",), NOW, NOW + 30 * HOUR)
    for at, relied_on in ((NOW, True), (NOW + 23 * HOUR, True), (NOW + 29 * HOUR, True), (NOW + 30 * HOUR, False)):
        assert bool(signed_in.find_relied_on(["credential"], at)) is relied_on
    with signed_in.writing() as writer:
        writer.revoke_grant("kept", NOW)
        writer.revoke_grant("grant", NOW)
    assert not signed_in.find_relied_on(["credential"], NOW)


def test_what_a_grant_releases_relies_on_the_signing_credential(signed_in: DurableStore) -> None:
    signing = replace(CREDENTIAL, credential_id="signing", lookup=LookupDigest("key-1", b"g" * 32), profile="signing")
    with signed_in.writing() as writer:
        assert writer.insert_credential(signing, NOW)
        writer.insert_sealed_claims("grant", "sealed", "signing")
    assert signed_in.find_relied_on(["credential", "signing"], NOW) == {"credential", "signing"}
    with signed_in.writing() as writer:
        writer.revoke_grant("grant", NOW)
    assert signed_in.find_relied_on(["credential", "signing"], NOW) == {"credential"}


def test_the_due_ones_are_found_by_an_index(migrated_file: Path) -> None:
    plan = open_database(f"sqlite:///{migrated_file}").read_all(
        "EXPLAIN QUERY PLAN SELECT credential_id FROM credentials WHERE status_due_at <= ? ORDER BY status_due_at", (0,)
    )
    assert "ix_credentials_status_due_at" in str(plan)
