"""The JPKI application command by command: ISO/IEC 7816-4 §11."""

import hashlib
import time
from threading import Barrier, Thread

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from hypothesis import given, settings
from hypothesis import strategies as st

from idp.sandbox.card.application import JpkiCard, LockedAnswer
from idp.sandbox.card.password import TriesInMemory
from tests.support.virtual_card import (
    PIN,
    SELECT_APPLICATION,
    SHA256_DIGEST_INFO,
    SIGNING_PASSWORD,
    card_contents,
    new_card,
    private_key,
    read,
    select,
    sign,
    verify,
)

DONE = b"\x90\x00"
DIGEST_INFO = SHA256_DIGEST_INFO + hashlib.sha256(b"M").digest()


@pytest.fixture
def card() -> JpkiCard:
    card = new_card()
    assert card.transmit(SELECT_APPLICATION) == DONE
    return card


def test_a_whole_user_authentication(card: JpkiCard) -> None:
    assert card.transmit(select(0x0018)) == DONE
    assert card.transmit(bytes.fromhex("00200080")) == b"\x63\xc3"
    assert card.transmit(verify(PIN)) == DONE
    assert card.transmit(select(0x0017)) == DONE
    answer = card.transmit(sign(DIGEST_INFO))

    assert answer[-2:] == DONE
    private_key("user authentication").public_key().verify(answer[:-2], b"M", PKCS1v15(), SHA256())


def test_a_digital_signature_by_short_identifiers(card: JpkiCard) -> None:
    assert card.transmit(verify(SIGNING_PASSWORD, 0x9B)) == DONE
    answer = card.transmit(sign(hashlib.sha256(b"M").digest(), 0x9A, scheme=0x02))

    assert answer[-2:] == DONE
    private_key("digital signature").public_key().verify(answer[:-2], b"M", PKCS1v15(), SHA256())


@pytest.mark.parametrize(("key", "other_password"), [(0x97, (SIGNING_PASSWORD, 0x9B)), (0x9A, (PIN, 0x98))])
def test_a_key_signs_after_its_own_password_only(card: JpkiCard, key: int, other_password: tuple[str, int]) -> None:
    assert card.transmit(sign(DIGEST_INFO, key)) == b"\x69\x82"
    assert card.transmit(verify(*other_password)) == DONE
    assert card.transmit(sign(DIGEST_INFO, key)) == b"\x69\x82"


def test_the_pin_survives_several_signatures_in_one_session(card: JpkiCard) -> None:
    card.transmit(verify(PIN, 0x98))

    assert card.transmit(sign(DIGEST_INFO, 0x97)) == card.transmit(sign(DIGEST_INFO, 0x97))


# SELECT, §11.2.2


@pytest.mark.parametrize(
    "application",
    [
        "D3921000310001010408",
        "D3921000310001010402",
        "D3921000310001010100",
        "D392F0002601000000",
        "",
        "A0000000041010",
    ],
)
def test_no_other_application_exists(application: str) -> None:
    identifier = bytes.fromhex(application)

    assert new_card().transmit(b"\x00\xa4\x04\x0c" + bytes([len(identifier)]) + identifier)[-2:] in (
        b"\x6a\x82",
        b"\x67\x00",
    )


@pytest.mark.parametrize("apdu", ["00A404000AD392F00026010000000100", "00A404000AD392F000260100000001"])
def test_selection_that_asks_for_control_information_is_done_without_it(apdu: str) -> None:
    assert new_card().transmit(bytes.fromhex(apdu)) == DONE


@pytest.mark.parametrize(
    ("apdu", "answer"),
    [
        ("00A4040D0AD392F000260100000001", "6A86"),  # next occurrence
        ("00A4000C023F00", "6A86"),  # the master file
        ("00A4020C0118", "6700"),
        ("00A4020C02FFFF", "6A82"),
        ("00A4020C020016", "6A82"),
    ],
)
def test_other_selections_are_refused(card: JpkiCard, apdu: str, answer: str) -> None:
    assert card.transmit(bytes.fromhex(apdu)) == bytes.fromhex(answer)


