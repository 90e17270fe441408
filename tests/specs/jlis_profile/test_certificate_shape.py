"""The J-LIS certificate profile v3.2: what is asked of a real certificate, and that the sandbox's have the same shape.

Read by an independent ASN.1 library, so that one misreading does not confirm itself.
"""

from datetime import UTC, datetime

import pytest
from asn1crypto import core
from asn1crypto import x509 as asn1_x509

from idp.jpki.errors import CardRejected, Rejection
from idp.jpki.profile import CARD_DIGITAL_SIGNATURE, CARD_USER_AUTHENTICATION
from idp.sandbox.cast import SUBSTITUTED
from idp.sandbox.marks import unmarked
from idp.sandbox.pki import create_sandbox_pki
from tests.unit.jpki.certificates import Leaf, policies, rsa_key, signing_leaf, verify

NOW = datetime(2026, 6, 1, 3, 0, tzinfo=UTC)
ATTRIBUTES = "1.2.392.200149.8.5.5."


@pytest.fixture(scope="module")
def pki(tmp_path_factory):
    return create_sandbox_pki(tmp_path_factory.mktemp("pki"), NOW, marks=unmarked())


@pytest.fixture(scope="module")
def user_authentication(pki) -> asn1_x509.Certificate:
    issued = pki.issue_user_authentication(SUBSTITUTED.holder, NOW, private_key=rsa_key("holder"))
    return asn1_x509.Certificate.load(issued.certificate_der, strict=True)


@pytest.fixture(scope="module")
def digital_signature(pki) -> asn1_x509.Certificate:
    issued = pki.issue_digital_signature(SUBSTITUTED.holder, NOW, private_key=rsa_key("holder"))
    return asn1_x509.Certificate.load(issued.certificate_der, strict=True)


def rdns(names: asn1_x509.Name) -> list[tuple[str, str]]:
    return [(pair["type"].dotted, type(pair["value"].chosen).__name__) for rdn in names.chosen for pair in rdn]


def extensions(certificate: asn1_x509.Certificate) -> dict[str, bool]:
    return {found["extn_id"].dotted: found["critical"].native for found in certificate["tbs_certificate"]["extensions"]}


def test_issuer_is_country_organization_and_two_units(user_authentication):
    country, utf8 = "PrintableString", "UTF8String"
    assert rdns(user_authentication.issuer) == [
        ("2.5.4.6", country),
        ("2.5.4.10", utf8),
        ("2.5.4.11", utf8),
        ("2.5.4.11", utf8),
    ]
    assert rdns(user_authentication.subject) == [("2.5.4.6", country), ("2.5.4.3", utf8)]


def test_extensions_of_user_authentication_and_their_criticality(user_authentication):
    assert extensions(user_authentication) == {
        "2.5.29.15": True,  # keyUsage
        "2.5.29.32": True,  # certificatePolicies
        "2.5.29.37": False,  # extKeyUsage
        "2.5.29.18": False,  # issuerAltName
        "2.5.29.31": False,  # cRLDistributionPoints
        "1.3.6.1.5.5.7.1.1": False,  # authorityInfoAccess
        "2.5.29.35": False,  # authorityKeyIdentifier
        "2.5.29.14": False,  # subjectKeyIdentifier
    }
    assert user_authentication.key_usage_value.native == {"digital_signature"}
    assert user_authentication.extended_key_usage_value.native == ["client_auth"]


def test_extensions_of_digital_signature_and_their_criticality(digital_signature):
    found = extensions(digital_signature)
    assert found["2.5.29.17"] is False  # subjectAltName
    assert "2.5.29.37" not in found
    assert digital_signature.key_usage_value.native == {"digital_signature", "non_repudiation"}


def test_the_distribution_point_is_a_directory_name_of_the_municipality(user_authentication):
    (point,) = user_authentication.crl_distribution_points_value
    (general_name,) = point["distribution_point"].chosen
    assert general_name.name == "directory_name"
    assert general_name.native["common_name"] == f"{SUBSTITUTED.holder.city} CRLDP"


def test_the_status_address_is_an_ocsp_uri_and_resolves_nowhere(user_authentication):
    (address,) = user_authentication.ocsp_urls
    assert address.endswith(".invalid")


def test_the_authority_is_named_by_key_name_and_serial(pki, user_authentication):
    value = user_authentication.authority_key_identifier_value
    issuer = pki.get_authority("user-authentication", 2).certificate
    assert value["authority_cert_serial_number"].native == issuer.serial_number
    assert value["authority_cert_issuer"][0].name == "directory_name"


def test_the_basic_four_are_utf8_other_names_in_their_order(digital_signature):
    names = digital_signature.subject_alt_name_value
    found = {name.chosen["type_id"].dotted: name.chosen["value"].parsed for name in names if name.name == "other_name"}
    assert list(found) == [ATTRIBUTES + str(number) for number in range(1, 7)]
    assert all(isinstance(value, core.UTF8String) for value in found.values())
    holder = SUBSTITUTED.holder
    expected = [holder.name, "11010", "1", "319551231", holder.address, holder.address_map]
    assert [value.native for value in found.values()] == expected


def test_validity_ends_at_the_last_second_of_a_birthday_in_japan(user_authentication):
    assert user_authentication.not_valid_after == datetime(2030, 12, 31, 14, 59, 59, tzinfo=UTC)


def test_policies_tell_the_two_certificates_apart():
    assert CARD_USER_AUTHENTICATION.policy_oid == "1.2.392.200149.8.5.1.3.30"
    assert CARD_DIGITAL_SIGNATURE.policy_oid == "1.2.392.200149.8.5.1.1.20"
    assert verify(Leaf().der()).profile is CARD_USER_AUTHENTICATION
    assert verify(signing_leaf().der(), purpose="digital-signature").profile is CARD_DIGITAL_SIGNATURE


@pytest.mark.parametrize("test_policy", ["1.2.392.200149.8.5.1.0.20", "1.2.392.200149.8.5.1.0.30"])
def test_policies_of_the_test_environment_are_not_taken_in_production(test_policy: str):
    with pytest.raises(CardRejected) as refusal:
        verify(Leaf(policies=policies(test_policy)).der())
    assert refusal.value.reason is Rejection.WRONG_PURPOSE
