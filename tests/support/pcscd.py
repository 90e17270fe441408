"""A pcscd of the test's own, with a virtual reader (vpcd), in its own mount and network namespaces.

vpcd listens on every address, so it gets a network in which nothing but loopback exists; pcscd's socket has one
compiled-in place, so it gets its own ``/run``. Works as root, and as an ordinary user where user namespaces are
allowed.
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pytest

from idp.sandbox.card.application import JpkiCard
from idp.sandbox.card.vpcd import CardInReader, insert_card

VPCD_PORT: Final = 35963

_VPCD_DRIVER: Final = Path("/usr/lib/pcsc/drivers/serial/libifdvpcd.so")
_PACKAGES: Final = {
    "pcscd": "pcscd",
    "opensc-tool": "opensc",
    "pkcs11-tool": "opensc",
    "pkcs15-tool": "opensc",
    "openssl": "openssl",
    "unshare": "util-linux",
    "nsenter": "util-linux",
}
_START_LIMIT_SECONDS: Final = 10.0
_RUN_LIMIT_SECONDS: Final = 60.0

_READER = """\
FRIENDLYNAME "Test Reader"
DEVICENAME   /dev/null:{port}
LIBPATH      {driver}
CHANNELID    {port}
"""

# Runs inside the new namespaces: loopback up, /run private, then this process becomes pcscd. Never with --apdu, which
# would write each PIN to the log. The drivers' folder is hidden, so that a real reader on the machine is left alone.
_BECOME_PCSCD = """\
import fcntl, os, socket, struct, subprocess, sys
run, conf, pcscd = sys.argv[1:]
with socket.socket() as any_socket:
    fcntl.ioctl(any_socket, 0x8914, struct.pack("16sh14x", b"lo", 0x41))  # SIOCSIFFLAGS, IFF_UP | IFF_RUNNING
subprocess.run(["mount", "-t", "tmpfs", "none", "/run"], check=True)
os.mkdir("/run/pcscd")
subprocess.run(["mount", "-t", "tmpfs", "none", "/usr/lib/pcsc/drivers"], check=True)
subprocess.run(["mount", "--bind", run, "/run/pcscd"], check=True)
os.execv(pcscd, [pcscd, "--foreground", "--critical", "--config", conf])
"""

_CONNECT_AND_HAND_OVER = """\
import socket, sys
with socket.socket(fileno=int(sys.argv[1])) as channel, socket.create_connection(("127.0.0.1", int(sys.argv[2]))) as s:
    socket.send_fds(channel, [b"."], [s.fileno()])