def test_files_are_out_of_reach_before_the_application_is_selected() -> None:
    card = new_card()

    assert card.transmit(select(0x000A)) == b"\x6a\x82"
    assert card.transmit(read(0)) == b"\x69\x86"
    assert card.transmit(verify(PIN, 0x98)) == b"\x6a\x82"
    assert card.pin_tries_left() == 3


def test_selecting_the_application_again_forgets_the_passwords(card: JpkiCard) -> None:
    card.transmit(verify(PIN, 0x98))
    card.transmit(SELECT_APPLICATION)

    assert card.transmit(sign(DIGEST_INFO, 0x97)) == b"\x69\x82"


def test_reset_forgets_the_passwords_and_the_selection(card: JpkiCard) -> None:
    card.transmit(verify(PIN, 0x98))
    card.reset()

    assert card.transmit(select(0x0017)) == b"\x6a\x82"
    card.transmit(SELECT_APPLICATION)
    assert card.transmit(sign(DIGEST_INFO, 0x97)) == b"\x69\x82"


def test_a_refused_selection_changes_nothing(card: JpkiCard) -> None:
    card.transmit(verify(PIN, 0x98))
    card.transmit(select(0xFFFF))
    card.transmit(bytes.fromhex("00A4040C0AD3921000310001010408"))

    assert card.transmit(sign(DIGEST_INFO, 0x97))[-2:] == DONE


# READ BINARY, §11.3.3


def test_extended_length_reads_a_certificate_at_once(card: JpkiCard) -> None:
    card.transmit(select(0x000A))

    certificate = card_contents().user_authentication.certificate
    assert card.transmit(bytes.fromhex("00B00000000000")) == certificate + DONE


def test_a_short_identifier_names_the_file_and_makes_it_current(card: JpkiCard) -> None:
    assert card.transmit(bytes.fromhex("00B0860420"))[:-2] == b"APICCTOKEN2".ljust(28) + b"Virt"
    assert card.transmit(read(0, 4)) == b"JPKI" + DONE


def test_reading_past_the_end_gives_what_is_left_and_beyond_it_nothing(card: JpkiCard) -> None:
    card.transmit(select(0x0008))

    assert card.transmit(read(2, 0)) == b"\x00" + DONE
    assert card.transmit(read(3, 0)) == b"\x6b\x00"
    assert card.transmit(read(0x7FFF, 0)) == b"\x6b\x00"


@pytest.mark.parametrize(
    ("apdu", "answer"),
    [
        ("00B00000", "6700"),  # no Le
        ("00B0000001AA00", "6700"),  # data
        ("00B0C60000", "6A86"),  # reserved bits beside the short identifier
        ("00B09F0000", "6A86"),  # 31 is no short identifier
        ("00B0900000", "6A82"),  # EF 0010
        ("00B1000004", "6D00"),
        ("0CB0000004", "6E00"),  # secure messaging
        ("01B0000004", "6E00"),  # logical channel 1
        ("80B0000004", "6D00"),
    ],
)
def test_other_reads_are_refused(card: JpkiCard, apdu: str, answer: str) -> None:
    card.transmit(select(0x000A))

    assert card.transmit(bytes.fromhex(apdu)) == bytes.fromhex(answer)


# VERIFY, §11.5.6


@pytest.mark.parametrize("apdu", ["00200080", "0020008000", "00200080000000"])
def test_verify_without_data_tells_the_tries_even_when_verified(card: JpkiCard, apdu: str) -> None:
    card.transmit(select(0x0018))
    card.transmit(verify(PIN))

    assert card.transmit(bytes.fromhex(apdu)) == b"\x63\xc3"
    assert card.transmit(sign(DIGEST_INFO, 0x97))[-2:] == DONE


def test_a_wrong_pin_takes_a_try_and_the_verified_state(card: JpkiCard) -> None:
    card.transmit(verify(PIN, 0x98))

    assert card.transmit(verify("9999", 0x98)) == b"\x63\xc2"
    assert card.transmit(sign(DIGEST_INFO, 0x97)) == b"\x69\x82"


