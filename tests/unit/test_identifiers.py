"""What identifiers look like."""

from idp.identifiers import is_identifier, new_identifier


def test_an_identifier_is_never_mistaken_for_an_option_at_the_command_line() -> None:
    drawn = iter([b"\xf8" + bytes(31), b"\xfb" + bytes(31), b"\xfc" + bytes(31)])
    identifier = new_identifier(lambda _: next(drawn))
    assert identifier.startswith("_")
    assert is_identifier(identifier)
