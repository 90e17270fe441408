"""The provider as an operator runs it: ``idp serve`` in a directory of its own, on a free port, ended by its pid."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from idp.sandbox.installation import prepare_sandbox

ROOT = Path(__file__).resolve().parents[2]
PIN = "1234"
# Tests have one address and are in a hurry; the limits themselves are tried where they are the subject.
LIMITS = {
    f"{group}_per_minute": 100_000
    for group in (
        "authorize", "presenter", "token", "userinfo", "page", "metadata", "client", "unreviewed_client",
    )
}  # fmt: skip
_START_LIMIT_SECONDS = 60.0
_IDP = "from idp.cli.main import main; main()"


@dataclass(frozen=True)
class RegisteredClient:
    """A client as ``idp client add`` printed it."""

    client_id: str
    client_secret: str | None
    redirect_uri: str


class RunningProvider:
    """One installation: its directory, its settings, its command line and, between start and stop, its server.

    ``python`` is the interpreter whose environment holds the provider, by default this one with this checkout.
    """

    def __init__(
        self, directory: Path, settings: Mapping[str, Mapping[str, Any]], *, port: int, issuer: str,
        environment: str = "sandbox", command: tuple[str, ...] = (sys.executable, "-c", _IDP),
    ) -> None:  # fmt: skip
        self.directory = directory
        self.port = port
        self.issuer = issuer
        self.address = f"http://127.0.0.1:{port}"
        self.log = directory / "server.log"
        self.settings_file = directory / "idp.toml"
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None
        head = f"environment = {json.dumps(environment)}\nissuer = {json.dumps(issuer)}\n"
        self.settings_file.write_text(head + _to_toml(settings), encoding="utf-8")
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("IDP_", "PYTHON"))}
        self.environ = {**clean, "IDP_CONFIG": str(self.settings_file), "HOME": str(directory)}
        if command[0] == sys.executable:
            self.environ["PYTHONPATH"] = str(ROOT)

    def idp(self, *arguments: str, status: int = 0) -> Any:
        """Run the command line with ``--json``; its answer, after checking how it ended."""
        done = subprocess.run(
            [*self._command, "--json", *arguments], env=self.environ, cwd=self.directory, capture_output=True,
            text=True, timeout=120,
        )  # fmt: skip
        assert done.returncode == status, f"idp {' '.join(arguments)}: {done.returncode}\n{done.stdout}{done.stderr}"
        return json.loads(done.stdout) if status == 0 else done.stderr

    def add_client(self, redirect_uri: str, name: str = "試験サイト", **metadata: Any) -> RegisteredClient:
        """Register a client, by a metadata file."""
        file = self.directory / "client.json"
        members = {"client_name": name, "redirect_uris": [redirect_uri], "scope": "openid offline_access",
                   "grant_types": ["authorization_code", "refresh_token"]}  # fmt: skip
        file.write_text(json.dumps({**members, **metadata}), encoding="utf-8")
        added = self.idp("client", "add", "--file", str(file))
        return RegisteredClient(added["client_id"], added.get("client_secret"), redirect_uri)

    def start(self) -> None:
        """Start the server and wait until it says that it is ready."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [*self._command, "serve"], env=self.environ, cwd=self.directory, stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        deadline, last = time.monotonic() + _START_LIMIT_SECONDS, ""
        while True:
            try:
                answer = httpx.get(f"{self.address}/readyz", timeout=10, trust_env=False)
                if answer.status_code == 200:
                    return
                last = answer.text
            except httpx.TransportError as error:
                last = repr(error)
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                pytest.fail(f"idp serve did not become ready, {last}:\n{self.log.read_text()[-3000:]}")
            time.sleep(0.05)

    def stop(self) -> None:
        """End the server as an operator does, and check that it ended well."""
        if self._process is None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            status = self._process.wait(30)
        except subprocess.TimeoutExpired:
            self.kill()
            pytest.fail("the server did not end within 30 seconds of SIGTERM")
        self._process = None
        assert status == 0, f"the server ended with {status}:\n{self.log.read_text()[-3000:]}"

    def kill(self) -> None:
        """End master and workers at once, with no chance to save anything."""
        if self._process is not None:
            # Its own process group, which it leads: nobody else is in it.
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(10)
            self._process = None

    def restart_after_kill(self) -> None:
        """SIGKILL, and a new start on the same directories."""
        self.kill()
        self.start()

    @property
    def worker_pids(self) -> list[int]:
        """The pids of the server's workers."""
        assert self._process is not None
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text()
        return [int(pid) for pid in children.split()]

    def log_lines(self) -> list[dict[str, Any]]:
        """What the server has logged, line by line."""
        lines = self.log.read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines if line.startswith("{")]

    @contextmanager
    def card_of(self, person: str) -> Iterator[str]:
        """A test person's card at a loopback port, by ``idp sandbox card``; the agent's ``--card``."""
        command = [*self._command, "--json", "sandbox", "card", "--person", person, "--socket", "0"]
        with subprocess.Popen(
            command, env=self.environ, cwd=self.directory, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        ) as process:
            try:
                assert process.stdout is not None
                text = ""
                while (line := process.stdout.readline()) and line.rstrip() != "}":
                    text += line
                yield json.loads(text + "}")["card"]
            finally:
                process.terminate()
                process.wait(10)