"""


class RunningPcscd:
    """A pcscd with an empty reader.

    ``environment`` leads any PC/SC client to it, also one outside the namespaces, which then keeps the machine's
    network (an agent that talks to a provider). ``run`` and ``popen`` start programs inside the network namespace,
    where vpcd listens at 127.0.0.1, ``vpcd_port``.
    """

    def __init__(self, pid: int, socket_path: Path) -> None:
        self.pid = pid
        self.environment = os.environ | {"PCSCLITE_CSOCK_NAME": str(socket_path)}
        self.vpcd_port = VPCD_PORT

    def run(self, argv: Sequence[str], **options: Any) -> subprocess.CompletedProcess[str]:
        """Run a program inside the namespace to its end; a failing one is returned, a hanging one raises."""
        defaults: dict[str, Any] = {
            "env": self.environment,
            "capture_output": True,
            "timeout": _RUN_LIMIT_SECONDS,
            "text": True,
        }
        return subprocess.run([*self._enter(), *argv], check=False, **(defaults | options))

    def popen(self, argv: Sequence[str], **options: Any) -> subprocess.Popen[str]:
        """Start a program inside the namespace; its pid is the program's own."""
        defaults: dict[str, Any] = {"env": self.environment, "text": True}
        return subprocess.Popen([*self._enter(), *argv], **(defaults | options))

    def insert(self, card: JpkiCard, delay_seconds: float = 0.0) -> CardInReader:
        """Put a card of this process into the reader and wait until pcscd has seen it; ``close()`` takes it out."""
        card_in_reader = insert_card(card, self._connect_to_reader(), delay_seconds)
        seen = self.run(["opensc-tool", "--wait", "--atr"], timeout=_START_LIMIT_SECONDS)
        assert seen.returncode == 0, seen.stderr
        return card_in_reader

    def wait_until_empty(self) -> None:
        """Wait until pcscd has noticed that the card was taken out."""
        deadline = time.monotonic() + _START_LIMIT_SECONDS
        while self.run(["opensc-tool", "--atr"]).returncode == 0:
            assert time.monotonic() < deadline, "pcscd still sees a card"
            time.sleep(0.05)

    def _connect_to_reader(self) -> socket.socket:
        """A connection made inside the namespace by a child and handed over to this process outside."""
        ours, childs = socket.socketpair()
        with ours, childs:
            number = childs.fileno()
            child = self.run(
                [sys.executable, "-I", "-S", "-c", _CONNECT_AND_HAND_OVER, str(number), str(self.vpcd_port)],
                pass_fds=[number],
            )
            assert child.returncode == 0, child.stderr
            _, descriptors, _, _ = socket.recv_fds(ours, 1, 1)
        return socket.socket(fileno=descriptors[0])

    def _enter(self) -> list[str]:
        as_user = [] if os.geteuid() == 0 else ["--user", "--preserve-credentials"]
        return ["nsenter", "--target", str(self.pid), "--net", *as_user, "--"]


@contextmanager
def running_pcscd(directory: Path) -> Iterator[RunningPcscd]:
    """Start a private pcscd, and stop it by its pid.

    Takes:   directory, the test's own, for its configuration and its log ``pcscd.log``.
    Effect:  fails the test, naming the package, where something is not installed.
    """
    pcscd = check_installed()
    conf = directory / "reader.conf.d"
    conf.mkdir()
    driver = shutil.copy(_VPCD_DRIVER, directory)
    (conf / "vpcd").write_text(_READER.format(port=VPCD_PORT, driver=driver))
    # A socket's path has 107 bytes at most; pytest's directories are longer.
    with tempfile.TemporaryDirectory(prefix="pcscd-", dir="/tmp") as run, (directory / "pcscd.log").open("w") as log:
        as_user = [] if os.geteuid() == 0 else ["--map-root-user"]
        become_pcscd = [sys.executable, "-I", "-S", "-c", _BECOME_PCSCD, run, str(conf), pcscd]
        process = subprocess.Popen(
            ["unshare", "--mount", "--net", *as_user, "--", *become_pcscd],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
        try:
            socket_path = Path(run, "pcscd.comm")
            _wait_for_start(process, socket_path, directory / "pcscd.log")
            yield RunningPcscd(process.pid, socket_path)
        finally:
            _stop(process)


def check_installed() -> str:
    """Establish that everything is there, or fail the test with the line to run.

    Returns: the path of pcscd.
    """
    path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    missing = {package for program, package in _PACKAGES.items() if shutil.which(program, path=path) is None}
    if not _VPCD_DRIVER.exists():
        missing.add("vsmartcard-vpcd")
    pcscd = shutil.which("pcscd", path=path)
    if missing or pcscd is None:
        pytest.fail(f"not installed; run: apt-get install -y --no-install-recommends {' '.join(sorted(missing))}")
    return pcscd


def _wait_for_start(process: subprocess.Popen[bytes], socket_path: Path, log: Path) -> None:
    deadline = time.monotonic() + _START_LIMIT_SECONDS
    while not socket_path.is_socket():
        if process.poll() is not None or time.monotonic() > deadline:
            pytest.fail(f"pcscd did not start (its namespaces need root or user namespaces): {log.read_text()[-2000:]}")
        time.sleep(0.02)


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(5)
