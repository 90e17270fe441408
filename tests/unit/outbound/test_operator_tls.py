"""Mutual TLS: the operator's server is recognised by the configured authority, and we by our certificate."""

import datetime
import hashlib
import json
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from cryptography.x509.oid import NameOID
from pydantic import ValidationError

from idp.identifiers import encode_base64url
from idp.outbound.operator_client import OperatorClient
from idp.outbound.operator_credentials import OperatorCredentialsUnusable
from idp.outbound.operator_errors import OperatorFailed
from idp.outbound.operator_platform import open_operator_client
from idp.settings.operator_platform_section import OperatorPlatformSection

QUESTION = {"check_id": "c" * 43}


@dataclass(frozen=True)
class Issued:
    """A certificate with its key, as files."""

    certificate: Path
    key: Path


def issue(directory: Path, name: str, authority: Issued | None = None) -> Issued:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    signer, issuer = key, subject
    if authority is not None:
        signer = load_pem_private_key(authority.key.read_bytes(), None)  # type: ignore[assignment]
        issuer = x509.load_pem_x509_certificate(authority.certificate.read_bytes()).subject
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(x509.BasicConstraints(authority is None, None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(signer, SHA256())
    )
    files = Issued(directory / f"{name}.pem", directory / f"{name}.key")
    files.certificate.write_bytes(certificate.public_bytes(Encoding.PEM))
    files.key.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return files


class Answering(BaseHTTPRequestHandler):
    """Says yes to whoever got through."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        request_hash = encode_base64url(hashlib.sha256(body).digest())
        content = json.dumps(json.loads(body) | {"request_hash": request_hash}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *arguments: object) -> None:
        """Nothing."""


class QuietServer(HTTPServer):
    """Refused handshakes are what the tests are about."""

    def handle_error(self, *arguments: object) -> None:
        """Nothing."""


@dataclass(frozen=True)
class Place:
    """An operator that wants a certificate of its own authority."""

    url: str
    authority: Issued
    directory: Path

    def client(self, authority: Issued | None = None, ours: Issued | None = None) -> OperatorClient:
        held = ours or issue(self.directory, "ours", self.authority)
        return open_operator_client(
            OperatorPlatformSection(
                url=self.url,
                tls_certificate_file=held.certificate,
                tls_key_file=held.key,
                tls_authority_file=(authority or self.authority).certificate,
                attempts=1,
            )
        )


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    authority = issue(tmp_path, "authority")
    server = issue(tmp_path, "server", authority)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(authority.certificate))
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_cert_chain(str(server.certificate), str(server.key))
    with QuietServer(("127.0.0.1", 0), Answering) as listening:
        listening.socket = context.wrap_socket(listening.socket, server_side=True)
        thread = threading.Thread(target=listening.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield Place(f"https://127.0.0.1:{listening.server_port}", authority, tmp_path)
        listening.shutdown()
        thread.join(5)


@pytest.mark.enable_socket
def test_an_operator_that_knows_our_certificate_answers(place: Place) -> None:
    assert place.client().ask("linkage", QUESTION)["check_id"] == QUESTION["check_id"]


@pytest.mark.enable_socket
def test_a_server_of_another_authority_is_not_asked(place: Place) -> None:
    with pytest.raises(OperatorFailed):
        place.client(authority=issue(place.directory, "stranger")).ask("linkage", QUESTION)


@pytest.mark.enable_socket
def test_a_client_of_another_authority_is_not_answered(place: Place) -> None:
    stranger = issue(place.directory, "stranger")
    with pytest.raises(OperatorFailed):
        place.client(ours=issue(place.directory, "theirs", stranger)).ask("linkage", QUESTION)


def test_a_key_that_everybody_can_read_is_refused(tmp_path: Path) -> None:
    key = issue(tmp_path, "ours").key
    key.chmod(0o644)
    section = OperatorPlatformSection(url="https://operator.example", client_id="c", private_key_file=key)
    with pytest.raises(OperatorCredentialsUnusable):
        open_operator_client(section)


@pytest.mark.parametrize(
    "changes",
    [
        {"url": "http://operator.example"},
        {"url": "ftp://operator.example"},
        {"url": "https://user@operator.example"},
        {"url": "https://operator.example/"},
        {"url": "https://operator.example?x"},
        {"private_key_file": None},
        {"tls_certificate_file": "cert.pem"},
        {"client_id": ""},
        {"linkage": True},
        {"url": "", "linkage": True},
    ],
)
def test_half_an_operator_is_refused_at_the_start(changes: dict[str, object]) -> None:
    whole = {"url": "https://operator.example", "client_id": "c", "private_key_file": "key.pem"}
    OperatorPlatformSection.model_validate(whole)
    with pytest.raises(ValidationError):
        OperatorPlatformSection.model_validate(whole | changes)
