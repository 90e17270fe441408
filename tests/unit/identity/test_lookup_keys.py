"""Look-up keys: digests that cannot be mixed up, and keys that cannot be swapped unnoticed."""

import hashlib
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.identity.errors import LookupKeyMismatch
from idp.identity.lookup_keys import (
    LookupKey,
    LookupKeys,
    check_canaries,
    digest_credential,
    digest_credentials,
    make_canary,
)
from tests.unit.identity.memory_identity import MemoryCanaries

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
OLD = LookupKey("2025", hashlib.sha256(b"old").digest())
NEW = LookupKey("2026", hashlib.sha256(b"new").digest())
IMPOSTOR = LookupKey("2025", hashlib.sha256(b"another").digest())


def test_each_key_gives_one_digest_newest_first() -> None:
    digests = digest_credential(LookupKeys((NEW, OLD)), b"issuer", b"\x01\x02")
    assert [digest.key_id for digest in digests] == ["2026", "2025"]
    assert all(len(digest.digest) == 32 for digest in digests)
    assert digests[0].digest != digests[1].digest


def test_a_digest_is_the_same_in_every_process() -> None:
    [digest] = digest_credential(LookupKeys((LookupKey("k", bytes(32)),)), b"issuer", b"\x01\x02")
    # Computed with openssl from the definition; a change of the encoding would make everybody a new person.
    assert digest.digest.hex() == "4de68102c44a65531cfac06a181e0b1b753b09f9dca78177ceef0cd49da86524"


def test_the_sign_octet_of_a_serial_number_makes_no_difference() -> None:
    keys = LookupKeys((OLD,))
    assert digest_credential(keys, b"issuer", b"\x00\x80\x00") == digest_credential(keys, b"issuer", b"\x80\x00")


@given(st.binary(max_size=32), st.lists(st.binary(max_size=20)))
def test_many_certificates_have_the_digests_that_each_has_alone(issuer: bytes, serials: list[bytes]) -> None:
    alone = [digest_credential(LookupKeys((OLD,)), issuer, serial)[0].digest for serial in serials]
    assert list(digest_credentials(OLD, issuer, serials)) == alone


@given(st.binary(max_size=8), st.binary(max_size=8), st.binary(max_size=8), st.binary(max_size=8))
def test_two_certificates_never_share_a_digest(issuer: bytes, serial: bytes, issuer_2: bytes, serial_2: bytes) -> None:
    keys = LookupKeys((OLD,))
    same_certificate = issuer == issuer_2 and int.from_bytes(serial, "big") == int.from_bytes(serial_2, "big")
    same_digest = digest_credential(keys, issuer, serial) == digest_credential(keys, issuer_2, serial_2)
    assert same_digest == same_certificate


def test_a_key_does_not_show_itself_in_a_log() -> None:
    assert repr(OLD.secret) not in repr(LookupKeys((OLD,)))


@pytest.mark.parametrize("length", [0, 31, 33])
def test_a_key_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        LookupKey("short", bytes(length))


@pytest.mark.parametrize("keys", [(), (OLD, IMPOSTOR)])
def test_no_key_and_one_id_for_two_keys_are_refused(keys: tuple[LookupKey, ...]) -> None:
    with pytest.raises(ValueError, match="no id twice"):
        LookupKeys(keys)


def test_the_first_start_records_the_canaries() -> None:
    store = MemoryCanaries()
    assert check_canaries(LookupKeys((NEW, OLD)), store, NOW) == ("2026", "2025")
    assert store.canaries == {"2026": make_canary(NEW), "2025": make_canary(OLD)}


def test_a_known_key_starts_and_a_new_one_joins_it() -> None:
    store = MemoryCanaries({"2025": 7})
    store.canaries["2025"] = make_canary(OLD)
    assert check_canaries(LookupKeys((OLD,)), store, NOW) == ()
    assert check_canaries(LookupKeys((NEW, OLD)), store, NOW) == ("2026",)


def test_another_key_under_a_known_id_refuses_to_start_and_records_nothing() -> None:
    store = MemoryCanaries()
    store.canaries["2025"] = make_canary(OLD)
    with pytest.raises(LookupKeyMismatch, match="2025"):
        check_canaries(LookupKeys((NEW, IMPOSTOR)), store, NOW)
    assert set(store.canaries) == {"2025"}


def test_credentials_under_a_key_that_is_not_configured_refuse_to_start() -> None:
    store = MemoryCanaries({"2025": 1, "2024": 0})
    store.canaries["2025"] = make_canary(OLD)
    with pytest.raises(LookupKeyMismatch, match=r"not configured: \['2025'\]"):
        check_canaries(LookupKeys((NEW,)), store, NOW)
    assert "2026" not in store.canaries


def test_an_older_key_may_go_once_no_credential_needs_it() -> None:
    store = MemoryCanaries({"2025": 0})
    store.canaries["2025"] = make_canary(OLD)
    assert check_canaries(LookupKeys((NEW,)), store, NOW) == ("2026",)


def test_credentials_without_a_canary_to_prove_their_key_refuse_to_start() -> None:
    with pytest.raises(LookupKeyMismatch, match="without a canary"):
        check_canaries(LookupKeys((OLD,)), MemoryCanaries({"2025": 3}), NOW)


def test_two_processes_that_start_together_with_two_keys_for_one_id_do_not_both_start() -> None:
    store = MemoryCanaries()
    store.arrives_first["2025"] = make_canary(OLD)
    with pytest.raises(LookupKeyMismatch):
        check_canaries(LookupKeys((IMPOSTOR,)), store, NOW)
