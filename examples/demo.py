"""The whole thing on one machine: provider, relying party, test card and card app; one sign-in, printed.

``make demo`` serves both afterwards until Ctrl-C; ``make demo ONCE=1`` ends after the printed sign-in.
"""

import argparse
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from examples.headless_person import sign_in_headless

PROVIDER_PORT = 8000
RELYING_PARTY_PORT = 9000
STATE = Path("var/demo")
PERSON = "hanako"
START_LIMIT_SECONDS = 60
IDP = str(Path(sys.executable).with_name("idp"))


def main() -> int:
    """Start everything, sign in once, print the verified ID token, serve until interrupted."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--once", action="store_true", help="end after the printed sign-in")
    once = arguments.parse_args().once
    provider_port, relying_party_port = find_port(PROVIDER_PORT), find_port(RELYING_PARTY_PORT)
    issuer = f"http://127.0.0.1:{provider_port}"
    # Another name for the same machine, so that the two sites do not share their cookies.
    relying_party = f"http://localhost:{relying_party_port}"
    state = (STATE / str(provider_port)).absolute()
    operator_port = free_port()
    environ = write_settings(state, issuer, provider_port, operator_port)
    with ExitStack() as running:
        print(f"Starting the provider in {state} …", flush=True)
        idp(environ, "sandbox", "init")
        running.enter_context(program([IDP, "sandbox", "operator", "--port", str(operator_port)], environ))
        wait_until_listens(operator_port)
        provider = running.enter_context(program([IDP, "serve"], environ))
        wait_until_answers(f"{issuer}/readyz", provider)
        client = register(state, environ, relying_party)
        site_environ = {
            **environ,
            "ISSUER": issuer,
            "CLIENT_ID": client["client_id"],
            "CLIENT_SECRET": client["client_secret"],
            "RP_BIND": f"localhost:{relying_party_port}",
        }
        site = running.enter_context(program([sys.executable, "-m", "examples.relying_party"], site_environ))
        wait_until_answers(relying_party, site)
        card_port = free_port()
        card = [IDP, "sandbox", "card", "--person", PERSON, "--socket", str(card_port)]
        running.enter_context(program(card, environ))
        wait_until_listens(card_port)
        claims = sign_in_headless(relying_party, issuer, card_port, state)
        print("\nVerified ID token of 山田 花子 (a test person), as the relying party received it:\n")
        print(json.dumps(claims, indent=2, ensure_ascii=False))
        print("\nNow she opens an account: the site asks who she is, and she signs what it may learn.\n")
        userinfo = sign_in_headless(relying_party, issuer, card_port, state, button="/open-account", shows="userinfo")
        print("\nWhat the site received (userinfo, the same sub):\n")
        print(json.dumps(userinfo, indent=2, ensure_ascii=False), flush=True)
        if once:
            return 0
        print(f"\nOpen {relying_party} and sign in yourself: choose a test card on the page, no reader needed.")
        print(f"Or with the card app:  mynumber-card-agent issuer add {issuer}")
        print(f"                       mynumber-card-agent --card socket:127.0.0.1:{card_port} LINK   (PIN 1234)")
        print("Ctrl-C ends both.", flush=True)
        wait_for_interrupt()
    return 0


def write_settings(state: Path, issuer: str, port: int, operator_port: int) -> dict[str, str]:
    """The provider's settings file, and the environment that names it."""
    state.mkdir(parents=True, exist_ok=True)
    settings = state / "idp.toml"
    settings.write_text(
        f'environment = "sandbox"\nissuer = "{issuer}"\n\n'
        f'[web]\nbind = "127.0.0.1:{port}"\nmetrics_bind = ""\n\n'
        f'[stores]\ndatabase = "sqlite:///{state}/idp.sqlite3"\ntransient = "sqlite:///{state}/transient.sqlite3"\n\n'
        f'[sandbox]\ndirectory = "{state}/sandbox"\n\n'
        f'[operator_platform]\nurl = "http://127.0.0.1:{operator_port}/idp-operator/v1"\nlinkage = true\n',
        encoding="utf-8",
    )
    return {**os.environ, "IDP_CONFIG": str(settings)}


def idp(environ: dict[str, str], *arguments: str) -> str:
    """Run the provider's command line; what it printed."""
    done = subprocess.run([IDP, *arguments], env=environ, check=False, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"idp {' '.join(arguments)}: {done.stderr or done.stdout}")
    return done.stdout


def register(state: Path, environ: dict[str, str], relying_party: str) -> dict[str, Any]:
    """The relying party's client, registered at the first run and remembered."""
    file = state / f"client-{relying_party.rpartition(':')[2]}.json"
    wanted = "openid name birthdate address gender"
    if not file.exists() or json.loads(file.read_text(encoding="utf-8")).get("scope") != wanted:
        added = idp(
            environ, "client", "add", "--name", "図書館の予約サイト（見本）",
            "--redirect-uri", f"{relying_party}/callback", "--scope", wanted, "--json",
        )  # fmt: skip
        file.touch(mode=0o600)
        file.write_text(added, encoding="utf-8")
    client: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return client


@contextmanager
def program(command: list[str], environ: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """A program that runs beside us and is ended with us."""
    log = Path(environ["IDP_CONFIG"]).parent / "log"
    with log.open("ab") as output, subprocess.Popen(command, env=environ, stdout=output, stderr=output) as process:
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


def wait_until_answers(url: str, server: "subprocess.Popen[bytes]") -> None:
    """Wait until a server of ours answers, or has ended."""
    deadline = time.monotonic() + START_LIMIT_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    raise SystemExit(f"{url} does not answer; see the log in {STATE}")


def wait_until_listens(port: int) -> None:
    """Wait until somebody listens at a loopback port."""
    deadline = time.monotonic() + START_LIMIT_SECONDS
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise SystemExit(f"nothing listens at port {port}")


def find_port(wanted: int) -> int:
    """The wanted loopback port, or another one if it is taken."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wanted))
        except OSError:
            return free_port()
        return wanted


def free_port() -> int:
    """A loopback port that nobody has."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for_interrupt() -> None:
    """Sleep until Ctrl-C or SIGTERM."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        print("\nEnding.")


if __name__ == "__main__":
    raise SystemExit(main())
