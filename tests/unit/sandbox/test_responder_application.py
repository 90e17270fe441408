"""The responder over HTTP: OCSP requests by POST, and nothing else."""

import io
from datetime import UTC, datetime

import pytest
from cryptography.x509 import ocsp

from idp.jpki.ocsp_question import OcspQuestion, encode_ocsp_request
from idp.sandbox.cast import ORDINARY
from idp.sandbox.pki import SandboxPki, create_sandbox_pki
from idp.sandbox.responder import SandboxResponder
from idp.sandbox.responder_application import ResponderApplication
from tests.unit.jpki.certificates import rsa_key

NOW = datetime(2026, 6, 1, 3, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def pki(tmp_path_factory) -> SandboxPki:
    return create_sandbox_pki(tmp_path_factory.mktemp("pki"), NOW)


def ask(pki: SandboxPki, body: bytes, **changes: str) -> tuple[str, bytes]:
    environ = {
        "REQUEST_METHOD": "POST",
        "CONTENT_TYPE": "application/ocsp-request",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
    }
    said: list[str] = []
    application = ResponderApplication(SandboxResponder(pki), lambda: NOW)
    answer = application(environ | changes, lambda status, headers: said.append(status))
    return said[0], b"".join(answer)


def question(pki: SandboxPki) -> bytes:
    issued = pki.issue_user_authentication(ORDINARY.holder, NOW, private_key=rsa_key("holder"))
    pairs = zip(pki.anchors().anchors, pki.authorities, strict=True)
    anchor = next(anchor for anchor, authority in pairs if authority.name == issued.authority)
    return encode_ocsp_request(OcspQuestion(anchor, issued.serial))


def test_a_request_is_answered(pki: SandboxPki) -> None:
    status, body = ask(pki, question(pki))
    assert status == "200 OK"
    assert ocsp.load_der_ocsp_response(body).certificate_status is ocsp.OCSPCertStatus.GOOD


def test_what_is_no_ocsp_request_is_answered_so_in_ocsp(pki: SandboxPki) -> None:
    status, body = ask(pki, b"hello")
    assert status == "200 OK"
    malformed = ocsp.OCSPResponseStatus.MALFORMED_REQUEST
    assert ocsp.load_der_ocsp_response(body).response_status is malformed


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"REQUEST_METHOD": "GET"}, "405"),
        ({"CONTENT_TYPE": "application/json"}, "415"),
        ({"CONTENT_LENGTH": "8193"}, "413"),
        ({"CONTENT_LENGTH": "-1"}, "413"),
    ],
)
def test_anything_else_is_refused(pki: SandboxPki, changes: dict[str, str], expected: str) -> None:
    status, body = ask(pki, question(pki), **changes)
    assert (status.partition(" ")[0], body) == (expected, b"")
