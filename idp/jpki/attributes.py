"""The basic four attributes (基本4情報) of a digital signature certificate, out of its subjectAltName.

Everything or nothing: a part that is missing, unknown or inconsistent refuses the whole, because a claim guessed here
would be vouched for there. Source: J-LIS profile v3.2, subjectAltName; RFC 5280 §4.2.1.6.
"""

import re
import unicodedata
from datetime import date, datetime, timedelta, timezone
from typing import Final

from cryptography import x509

from idp.evidence import BasicFour, Gender
from idp.jpki.certificate import ParsedCertificate
from idp.jpki.errors import CardRejected, Rejection

_ARC: Final = "1.2.392.200149.8.5.5"
_NAME: Final = f"{_ARC}.1"
_NAME_MAP: Final = f"{_ARC}.2"
_GENDER: Final = f"{_ARC}.3"
_BIRTHDATE: Final = f"{_ARC}.4"
_ADDRESS: Final = f"{_ARC}.5"
_ADDRESS_MAP: Final = f"{_ARC}.6"
_ATTRIBUTES: Final = frozenset({_NAME, _NAME_MAP, _GENDER, _BIRTHDATE, _ADDRESS, _ADDRESS_MAP})

_UTF8_STRING: Final = 0x0C
_ADDRESS_CHARACTERS: Final = 200
_GENDERS: Final[dict[str, Gender]] = {"1": "male", "2": "female", "3": "unknown"}
_SUBSTITUTION_MAP: Final = re.compile(r"[01]+")
_BIRTHDATE_FORM: Final = re.compile(r"([0-5])([0-9]{4})([0-9]{2})([0-9]{2})")
# Both days on which an era changed within the day count for both eras; 0 says that the era is not known.
_ERAS: Final = {
    "0": (date(1868, 1, 25), date.max),
    "1": (date(1868, 1, 25), date(1912, 7, 30)),
    "2": (date(1912, 7, 30), date(1926, 12, 25)),
    "3": (date(1926, 12, 25), date(1989, 1, 7)),
    "4": (date(1989, 1, 8), date(2019, 4, 30)),
    "5": (date(2019, 5, 1), date.max),
}
_JAPAN_STANDARD_TIME: Final = timezone(timedelta(hours=9), "JST")
# What cannot be seen or reorders its neighbours has no place in a name that somebody relies on.
_REFUSED_CATEGORIES: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def parse_basic_four(certificate: ParsedCertificate) -> BasicFour:
    """Establish what a digital signature certificate says of its holder.

    Takes:   a certificate that ``verify_card`` has accepted; of any other the result is only what it claims.
    Returns: name and address unsplit, with the positions of substituted characters; the Gregorian birth date.
    Raises:  CardRejected attributes_unreadable: one of the six otherNames is missing, doubled, no UTF8String or empty;
             a map is not one 0 or 1 a character; the birth date is unknown in part, does not exist, contradicts its
             era or lies after the issue; the gender is no code; the address is longer than 200 characters.
    Source:  J-LIS profile v3.2, subjectAltName of the digital signature certificate; OtherNames of other kinds are
             left alone, since newer certificates carry more.
    """
    texts = _read_texts(certificate.unverified)
    name, address = texts[_NAME], texts[_ADDRESS]
    _check_text(name, "name")
    _check_text(address, "address")
    if len(address) > _ADDRESS_CHARACTERS:
        raise _unreadable("address is too long")
    gender = _GENDERS.get(texts[_GENDER])
    if gender is None:
        raise _unreadable("gender is no code")
    return BasicFour(
        name=name,
        name_substitutions=_parse_substitutions(texts[_NAME_MAP], name, "name"),
        address=address,
        address_substitutions=_parse_substitutions(texts[_ADDRESS_MAP], address, "address"),
        birthdate=_parse_birthdate(texts[_BIRTHDATE], certificate.not_before),
        gender=gender,
    )


def _read_texts(unverified: x509.Certificate) -> dict[str, str]:
    texts: dict[str, str] = {}
    for other_name in _other_names(unverified):
        oid = other_name.type_id.dotted_string
        if oid not in _ATTRIBUTES:
            continue
        if oid in texts:
            raise _unreadable("an attribute stands there twice")
        texts[oid] = _parse_utf8_string(other_name.value)
    if texts.keys() != _ATTRIBUTES:
        raise _unreadable("an attribute is missing")
    return texts


def _other_names(unverified: x509.Certificate) -> list[x509.OtherName]:
    try:
        names = unverified.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        return list(names.get_values_for_type(x509.OtherName))
    except x509.ExtensionNotFound:
        raise _unreadable("no subjectAltName") from None
    except Exception as fault:
        # The library promises no closed list of what hostile bytes make it raise; the property test relies on this.
        raise _unreadable(f"subjectAltName: {type(fault).__name__}") from None


def _parse_utf8_string(der: bytes) -> str:
    """One DER UTF8String and nothing after it (X.690 §8.1.3, §10.1: the shortest form of the length)."""
    if len(der) < 2 or der[0] != _UTF8_STRING:
        raise _unreadable("an attribute is no UTF8String")
    length, start = der[1], 2
    if length >= 0x80:
        octets = der[2 : 2 + (length & 0x7F)]
        length, start = int.from_bytes(octets, "big"), 2 + len(octets)
        if len(octets) not in (1, 2) or length < 0x80 or (len(octets) == 2 and length < 0x100):
            raise _unreadable("an attribute has a malformed length")
    content = der[start:]
    if len(content) != length or length == 0:
        raise _unreadable("an attribute is empty or has another length")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        # Not "from": the decoder's error holds the bytes.
        raise _unreadable("an attribute is not UTF-8") from None


def _check_text(text: str, attribute: str) -> None:
    if not text.strip() or any(unicodedata.category(character) in _REFUSED_CATEGORIES for character in text):
        raise _unreadable(f"{attribute} is blank or holds what cannot be seen")


def _parse_substitutions(substitution_map: str, text: str, attribute: str) -> tuple[int, ...]:
    if len(substitution_map) != len(text) or _SUBSTITUTION_MAP.fullmatch(substitution_map) is None:
        raise _unreadable(f"the substitution map of the {attribute} does not fit it")
    return tuple(position for position, mark in enumerate(substitution_map) if mark == "1")


def _parse_birthdate(text: str, issued_at: datetime) -> date:
    form = _BIRTHDATE_FORM.fullmatch(text)
    if form is None:
        raise _unreadable("birth date is unknown in part or not EYYYYMMDD")
    era, year, month, day = form.groups()
    try:
        birthdate = date(int(year), int(month), int(day))
    except ValueError:
        raise _unreadable("birth date is unknown in part or does not exist") from None
    first, last = _ERAS[era]
    if not first <= birthdate <= last:
        raise _unreadable("birth date lies outside its era")
    if birthdate > issued_at.astimezone(_JAPAN_STANDARD_TIME).date():
        raise _unreadable("birth date lies after the issue")
    return birthdate


def _unreadable(detail: str) -> CardRejected:
    return CardRejected(Rejection.ATTRIBUTES_UNREADABLE, detail)
