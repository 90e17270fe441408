"""Where the time goes: the application called in process, request by request, and the statements of one sign-in."""

import io
import os
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, Final
from urllib.parse import unquote

from bench.card_person import CardPerson
from bench.exchange import Answer, Call
from bench.provider import REDIRECT_URI, settings_sections
from bench.relying_party import RelyingParty
from bench.sandbox import BenchSandbox
from idp.app import create_app
from idp.build_parts import build_parts, set_up
from idp.log import configure_log
from idp.oidc.registration import register_client
from idp.ops.revocation_refresh import refresh_revocation
from idp.parts import Parts
from idp.settings.load import load_settings
from idp.stores.sql.database import StatementCounter
from idp.web.security_headers import WsgiApplication

ISSUER: Final = "http://127.0.0.1:8000"
_PLAY_FIRST: Final = 20


@dataclass(frozen=True, slots=True)
class Profile:
    """Median CPU microseconds by step, in order, and what one sign-in asks of the stores."""

    microseconds: dict[str, float]
    durable_statements: list[str]
    durable_write_transactions: int
    transient_statements: list[str]
    transient_writes: int


class InProcess:
    """An installation in this process, with one person who signs in."""

    def __init__(self, directory: Path, sandbox: BenchSandbox) -> None:
        directory.mkdir()
        sandbox.copy_to(directory / "sandbox")
        environ = {"IDP_ISSUER": ISSUER}
        for section, values in settings_sections(directory, 8000, None, 1).items():
            environ |= {f"IDP_{section}__{name}".upper(): str(value) for name, value in values.items()}
        settings = load_settings(None, environ)
        self._log = Path(os.devnull).open("w")  # noqa: SIM115 - open for as long as this process measures
        configure_log("info", self._log)
        set_up(settings)
        self.durable, self.transient = StatementCounter(), StatementCounter()
        parts = build_parts(settings, observer=self.durable, transient_observer=self.transient)
        refresh_revocation(parts.trust, parts.crl_sources, settings.jpki.crl_index_directory, parts.clock())
        self.app: WsgiApplication = create_app(parts)
        certificate, key = sandbox.cards[0]
        self.person = CardPerson(ISSUER, _register(parts), certificate, key)

    def sign_in(self) -> dict[str, float]:
        """One whole sign-in; the CPU seconds of each step."""
        conversation, took = self.person.sign_in(), {}
        call = next(conversation)
        while True:
            environ = _environ(call)
            began_at = time.thread_time()
            answer = _ask(self.app, environ)
            took[call.step] = time.thread_time() - began_at
            try:
                call = conversation.send(answer)
            except StopIteration:
                return took


def profile_in_process(directory: Path, sandbox: BenchSandbox, repetitions: int) -> Profile:
    """Sign in often enough for stable medians."""
    here = InProcess(directory, sandbox)
    for _ in range(_PLAY_FIRST):
        here.sign_in()
    _start_counting(here)
    here.sign_in()
    durable, transient = here.durable, here.transient
    counted = (list(durable.statements), durable.write_transactions, list(transient.statements),
               transient.write_transactions)  # fmt: skip
    took = defaultdict(list)
    for _ in range(repetitions):
        _start_counting(here)
        for step, seconds in here.sign_in().items():
            took[step].append(seconds)
    return Profile({step: median(seconds) * 1e6 for step, seconds in took.items()}, *counted)


def _start_counting(here: InProcess) -> None:
    for counter in (here.durable, here.transient):
        counter.statements.clear()
        counter.write_transactions = 0


def _register(parts: Parts) -> RelyingParty:
    metadata = {"client_name": "計測サイト", "redirect_uris": [REDIRECT_URI], "scope": "openid"}
    client, secret = register_client(metadata, sandbox=True, now=parts.clock())
    parts.client_administration.insert_client(client)
    assert secret is not None
    return RelyingParty(client.client_id, secret, REDIRECT_URI)


def _environ(call: Call) -> dict[str, Any]:
    path, _, query = call.target.partition("?")
    environ = {
        "REQUEST_METHOD": call.method, "PATH_INFO": unquote(path, "latin-1"), "QUERY_STRING": query, "SCRIPT_NAME": "",
        "SERVER_NAME": "127.0.0.1", "SERVER_PORT": "8000", "SERVER_PROTOCOL": "HTTP/1.1", "REMOTE_ADDR": "127.0.0.1",
        "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(call.body), "CONTENT_LENGTH": str(len(call.body)),
        "HTTP_HOST": "127.0.0.1:8000",
    }  # fmt: skip
    for name, value in call.headers:
        key = name.upper().replace("-", "_")
        environ["CONTENT_TYPE" if key == "CONTENT_TYPE" else f"HTTP_{key}"] = value
    return environ


def _ask(app: WsgiApplication, environ: dict[str, Any]) -> Answer:
    begun: list[Any] = []

    def start_response(status: str, headers: list[tuple[str, str]], _: Any = None) -> None:
        begun.extend((status, headers))

    body = b"".join(app(environ, start_response))
    return Answer(int(begun[0][:3]), tuple((name.lower(), value) for name, value in begun[1]), body)
