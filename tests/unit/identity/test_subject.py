"""One ``sub`` a person and sector."""

from datetime import UTC, datetime

from idp.identifiers import is_identifier
from idp.identity.subject import find_or_create_subject
from tests.unit.identity.memory_identity import MemoryIdentity

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


def test_a_sub_is_256_random_bits_and_says_nothing_about_the_account() -> None:
    sub = find_or_create_subject(MemoryIdentity(), "account", "shop.example", now=NOW, randomness=bytes)
    assert sub == "A" * 43
    assert is_identifier(sub)


def test_one_person_has_one_sub_in_a_sector_and_another_in_the_next() -> None:
    identity = MemoryIdentity()
    first = find_or_create_subject(identity, "account", "shop.example", now=NOW)
    assert find_or_create_subject(identity, "account", "shop.example", now=NOW) == first
    assert find_or_create_subject(identity, "account", "bank.example", now=NOW) != first
    assert find_or_create_subject(identity, "another", "shop.example", now=NOW) != first
