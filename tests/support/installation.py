"""An installation as the container's image has it, made once a run for all of its processes."""

from __future__ import annotations

import fcntl
import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
_LIMIT_SECONDS = 900


def installed_prefix(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment with the wheel and its locked dependencies, by the very script of the Dockerfile."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    prefix = shared / "installed" / "idp"
    prefix.parent.mkdir(exist_ok=True)
    # The others wait for the process that is first.
    with (prefix.parent / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        whole = prefix.parent / "whole"
        if not whole.exists():
            subprocess.run([ROOT / "scripts" / "docker-build-steps", ROOT, prefix], check=True, timeout=_LIMIT_SECONDS)
            whole.touch()
    return prefix
