"""Sealed values open for their purpose and context, and for nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.keys.errors import Unsealable
from idp.keys.sealing import Sealer

SEALER = Sealer(bytes(range(32)))


@given(st.binary(max_size=300), st.binary(max_size=40))
def test_what_is_sealed_opens_again(plaintext: bytes, context: bytes) -> None:
    assert SEALER.unseal("cookie", context, SEALER.seal("cookie", context, plaintext)) == plaintext


@pytest.mark.parametrize(("purpose", "context"), [("cookie", b"other"), ("other", b"browser"), ("cookie", b"")])
def test_another_purpose_or_context_does_not_open_it(purpose: str, context: bytes) -> None:
    with pytest.raises(Unsealable):
        SEALER.unseal(purpose, context, SEALER.seal("cookie", b"browser", b"value"))


def test_a_derived_key_is_the_same_in_every_process_and_another_for_every_purpose() -> None:
    assert Sealer(bytes(range(32))).derive_key("nonce") == SEALER.derive_key("nonce")
    assert SEALER.derive_key("nonce") != SEALER.derive_key("other")
    assert SEALER.derive_key("nonce") != Sealer(bytes(range(1, 33))).derive_key("nonce")
    assert len(SEALER.derive_key("nonce")) == 32


def test_another_key_does_not_open_it() -> None:
    with pytest.raises(Unsealable):
        Sealer(bytes(range(1, 33))).unseal("cookie", b"", SEALER.seal("cookie", b"", b"value"))


def test_another_process_with_the_key_opens_it() -> None:
    assert Sealer(bytes(range(32))).unseal("cookie", b"", SEALER.seal("cookie", b"", b"value")) == b"value"


def test_any_changed_character_makes_it_unreadable() -> None:
    sealed = SEALER.seal("cookie", b"", b"value")
    for position in range(len(sealed)):
        changed = sealed[:position] + ("A" if sealed[position] != "A" else "B") + sealed[position + 1 :]
        with pytest.raises(Unsealable):
            SEALER.unseal("cookie", b"", changed)


@pytest.mark.parametrize("suffix", ["=", "==", "A", "\n", " ", "."])
def test_a_sealed_value_has_one_spelling(suffix: str) -> None:
    with pytest.raises(Unsealable):
        SEALER.unseal("cookie", b"", SEALER.seal("cookie", b"", b"value") + suffix)


@given(st.one_of(st.text(max_size=200), st.from_regex(r"[A-Za-z0-9_-]{0,120}", fullmatch=True)))
def test_no_text_from_outside_raises_anything_else(text: str) -> None:
    with pytest.raises(Unsealable):
        SEALER.unseal("cookie", b"", text)


def test_the_same_value_is_sealed_differently_each_time() -> None:
    assert SEALER.seal("cookie", b"", b"value") != SEALER.seal("cookie", b"", b"value")


@pytest.mark.parametrize("length", [0, 16, 31, 33])
def test_a_key_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Sealer(bytes(length))
