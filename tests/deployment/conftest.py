"""An installation as the container's image has it, made once a run."""

from pathlib import Path

import pytest

from tests.support import installation


@pytest.fixture(scope="session")
def installed_prefix(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return installation.installed_prefix(tmp_path_factory)
