"""RFC 6960: our request, our judgement and the sandbox's responses, beside an ASN.1 library's and OpenSSL's."""

import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from asn1crypto import ocsp as asn1_ocsp
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from idp.jpki.ocsp import verify_ocsp_response
from idp.jpki.ocsp_question import OcspQuestion, encode_ocsp_request
from idp.sandbox.cast import ORDINARY
from idp.sandbox.pki import IssuedCertificate, SandboxPki, create_sandbox_pki
from idp.sandbox.responder import SandboxResponder
from tests.unit.jpki.certificates import rsa_key
from tests.unit.jpki.ocsp_responses import ANCHOR, NONCE, SERIAL, question

# OpenSSL judges by the machine's time.
NOW = datetime.now(UTC).replace(microsecond=0)


@pytest.fixture(scope="module")
def pki(tmp_path_factory) -> SandboxPki:
    return create_sandbox_pki(tmp_path_factory.mktemp("pki"), NOW - timedelta(days=1))


def ask(pki: SandboxPki, issued: IssuedCertificate) -> tuple[OcspQuestion, bytes]:
    anchor = next(found for found in pki.anchors().anchors if found.name == issued.authority)
    found = OcspQuestion(anchor, issued.serial, NONCE)
    return found, SandboxResponder(pki).answer(encode_ocsp_request(found), NOW)


def openssl(directory: Path, found: OcspQuestion, issued: IssuedCertificate, response: bytes) -> str:
    """What OpenSSL says of the response, "" where it does not accept it."""
    (directory / "ca.pem").write_bytes(found.anchor.certificate.public_bytes(Encoding.PEM))
    leaf = x509.load_der_x509_certificate(issued.certificate_der)
    (directory / "leaf.pem").write_bytes(leaf.public_bytes(Encoding.PEM))
    (directory / "response.der").write_bytes(response)
    arguments = ["-issuer", "ca.pem", "-cert", "leaf.pem", "-CAfile", "ca.pem", "-respin", "response.der", "-no_nonce"]
    ran = subprocess.run(["openssl", "ocsp", *arguments], cwd=directory, capture_output=True, text=True, check=False)
    if ran.returncode != 0 or "Response verify OK" not in ran.stderr:
        return ""
    return ran.stdout.splitlines()[0].partition(": ")[2]


def test_section_4_1_1_the_request_has_one_cert_id_and_the_nonce():
    request = asn1_ocsp.OCSPRequest.load(encode_ocsp_request(question(NONCE)), strict=True)["tbs_request"]
    (single,) = request["request_list"]
    certificate_id = single["req_cert"]
    assert certificate_id["serial_number"].native == SERIAL
    issuer = asn1_ocsp.Certificate.load(ANCHOR.certificate.public_bytes(Encoding.DER))
    assert certificate_id["issuer_name_hash"].native == issuer.subject.sha1
    assert certificate_id["issuer_key_hash"].native == issuer.public_key.sha1
    assert request["request_extensions"][0]["extn_value"].parsed.native == NONCE


@pytest.mark.parametrize("is_revoked", [False, True], ids=["good", "revoked"])
def test_section_3_2_openssl_and_we_take_the_same_answer(pki: SandboxPki, tmp_path: Path, is_revoked: bool):
    issued = pki.issue_user_authentication(ORDINARY.holder, NOW, private_key=rsa_key("holder"))
    if is_revoked:
        pki.revoke(issued, NOW)
    found, response = ask(pki, issued)
    ours = verify_ocsp_response(response, found, NOW, 3600).state
    assert openssl(tmp_path, found, issued, response) == ours == ("revoked" if is_revoked else "good")


def test_section_4_2_2_3_the_responder_is_named_by_key_and_answers_are_dated(pki: SandboxPki):
    issued = pki.issue_user_authentication(ORDINARY.holder, NOW, private_key=rsa_key("holder"))
    data = asn1_ocsp.OCSPResponse.load(ask(pki, issued)[1], strict=True).response_data
    assert data["responder_id"].name == "by_key"
    (single,) = data["responses"]
    assert single["this_update"].native < single["next_update"].native
