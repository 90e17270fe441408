"""conf/nginx.conf as Debian's nginx reads it."""

import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

ROOT = Path(__file__).resolve().parents[2]
CONFIGURATION = (ROOT / "conf" / "nginx.conf").read_text(encoding="utf-8")

pytestmark = [pytest.mark.interop]


@pytest.fixture
def tls_files(tmp_path: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "id.city.example")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    (tmp_path / "fullchain.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (tmp_path / "key.pem").write_bytes(private)
    return tmp_path


def test_nginx_accepts_the_configuration_without_a_warning(tls_files: Path) -> None:
    text = CONFIGURATION.replace("/etc/idp/tls", str(tls_files)).replace("/run/nginx.pid", f"{tls_files}/nginx.pid")
    text = text.replace("/var/log/nginx", str(tls_files))
    file = tls_files / "nginx.conf"
    file.write_text(text, encoding="utf-8")
    result = subprocess.run(
        ["/usr/sbin/nginx", "-t", "-q", "-e", f"{tls_files}/early.log", "-p", tls_files, "-c", file],
        capture_output=True,
        text=True,
    )
    assert (result.returncode, result.stderr) == (0, "")


@pytest.mark.parametrize(
    "header",
    [
        "X-Forwarded-For",
        "X-Forwarded-Proto",
        "X-Forwarded-Host",
        "Forwarded",
        "X-Real-IP",
        "X-SSL-Client-Cert",
        "Client-Cert",
    ],
)
def test_headers_that_claim_who_speaks_are_set_by_the_proxy_and_never_added_to(header: str) -> None:
    """R25."""
    (line,) = [line.strip() for line in CONFIGURATION.splitlines() if f"proxy_set_header {header} " in line]
    assert "$http_" not in line
    assert "$proxy_add" not in line


def test_f31_no_tls_older_than_1_2_and_only_ciphers_with_forward_secrecy() -> None:
    """RFC 9325 §3.1.1, §4.2."""
    directives = [line.strip().rstrip(";").split(" ", 1) for line in CONFIGURATION.splitlines() if "ssl_" in line]
    settings = {name: value for name, *values in directives for value in values}
    assert set(settings["ssl_protocols"].split()) == {"TLSv1.2", "TLSv1.3"}
    assert all(cipher.startswith("ECDHE-") for cipher in settings["ssl_ciphers"].split(":"))
