"""Whatever bytes arrive, only our own refusals come out, soon, and nothing is taken that was not signed.

About fifteen seconds for all targets; ``FUZZ_SECONDS=600`` tries harder. A failure prints seed and input.
"""

import json
import os
import random
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.x509 import ocsp

from idp.identifiers import encode_base64url
from idp.jpki.attributes import parse_basic_four
from idp.jpki.certificate import parse_certificate
from idp.jpki.crl import verify_crl
from idp.jpki.crl_delta import verify_delta
from idp.jpki.crl_partition import list_partitions
from idp.jpki.errors import CardError
from idp.jpki.ocsp import verify_ocsp_response
from idp.presenter.errors import PresenterError
from idp.presenter.message import parse_cancel_request, parse_open_request, parse_proof_request
from idp.sandbox.card.command import parse_command
from idp.sandbox.card.status_word import CommandRefused
from tests.fuzz.der_mutation import encode_length
from tests.fuzz.guided import fuzz
from tests.unit.jpki.certificates import NOW, Leaf, authority, rsa_key, sign, signing_leaf, trust, verify
from tests.unit.jpki.ocsp_responses import NONCE, REVOKED, Response, one, question
from tests.unit.jpki.revocation_lists import RevocationList
from tests.unit.jpki.test_crl_partition import CHIYODA, distribution_point, partition_list

SECONDS = float(os.environ.get("FUZZ_SECONDS", "14"))
ANCHOR = trust().anchors[0]
RSA_SHA256 = bytes.fromhex("300d06092a864886f70d01010b0500")
PROOF = sign(rsa_key("holder"))


def element(tag: int, content: bytes) -> bytes:
    return bytes([tag]) + encode_length(len(content)) + content


def signed(to_be_signed: bytes, *more: bytes) -> bytes:
    """What the first authority would have sent, had it signed these bytes."""
    signature = rsa_key("authority-1").sign(to_be_signed, padding.PKCS1v15(), hashes.SHA256())
    return element(0x30, to_be_signed + RSA_SHA256 + element(0x03, b"\0" + signature) + b"".join(more))


def certificate(data: bytes) -> None:
    parsed = parse_certificate(data)
    list_partitions(parsed)
    parse_basic_four(parsed)


def partitions(data: bytes) -> None:
    list_partitions(parse_certificate(data))


def signed_certificate(data: bytes) -> None:
    verified = verify(signed(data), proof=PROOF)
    assert verified.not_before <= NOW <= verified.not_after


def revocation_list(data: bytes) -> None:
    point = CHIYODA if len(data) % 2 else None
    if len(data) % 3:
        assert len(verify_crl(data, ANCHOR, NOW, point).serials) % 20 == 0
    else:
        verify_delta(data, ANCHOR, NOW, point)


def signed_list(data: bytes) -> None:
    revocation_list(signed(data))


def response(data: bytes) -> None:
    verify_ocsp_response(data, question(NONCE), NOW, 86_400)


def signed_response(data: bytes) -> None:
    basic = element(0x04, signed(data))
    kind = bytes.fromhex("06092b0601050507300101")
    verify_ocsp_response(
        element(0x30, bytes.fromhex("0a0100") + element(0xA0, element(0x30, kind + basic))), question(), NOW, 86_400
    )


def messages(data: bytes) -> None:
    for parse in (parse_open_request, parse_cancel_request, parse_proof_request):
        try:
            parse(data)
        except PresenterError as refusal:
            last = refusal
    raise last


def command(data: bytes) -> None:
    parse_command(data)


@dataclass(frozen=True)
class Target:
    run: Callable[[bytes], None]
    seeds: tuple[bytes, ...]
    allowed: tuple[type[Exception], ...] = (CardError,)


LEAVES = (
    Leaf(more=[distribution_point(CHIYODA)]).der(),
    signing_leaf(more=[(x509.SubjectAlternativeName([x509.OtherName(x509.ObjectIdentifier(
        f"1.2.392.200149.8.5.5.{n}"), element(0x0C, text.encode()))
        for n, text in enumerate(("山田　花子", "00000", "2", "419900101", "東京都", "000"), 1)]), False)]).der(),
    authority(),
)  # fmt: skip
DELTA = RevocationList(more=[(x509.DeltaCRLIndicator(9), True)])
LISTS = (RevocationList().der(), partition_list(CHIYODA).der(), DELTA.der())
RESPONSES = (Response(nonce=NONCE).der(), one(status=REVOKED).der(), Response(delegate=None, nonce=NONCE).der())
BODY = {
    "format": "mynumber-card/1",
    "secret": encode_base64url(bytes(32)),
    "unverified_certificate": "MIIB",
    "algorithm": "RS256",
    "signature": encode_base64url(bytes(256)),
    "presenter": "fuzz/1",
}
APDUS = ("00a4040c0ad392f0002601000000", "00a4020c020018", "00200080", "0020008004", "00b0000000", "802a008000000400")

TARGETS = {
    "certificate": Target(certificate, LEAVES),
    "distribution points": Target(partitions, LEAVES),
    "signed certificate": Target(
        signed_certificate, tuple(x509.load_der_x509_certificate(der).tbs_certificate_bytes for der in LEAVES)
    ),
    "list": Target(revocation_list, LISTS),
    "signed list": Target(signed_list, tuple(x509.load_der_x509_crl(der).tbs_certlist_bytes for der in LISTS)),
    "response": Target(response, RESPONSES),
    "signed response": Target(
        signed_response,
        tuple(
            ocsp.load_der_ocsp_response(found.der()).tbs_response_bytes for found in (Response(delegate=None), one())
        ),
    ),
    "proof and its kin": Target(messages, (json.dumps(BODY).encode(), b"{}", b'{"a":"b"}'), (PresenterError,)),
    "card command": Target(command, tuple(bytes.fromhex(apdu) for apdu in APDUS), (CommandRefused,)),
}


@pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS.keys())
def test_only_our_refusals_come_out_and_soon(target: Target):
    campaign = fuzz(
        target.run, target.seeds, target.allowed, SECONDS / len(TARGETS), random.SystemRandom().getrandbits(32)
    )
    print(f"\n{campaign}")
    assert campaign.kept > 0
    assert campaign.slowest_cpu_seconds < 2
