"""Command APDUs: ISO/IEC 7816-3 §12.1.3, cases 1 to 4, short and extended."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.sandbox.card.command import parse_command
from idp.sandbox.card.status_word import CommandRefused, StatusWord


@pytest.mark.parametrize(
    ("body", "data", "expected_bytes"),
    [
        ("", "", None),
        ("20", "", 0x20),
        ("00", "", 0x100),
        ("02ABCD", "ABCD", None),
        ("02ABCD00", "ABCD", 0x100),
        ("02ABCD10", "ABCD", 0x10),
        ("000000", "", 0x10000),
        ("000120", "", 0x120),
        ("000002ABCD", "ABCD", None),
        ("000002ABCD0000", "ABCD", 0x10000),
        ("000002ABCD0100", "ABCD", 0x100),
    ],
)
def test_each_case_is_read(body: str, data: str, expected_bytes: int | None) -> None:
    command = parse_command(bytes.fromhex("00B00102" + body))

    assert (command.class_byte, command.instruction, command.parameter_1, command.parameter_2) == (0, 0xB0, 1, 2)
    assert command.data == bytes.fromhex(data)
    assert command.expected_bytes == expected_bytes


@pytest.mark.parametrize(
    "body", ["02AB", "02ABCD0000", "0000", "000000AB", "000002AB", "000002ABCD00", "0000020000000000"]
)
def test_lengths_that_disagree_are_refused(body: str) -> None:
    with pytest.raises(CommandRefused) as refused:
        parse_command(bytes.fromhex("00B00000" + body))

    assert refused.value.status_word == StatusWord.WRONG_LENGTH


@pytest.mark.parametrize("length", [0, 1, 2, 3])
def test_less_than_a_header_is_refused(length: int) -> None:
    with pytest.raises(CommandRefused) as refused:
        parse_command(bytes(length))

    assert refused.value.status_word == StatusWord.WRONG_LENGTH


def test_the_data_of_a_command_stay_out_of_its_repr() -> None:
    assert "1234" not in repr(parse_command(bytes.fromhex("0020008004") + b"1234"))


@given(st.binary(max_size=600))
def test_any_bytes_are_read_or_refused(apdu: bytes) -> None:
    try:
        command = parse_command(apdu)
    except CommandRefused:
        return
    assert command.data in apdu
    assert command.expected_bytes is None or 1 <= command.expected_bytes <= 0x10000
