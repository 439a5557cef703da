"""A figure with its yardstick, and how it is printed. A claim about speed is a ratio within one run (DESIGN 9)."""

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


def processor_seconds(pid: int) -> float:
    """What a process has used so far; unlike the clock's seconds it hardly depends on who else is busy."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def tree_seconds(pid: int) -> float:
    """What a process has used so far with its children, those that have ended included."""
    parents = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = entry.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents[int(entry.parent.name)] = (int(fields[1]), sum(map(int, fields[11:13])), sum(map(int, fields[13:15])))
    ticks = sum(parents[pid][1:]) + sum(own for parent, own, _ended in parents.values() if parent == pid)
    return ticks / os.sysconf("SC_CLK_TCK")
