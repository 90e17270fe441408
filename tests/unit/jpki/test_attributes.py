"""The basic four attributes: read whole from a certificate, or refused whole."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from cryptography import x509
from hypothesis import given, settings
from hypothesis import strategies as st

from idp.evidence import BasicFour, Evidence
from idp.jpki.attributes import parse_basic_four
from idp.jpki.certificate import parse_certificate
from idp.jpki.errors import CardError, CardRejected, Rejection
from idp.sandbox.cast import ORDINARY, SUBSTITUTED
from idp.sandbox.pki import create_sandbox_pki
from tests.unit.jpki.certificates import NOW, Leaf, signing_leaf

ARC = "1.2.392.200149.8.5.5"
ARC_BYTES = bytes.fromhex("2a83088c9b55080505")
HANAKO = ("山田　花子", "00000", "2", "419900415", "東京都千代田区架空町一丁目１番１号", "0" * 17)
NAME, NAME_MAP, GENDER, BIRTHDATE, ADDRESS, ADDRESS_MAP = range(6)


def tlv(tag: int, content: bytes) -> bytes:
    length = len(content)
    if length < 0x80:
        return bytes([tag, length]) + content
    octets = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(octets)]) + octets + content


def utf8_string(text: str) -> bytes:
    return tlv(0x0C, text.encode("utf-8"))


def other_name(number: int, value: bytes) -> x509.OtherName:
    return x509.OtherName(x509.ObjectIdentifier(f"{ARC}.{number}"), value)


def others(texts: Sequence[str] = HANAKO) -> list[x509.GeneralName]:
    return [other_name(number, utf8_string(text)) for number, text in enumerate(texts, start=1)]


def read(names: Sequence[x509.GeneralName], not_before: datetime | None = None) -> BasicFour:
    leaf = signing_leaf(more=[(x509.SubjectAlternativeName(names), False)])
    if not_before is not None:
        leaf = signing_leaf(more=leaf.more, not_before=not_before)
    return parse_basic_four(parse_certificate(leaf.der()))


def read_raw(number: int, value: bytes) -> BasicFour:
    """The same with bytes in place of one value that the library would not write itself."""
    names = b""
    for position, text in enumerate(HANAKO, start=1):
        oid = tlv(0x06, ARC_BYTES + bytes([position]))
        names += tlv(0xA0, oid + tlv(0xA0, value if position == number else utf8_string(text)))
    extension = x509.UnrecognizedExtension(x509.ObjectIdentifier("2.5.29.17"), tlv(0x30, names))
    return parse_basic_four(parse_certificate(signing_leaf(more=[(extension, False)]).der()))


def changed(attribute: int, text: str) -> list[x509.GeneralName]:
    return others([text if number == attribute else known for number, known in enumerate(HANAKO)])


def assert_unreadable(names: Sequence[x509.GeneralName], not_before: datetime | None = None) -> None:
    with pytest.raises(CardRejected) as refusal:
        read(names, not_before)
    assert refusal.value.reason is Rejection.ATTRIBUTES_UNREADABLE


def test_the_four_attributes_are_read():
    assert read(others()) == BasicFour(HANAKO[NAME], (), HANAKO[ADDRESS], (), date(1990, 4, 15), "female")


def test_name_and_address_are_not_split():
    assert read(others()).name == "山田　花子"
    assert read(others()).address == "東京都千代田区架空町一丁目１番１号"


def test_substituted_characters_are_known_by_their_positions(tmp_path: Path):
    issued = create_sandbox_pki(tmp_path, NOW).issue_digital_signature(SUBSTITUTED.holder, NOW)
    attributes = parse_basic_four(parse_certificate(issued.certificate_der))
    assert attributes.name_substitutions == (0, 1, 3)
    assert attributes.address_substitutions == (13,)
    assert attributes.birthdate == SUBSTITUTED.holder.birthdate


def test_a_certificate_of_the_sandbox_is_read(tmp_path: Path):
    issued = create_sandbox_pki(tmp_path, NOW).issue_digital_signature(ORDINARY.holder, NOW)
    attributes = parse_basic_four(parse_certificate(issued.certificate_der))
    assert (attributes.name, attributes.gender) == (ORDINARY.holder.name, "female")


def test_a_map_counts_characters_and_not_bytes_or_code_units():
    texts = (
        "𠮷田　花子",
        "10000",
        *HANAKO[2:],
    )
    assert read(others(texts)).name_substitutions == (0,)


@pytest.mark.parametrize("attribute", [NAME_MAP, ADDRESS_MAP])
@pytest.mark.parametrize(
    "spoil", [lambda m: m[:-1], lambda m: m + "0", lambda m: "", lambda m: "2" + m[1:], lambda m: "０" + m[1:]]
)
def test_a_map_that_is_not_one_digit_a_character_is_refused(attribute: int, spoil):
    assert_unreadable(changed(attribute, spoil(HANAKO[attribute])))


@pytest.mark.parametrize(("code", "gender"), [("1", "male"), ("2", "female"), ("3", "unknown")])
def test_gender_codes(code: str, gender: str):
    assert read(changed(GENDER, code)).gender == gender


@pytest.mark.parametrize("code", ["", "0", "4", "9", "11", "１", "M"])
def test_another_gender_code_is_refused(code: str):
    assert_unreadable(changed(GENDER, code))


@pytest.mark.parametrize(
    ("text", "born"),
    [
        ("119120730", date(1912, 7, 30)),
        ("219120730", date(1912, 7, 30)),
        ("219261225", date(1926, 12, 25)),
        ("319261225", date(1926, 12, 25)),
        ("319890107", date(1989, 1, 7)),
        ("419890108", date(1989, 1, 8)),
        ("420190430", date(2019, 4, 30)),
        ("520190501", date(2019, 5, 1)),
        ("020000229", date(2000, 2, 29)),
    ],
)
def test_a_birth_date_of_its_era_or_of_no_known_era_is_read(text: str, born: date):
    assert read(changed(BIRTHDATE, text)).birthdate == born


@pytest.mark.parametrize(
    "text",
    [
        "319890108",  # Heisei had begun
        "419890107",
        "420190501",
        "520190430",
        "219120729",
        "319261224",
        "119120731",
        "118680124",
        "018680124",  # before any registered birth
        "619900415",
        "E19900415",
    ],
)
def test_a_birth_date_outside_its_era_is_refused(text: str):
    assert_unreadable(changed(BIRTHDATE, text))


@pytest.mark.parametrize(
    "text", ["419900400", "419900015", "400000000", "41990    ", "4199004", "41990-04-15", "41990041?", "000000000"]
)
def test_a_birth_date_unknown_in_part_is_refused(text: str):
    assert_unreadable(changed(BIRTHDATE, text))


@pytest.mark.parametrize("text", ["420010229", "419900431", "419901301", "419000229"])
def test_a_birth_date_that_does_not_exist_is_refused(text: str):
    assert_unreadable(changed(BIRTHDATE, text))


@pytest.mark.parametrize("text", ["４19900415", "419900４15", "4199004150", " 419900415", "419900415\n", ""])
def test_a_birth_date_of_another_form_is_refused(text: str):
    assert_unreadable(changed(BIRTHDATE, text))


def test_nobody_is_born_after_the_issue_of_their_certificate():
    issued_at = datetime(2026, 3, 31, 15, 0, tzinfo=UTC)  # 1 April in Japan
    assert read(changed(BIRTHDATE, "520260401"), issued_at).birthdate == date(2026, 4, 1)
    assert_unreadable(changed(BIRTHDATE, "520260402"), issued_at)


def test_an_address_of_two_hundred_characters_is_read():
    texts = (*HANAKO[:4], "亜" * 200, "0" * 200)
    assert len(read(others(texts)).address) == 200


def test_a_longer_address_is_refused():
    assert_unreadable(others((*HANAKO[:4], "亜" * 201, "0" * 201)))


@pytest.mark.parametrize("missing", range(6))
def test_a_missing_attribute_is_refused(missing: int):
    assert_unreadable([name for number, name in enumerate(others()) if number != missing])


@pytest.mark.parametrize("number", range(6))
def test_a_doubled_attribute_is_refused_even_if_both_agree(number: int):
    assert_unreadable([*others(), others()[number]])


@pytest.mark.parametrize("text", ["", " ", "　", "山\u202e田花子", "山田\n花子", "山田\x00花子", "山\u200b田"])
@pytest.mark.parametrize(("attribute", "its_map"), [(NAME, NAME_MAP), (ADDRESS, ADDRESS_MAP)])
def test_a_blank_name_or_one_that_hides_something_is_refused(attribute: int, its_map: int, text: str):
    texts = list(HANAKO)
    texts[attribute], texts[its_map] = text, "0" * len(text)
    assert_unreadable(others(texts))


def test_newer_kinds_of_other_names_are_left_alone():
    furigana = x509.OtherName(x509.ObjectIdentifier(f"{ARC}.9"), b"\x0c\x03ABC")
    directory = x509.DirectoryName(x509.Name([]))
    foreign = x509.OtherName(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00")
    assert read([furigana, directory, *others(), foreign]) == read(others())


def test_the_order_does_not_matter():
    assert read(others()[::-1]) == read(others())


@pytest.mark.parametrize(
    "value",
    [
        b"\x13\x012",  # PrintableString
        b"\x0c\x812",
        b"\x0c\x81\x012",  # a longer form than needed
        b"\x0c\x82\x00\x012",
        b"\x0c\x83\x00\x00\x012",
        b"\x0c\x802\x00\x00",  # indefinite
        b"\x0c\x02\x32",
        b"\x0c\x01\x32\x00",
        b"\x0c\x00",
        b"\x2c\x03\x0c\x012",  # constructed
        b"\x0c\x02\xc0\xb2",  # overlong UTF-8
        b"\x0c\x03\xed\xa0\x80",  # a surrogate
    ],
)
def test_what_is_not_one_utf8_string_in_der_is_refused(value: bytes):
    with pytest.raises(CardRejected) as refusal:
        read_raw(3, value)
    assert refusal.value.reason in (Rejection.ATTRIBUTES_UNREADABLE, Rejection.MALFORMED)


def test_the_raw_form_of_these_tests_is_that_of_the_library():
    assert read_raw(3, b"\x0c\x012") == read(others())


def test_a_certificate_without_alternative_names_is_refused():
    for leaf in (Leaf(), signing_leaf()):
        with pytest.raises(CardRejected) as refusal:
            parse_basic_four(parse_certificate(leaf.der()))
        assert refusal.value.reason is Rejection.ATTRIBUTES_UNREADABLE


def test_no_repr_shows_an_attribute():
    attributes = read(changed(BIRTHDATE, "419900415"))
    evidence = Evidence("e", "digital-signature", "card", NOW, "p", (), attributes)
    for shown in (repr(attributes), str(attributes), repr(evidence)):
        assert not any(secret in shown for secret in ("山田", "東京都", "1990", "female"))


def test_no_refusal_shows_an_attribute():
    with pytest.raises(CardRejected) as refusal:
        read(changed(ADDRESS_MAP, "0"))
    said = f"{refusal.value} {refusal.value.detail} {refusal.value.__cause__}"
    assert not any(secret in said for secret in ("山田", "東京都", "1990"))


@settings(max_examples=60, deadline=None)
@given(number=st.integers(1, 6), value=st.binary(max_size=300))
def test_whatever_bytes_stand_for_an_attribute_only_our_own_errors_come_out(number: int, value: bytes):
    try:
        assert isinstance(read_raw(number, value), BasicFour)
    except CardError as error:
        assert error.reason in (Rejection.ATTRIBUTES_UNREADABLE, Rejection.MALFORMED)


@settings(max_examples=60, deadline=None)
@given(texts=st.tuples(*[st.text(max_size=20)] * 6))
def test_whatever_texts_stand_there_they_are_taken_whole_or_refused(texts: tuple[str, ...]):
    try:
        attributes = read(others(texts))
    except (CardError, UnicodeEncodeError):
        return
    assert (attributes.name, attributes.address) == (texts[NAME], texts[ADDRESS])


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_whatever_der_comes_only_our_own_errors_come_out(data: st.DataObject):
    der = bytearray(_SIGNING)
    for _ in range(data.draw(st.integers(1, 4))):
        der[data.draw(st.integers(0, len(der) - 1))] = data.draw(st.integers(0, 255))
    try:
        assert isinstance(parse_basic_four(parse_certificate(bytes(der))), BasicFour)
    except CardError:
        return


_SIGNING = signing_leaf(more=[(x509.SubjectAlternativeName(others()), False)]).der()
