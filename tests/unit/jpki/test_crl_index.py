"""The mapped file finds every serial number of the list and no other, and a damaged one answers nothing."""

import os
from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from idp.jpki.crl import CrlRefused, VerifiedCrl
from idp.jpki.crl_index import index_path, open_index, write_index
from tests.unit.jpki.certificates import NOW
from tests.unit.jpki.revocation_lists import HOUR

KEY_ID = bytes(range(32))


def records(serials: Iterable[int]) -> bytes:
    return b"".join(serial.to_bytes(20, "big") for serial in sorted(set(serials)))


def listed(*serials: int, number: int = 10, held: Iterable[int] = ()) -> VerifiedCrl:
    return VerifiedCrl(KEY_ID, number, NOW, NOW + HOUR, records(serials), held=records(held))


def test_the_head_comes_back(tmp_path):
    write_index(tmp_path / "x", listed(1, 2, number=1 << 150))
    index = open_index(tmp_path / "x")
    assert (index.issuer_key_id, index.crl_number, len(index)) == (KEY_ID, 1 << 150, 2)
    assert (index.this_update, index.next_update) == (NOW, NOW + HOUR)


def test_an_empty_list_revokes_nobody(tmp_path):
    write_index(tmp_path / "x", listed())
    assert not open_index(tmp_path / "x").is_revoked(b"\x01")


@settings(max_examples=50, deadline=None)
@given(st.sets(st.integers(1, (1 << 160) - 1), max_size=40), st.integers(1, (1 << 160) - 1))
def test_exactly_the_listed_serials_are_revoked(tmp_path_factory, serials: set[int], other: int):
    path = tmp_path_factory.mktemp("index") / "x"
    write_index(path, listed(*serials))
    index = open_index(path)
    for serial in {*serials, other, *(found - 1 for found in serials), *(found + 1 for found in serials)}:
        length = max(1, (serial.bit_length() + 7) // 8)
        if length <= 20:
            assert index.is_revoked(serial.to_bytes(length, "big")) is (serial in serials)


@settings(max_examples=50, deadline=None)
@given(st.sets(st.integers(1, 60)), st.sets(st.integers(1, 60)))
def test_what_is_on_hold_is_found_apart_from_what_is_revoked(tmp_path_factory, revoked: set[int], held: set[int]):
    path = tmp_path_factory.mktemp("index") / "x"
    write_index(path, listed(*revoked, held=held - revoked))
    index = open_index(path)
    assert len(index) == len(revoked | held)
    for serial in range(1, 61):
        asked = bytes([serial])
        assert (index.is_revoked(asked), index.is_on_hold(asked)) == (serial in revoked, serial in held - revoked)


def test_a_file_that_does_not_know_of_holds_answers_nothing(tmp_path):
    write_index(tmp_path / "x", listed(1))
    whole = (tmp_path / "x").read_bytes()
    (tmp_path / "x").write_bytes(whole.replace(b"crl index 2", b"crl index 1"))
    with pytest.raises(CrlRefused, match="format"):
        open_index(tmp_path / "x")


def test_a_reader_keeps_the_list_it_opened_when_the_file_is_replaced(tmp_path):
    write_index(tmp_path / "x", listed(1))
    held = open_index(tmp_path / "x")
    write_index(tmp_path / "x", listed(2))
    assert held.is_revoked(b"\x01")
    assert open_index(tmp_path / "x").is_revoked(b"\x02")


def test_nothing_is_left_beside_the_file(tmp_path):
    write_index(tmp_path / "x", listed(1))
    assert os.listdir(tmp_path) == ["x"]


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    write_index(tmp_path / "x", listed(1))

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_index(tmp_path / "x", listed(2))
    assert os.listdir(tmp_path) == ["x"]
    assert open_index(tmp_path / "x").is_revoked(b"\x01")


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_a_damaged_file_answers_nothing(tmp_path_factory, data: st.DataObject):
    path = tmp_path_factory.mktemp("index") / "x"
    write_index(path, listed(1, 2, 3, held=[4]))
    whole = path.read_bytes()
    cut = data.draw(st.integers(0, len(whole) - 1))
    path.write_bytes(whole[:cut] + data.draw(st.binary(max_size=10)))
    if path.read_bytes() != whole:
        with pytest.raises(CrlRefused):
            open_index(path)


def test_a_missing_file_is_missing(tmp_path):
    with pytest.raises(FileNotFoundError):
        open_index(index_path(tmp_path, KEY_ID))
