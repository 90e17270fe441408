"""A PostgreSQL of the bench's own: a fresh cluster as it comes, durable, on a free port of loopback."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.cores import pinned
from bench.free_port import free_port


@dataclass(frozen=True, slots=True)
class Postgresql:
    """A running server with one empty database."""

    url: str
    pid: int


@contextmanager
def running_postgresql(cores: set[int]) -> Iterator[Postgresql]:
    """A server on the given cores, for as long as the block lasts.

    Raises: FileNotFoundError: PostgreSQL is not installed.
    """
    programs = _find_programs()
    # Not below a folder of root's: the server refuses to run as root, so as root it runs as somebody else.
    directory = Path(tempfile.mkdtemp(prefix="idp-bench-pg-", dir="/tmp"))
    as_user = _become_another(directory)
    data, port = str(directory / "data"), free_port()
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={directory}"

    def run(program: str, *arguments: str) -> None:
        command = [*as_user, str(programs / program), "-D", data, *arguments]
        subprocess.run(command, check=True, cwd="/", stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)

    try:
        run("initdb", "-U", "idp", "-A", "trust", "-E", "UTF8", "--locale", "C")
        with pinned(cores):
            run("pg_ctl", "-w", "-l", str(directory / "log"), "-o", options, "start")
        pid = int((directory / "data" / "postmaster.pid").read_text().split()[0])
        yield Postgresql(f"postgresql://idp@127.0.0.1:{port}/postgres", pid)
        run("pg_ctl", "-m", "fast", "-w", "stop")
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _find_programs() -> Path:
    candidates = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name))
    on_path = shutil.which("initdb")
    if on_path is not None:
        candidates.append(Path(on_path).resolve().parent)
    if not candidates:
        raise FileNotFoundError("PostgreSQL is missing: apt-get install postgresql")
    return candidates[-1]


def _become_another(directory: Path) -> list[str]:
    if os.getuid() != 0:
        return []
    known = {entry.pw_name for entry in pwd.getpwall()}
    account = pwd.getpwnam("postgres" if "postgres" in known else "nobody")
    os.chown(directory, account.pw_uid, account.pw_gid)
    return ["setpriv", f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups", "--"]
