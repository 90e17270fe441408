"""Installations that learn of a certificate's status only by asking: an OCSP responder, or a platform operator."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

import httpx
import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from joserfc.jwk import ECKey

import idp.build_parts
import idp.card_parts
from idp.outbound.circuit_breaker import CircuitBreaker
from idp.outbound.ocsp_exchange import HttpOcspExchange
from idp.outbound.operator_client import Chance, OperatorClient, OperatorLimits
from idp.outbound.operator_credentials import AssertionSigner
from idp.sandbox.operator.answers import OperatorAnswers
from idp.sandbox.operator.application import OperatorApplication
from idp.sandbox.operator.client_key import ensure_client_key
from idp.sandbox.responder import SandboxResponder
from tests.support.provider import Provider

OPERATOR_URL = "http://127.0.0.1:8093/idp-operator/v1"
RESPONDER_URL = "http://127.0.0.1:8094/"


@dataclass
class Line:
    """What lies between the provider and whoever knows the status; a test may cut it, or send questions elsewhere.

    ``asked`` counts the questions; ``before`` is told of each.
    """

    answer: Callable[[httpx.Request], httpx.Response]
    asked: int = 0
    is_up: bool = True
    before: Callable[[], None] = lambda: None

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.before()
        if not self.is_up:
            raise httpx.ConnectError("cut")
        self.asked += 1
        return self.answer(request)


@dataclass
class Responder:
    """The sandbox's OCSP responder; with ``answers_about`` it is asked about that serial number, whatever came."""

    behaviour: SandboxResponder
    clock: Callable[[], datetime]
    answers_about: int | None = field(default=None)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        question = request.content
        if self.answers_about is not None:
            asked = ocsp.load_der_ocsp_request(question)
            names = (asked.issuer_name_hash, asked.issuer_key_hash, self.answers_about, asked.hash_algorithm)
            builder = ocsp.OCSPRequestBuilder().add_certificate_by_hash(*names)
            question = builder.build().public_bytes(Encoding.DER)
        answer = self.behaviour.answer(question, self.clock())
        # Unread, as it comes from a network.
        return httpx.Response(
            200, stream=httpx.ByteStream(answer), headers={"Content-Type": "application/ocsp-response"}
        )


def with_ocsp_only(provider: Provider, monkeypatch: pytest.MonkeyPatch, **environ: str) -> tuple[Provider, Line]:
    """The same installation, which asks the authorities' responder and nobody else."""
    responder = Responder(SandboxResponder(provider.parts.sandbox[0]), provider.clock)  # type: ignore[index]
    line = Line(responder)
    transport = httpx.MockTransport(line)
    monkeypatch.setattr(idp.card_parts, "HttpOcspExchange", lambda url: HttpOcspExchange(url, transport=transport))
    anchors = [anchor.certificate.fingerprint(SHA256()).hex() for anchor in provider.parts.trust.anchors]
    responders = ", ".join(f'{{anchor = "{anchor}", url = "{RESPONDER_URL}"}}' for anchor in anchors)
    again = provider.restart(IDP_JPKI__REVOCATION='["ocsp"]', IDP_JPKI__OCSP=f"[{responders}]", **environ)
    return again, line


def with_operator_only(provider: Provider, monkeypatch: pytest.MonkeyPatch, **environ: str) -> tuple[Provider, Line]:
    """The same installation, which asks a platform operator, for the person too, and nobody else."""
    pki = provider.parts.sandbox[0]  # type: ignore[index]
    key = ensure_client_key(pki.directory).read_text("ascii")
    application = OperatorApplication(OperatorAnswers(pki), ECKey.import_key(key), OPERATOR_URL, clock=provider.clock)
    with_wsgi = httpx.WSGITransport(application)
    line = Line(with_wsgi.handle_request)
    operator = OperatorClient(
        OPERATOR_URL,
        CircuitBreaker(100, 30),
        signer=AssertionSigner("sandbox", OPERATOR_URL, key),
        limits=OperatorLimits(5, 1),
        chance=Chance(provider.clock),
        transport=httpx.MockTransport(line),
    )
    monkeypatch.setattr(idp.build_parts, "open_operator_client", lambda section, observe: operator)
    again = provider.restart(
        IDP_JPKI__REVOCATION='["operator"]',
        IDP_OPERATOR_PLATFORM__URL=OPERATOR_URL,
        IDP_OPERATOR_PLATFORM__LINKAGE="true",
        **environ,
    )
    return again, line
