"""The contract of ``signin.transient.TransientStore`` and ``oidc.ports.OnceStore`` on every engine."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from idp.signin.transient import TransientRecord
from idp.stores.transient.open import open_transient
from idp.stores.transient.sql import SqlTransientStore
from tests.contracts.records import LATER, MINUTE, NOW

MUCH_LATER = NOW + 10 * MINUTE


def test_a_record_is_found_until_it_expires(transient: SqlTransientStore) -> None:
    assert transient.insert("signin", "key", b"\x00value", LATER, NOW)
    assert transient.find("signin", "key", LATER - timedelta(seconds=1)) == TransientRecord(b"\x00value", 1, LATER)
    assert transient.find("signin", "key", LATER) is None
    assert transient.find("nonce", "key", NOW) is None


def test_a_record_is_not_overwritten_by_an_insertion_before_it_expires(transient: SqlTransientStore) -> None:
    assert transient.insert("signin", "key", b"first", LATER, NOW)
    assert not transient.insert("signin", "key", b"second", LATER, NOW)
    assert transient.insert("signin", "key", b"third", MUCH_LATER, LATER)
    assert transient.find("signin", "key", LATER) == TransientRecord(b"third", 1, MUCH_LATER)


def test_a_record_is_taken_once(transient: SqlTransientStore) -> None:
    transient.insert("nonce", "key", b"value", LATER, NOW)
    assert transient.take("nonce", "key", LATER) is None
    assert transient.take("nonce", "key", NOW) == TransientRecord(b"value", 1, LATER)
    assert transient.take("nonce", "key", NOW) is None


def test_fifty_parallel_takers_have_one_success(transient: SqlTransientStore) -> None:
    transient.insert("nonce", "key", b"value", LATER, NOW)
    with ThreadPoolExecutor(50) as pool:
        taken = list(pool.map(lambda _: transient.take("nonce", "key", NOW), range(50)))
    assert sum(record is not None for record in taken) == 1


def test_fifty_parallel_insertions_have_one_success(transient: SqlTransientStore) -> None:
    with ThreadPoolExecutor(50) as pool:
        assert sum(pool.map(lambda _: transient.insert("a", "key", b"", LATER, NOW), range(50))) == 1
        assert sum(pool.map(lambda _: transient.insert_once("jti", "key", LATER), range(50))) == 1


def test_fifty_parallel_replacements_of_one_version_have_one_success(transient: SqlTransientStore) -> None:
    transient.insert("signin", "key", b"0", LATER, NOW)

    def replace(number: int) -> bool:
        return transient.replace("signin", "key", 1, str(number).encode(), LATER, NOW)

    with ThreadPoolExecutor(50) as pool:
        won = list(pool.map(replace, range(50)))
    assert sum(won) == 1
    assert transient.find("signin", "key", NOW) == TransientRecord(str(won.index(True)).encode(), 2, LATER)


def test_a_replacement_needs_the_version_and_a_record_that_has_not_expired(transient: SqlTransientStore) -> None:
    transient.insert("signin", "key", b"0", LATER, NOW)
    assert not transient.replace("signin", "key", 2, b"x", MUCH_LATER, NOW)
    assert not transient.replace("signin", "key", 1, b"x", MUCH_LATER, LATER)
    assert not transient.replace("signin", "other", 1, b"x", MUCH_LATER, NOW)
    assert transient.replace("signin", "key", 1, b"x", MUCH_LATER, NOW)
    assert transient.find("signin", "key", LATER) == TransientRecord(b"x", 2, MUCH_LATER)


def test_a_counter_sums_until_its_first_end_and_then_begins_anew(transient: SqlTransientStore) -> None:
    assert transient.count("rate", "key", 5, LATER, NOW) == 5
    assert transient.count("rate", "key", 1, MUCH_LATER, NOW) == 6
    assert transient.count("rate", "other", 1, LATER, NOW) == 1
    assert transient.count("rate", "key", 2, MUCH_LATER, LATER) == 2


def test_fifty_parallel_counts_lose_none(transient: SqlTransientStore) -> None:
    with ThreadPoolExecutor(50) as pool:
        sums = list(pool.map(lambda _: transient.count("rate", "key", 1, LATER, NOW), range(50)))
    assert sorted(sums) == list(range(1, 51))


def test_a_purge_deletes_what_has_expired_up_to_its_limit(transient: SqlTransientStore) -> None:
    for number in range(3):
        transient.insert("signin", f"old-{number}", b"", LATER, NOW)
    transient.insert("signin", "new", b"", MUCH_LATER, NOW)
    transient.count("rate", "old", 1, LATER, NOW)
    assert transient.purge(LATER, 2) == 2
    assert transient.purge(LATER, 10) == 2
    assert transient.purge(LATER, 10) == 0
    assert transient.find("signin", "new", LATER) is not None


@pytest.mark.parametrize("key", ["\x00", "\ud800", "鍵" * 128, ""])
def test_a_key_from_outside_may_be_any_text(transient: SqlTransientStore, key: str) -> None:
    assert transient.insert_once("jti", key, LATER)
    assert not transient.insert_once("jti", key, LATER)


def test_what_one_process_stores_another_finds(empty_url: str, transient: SqlTransientStore) -> None:
    transient.insert("signin", "key", b"value", LATER, NOW)
    again = open_transient(empty_url)
    assert again.find("signin", "key", NOW) is not None
    again.close()


def test_a_value_of_some_kilobytes_is_kept_whole(transient: SqlTransientStore) -> None:
    value = bytes(range(256)) * 64
    transient.insert("signin", "key", value, LATER, NOW)
    found = transient.find("signin", "key", NOW)
    assert found is not None
    assert found.value == value
