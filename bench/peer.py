"""The peer: oidc-provider (npm) with its state in memory, one process of node."""

import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Final, Literal

from bench.driver import MakePeople
from bench.free_port import free_port
from bench.peer_person import PeerPerson
from bench.provider import REDIRECT_URI
from bench.relying_party import RelyingParty
from bench.server import Server, running_server

_ROOT: Final = Path(__file__).resolve().parents[1]
_DIRECTORY: Final = _ROOT / "bench" / "peer"


def install_peer() -> None:
    """Install what the lock file names, once; node itself too, where this environment has none.

    Raises: FileNotFoundError: there is no node and no npm.
    """
    if Path(sys.prefix) == _ROOT / ".venv" and not (_ROOT / ".venv" / "bin" / "node").exists():
        subprocess.run([str(_ROOT / "scripts" / "install-node")], check=True, stdout=sys.stderr)
    if not (_DIRECTORY / "node_modules" / ".package-lock.json").exists():
        command = [_find("npm"), "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
        subprocess.run(command, cwd=_DIRECTORY, check=True, env=_environ(), stdout=sys.stderr)


@contextmanager
def running_peer(
    name: str, directory: Path, cores: set[int], algorithm: Literal["ES256", "RS256"]
) -> Iterator[tuple[Server, RelyingParty]]:
    """The peer with one client, for as long as the block lasts."""
    directory.mkdir()
    port, party = free_port(), RelyingParty("bench-client", secrets.token_urlsafe(32), REDIRECT_URI)
    command = [_find("node"), str(_DIRECTORY / "server.js"), str(port), party.client_id, party.client_secret,
               party.redirect_uri, algorithm]  # fmt: skip
    with running_server(
        name, command, port, "/.well-known/openid-configuration", directory=directory, environ=_environ(), cores=cores
    ) as server:
        yield server, party


def peer_people(party: RelyingParty, driver: int, count: int) -> MakePeople:
    """What a driver makes its people with."""
    return partial(_make_people, party, driver, count)


def _make_people(party: RelyingParty, driver: int, count: int) -> Sequence[PeerPerson]:
    return [PeerPerson(party, f"person-{driver}-{number}") for number in range(count)]


def _environ() -> dict[str, str]:
    return {**os.environ, "NODE_ENV": "production"}


def _find(program: str) -> str:
    beside = Path(sys.executable).parent / program
    found = str(beside) if beside.exists() else shutil.which(program)
    if found is None:
        raise FileNotFoundError(f"{program} is missing: scripts/install-node brings it")
    return found