def free_port() -> int:
    """A loopback port that nobody has."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for_answer(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until a site that a test started answers; fail with its log when it ended or takes too long."""
    deadline = time.monotonic() + _START_LIMIT_SECONDS
    while True:
        try:
            httpx.get(address, timeout=10, trust_env=False)
            return
        except httpx.TransportError:
            if process.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"{address} does not answer:\n{log.read_text()[-3000:]}")
        time.sleep(0.05)


def sandbox_prototype(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sandbox to copy from, made once for all workers of a run: drawing its keys takes seconds."""
    base = tmp_path_factory.getbasetemp()
    directory = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "sandbox-prototype"
    prepare_sandbox(directory, datetime.now(UTC))  # several processes may do this at once
    return directory


@contextmanager
def running_sandbox(
    directory: Path, prototype: Path, *, issuer: str | None = None, database: str | None = None, start: bool = True,
    **sections: Mapping[str, Any],
) -> Iterator[RunningProvider]:  # fmt: skip
    """A sandbox that serves for as long as the block lasts.

    Takes:  issuer, where a proxy stands in front; database, a URL, by default SQLite in the directory; sections of
            settings to add or change.
    """
    directory.mkdir(parents=True, exist_ok=True)
    shutil.copytree(prototype, directory / "sandbox")
    port = free_port()
    settings: dict[str, Mapping[str, Any]] = {
        "web": {"bind": f"127.0.0.1:{port}", "metrics_bind": "", "threads": 4, **sections.pop("web", {})},
        "stores": {"database": database or f"sqlite:///{directory}/idp.sqlite3"},
        "sandbox": {"directory": str(directory / "sandbox")},
        "limits": {**LIMITS, **sections.pop("limits", {})},
        **sections,
    }
    provider = RunningProvider(directory, settings, port=port, issuer=issuer or f"http://127.0.0.1:{port}")
    try:
        if start:
            provider.start()
        yield provider
    finally:
        provider.kill()


def _to_toml(settings: Mapping[str, Mapping[str, Any]]) -> str:
    text = ""
    for section, values in settings.items():
        tables = [(name, value) for name, value in values.items() if isinstance(value, list) and value
                  and isinstance(value[0], dict)]  # fmt: skip
        plain = {name: value for name, value in values.items() if name not in dict(tables)}
        text += f"\n[{section}]\n" + "".join(f"{name} = {json.dumps(value)}\n" for name, value in plain.items())
        for name, rows in tables:
            for row in rows:
                text += f"\n[[{section}.{name}]]\n" + "".join(f"{k} = {json.dumps(v)}\n" for k, v in row.items())
    return text
