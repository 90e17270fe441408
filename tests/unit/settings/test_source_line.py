"""Finding the line of a key."""

from idp.settings.source_line import find_source_line

TEXT = """\
issuer = "x"
[jpki] # comment
revocation = []
[[jpki.crl]]
source = "a"
[[jpki.crl]]
source = "b"
"""


def test_keys_of_the_top_of_tables_and_of_lists_of_tables() -> None:
    assert find_source_line(TEXT, ("issuer",)) == 1
    assert find_source_line(TEXT, ("jpki", "revocation")) == 3
    assert find_source_line(TEXT, ("jpki", "crl", 1, "source")) == 7


def test_a_missing_key_is_told_by_its_table() -> None:
    assert find_source_line(TEXT, ("jpki", "crl", 1, "anchor")) == 6


def test_what_stands_nowhere_has_no_line() -> None:
    assert find_source_line(TEXT, ("web", "bind")) is None
    assert find_source_line("", ("issuer",)) is None
