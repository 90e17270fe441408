"""What is kept of a certificate opens for its own credential only, and shows nothing."""

from dataclasses import replace

import pytest

from idp.identity.credential import LookupDigest
from idp.identity.sealed_serial import seal_serial, unseal_serial
from idp.keys.errors import Unsealable
from idp.keys.sealing import Sealer

SEALER = Sealer(b"k" * 32)
ROW = LookupDigest("2026", b"d" * 32)
ISSUER, SERIAL = b"i" * 32, bytes.fromhex("1337c0de")


def test_what_was_sealed_opens_for_its_row() -> None:
    assert unseal_serial(SEALER, ROW, seal_serial(SEALER, ROW, ISSUER, SERIAL)) == (ISSUER, SERIAL)


@pytest.mark.parametrize(
    "row", [replace(ROW, digest=b"e" * 32), replace(ROW, key_id="2027"), LookupDigest("202", b"6" + b"d" * 31)]
)
def test_moved_to_another_row_it_does_not_open(row: LookupDigest) -> None:
    with pytest.raises(Unsealable):
        unseal_serial(SEALER, row, seal_serial(SEALER, ROW, ISSUER, SERIAL))


def test_another_key_does_not_open_it() -> None:
    with pytest.raises(Unsealable):
        unseal_serial(Sealer(b"l" * 32), ROW, seal_serial(SEALER, ROW, ISSUER, SERIAL))


def test_what_was_sealed_for_something_else_of_the_row_is_no_serial_number() -> None:
    context = b"\x00".join((b"credentials", b"sealed_serial", ROW.key_id.encode(), ROW.digest))
    for purpose, value in (("card-attributes", ISSUER + SERIAL), ("credential-serial", ISSUER)):
        with pytest.raises(Unsealable):
            unseal_serial(SEALER, ROW, SEALER.seal(purpose, context, value))


def test_two_rows_of_one_authority_have_nothing_in_common() -> None:
    first, second = (seal_serial(SEALER, ROW, ISSUER, SERIAL) for _ in range(2))
    assert first != second
    assert not {first[start : start + 8] for start in range(2, len(first) - 8)} & {
        second[start : start + 8] for start in range(2, len(second) - 8)
    }
