"""An installation as the container's image has it, made once a run."""

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def installed_prefix(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment with the wheel and its locked dependencies, by the very script of the Dockerfile."""
    prefix = tmp_path_factory.mktemp("image") / "idp"
    subprocess.run([ROOT / "scripts" / "docker-build-steps", ROOT, prefix], check=True, timeout=600)
    return prefix
