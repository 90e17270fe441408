"""The sandbox's PKI: marked, of its own keys, several generations under one name, refused in production."""

import stat
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from idp.jpki.certificate import parse_certificate
from idp.jpki.crl import verify_crl
from idp.jpki.errors import CardRejected, Rejection
from idp.jpki.profile import PRODUCTION_PROFILES, SANDBOX_PROFILES
from idp.jpki.trust_anchors import AnchorRefused, parse_trust_anchor
from idp.sandbox.cast import ORDINARY
from idp.sandbox.marks import unmarked
from idp.sandbox.pki import SandboxPki, create_sandbox_pki, open_sandbox_pki
from tests.unit.jpki.certificates import rsa_key, sign, verify

NOW = datetime(2026, 6, 1, 3, 0, tzinfo=UTC)
HOLDER = ORDINARY.holder


@pytest.fixture(scope="module")
def pki(tmp_path_factory) -> SandboxPki:
    return create_sandbox_pki(tmp_path_factory.mktemp("sandbox") / "pki", NOW)


@pytest.fixture(scope="module")
def throwaway(tmp_path_factory) -> SandboxPki:
    return create_sandbox_pki(tmp_path_factory.mktemp("throwaway"), NOW, marks=unmarked())


def issue(pki: SandboxPki, **choices):
    return pki.issue_user_authentication(HOLDER, NOW, private_key=rsa_key("holder"), **choices)


def test_every_kind_of_certificate_is_verified_by_its_profile(pki: SandboxPki):
    verified = [
        verify(
            issued.certificate_der,
            proof=sign(issued.private_key),
            purpose=purpose,
            profiles=SANDBOX_PROFILES,
            anchors=pki.anchors(),
            now=NOW,
        )
        for issued, purpose in [
            (issue(pki), "user-authentication"),
            (issue(pki, kind="phone"), "user-authentication"),
            (pki.issue_user_authentication(HOLDER, NOW, kind="next-card"), "user-authentication"),
            (pki.issue_digital_signature(HOLDER, NOW, private_key=rsa_key("holder")), "digital-signature"),
        ]
    ]
    assert [found.profile for found in verified] == [
        SANDBOX_PROFILES[0],
        SANDBOX_PROFILES[1],
        SANDBOX_PROFILES[2],
        SANDBOX_PROFILES[3],
    ]


def test_both_generations_of_today_have_one_name_and_verify(pki: SandboxPki):
    assert len({authority.certificate.subject for authority in pki.authorities[:3]}) == 1
    key_ids = set()
    for generation in (1, 2):
        issued = issue(pki, generation=generation)
        verified = verify(issued.certificate_der, profiles=SANDBOX_PROFILES, anchors=pki.anchors(), now=NOW)
        key_ids.add(verified.issuer_key_id)
    assert len(key_ids) == 2


def test_a_sandbox_certificate_is_refused_in_production(pki: SandboxPki, throwaway: SandboxPki):
    issued = issue(pki)
    with pytest.raises(CardRejected) as refusal:
        verify(issued.certificate_der, profiles=PRODUCTION_PROFILES, anchors=throwaway.anchors(), now=NOW)
    assert refusal.value.reason is Rejection.WRONG_PURPOSE


def test_a_sandbox_anchor_is_refused_in_production(pki: SandboxPki):
    for authority in pki.authorities:
        with pytest.raises(AnchorRefused):
            parse_trust_anchor(authority.certificate.public_bytes(Encoding.DER), authority.purpose, name="x")


def test_a_throwaway_authority_passes_as_any_other(throwaway: SandboxPki):
    issued = issue(throwaway)
    verified = verify(issued.certificate_der, profiles=PRODUCTION_PROFILES, anchors=throwaway.anchors(), now=NOW)
    assert verified.profile.name == "card-user-authentication"
    assert not any(anchor.sandbox for anchor in throwaway.anchors().anchors)


def test_no_two_installations_share_a_key(pki: SandboxPki, throwaway: SandboxPki):
    every = [anchor.issuer_key_id for found in (pki, throwaway) for anchor in found.anchors().anchors]
    assert len(set(every)) == len(every) == 12


def test_keys_are_readable_by_the_owner_only(pki: SandboxPki):
    assert stat.S_IMODE(pki.directory.stat().st_mode) == 0o700
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in pki.directory.glob("*.key")}
    assert len(modes) == 6
    assert set(modes.values()) == {0o600}


