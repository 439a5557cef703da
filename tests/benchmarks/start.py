"""From the command `comanda pos` to the painted log-in screen, and to the answer to a PIN typed right then.

Whole processes, each on a pseudo-terminal of its own. The till has 2,000 items; the yardstick is the smallest Textual
app, started in turns with it.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import tempfile
import termios
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from shared.kernel.language import Language, Texts
from tests.benchmarks.big_till import big_till
from tests.benchmarks.figures import Figure, processor_seconds, resident_mb
from tests.faults.till_on_disk import PIN

LARGEST_RATIO = 1.5
"""Of the painted log-in to the smallest app."""
LARGEST_ANSWER_RATIO = 6.0
"""Of the answered PIN to the smallest app: no later than when everything was loaded before the first paint."""
RUNS = 9
ROWS, COLUMNS = 36, 120
GIVE_UP_SECONDS = 60.0
ROOT = Path(__file__).parents[2]
TEXTS = Texts(Language.SPANISH, ("terminal",))
PROMPT, FLOOR = TEXTS("login.prompt"), TEXTS("floor.hint")[:16]
SMALLEST = f"""
from textual.app import App
from textual.widgets import Static

class Smallest(App):
    def compose(self):
        yield Static({PROMPT!r})

Smallest().run()
"""


@dataclass(frozen=True)
class Started:
    """Seconds since the command: until the prompt stood there, of the processor alone, until what was typed then was
    answered, of the processor alone; and the memory that the process had then, in MB."""

    painted: float
    processor: float
    answered: float
    answered_processor: float
    resident_mb: float


def start(command: list[str], environment: dict[str, str], keys: str = "", answer: str = FLOOR) -> Started:
    """Start a program on a terminal of its own, type as soon as it asks for a PIN, end the program.

    Args:
        keys: what is typed; empty: nothing, and nothing is waited for.
        answer: what is on the screen when all of it is answered.
    """
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    begun = time.perf_counter()
    process = subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment, cwd=ROOT, process_group=0
    )
    os.close(theirs)
    try:
        _read_until(ours, PROMPT)
        painted, processor = time.perf_counter() - begun, processor_seconds(process.pid)
        if keys:
            os.write(ours, keys.encode())
            _read_until(ours, answer)
        answered = time.perf_counter() - begun
        return Started(painted, processor, answered, processor_seconds(process.pid), resident_mb(process.pid))
    finally:
        process.kill()
        process.wait()
        os.close(ours)


def _read_until(terminal: int, text: str) -> None:
    seen = b""
    while text.encode() not in seen:
        ready, _, _ = select.select([terminal], [], [], GIVE_UP_SECONDS)
        if not ready:
            raise AssertionError(f"no {text!r} among {len(seen)} bytes")
        seen += os.read(terminal, 65_536)


def beside_the_smallest(home: Path, keys: str, answer: str, runs: int) -> list[tuple[Started, Started]]:
    """Starts of the till in a folder, in turns with those of the smallest Textual app. See `start`."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"} | {
        "COMANDA_HOME": str(home),
        "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
        "PYTHONPYCACHEPREFIX": str(home.parent / "compiled"),  # as on a device: compiled once, by the first start
        "TERM": "xterm-256color",
    }
    pos = [sys.executable, "-m", "terminal.cli", "pos"]
    smallest = [sys.executable, "-c", SMALLEST]
    start(pos, environment, keys, answer), start(smallest, environment)
    return [(start(pos, environment, keys, answer), start(smallest, environment)) for _ in range(runs)]


def figures() -> list[Figure]:
    """Measure, and hold against the goals."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        home.mkdir()
        asyncio.run(big_till(home))
        runs = beside_the_smallest(home, f"{PIN}\r", FLOOR, RUNS)
    ours, theirs = [each for each, _ in runs], [each for _, each in runs]
    bare = median(each.painted for each in theirs)
    yardstick = f"the smallest Textual app {bare:.2f} s (processor {median(each.processor for each in theirs):.2f} s)"
    painted, answered = median(each.painted for each in ours), median(each.answered for each in ours)
    return [
        Figure(
            "start to log-in screen",
            _spread([each.painted for each in ours]) + f", processor {median(each.processor for each in ours):.2f} s",
            yardstick,
            painted / bare,
            f"at most {LARGEST_RATIO} times the smallest app",
            painted <= LARGEST_RATIO * bare,
        ),
        Figure(
            "start to the answer to a PIN typed at once",
            _spread([each.answered for each in ours]),
            yardstick,
            answered / bare,
            f"at most {LARGEST_ANSWER_RATIO} times the smallest app",
            answered <= LARGEST_ANSWER_RATIO * bare,
        ),
    ]


def _spread(seconds: list[float]) -> str:
    return f"{median(seconds):.2f} s (best {min(seconds):.2f}, worst {max(seconds):.2f})"
