"""A server under measurement: its process, started and ended by its pid."""

import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.cores import pinned

_START_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True)
class Server:
    """A server that answers; ``database_pid`` is its PostgreSQL's, where it has one."""

    name: str
    port: int
    pid: int
    database_pid: int | None = None


@contextmanager
def running_server(
    name: str,
    command: Sequence[str],
    port: int,
    ready_path: str,
    *,
    directory: Path,
    environ: Mapping[str, str],
    cores: set[int],
    database_pid: int | None = None,
) -> Iterator[Server]:
    """Start a server on the given cores and wait until it answers; end it with the block.

    Raises: RuntimeError: it did not become ready.
    """
    log = directory / "server.log"
    with pinned(cores), log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=directory, env=dict(environ), stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            start_new_session=True,
        )  # fmt: skip
    try:
        _wait_until_ready(process, f"http://127.0.0.1:{port}{ready_path}", log)
        yield Server(name, port, process.pid, database_pid)
    except RuntimeError as error:
        raise RuntimeError(f"{error}\n{name} logged:\n{log.read_text()[-3000:]}") from error
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)  # its own group, which it leads
            process.wait(10)


def _wait_until_ready(process: subprocess.Popen[bytes], address: str, log: Path) -> None:
    give_up_at = time.monotonic() + _START_SECONDS
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    while True:
        try:
            with opener.open(address, timeout=10):
                return
        except (urllib.error.URLError, ConnectionError):
            if process.poll() is not None or time.monotonic() > give_up_at:
                raise RuntimeError(f"{address} did not become ready") from None
            time.sleep(0.1)
