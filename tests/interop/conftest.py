"""One provider for all judges of a run, on SQLite, with two workers."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.running_provider import RunningProvider, running_sandbox, sandbox_prototype


@pytest.fixture(scope="package")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningProvider]:
    directory: Path = tmp_path_factory.mktemp("interop") / "idp"
    with running_sandbox(directory, sandbox_prototype(tmp_path_factory), web={"workers": 2}) as running:
        yield running
        running.stop()
