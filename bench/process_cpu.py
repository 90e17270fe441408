"""How much CPU a process tree has used: user and system time, children that ended included (Linux, /proc)."""

import os
from pathlib import Path
from typing import Final

_TICKS: Final = os.sysconf("SC_CLK_TCK")


def tree_cpu_seconds(root_pid: int) -> float:
    """The CPU seconds of a process and everything below it, since each began."""
    stats = _read_stats()
    wanted, total = [root_pid], 0
    while wanted:
        pid = wanted.pop()
        if pid in stats:
            total += stats[pid][1]
            wanted += [child for child, (parent, _) in stats.items() if parent == pid]
    return total / _TICKS


def _read_stats() -> dict[int, tuple[int, int]]:
    stats = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                text = (entry / "stat").read_text()
            except OSError:
                continue
            # After the name, which may hold anything: state, ppid, …, utime, stime, cutime, cstime (proc(5)).
            fields = text.rpartition(")")[2].split()
            stats[int(entry.name)] = (int(fields[1]), sum(int(field) for field in fields[11:15]))
    return stats
