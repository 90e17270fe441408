"""A PostgreSQL of the tests' own: a fresh cluster in a temporary folder, on a socket and a free port of loopback.

The server refuses to run as root, so as root it runs as ``postgres`` or ``nobody``. Where there is no server to run,
the tests that need one fail and say what to install; they are never skipped.
"""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

START_SECONDS = 60
MISSING = "PostgreSQL is missing: install it with `apt-get install postgresql` (initdb and postgres are looked for)"


@dataclass(frozen=True)
class PostgresqlServer:
    """A running server; every test makes a database of its own in it."""

    directory: Path
    port: int
    bin_directory: Path
    user: str | None

    def url(self, database: str) -> str:
        """The database's URL, as in the settings; everybody is trusted on this server."""
        return f"postgresql://idp@127.0.0.1:{self.port}/{database}"

    def create_database(self, template_url: str = "/template1") -> str:
        """A new database, empty or a copy of one that nobody is connected to; its URL."""
        name = f"test_{uuid.uuid4().hex}"
        self._administer(f'CREATE DATABASE "{name}" TEMPLATE "{template_url.rpartition("/")[2]}"')
        return self.url(name)

    def drop_database(self, url: str) -> None:
        """Drop a database that ``create_database`` made, with the connections that are left."""
        self._administer(f'DROP DATABASE "{url.rpartition("/")[2]}" WITH (FORCE)')

    def crash(self) -> None:
        """End the server without a chance to save anything, and start it again."""
        subprocess.run([*self._as_user(), str(self.bin_directory / "pg_ctl"), "-D", str(self.directory / "data"),
                        "-m", "immediate", "-w", "stop"], check=True, capture_output=True)  # fmt: skip
        self.start()

    def start(self) -> None:
        """Start the server and wait until it answers."""
        options = (
            f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={self.directory} "
            "-c max_connections=300 -c shared_buffers=32MB -c fsync=off -c full_page_writes=off"
        )
        subprocess.run(
            [*self._as_user(), str(self.bin_directory / "pg_ctl"), "-D", str(self.directory / "data"), "-w",
             "-t", str(START_SECONDS), "-l", str(self.directory / "log"), "-o", options, "start"],
            check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL, cwd="/",
        )  # fmt: skip

    def stop(self) -> None:
        """End the server by the pid it wrote."""
        subprocess.run(
            [*self._as_user(), str(self.bin_directory / "pg_ctl"), "-D", str(self.directory / "data"), "-m", "fast",
             "-w", "stop"], check=False, capture_output=True, cwd="/",
        )  # fmt: skip

    def initialise(self) -> None:
        """Make the cluster."""
        subprocess.run(
            [*self._as_user(), str(self.bin_directory / "initdb"), "-D", str(self.directory / "data"), "-U", "idp",
             "-A", "trust", "-E", "UTF8", "--locale", "C", "--no-sync"],
            check=True, capture_output=True, cwd="/",
        )  # fmt: skip

    def _administer(self, statement: str) -> None:
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
                    connection.execute(statement.encode())
                return
            except psycopg.OperationalError:
                # CREATE DATABASE waits for nobody: the template is in use while another test's is copied.
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)

    def _as_user(self) -> list[str]:
        if self.user is None:
            return []
        account = pwd.getpwnam(self.user)
        return ["setpriv", f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups", "--"]


@contextmanager
def running_postgresql() -> Iterator[PostgresqlServer]:
    """A server for as long as the block lasts."""
    bin_directory = _find_bin_directory()
    # Not below pytest's tmp_path, which other users may not enter and whose length may exceed a socket's path.
    directory = Path(tempfile.mkdtemp(prefix="idp-pg-", dir="/tmp"))
    server = PostgresqlServer(directory, _find_free_port(), bin_directory, _choose_user())
    try:
        if server.user is not None:
            account = pwd.getpwnam(server.user)
            os.chown(directory, account.pw_uid, account.pw_gid)
        server.initialise()
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(directory, ignore_errors=True)


def _find_bin_directory() -> Path:
    candidates = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name))
    on_path = shutil.which("initdb")
    if on_path is not None:
        candidates.append(Path(on_path).resolve().parent)
    for directory in reversed(candidates):
        if all((directory / program).exists() for program in ("initdb", "postgres", "pg_ctl")):
            return directory
    pytest.fail(MISSING, pytrace=False)


def _choose_user() -> str | None:
    if os.getuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


def _find_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