@pytest.mark.parametrize("locked_answer", [0x6984, 0x6983, 0x63C0])
def test_the_third_wrong_pin_locks(locked_answer: LockedAnswer) -> None:
    card = new_card(locked_answer=locked_answer)
    card.transmit(SELECT_APPLICATION)

    answers = [card.transmit(verify("9999", 0x98)) for _ in range(3)]

    assert answers == [b"\x63\xc2", b"\x63\xc1", b"\x63\xc0"]
    assert card.transmit(verify(PIN, 0x98)) == locked_answer.to_bytes(2)
    assert card.transmit(bytes.fromhex("00200098")) == b"\x63\xc0"
    card.reset()
    card.transmit(SELECT_APPLICATION)
    assert card.transmit(verify(PIN, 0x98)) == locked_answer.to_bytes(2)


def test_the_fifth_wrong_signing_password_locks_it_and_leaves_the_pin(card: JpkiCard) -> None:
    answers = [card.transmit(verify("WRONG1", 0x9B)) for _ in range(6)]

    assert answers == [bytes.fromhex(answer) for answer in ("63C4", "63C3", "63C2", "63C1", "63C0", "6984")]
    assert (card.pin_tries_left(), card.signing_password_tries_left()) == (3, 0)
    assert card.transmit(verify(PIN, 0x98)) == DONE


def test_the_card_does_not_turn_small_letters_into_capitals(card: JpkiCard) -> None:
    assert card.transmit(verify(SIGNING_PASSWORD.lower(), 0x9B)) == b"\x63\xc4"


@pytest.mark.parametrize(
    ("apdu", "answer"),
    [
        ("0020018004" + b"1234".hex(), "6A86"),
        ("0020000004" + b"1234".hex(), "6A86"),
        ("0020008004" + b"1234".hex(), "6981"),  # the current file is a certificate
        ("0020009704" + b"1234".hex(), "6981"),  # a key
        ("0024018004" + b"1234".hex(), "6D00"),  # changing a password is not offered
        ("002C009804" + b"1234".hex(), "6D00"),  # nor is unlocking
    ],
)
def test_other_presentations_of_a_password_are_refused_without_a_try(card: JpkiCard, apdu: str, answer: str) -> None:
    card.transmit(select(0x000A))

    assert card.transmit(bytes.fromhex(apdu)) == bytes.fromhex(answer)
    assert card.pin_tries_left() == 3


class SlowTries(TriesInMemory):
    def tries_left(self) -> int:
        tries_left = super().tries_left()
        time.sleep(0.005)  # Long enough for another thread to read the same count.
        return tries_left


