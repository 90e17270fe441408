"""wapiti, a web application scanner that none of us wrote, as a judge of headers, cookies and content policies.

Each of these modules looks at one address only, the one that a scan is given, so every page is a scan of its own; one
process makes them all, because wapiti takes seconds to start.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

from tests.support.running_provider import ROOT

PROGRAM: Final = ROOT / ".venv" / "wapiti" / "bin" / "python"
HEADERS: Final = ("http_headers", "cookieflags")
PAGE: Final = (*HEADERS, "csp")
_DRIVER: Final = """
import asyncio, json, sys
from wapitiCore.main.wapiti import wapiti_main
for arguments in json.load(sys.stdin):
    sys.argv = ["wapiti", *arguments]
    asyncio.run(wapiti_main())
"""
_LIMIT_SECONDS: Final = 300


@dataclass(frozen=True)
class Target:
    """One address, what is looked at there, and the cookies of the person who goes there."""

    url: str
    modules: tuple[str, ...] = PAGE
    cookies: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Report:
    """What wapiti wrote of one target: its findings, and what it says it has checked."""

    target: Target
    findings: tuple[str, ...]
    log: str

    @property
    def looked_at(self) -> tuple[str, ...]:
        """The modules that found the target there to look at; one that could not fetch it stays silent."""
        launched = self.log.split("Launching module ")[1:]
        address = self.target.url.partition("?")[0]
        looked = {part.split()[0] for part in launched if f"[+] GET {address}" in part}
        return tuple(module for module in self.target.modules if module in looked)

    @property
    def cookies(self) -> set[str]:
        """The cookies that were set there and looked at."""
        begin = "Checking cookie : "
        return {line.partition(begin)[2].strip() for line in self.log.splitlines() if begin in line}


def scan(directory: Path, targets: Sequence[Target]) -> list[Report]:
    """Scan addresses, one after the other.

    Takes: directory, for wapiti's sessions and reports; nothing is sent anywhere but to the targets.
    """
    if not PROGRAM.exists():
        pytest.fail("run: scripts/install-wapiti")
    directory.mkdir(parents=True)
    orders = [_arguments(directory / str(number), target) for number, target in enumerate(targets)]
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(
        [PROGRAM, "-c", _DRIVER], input=json.dumps(orders), capture_output=True, text=True, timeout=_LIMIT_SECONDS,
        env={**clean, "HOME": str(directory), "NO_PROXY": "*"}, cwd=directory,
    )  # fmt: skip
    assert done.returncode == 0, f"{done.stdout[-3000:]}{done.stderr[-3000:]}"
    return [_read(directory / str(number), target) for number, target in enumerate(targets)]


def _arguments(place: Path, target: Target) -> list[str]:
    place.mkdir()
    cookies = "; ".join(f"{name}={value}" for name, value in target.cookies)
    return [
        "--url", target.url, "--scope", "url", "--module", ",".join(target.modules), "--level", "1",
        "--format", "json", "--output", str(place / "report.json"), "--log", str(place / "log"), "--verbose", "1",
        "--store-session", str(place), "--store-config", str(place), "--no-bugreport", "--verify-ssl", "0",
        *(["--cookie-value", cookies] if cookies else []),
    ]  # fmt: skip


def _read(place: Path, target: Target) -> Report:
    report: dict[str, Any] = json.loads((place / "report.json").read_text(encoding="utf-8"))
    kinds = {**report["vulnerabilities"], **report["anomalies"]}
    findings = [f"{kind}: {found['info']}" for kind, those in kinds.items() for found in those]
    log = (place / "log").read_text(encoding="utf-8")
    return Report(target, tuple(findings), log)
