"""A real PC/SC stack for each test of this folder."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.pcscd import RunningPcscd, running_pcscd


@pytest.fixture
def pcscd(tmp_path: Path) -> Iterator[RunningPcscd]:
    with running_pcscd(tmp_path) as running:
        yield running
