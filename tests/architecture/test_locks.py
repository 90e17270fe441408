"""The locks hold what pyproject.toml asks for, with hashes, and name no registry. `make lock` writes them."""

import re
import tomllib
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.architecture.source_tree import ROOT

PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^ ;\\]+)(?: ; ([^\\]+))?")
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
BUILD = [*PROJECT["build-system"]["requires"], "editables"]
DIRECT = PROJECT["project"]["dependencies"]
EXTRAS = [line for lines in PROJECT["project"]["optional-dependencies"].values() for line in lines]
GROUPS = PROJECT["dependency-groups"]
LOCKS = {
    "base": DIRECT + BUILD,
    "build": BUILD,
    "lock": DIRECT + EXTRAS,
    "dev": DIRECT + EXTRAS + BUILD + GROUPS["dev"],
    "pcsc": GROUPS["pcsc"],
    "node": GROUPS["node"],
    "wapiti": GROUPS["wapiti"],
}


def pins(lock: str) -> dict[str, set[Version]]:
    found: dict[str, set[Version]] = {}
    for line in (ROOT / "requirements" / f"{lock}.txt").read_text(encoding="utf-8").splitlines():
        if pin := PIN.match(line):
            found.setdefault(canonicalize_name(pin[1]), set()).add(Version(pin[2]))
    return found


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_has_every_direct_dependency_in_an_allowed_version(lock: str) -> None:
    pinned = pins(lock)
    for line in LOCKS[lock]:
        requirement = Requirement(line)
        versions = pinned.get(canonicalize_name(requirement.name), set())
        assert versions, f"requirements/{lock}.txt lacks {requirement.name}; run make lock"
        assert all(requirement.specifier.contains(v) for v in versions), f"{requirement} but {versions}; run make lock"


@pytest.mark.parametrize("lock", LOCKS)
def test_every_line_of_a_lock_is_a_pin_or_its_hash(lock: str) -> None:
    text = (ROOT / "requirements" / f"{lock}.txt").read_text(encoding="utf-8")
    for entry in re.split(r"(?<!\\)\n", text.strip()):
        first, *hashes = entry.split(" \\\n")
        assert PIN.match(first), first
        assert hashes, f"{first} has no hash"
        assert all(re.fullmatch(r" +--hash=sha256:[0-9a-f]{64}", line) for line in hashes), first


@pytest.mark.parametrize(("small", "large"), [("build", "base"), ("base", "dev"), ("lock", "dev")])
def test_locks_agree_with_one_another(small: str, large: str) -> None:
    larger = pins(large)
    assert {name: versions for name, versions in pins(small).items() if larger.get(name) != versions} == {}


def test_shipped_dependencies_leave_the_build_tools_out() -> None:
    assert "hatchling" not in pins("lock")
