"""CPU time is counted for a process and for what it started."""

import os
import subprocess
import sys

from bench.process_cpu import tree_cpu_seconds

BURN = "import time\nwhile time.process_time() < 0.2: pass"


def test_a_child_that_ended_counts() -> None:
    before = tree_cpu_seconds(os.getpid())
    subprocess.run([sys.executable, "-c", BURN], check=True)
    assert tree_cpu_seconds(os.getpid()) - before >= 0.15


def test_a_process_that_is_gone_has_used_nothing() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    assert tree_cpu_seconds(process.pid) == 0
