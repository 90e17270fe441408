"""What can serve as an anchor, and what cannot."""

import hashlib

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from idp.jpki.profile import SANDBOX_ARC, SANDBOX_CARD_USER_AUTHENTICATION
from idp.jpki.trust_anchors import SANDBOX_ORGANIZATION, AnchorRefused, parse_trust_anchor
from tests.unit.jpki.certificates import Fault, Leaf, authority, ec_key, ed25519_key, key_usage, name, rsa_key

SANDBOX = Fault(subject=name("for user authentication", organization=SANDBOX_ORGANIZATION))

REFUSED = {
    "not an authority": Fault(constraints=x509.BasicConstraints(False, None)),
    "no basic constraints": Fault(constraints=None),
    "basic constraints not critical": Fault(constraints_critical=False),
    "no key usage": Fault(usage=None),
    "key usage not critical": Fault(usage_critical=False),
    "signs no certificates": Fault(usage=key_usage("crl_sign")),
    "signs no lists": Fault(usage=key_usage("key_cert_sign")),
    "no key identifier": Fault(without_key_id=True),
    "not signed by itself": Fault(signing_key=rsa_key("forger")),
    "RSA-1024": Fault(key=rsa_key("small", 1024)),
    "RSA with e=3": Fault(key=rsa_key("low exponent", 2048, 3)),
    "P-256": Fault(key=ec_key("authority", "P-256")),
    "Ed25519": Fault(key=ed25519_key()),
    "a sandbox's": SANDBOX,
}


@pytest.mark.parametrize("fault", REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_be_an_anchor_is_refused(fault: Fault):
    with pytest.raises(AnchorRefused):
        parse_trust_anchor(authority(fault), "user-authentication", name="x")


@pytest.mark.parametrize("key", [rsa_key("authority-1"), rsa_key("large", 3072), ec_key("authority")])
def test_an_authority_is_an_anchor(key):
    anchor = parse_trust_anchor(authority(Fault(key=key)), "user-authentication", name="x")
    spki = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert anchor.issuer_key_id == hashlib.sha256(spki).digest()
    assert not anchor.sandbox


def test_pem_is_read_as_well():
    pem = x509.load_der_x509_certificate(authority()).public_bytes(Encoding.PEM)
    parse_trust_anchor(b"Subject: somebody\n" + pem, "user-authentication", name="x")


@pytest.mark.parametrize("extra", [b"\x00", b"x" * 20000])
def test_trailing_bytes_are_refused(extra: bytes):
    with pytest.raises(AnchorRefused):
        parse_trust_anchor(authority() + extra, "user-authentication", name="x")


def test_two_certificates_in_one_file_are_refused():
    pem = x509.load_der_x509_certificate(authority()).public_bytes(Encoding.PEM)
    with pytest.raises(AnchorRefused):
        parse_trust_anchor(pem + pem, "user-authentication", name="x")


def test_a_sandbox_takes_its_own_authorities_only():
    assert parse_trust_anchor(authority(SANDBOX), "user-authentication", name="x", sandbox=True).sandbox
    with pytest.raises(AnchorRefused):
        parse_trust_anchor(authority(), "user-authentication", name="x", sandbox=True)


def test_a_holders_certificate_is_no_anchor():
    with pytest.raises(AnchorRefused):
        parse_trust_anchor(Leaf().der(), "user-authentication", name="x")


def test_the_sandbox_policies_lie_below_its_arc():
    assert SANDBOX_CARD_USER_AUTHENTICATION.policy_oid.startswith(SANDBOX_ARC + ".")


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_broken_bytes_are_refused_in_one_way(data: st.DataObject):
    der = bytearray(authority())
    for _ in range(data.draw(st.integers(1, 3))):
        der[data.draw(st.integers(0, len(der) - 1))] ^= data.draw(st.integers(1, 255))
    if bytes(der) != authority():
        with pytest.raises(AnchorRefused):
            parse_trust_anchor(bytes(der), "user-authentication", name="x")


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200))
def test_random_bytes_are_refused_in_one_way(noise: bytes):
    for data in (noise, b"-----BEGIN CERTIFICATE-----\n" + noise):
        with pytest.raises(AnchorRefused):
            parse_trust_anchor(data, "user-authentication", name="x")
