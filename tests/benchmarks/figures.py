"""A figure with its yardstick, how it is printed, and what processes use. A claim about speed is a ratio within one run
(DESIGN 9)."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles


@dataclass(frozen=True)
class Figure:
    """What was measured.

    Attributes:
        yardstick: what it is held against, measured in the same run, in words.
        met: whether the goal holds.
    """

    name: str
    value: str
    yardstick: str
    ratio: float
    goal: str
    met: bool

    def __str__(self) -> str:
        mark = "✓ met" if self.met else "✗ MISSED"
        return (
            f"  {self.name}: {self.value}\n"
            f"    yardstick {self.yardstick}; ratio {self.ratio:.2f}\n"
            f"    goal {self.goal}: {mark}"
        )


def milliseconds(seconds: Sequence[float]) -> str:
    """The median, and the best and worst tenth."""
    tenths = quantiles(seconds, n=10)
    return f"{median(seconds) * 1e3:.2f} ms (10 %: {tenths[0] * 1e3:.2f}, 90 %: {tenths[-1] * 1e3:.2f})"


def hundredth(seconds: Sequence[float]) -> float:
    """The 99th percentile."""
    return quantiles(seconds, n=100, method="inclusive")[-1]


def load() -> str:
    """How busy the machine was in the last minute, in words: figures of a busy machine are worse."""
    return f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"


def processor_seconds(pid: int) -> float:
    """What a process has used so far; unlike the clock's seconds it hardly depends on who else is busy."""
    return sum(_ticks(pid)[:2]) / os.sysconf("SC_CLK_TCK")


def processor_seconds_of_threads(pid: int) -> float:
    """The same to the nanosecond, of the threads that live: for what takes milliseconds."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9


def processor_seconds_of_family(pid: int) -> float:
    """What a process has used so far, with its children, also those that have ended (PostgreSQL's server processes)."""
    used = sum(_ticks(pid))
    for each in Path("/proc").glob("[0-9]*"):
        try:
            if parent_of(int(each.name)) == pid:
                used += sum(_ticks(int(each.name)))
        except OSError:
            continue  # it has ended meanwhile
    return used / os.sysconf("SC_CLK_TCK")


def resident_mb(pid: int) -> float:
    """The memory of a process, with what it shares with others."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def parent_of(pid: int) -> int:
    """The process that started this one."""
    return int(_fields(pid)[1])


def _ticks(pid: int) -> list[int]:
    """User, system, and both of the children that have ended."""
    return [int(field) for field in _fields(pid)[11:15]]


def _fields(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
