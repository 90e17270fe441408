"""The network's edge: TLS with the issuer's own proof, no redirect, limits, and nothing but our own errors."""

import datetime
import ipaddress
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from provider_double import DISCOVERY, ProviderDouble

from mynumber_card_agent.issuers import check_issuer
from mynumber_card_agent.outcomes import AgentError, Outcome
from mynumber_card_agent.provider_connection import ANSWER_LIMIT_BYTES, Answer, send_request
from mynumber_card_agent.sandbox import check_sandbox


def ask(issuer: str, path: str = DISCOVERY) -> Answer:
    return send_request(issuer, "GET", path, body=None, headers={}, timeout_seconds=5)


def refuse(issuer: str) -> Outcome:
    with pytest.raises(AgentError) as refusal:
        ask(issuer)
    return refusal.value.outcome


def make_server_certificate(directory: Path) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    start = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.2"))])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), 7, start, start + datetime.timedelta(days=36500))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, SHA256())
    )
    certificate_path, key_path = directory / "server.pem", directory / "server.key"
    certificate_path.write_bytes(certificate.public_bytes(Encoding.PEM))
    key_path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return certificate_path, key_path


@pytest.fixture
def secure_provider(tmp_path: Path) -> Iterator[tuple[ProviderDouble, Path]]:
    certificate, key = make_server_certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with ProviderDouble(context, host="localhost") as provider:
        yield provider, certificate


def test_a_server_that_proves_the_issuer_is_asked(
    secure_provider: tuple[ProviderDouble, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    provider, certificate = secure_provider
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    assert ask(provider.issuer).status == 200


def test_an_unknown_certificate_ends_it_before_anything_is_sent(
    secure_provider: tuple[ProviderDouble, Path],
) -> None:
    provider, _ = secure_provider
    assert refuse(provider.issuer) is Outcome.UNTRUSTED_SERVER
    assert provider.requests == []


def test_a_certificate_for_another_name_ends_it(
    secure_provider: tuple[ProviderDouble, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    provider, certificate = secure_provider
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    assert refuse(provider.issuer.replace("localhost", "127.0.0.1")) is Outcome.UNTRUSTED_SERVER


def test_a_loopback_issuer_is_reached_without_the_environments_proxy(
    provider: ProviderDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(variable, "http://127.0.0.1:1")
    assert ask(provider.issuer).status == 200


def test_elsewhere_the_environments_proxy_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:1")
    assert refuse("https://login.example.jp") is Outcome.UNREACHABLE


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(provider: ProviderDouble, status: int) -> None:
    location = f"Location: {provider.issuer}/elsewhere"
    provider.behaviour.raw_replies[DISCOVERY] = [f"HTTP/1.1 {status} Moved\r\n{location}\r\n\r\n".encode()]
    assert refuse(provider.issuer) is Outcome.INVALID_ANSWER
    assert provider.paths() == [DISCOVERY]


def test_an_answer_that_never_ends_is_cut(provider: ProviderDouble) -> None:
    body = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n" + b" " * (ANSWER_LIMIT_BYTES + 1)
    provider.behaviour.raw_replies[DISCOVERY] = [body]
    assert refuse(provider.issuer) is Outcome.INVALID_ANSWER


def test_half_an_answer_is_a_lost_one(provider: ProviderDouble) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{"
    provider.behaviour.raw_replies[DISCOVERY] = [head]
    assert refuse(provider.issuer) is Outcome.UNREACHABLE


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(garbage=st.one_of(st.binary(max_size=200), st.binary(max_size=100).map(lambda b: b"HTTP/1.1 200 OK\r\n" + b)))
def test_whatever_a_server_sends_only_our_own_errors_come_out(provider: ProviderDouble, garbage: bytes) -> None:
    provider.behaviour.raw_replies[DISCOVERY] = [garbage]
    with pytest.raises(AgentError):
        check_sandbox(provider.issuer)


@pytest.mark.parametrize("sandbox", [False, None, "true", 1])
def test_only_a_plain_true_makes_a_sandbox(provider: ProviderDouble, sandbox: object) -> None:
    provider.behaviour.replies[DISCOVERY] = [(200, {"issuer": provider.issuer, "sandbox": sandbox})]
    with pytest.raises(AgentError) as refusal:
        check_sandbox(provider.issuer)
    assert refusal.value.outcome is Outcome.NOT_A_SANDBOX


def test_a_sandbox_speaks_for_itself_only(provider: ProviderDouble) -> None:
    provider.behaviour.replies[DISCOVERY] = [(200, {"issuer": "http://127.0.0.1:1", "sandbox": True})]
    with pytest.raises(AgentError) as refusal:
        check_sandbox(provider.issuer)
    assert refusal.value.outcome is Outcome.NOT_A_SANDBOX


@pytest.mark.parametrize(
    "issuer",
    [
        "https://login.example.jp", "https://login.example.jp:8443/a/b", "http://127.0.0.1:8000", "http://localhost",
        "http://[::1]:8000", "https://xn--eckwd4c7c.example",
    ],
)  # fmt: skip
def test_an_issuer_in_its_one_form_is_taken(issuer: str) -> None:
    check_issuer(issuer)


@pytest.mark.parametrize(
    "issuer",
    [
        "", "https://", "https://login.example.jp/", "https://LOGIN.example.jp", "https://a@login.example.jp",
        "https://login.example.jp?x", "https://login.example.jp#x", "http://login.example.jp", "http://127.0.0.1.a.jp",
        "https://login.example.jp/a/../b", "https://login.example.jp//a", "https://login.example.jp:0",
        "https://login.example.jp:99999", "https://例え.jp", "https://login.example.jp/a b", "ftp://login.example.jp",
        "https://[::1", "https://login.example.jp\n", "javascript:alert(1)", "https://a/" + "a" * 300,
    ],
)  # fmt: skip
def test_an_issuer_in_any_other_form_is_refused(issuer: str) -> None:
    with pytest.raises(AgentError) as refusal:
        check_issuer(issuer)
    assert refusal.value.outcome is Outcome.CONFIGURATION
