"""The measurements as tables for a terminal."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

from bench.measure import Measured
from bench.profile import Profile

# Below this the core was shared with something else, or the server waited.
_SATURATED: Final = 0.85
_HEAD: Final = (
    "server",
    "sign-ins/s",
    "CPU ms",
    "DB CPU ms",
    "busy",
    "p50 ms",
    "p99 ms",
    "sign-ins/s vs peer",
    "CPU vs peer",
)


def format_table(measured: Sequence[Measured], peer_name: str) -> str:
    """One row a server; ratios are ours over the peer's: more sign-ins and less CPU are better."""
    peer = next((each for each in measured if each.server.name == peer_name), None)
    rows = [_HEAD, *(_row(each, peer) for each in measured)]
    table = "\nOne worker, one core; whole sign-ins\n\n" + _align(rows)
    if all(each.busy >= _SATURATED for each in measured):
        return table
    return table + f"\n\nNot every server had its core for itself ({_SATURATED:.0%} busy); compare CPU, not sign-ins/s."


def format_profile(profile: Profile) -> str:
    """Each step's time, then each statement of one sign-in."""
    total = sum(profile.microseconds.values())
    steps = [("step", "CPU µs", "share")]
    steps += [(step, f"{took:.0f}", f"{took / total:.0%}") for step, took in profile.microseconds.items()]
    steps.append(("sum", f"{total:.0f}", "100%"))
    durable, transient = profile.durable_statements, profile.transient_statements
    return "\n".join(
        (
            "\nWhere the time goes: the application in process, SQLite, CPU time, medians\n",
            _align(steps),
            f"\nOne sign-in with remembered consent: {len(profile.microseconds)} requests, {len(durable)} durable "
            f"statements in {profile.durable_write_transactions} write transactions, {len(transient)} "
            f"transient statements, {profile.transient_writes} of them writes\n",
            _list_statements("durable", durable),
            _list_statements("transient", transient),
        )
    )


def _row(each: Measured, peer: Measured | None) -> tuple[str, ...]:
    database = each.database_cpu_ms
    ratios = () if peer is None else each.ratios_to(peer)
    return (
        each.server.name,
        f"{each.per_second:.0f}",
        f"{each.cpu_ms:.2f}",
        "" if database is None else f"{database:.2f}",
        f"{each.busy:.0%}",
        f"{each.latency_ms(0.5):.0f}",
        f"{each.latency_ms(0.99):.0f}",
        *([f"{ratio:.2f}" for ratio in ratios] or ("", "")),
    )


def _list_statements(kind: str, statements: Sequence[str]) -> str:
    counted = Counter(" ".join(statement.split())[:96] for statement in statements)
    return "\n".join(f"  {kind} {count}x {text}" for text, count in counted.items())


def _align(rows: Sequence[tuple[str, ...]]) -> str:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = []
    for row in rows:
        first, *rest = (cell.ljust(width) if column == 0 else cell.rjust(width)
                        for column, (cell, width) in enumerate(zip(row, widths, strict=True)))  # fmt: skip
        lines.append("  ".join((first, *rest)).rstrip())
    return "\n".join(lines)