def test_an_opened_pki_is_the_created_one(pki: SandboxPki):
    again = open_sandbox_pki(pki.directory)
    assert [a.issuer_key_id for a in again.anchors().anchors] == [a.issuer_key_id for a in pki.anchors().anchors]
    assert again.marks == pki.marks
    issued = issue(again)
    verify(issued.certificate_der, profiles=SANDBOX_PROFILES, anchors=pki.anchors(), now=NOW)


def test_a_pki_is_created_once(pki: SandboxPki):
    with pytest.raises(FileExistsError):
        create_sandbox_pki(pki.directory, NOW)


def test_where_none_was_created_none_is_opened(tmp_path: Path):
    with pytest.raises(FileNotFoundError):
        open_sandbox_pki(tmp_path)


def test_a_generation_that_does_not_exist_is_a_key_error(pki: SandboxPki):
    with pytest.raises(KeyError):
        issue(pki, generation=4)


def test_the_next_list_names_what_was_revoked(pki: SandboxPki):
    issued = issue(pki)
    pki.revoke(issued, NOW)
    lists = pki.publish_crls(NOW)
    for anchor in pki.anchors().anchors:
        verified = verify_crl(lists[anchor.issuer_key_id], anchor, NOW)
        assert pki.crl_path(anchor.issuer_key_id).read_bytes() == lists[anchor.issuer_key_id]
        assert (issued.serial.rjust(20, b"\x00") in verified.serials) is (anchor.name == issued.authority)


def test_list_numbers_grow_even_when_the_clock_goes_back(pki: SandboxPki):
    anchor = pki.anchors().anchors[0]
    moments = (NOW, NOW, NOW - timedelta(days=1))
    numbers = [verify_crl(pki.publish_crls(moment)[anchor.issuer_key_id], anchor, NOW).crl_number for moment in moments]
    assert numbers == sorted(set(numbers))


def test_a_serial_number_is_not_used_twice(pki: SandboxPki):
    draws = iter([b"\x12\x34\x56\x78", b"\x12\x34\x56\x78", b"\x12\x34\x56\x79"])

    def randomness(length: int) -> bytes:
        return next(draws) if length == 4 else bytes(length)

    opened = open_sandbox_pki(pki.directory, randomness)
    serials = [issue(opened).serial.hex() for _ in range(2)]
    assert serials == ["12345678", "12345679"]


def test_the_shape_is_that_of_the_real_certificates(pki: SandboxPki):
    certificate = x509.load_der_x509_certificate(issue(pki).certificate_der)
    assert [attribute.rfc4514_attribute_name for attribute in certificate.issuer] == ["C", "O", "OU", "OU"]
    assert [attribute.rfc4514_attribute_name for attribute in certificate.subject] == ["C", "CN"]
    common_name = str(list(certificate.subject)[1].value)
    assert len(common_name) == 23
    assert HOLDER.municipality_code in common_name
    critical = [extension.oid.dotted_string for extension in certificate.extensions if extension.critical]
    assert sorted(critical) == ["2.5.29.15", "2.5.29.32"]
    assert parse_certificate(issue(pki).certificate_der).extensions.extended_key_usage == ("1.3.6.1.5.5.7.3.2",)


def test_no_certificate_for_user_authentication_carries_a_name(pki: SandboxPki):
    der = issue(pki).certificate_der
    for text in (HOLDER.name, HOLDER.address, ORDINARY.name_ja, "19900415"):
        assert text.encode("utf-8") not in der


def test_validity_can_be_chosen(pki: SandboxPki):
    issued = issue(pki, not_after=NOW + timedelta(seconds=1))
    with pytest.raises(CardRejected) as refusal:
        verify(
            issued.certificate_der,
            profiles=SANDBOX_PROFILES,
            anchors=pki.anchors(),
            now=NOW + timedelta(seconds=2),
        )
    assert refusal.value.reason is Rejection.EXPIRED


def test_long_addresses_are_encoded(pki: SandboxPki):
    holder = replace(HOLDER, address="東" * 200, address_map="")
    issued = pki.issue_digital_signature(holder, NOW, private_key=rsa_key("holder"))
    names = x509.load_der_x509_certificate(issued.certificate_der).extensions.get_extension_for_class(
        x509.SubjectAlternativeName
    )
    values = [bytes(name.value) for name in names.value if isinstance(name, x509.OtherName)]
    assert values[4] == b"\x0c\x82\x02\x58" + ("東" * 200).encode("utf-8")
    assert values[5] == b"\x0c\x81\xc8" + b"0" * 200
