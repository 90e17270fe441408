"""A whole sandbox provider in a directory, with a clock that the test turns; the test PKI is made once a run."""

import atexit
import io
import json
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import idp.web.application
from idp.app import create_app
from idp.build_parts import build_parts, set_up
from idp.log import configure_log
from idp.oidc.client import Client
from idp.oidc.registration import register_client
from idp.ops.revocation_refresh import refresh_revocation
from idp.parts import Parts
from idp.sandbox.cast_cards import CastCard
from idp.settings.load import load_settings
from idp.settings.settings import Settings
from idp.stores.sql.database import StatementCounter
from idp.web.rendering import Renderer
from idp.web.security_headers import WsgiApplication
from tests.support.browser import Browser
from tests.support.relying_party import RelyingParty

BEGIN = datetime(2026, 4, 1, 3, 0, tzinfo=UTC)
# Compiling the templates takes longer than all the rest of a start, and what comes of it never changes.
idp.web.application.Renderer = cache(Renderer)  # type: ignore[misc, assignment]
ISSUER = "http://127.0.0.1:8000"
# One address sends everything here, so the limits are out of the way unless a test is about them.
UNLIMITED = {
    f"IDP_LIMITS__{group}_PER_MINUTE": "100000"
    for group in (
        "AUTHORIZE", "PRESENTER", "TOKEN", "USERINFO", "PAGE", "METADATA", "REGISTRATION", "CLIENT",
        "UNREVIEWED_CLIENT",
    )
}  # fmt: skip


@dataclass
class TestClock:
    """A clock that stands still until it is turned."""

    __test__ = False

    now: datetime = BEGIN

    def __call__(self) -> datetime:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class Observer(StatementCounter):
    """Counts statements, and lets a test strike before one runs: an outage, or the process's death."""

    def __init__(self) -> None:
        super().__init__()
        self.strike: Callable[[str], None] | None = None

    def saw_statement(self, sql: str) -> None:
        super().saw_statement(sql)
        if self.strike is not None:
            self.strike(sql)


@dataclass
class Provider:
    """One installation that runs in this process."""

    directory: Path
    clock: TestClock
    environ: dict[str, str]
    settings: Settings
    parts: Parts
    app: WsgiApplication
    durable: Observer
    transient: Observer
    log: io.StringIO
    _client_count: int = field(default=0)

    @property
    def cards(self) -> Mapping[str, CastCard]:
        """The cast's cards by slug."""
        cards: Mapping[str, CastCard] = self.parts.sandbox[1]  # type: ignore[index]
        return cards

    def browser(self, **headers: str) -> Browser:
        """A browser that has never been here."""
        return Browser(self.app, self.settings.issuer, headers)

    def relying_party(self, **metadata: Any) -> RelyingParty:
        """A newly registered client with its secret."""
        self._client_count += 1
        metadata.setdefault("client_name", f"試験サービス {self._client_count}")
        metadata.setdefault("redirect_uris", [f"https://rp{self._client_count}.example/cb"])
        policy = self.parts.claims_policy
        client, secret = register_client(metadata, sandbox=True, now=self.clock(), claims_policy=policy)
        assert self.parts.client_administration.insert_client(client)
        return RelyingParty(self.app, self.settings.issuer, client, secret)

    def change_client(self, client: Client) -> None:
        """Replace a client's registration, keeping its id."""
        self.parts.client_administration.delete_client(client.client_id, self.clock())
        assert self.parts.client_administration.insert_client(client)

    def refresh_lists(self) -> None:
        """Publish and index fresh revocation lists."""
        self.parts.sandbox[0].publish_crls(self.clock())  # type: ignore[index]
        self.index_lists()

    def index_lists(self) -> None:
        """Index the lists as they are published."""
        directory = self.settings.jpki.crl_index_directory
        refresh_revocation(self.parts.trust, self.parts.crl_sources, directory, self.clock())

    def audit_events(self) -> list[tuple[str, str | None, str | None, str]]:
        """(event, account_id, txn, outcome) in order."""
        rows = self.parts.database.read_all(
            "SELECT event, account_id, txn, outcome FROM audit_events ORDER BY sequence"
        )
        return [tuple(row) for row in rows]  # type: ignore[misc]

    def count_rows(self, table: str, condition: str = "1 = 1") -> int:
        """How many rows a durable table has."""
        row = self.parts.database.read_one(f"SELECT count(*) FROM {table} WHERE {condition}")
        assert row is not None
        return int(row[0])

    def log_lines(self) -> list[dict[str, Any]]:
        """What was logged so far."""
        return [json.loads(line) for line in self.log.getvalue().splitlines()]

    def restart(self, **environ: str) -> "Provider":
        """The same directories under a new process's parts; ``environ`` overrides settings."""
        self.close()
        again = _start(self.directory, self.clock, self.environ | environ, self.log)
        again._client_count = self._client_count
        return again

    def close(self) -> None:
        """Close what is open."""
        self.parts.database.close()
        self.parts.transient.close()


def make_provider(directory: Path, **environ: str) -> Provider:
    """A fresh installation, copied from the one made for this run."""
    shutil.copytree(_pristine_installation(), directory, dirs_exist_ok=True)
    return _start(directory, TestClock(), UNLIMITED | environ, io.StringIO())


def _start(directory: Path, clock: TestClock, environ: dict[str, str], log: io.StringIO) -> Provider:
    configure_log("debug", log)
    settings = _settings(directory, environ)
    durable, transient = Observer(), Observer()
    parts = build_parts(settings, clock, observer=durable, transient_observer=transient)
    return Provider(directory, clock, environ, settings, parts, create_app(parts), durable, transient, log)


def _settings(directory: Path, environ: Mapping[str, str]) -> Settings:
    places = {
        "IDP_ISSUER": ISSUER,
        "IDP_SANDBOX__DIRECTORY": str(directory / "sandbox"),
        "IDP_STORES__DATABASE": f"sqlite:///{directory}/idp.sqlite3",
        "IDP_STORES__TRANSIENT": f"sqlite:///{directory}/transient.sqlite3",
        # The cache measures real seconds, which the test's clock does not turn.
        "IDP_OIDC__CLIENT_CACHE_SECONDS": "0",
    }
    return load_settings(None, places | dict(environ))


@cache
def _pristine_installation() -> Path:
    directory = Path(tempfile.mkdtemp(prefix="idp-test-"))
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    clock = TestClock()
    settings = _settings(directory, {})
    set_up(settings, clock)
    parts = build_parts(settings, clock)
    refresh_revocation(parts.trust, parts.crl_sources, settings.jpki.crl_index_directory, clock())
    parts.database.close()
    parts.transient.close()
    return directory