def test_parallel_wrong_pins_never_get_more_tries_than_there_are() -> None:
    card = new_card(pin_counter=SlowTries(3))
    card.transmit(SELECT_APPLICATION)
    start, answers = Barrier(8), []

    def attempt() -> None:
        start.wait()
        answers.append(card.transmit(verify("0000", 0x98)).hex())

    threads = [Thread(target=attempt) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(answers) == ["63c0", "63c1", "63c2"] + ["6984"] * 5


# COMPUTE DIGITAL SIGNATURE


def test_signing_in_extended_form_and_without_le_gives_the_whole_signature(card: JpkiCard) -> None:
    card.transmit(verify(PIN, 0x98))
    short = card.transmit(sign(DIGEST_INFO, 0x97))

    extended = bytes.fromhex("802A0097") + len(DIGEST_INFO).to_bytes(3) + DIGEST_INFO
    assert card.transmit(extended + b"\x01\x00") == short
    assert card.transmit(extended) == short
    assert card.transmit(sign(DIGEST_INFO, 0x97)[:-1]) == short


@pytest.mark.parametrize(
    ("apdu", "answer"),
    [
        ("802A009701AA10", "6700"),  # Le too small for a signature
        ("802A009700", "6700"),  # nothing to sign
        ("802A010701AA00", "6A86"),  # no such reference
        ("802A000001AA00", "6A86"),  # the application's default key is not offered
        ("802A049720" + "00" * 32 + "00", "6A86"),  # PSS
        ("802A009801AA00", "6981"),  # a password is no key
        ("002A009701AA00", "6D00"),  # the plain class has no such command here
    ],
)
def test_other_signature_commands_are_refused(card: JpkiCard, apdu: str, answer: str) -> None:
    card.transmit(verify(PIN, 0x98))

    assert card.transmit(bytes.fromhex(apdu)) == bytes.fromhex(answer)


# Personalisation


@pytest.mark.parametrize("pin", ["", "123", "12345", "12a4", "１２３４", "1234\n"])
def test_a_pin_is_four_ascii_digits(pin: str) -> None:
    with pytest.raises(ValueError, match="four digits"):
        JpkiCard(card_contents(), pin=pin, signing_password=SIGNING_PASSWORD)


@pytest.mark.parametrize("password", ["ABC12", "A" * 17, "abc123", "ABC 123", "ABC123\n"])
def test_a_signing_password_is_6_to_16_capitals_and_digits(password: str) -> None:
    with pytest.raises(ValueError, match="6 to 16") as refused:
        JpkiCard(card_contents(), pin=PIN, signing_password=password)

    assert password not in str(refused.value)


def test_password_and_signing_certificate_go_together() -> None:
    with pytest.raises(ValueError, match="go together"):
        JpkiCard(card_contents(), pin=PIN)
    with pytest.raises(ValueError, match="go together"):
        JpkiCard(card_contents(with_signature=False), pin=PIN, signing_password=SIGNING_PASSWORD)


# Bytes from outside


def commands() -> st.SearchStrategy[bytes]:
    """Random bytes, and bytes near the commands the card knows, so that they get past the first checks."""
    known = st.sampled_from(
        [SELECT_APPLICATION, bytes.fromhex("00200098"), verify(PIN, 0x98), verify(SIGNING_PASSWORD, 0x9B), read(0)]
        + [select(file_id) for file_id in (0x0001, 0x0006, 0x000A, 0x0017, 0x0018, 0x001A, 0x001B)]
        + [sign(DIGEST_INFO), sign(DIGEST_INFO, 0x9A), bytes.fromhex("00B00000000000")]
    )
    header = st.tuples(
        st.sampled_from([0x00, 0x80, 0x0C, 0xFF]),
        st.sampled_from([0xA4, 0xB0, 0x20, 0x2A, 0x24, 0xC0]),
        st.integers(0, 255),
        st.integers(0, 255),
    ).map(bytes)
    damaged = st.tuples(known, st.integers(0, 20), st.binary(max_size=4)).map(lambda p: p[0][: p[1]] + p[2])
    return known | damaged | st.builds(lambda h, b: h + b, header, st.binary(max_size=40)) | st.binary(max_size=300)


FUZZED = new_card()


@settings(deadline=None)
@given(st.lists(commands(), max_size=12))
def test_no_bytes_raise_and_none_make_the_card_tell_a_password(apdus: list[bytes]) -> None:
    FUZZED.reset()
    for apdu in apdus:
        answer = FUZZED.transmit(apdu)

        assert 2 <= len(answer) <= 0x10000
        assert answer[0] in (0x90, 0x63, 0x67, 0x69, 0x6A, 0x6B, 0x6D, 0x6E)
        assert answer[-2:] == DONE or len(answer) == 2
        assert SIGNING_PASSWORD.encode() not in answer


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_no_answer_without_a_password_is_a_signature_or_the_signing_certificate(body: bytes) -> None:
    card = new_card()
    card.transmit(SELECT_APPLICATION)
    for reference in (0x97, 0x9A):
        answer = card.transmit(bytes([0x80, 0x2A, 0x00, reference]) + body)
        assert answer in (b"\x69\x82", b"\x67\x00")
    card.transmit(select(0x0001))
    assert card.transmit(bytes.fromhex("00B00000") + body) in (b"\x69\x82", b"\x67\x00")
