"""Debian's nginx with conf/nginx.conf in front of a provider: TLS on loopback, only names, ports and paths replaced."""

from __future__ import annotations

import ipaddress
import shutil
import ssl
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.support.running_provider import ROOT

PROGRAM = Path("/usr/sbin/nginx")
_START_LIMIT_SECONDS = 20.0


@dataclass(frozen=True)
class TlsFiles:
    """A certificate for this machine that signs itself, and its key."""

    directory: Path

    @property
    def certificate(self) -> Path:
        """The certificate, which is also what clients trust."""
        return self.directory / "fullchain.pem"

    def client_context(self) -> ssl.SSLContext:
        """What a client that trusts it uses."""
        return ssl.create_default_context(cafile=str(self.certificate))

    def server_context(self) -> ssl.SSLContext:
        """What a server that has it uses."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.certificate, self.directory / "key.pem")
        return context


def make_tls_files(directory: Path) -> TlsFiles:
    """A key and a certificate for localhost, for one day."""
    directory.mkdir(parents=True)
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    hosts: list[x509.GeneralName] = [x509.DNSName(host) for host in ("localhost", "mtls.localhost")]
    names = [*hosts, x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    files = TlsFiles(directory)
    files.certificate.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    encoded = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (directory / "key.pem").write_bytes(encoded)
    return files


@contextmanager
def running_nginx(tls: TlsFiles, tls_port: int, provider_port: int) -> Iterator[Path]:
    """A proxy at ``https://localhost:{tls_port}`` for as long as the block lasts; its error log's path."""
    if not PROGRAM.exists():
        pytest.fail("run: apt-get install -y --no-install-recommends nginx-light")
    # Not in pytest's directory: as root, nginx's workers become somebody who may not enter it.
    directory = Path(tempfile.mkdtemp(prefix="nginx-", dir="/tmp"))
    directory.chmod(0o755)
    log = directory / "error.log"
    (directory / "nginx.conf").write_text(
        adapt_configuration(directory, tls, tls_port, provider_port), encoding="utf-8"
    )
    process = subprocess.Popen(
        [PROGRAM, "-e", log, "-p", directory, "-c", directory / "nginx.conf", "-g", "daemon off;"],
        stdin=subprocess.DEVNULL,
    )
    try:
        _wait_for_start(process, tls, tls_port, log)
        yield log
    finally:
        process.terminate()
        process.wait(20)
        shutil.rmtree(directory)


def adapt_configuration(directory: Path, tls: TlsFiles, tls_port: int, provider_port: int) -> str:
    """The shipped file with this test's names, ports and paths, each of which must have been there."""
    text = (ROOT / "conf" / "nginx.conf").read_text(encoding="utf-8")
    temporary = "".join(
        f"    {kind}_temp_path {directory}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    replacements = {
        "    listen [::]:80 default_server;\n": "",
        "    listen 80 default_server;": "    listen unix:{d}/http.sock;",
        "    listen [::]:443 ssl http2 default_server;\n": "",
        "    listen 443 ssl http2 default_server;": f"    listen 127.0.0.1:{tls_port} ssl http2 default_server;",
        "    listen [::]:443 ssl http2;\n": "",
        "    listen 443 ssl http2;": f"    listen 127.0.0.1:{tls_port} ssl http2;",
        "id.city.example": "localhost",
        "/etc/idp/tls": str(tls.directory),
        "/run/nginx.pid": f"{directory}/nginx.pid",
        "/var/log/nginx/error.log": f"{directory}/error.log",
        "127.0.0.1:8000;": f"127.0.0.1:{provider_port};",
        "    server_tokens off;\n": f"    server_tokens off;\n{temporary}",
    }
    for written, here in replacements.items():
        assert written in text, written
        text = text.replace(written, here.format(d=directory) if "{d}" in here else here)
    return text


def _wait_for_start(process: subprocess.Popen[bytes], tls: TlsFiles, port: int, log: Path) -> None:
    deadline = time.monotonic() + _START_LIMIT_SECONDS
    while True:
        try:
            httpx.get(f"https://localhost:{port}/livez", verify=tls.client_context(), timeout=10, trust_env=False)
        except httpx.TransportError:
            if process.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"nginx did not start:\n{log.read_text() if log.exists() else ''}")
            time.sleep(0.05)
        else:
            return
