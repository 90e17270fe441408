"""``make bench``: sign-ins a second and CPU per sign-in, ours beside a peer's, and where the time goes."""

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final, Literal

from bench.cores import Cores, choose_cores
from bench.driver import Driver, MakePeople
from bench.measure import Measured, measure_window, warm_up
from bench.peer import install_peer, peer_people, running_peer
from bench.postgresql import running_postgresql
from bench.profile import profile_in_process
from bench.provider import running_provider
from bench.report import format_profile, format_table
from bench.sandbox import BenchSandbox, card_people, make_sandbox
from bench.server import Server

ApplicationServer = Literal["gunicorn", "granian"]
_APPLICATION_SERVERS: Final[tuple[ApplicationServer, ...]] = ("gunicorn", "granian")
_DATABASES: Final = ("sqlite", "postgresql")
_BOUND: Final = "PAR + DPoP"
PEER: Final = "oidc-provider ES256"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    options = _parse(arguments)
    with tempfile.TemporaryDirectory(prefix="idp-bench-") as directory:
        sandbox = make_sandbox(Path(directory) / "sandbox", options.drivers * options.users)
        if not options.profile_only:
            with _running(Path(directory), sandbox, options) as measured:
                _measure(measured, options)
                print(format_table(measured, PEER), flush=True)
        if not options.only:
            print(format_profile(profile_in_process(Path(directory) / "profile", sandbox, options.repetitions)))
    return 0


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m bench", description=__doc__)
    parser.add_argument("--seconds", type=float, default=2.0, help="length of a measured window")
    parser.add_argument("--rounds", type=int, default=6, help="windows for each server, in turns")
    parser.add_argument("--drivers", type=int, default=2, help="driving processes for each server")
    parser.add_argument("--users", type=int, default=4, help="people at once in each driver")
    parser.add_argument("--threads", type=int, default=4, help="threads of the one worker (web.threads)")
    parser.add_argument("--repetitions", type=int, default=200, help="sign-ins of the profile in process")
    parser.add_argument("--only", help="the servers whose name contains this, and no profile")
    parser.add_argument("--profile-only", action="store_true", help="no servers")
    parser.add_argument("--quick", action="store_true", help="one short window: to see that it works")
    options = parser.parse_args(arguments)
    if options.quick:
        options.seconds, options.rounds, options.repetitions = 1.5, 1, 50
    return options


def _measure(measured: Sequence[Measured], options: argparse.Namespace) -> None:
    for each in measured:
        warm_up(each)
    for number in range(options.rounds):
        for each in measured:
            _say(f"round {number + 1} of {options.rounds}: {each.server.name}")
            measure_window(each, options.seconds)


@contextmanager
def _running(directory: Path, sandbox: BenchSandbox, options: argparse.Namespace) -> Iterator[list[Measured]]:
    """All servers at once, idle until their turn, each with its drivers."""
    cores = choose_cores()
    wanted = [name for name in _names() if not options.only or options.only in name]
    with ExitStack() as stack:
        measured = []
        for name in wanted:
            _say(f"starting {name}")
            server, people = _start(stack, name, directory, sandbox, cores, options)
            drivers = [Driver(make, server.port, cores.rest) for make in people]
            for driver in drivers:
                stack.callback(driver.stop)
            measured.append(Measured(server, drivers))
        yield measured


def _names() -> list[str]:
    ours = [f"{server}, {database}" for database in _DATABASES for server in _APPLICATION_SERVERS]
    return [*ours, *(f"{server}, sqlite, {_BOUND}" for server in _APPLICATION_SERVERS), PEER, "oidc-provider RS256"]


def _start(
    stack: ExitStack, name: str, directory: Path, sandbox: BenchSandbox, cores: Cores, options: argparse.Namespace
) -> tuple[Server, list[MakePeople]]:
    place = directory / name.replace(", ", "-").replace(" ", "-")
    if name.startswith("oidc-provider"):
        install_peer()
        algorithm: Literal["ES256", "RS256"] = "ES256" if name == PEER else "RS256"
        server, party = stack.enter_context(running_peer(name, place, cores.server, algorithm))
        return server, [peer_people(party, number, options.users) for number in range(options.drivers)]
    application_server: ApplicationServer = "granian" if name.startswith("granian") else "gunicorn"
    database, database_pid = None, None
    if name.endswith("postgresql"):
        postgresql = stack.enter_context(running_postgresql(cores.rest))
        database, database_pid = postgresql.url, postgresql.pid
    server, party = stack.enter_context(
        running_provider(
            name, place, sandbox, cores.server, application_server=application_server, threads=options.threads,
            database=database, database_pid=database_pid, is_bound=name.endswith(_BOUND),
        )
    )  # fmt: skip
    issuer, users = f"http://127.0.0.1:{server.port}", options.users
    shares = [sandbox.cards[number * users : (number + 1) * users] for number in range(options.drivers)]
    return server, [card_people(issuer, party, share) for share in shares]


def _say(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
