"""A kept proof: what it is written as, what names its certificate, and that no repr shows it."""

import json

import pytest

from idp.card_login.kept_proof import kept_proof_from_members, name_certificate
from tests.unit.card_login.proofs import NONCE, kept
from tests.unit.jpki.certificates import ec_key, signing_leaf


def test_a_proof_comes_back_from_its_members_as_it_was() -> None:
    for proof in (kept(), kept(key=ec_key("next"), certificate=signing_leaf(key=ec_key("next")).der())):
        assert kept_proof_from_members(json.loads(json.dumps(proof.to_members()))) == proof


def test_members_are_in_the_encodings_of_the_protocol() -> None:
    members = kept(signature=b"\xff\xfe", certificate=b"\xff\xfe").to_members()
    assert (members["signature"], members["certificate"]) == ("__4", "//4=")
    assert members["purpose"] == "digital-signature"


@pytest.mark.parametrize(
    ("serial", "written"),
    [(0x1A2B3C4D, "1a2b3c4d"), (0x0A, "0a"), (0x80, "80"), (2**159 - 1, "7f" + "ff" * 19)],
)
def test_a_certificate_is_named_by_its_issuer_and_its_serial_number_in_whole_bytes(serial: int, written: str) -> None:
    issuer, serial_number = name_certificate(kept(certificate=signing_leaf(serial=serial).der()))
    assert issuer == "OU=Authority,OU=for digital signature,O=THROWAWAY,C=JP"
    assert serial_number == written


def test_no_repr_shows_what_leads_to_a_person() -> None:
    proof = kept()
    shown = repr(proof)
    for secret in (NONCE, "銀行", proof.transaction[:20], str(proof.signature)[:20], str(proof.certificate)[:20]):
        assert secret not in shown
