"""The sandbox's responder and lists are believed by the same rules as real ones."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from idp.jpki.certificate import parse_certificate
from idp.jpki.chain import ChainedCertificate, verify_chain
from idp.jpki.crl import verify_crl
from idp.jpki.crl_delta import apply_delta, verify_delta
from idp.jpki.crl_index import index_path, write_index
from idp.jpki.crl_partition import list_partitions
from idp.jpki.crl_status import CrlRevocation
from idp.jpki.errors import CardRejected, CardUnverifiable, Rejection
from idp.jpki.ocsp_status import OcspResponder, OcspRevocation
from idp.jpki.ports import StatusState
from idp.jpki.profile import SANDBOX_CARD_USER_AUTHENTICATION
from idp.jpki.revocation import RevocationPolicy
from idp.outbound.ocsp_exchange import HttpOcspExchange
from idp.sandbox.cast import ANOTHER, ORDINARY, SUBSTITUTED
from idp.sandbox.pki import IssuedCertificate, SandboxPki, create_sandbox_pki
from idp.sandbox.responder import SandboxResponder
from tests.unit.jpki.certificates import rsa_key

NOW = datetime(2026, 6, 1, 3, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=10)


@pytest.fixture(scope="module")
def pki(tmp_path_factory) -> SandboxPki:
    return create_sandbox_pki(tmp_path_factory.mktemp("pki"), NOW)


def issue(pki: SandboxPki, holder=ORDINARY.holder, **choices: object) -> IssuedCertificate:
    return pki.issue_user_authentication(holder, NOW, private_key=rsa_key("holder"), **choices)


def chained(pki: SandboxPki, issued: IssuedCertificate) -> ChainedCertificate:
    parsed = parse_certificate(issued.certificate_der)
    return verify_chain(parsed, SANDBOX_CARD_USER_AUTHENTICATION, pki.anchors(), NOW)


def source(
    pki: SandboxPki, *, is_up: bool = True, has_nonce: bool = True, returns_nonce: bool = True
) -> OcspRevocation:
    responder = SandboxResponder(pki, returns_nonce=returns_nonce)

    def handler(request: httpx.Request) -> httpx.Response:
        headers = {"Content-Type": "application/ocsp-response"}
        answer = httpx.ByteStream(responder.answer(request.read(), LATER))
        return httpx.Response(200 if is_up else 503, headers=headers, stream=answer)

    exchange = HttpOcspExchange("http://ocsp.sandbox.invalid", transport=httpx.MockTransport(handler))
    anchors = pki.anchors().anchors
    return OcspRevocation({anchor.issuer_key_id: OcspResponder(exchange, has_nonce) for anchor in anchors})


def test_issued_is_good_and_revoked_is_revoked(pki: SandboxPki):
    good, revoked = issue(pki), issue(pki)
    pki.revoke(revoked, NOW)
    status = source(pki).find_status(chained(pki, good), LATER)
    assert (status.state, status.this_update, status.source) == (StatusState.GOOD, LATER, "ocsp")
    assert source(pki).find_status(chained(pki, revoked), LATER).state is StatusState.REVOKED


@pytest.mark.parametrize("generation", [1, 2])
def test_every_generation_has_a_responder_of_its_own(pki: SandboxPki, generation: int):
    certificate = chained(pki, issue(pki, generation=generation))
    assert source(pki).find_status(certificate, LATER).state is StatusState.GOOD


def test_a_serial_number_that_was_never_issued_is_unknown(pki: SandboxPki, tmp_path):
    issued = issue(pki)
    record = pki.directory / "user-authentication-2.issued"
    kept = record.read_text("ascii")
    try:
        others = (line for line in kept.splitlines() if line != issued.serial.hex().zfill(8))
        record.write_text("".join(f"{line}\n" for line in others))
        assert source(pki).find_status(chained(pki, issued), LATER).state is StatusState.UNKNOWN
    finally:
        record.write_text(kept)


def test_a_responder_without_nonce_serves_only_who_does_not_insist(pki: SandboxPki):
    certificate = chained(pki, issue(pki))
    assert source(pki, has_nonce=False, returns_nonce=False).find_status(certificate, LATER).state is StatusState.GOOD
    with pytest.raises(CardUnverifiable):
        source(pki, returns_nonce=False).find_status(certificate, LATER)


def test_the_responder_is_asked_where_the_list_is_missing_and_revoked_stays_revoked(pki: SandboxPki, tmp_path):
    good, revoked = issue(pki), issue(pki)
    pki.revoke(revoked, NOW)
    policy = RevocationPolicy([CrlRevocation(tmp_path), source(pki)])
    assert policy.check_good(chained(pki, good), LATER).source == "ocsp"
    with pytest.raises(CardRejected) as refusal:
        policy.check_good(chained(pki, revoked), LATER)
    assert refusal.value.reason is Rejection.REVOKED
    with pytest.raises(CardUnverifiable):
        RevocationPolicy([CrlRevocation(tmp_path), source(pki, is_up=False)]).check_good(chained(pki, good), LATER)


@pytest.mark.parametrize("request_der", [b"", b"noise", bytes(10_000)])
def test_what_is_no_request_is_called_malformed(pki: SandboxPki, request_der: bytes):
    response = ocsp.load_der_ocsp_response(SandboxResponder(pki).answer(request_der, LATER))
    assert response.response_status is ocsp.OCSPResponseStatus.MALFORMED_REQUEST


@pytest.mark.parametrize("algorithm", [hashes.SHA1(), hashes.SHA512()])
def test_a_stranger_is_told_that_nobody_here_may_answer(pki: SandboxPki, algorithm: hashes.HashAlgorithm):
    size = algorithm.digest_size
    builder = ocsp.OCSPRequestBuilder().add_certificate_by_hash(bytes(size), bytes(size), 5, algorithm)
    request = builder.build().public_bytes(Encoding.DER)
    response = ocsp.load_der_ocsp_response(SandboxResponder(pki).answer(request, LATER))
    assert response.response_status is ocsp.OCSPResponseStatus.UNAUTHORIZED


def test_every_municipality_gets_a_list_of_its_own(pki: SandboxPki, tmp_path):
    first, second = issue(pki, ORDINARY.holder), issue(pki, SUBSTITUTED.holder)
    pki.revoke(first, NOW)
    anchor = chained(pki, first).anchor
    for published in pki.publish_more_lists(LATER, partitioned=True)[anchor.issuer_key_id]:
        crl = verify_crl(published.der, anchor, LATER, published.distribution_point)
        write_index(index_path(tmp_path, anchor.issuer_key_id, crl.partition), crl)
    revocation = CrlRevocation(tmp_path, partitioned=[anchor.issuer_key_id])
    states = [revocation.find_status(chained(pki, issued), LATER).state for issued in (first, second)]
    assert states == [StatusState.REVOKED, StatusState.GOOD]
    assert list_partitions(chained(pki, first).certificate) != list_partitions(chained(pki, second).certificate)


def test_a_delta_brings_the_complete_list_up_to_date(pki: SandboxPki):
    issued = issue(pki, ANOTHER.holder)
    anchor = chained(pki, issued).anchor
    complete = verify_crl(pki.publish_crls(NOW)[anchor.issuer_key_id], anchor, LATER)
    pki.revoke(issued, LATER)
    (published,) = pki.publish_more_lists(LATER, delta=True)[anchor.issuer_key_id]
    merged = apply_delta(complete, verify_delta(published.der, anchor, LATER))
    record = issued.serial.rjust(20, b"\0")
    assert record not in [complete.serials[at : at + 20] for at in range(0, len(complete.serials), 20)]
    assert record in [merged.serials[at : at + 20] for at in range(0, len(merged.serials), 20)]
    assert merged.base_number == complete.crl_number


def test_numbers_of_partitions_and_deltas_rise(pki: SandboxPki):
    issue(pki)
    anchor = pki.anchors().anchors[1]
    pki.publish_crls(NOW)

    def numbers() -> list[int]:
        lists = pki.publish_more_lists(NOW, partitioned=True, delta=True)[anchor.issuer_key_id]
        return [
            x509.load_der_x509_crl(found.der).extensions.get_extension_for_class(x509.CRLNumber).value.crl_number
            for found in lists
        ]

    assert all(second > first for first, second in zip(numbers(), numbers(), strict=True))
