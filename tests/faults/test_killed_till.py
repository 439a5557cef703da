"""kill -9 of the till at random moments: what it acknowledged is there once, and what it did not is whole or absent."""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults.books import Acknowledged, violations
from tests.faults.till_on_disk import TillOnDisk

ROOT = Path(__file__).parents[2]
MOST_WORDS = 12
"""A till lives until it has said a random number of things, fewer than this: two sales at most, sometimes nothing."""
LONGEST_SILENCE_SECONDS = 0.04
"""Then for a random moment more, about as long as opening takes, or two steps."""
LIVES_A_FILE = 5
"""Then its whole log is folded anew, and a new file is begun: what is checked after each kill stays small."""
PARTS = 2
CONTROL_LIVES = 40


class Killer:
    """Starts tills one after the other and kills each of them."""

    def __init__(self, process: subprocess.Popen[str], warm: TillOnDisk) -> None:
        self._process = process
        self._order(folder=str(warm.folder.root))
        assert self._hear() == ["warm"]

    def one_life(self, till: TillOnDisk, said: Acknowledged, seed: int, *, careless: bool = False) -> None:
        """Let a till live for a random while."""
        self._order(folder=str(till.folder.root), seed=seed, careless=careless)
        pid = int(str(self._hear()[1]))
        chance = random.Random(seed)
        for _word in range(chance.randrange(MOST_WORDS)):
            _note(said, self._hear())
        time.sleep(chance.uniform(0.0, LONGEST_SILENCE_SECONDS))
        os.kill(pid, signal.SIGKILL)
        said.lives += 1
        while (heard := self._hear())[0] != "gone":
            _note(said, heard)

    def _order(self, **order: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()

    def _hear(self) -> list[object]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the tills' parent has died"
        return list(json.loads(line))


def _note(said: Acknowledged, heard: list[object]) -> None:
    if heard[0] != "ready":
        said.hear(*heard)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def killer(another_till: Callable[[Path], TillOnDisk], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Killer]:
    with subprocess.Popen(
        [sys.executable, "-m", "tests.faults.killed_till"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield Killer(process, another_till(tmp_path_factory.mktemp("warm") / "till"))
        assert process.stdin is not None
        process.stdin.close()


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
def test_what_a_killed_till_acknowledged_is_there_once(
    part: int, killer: Killer, cycles: int, another_till: Callable[[Path], TillOnDisk], tmp_path: Path
) -> None:
    """Slow: each of the kills waits for a till to open and sell."""
    said = Acknowledged()
    sold = 0
    for life in range(-(-cycles // PARTS)):
        if life % LIVES_A_FILE == 0:
            sold += len(said.paid)
            said, till = Acknowledged(), another_till(tmp_path / f"till-{life}")
        seed = part * 1_000_003 + life
        killer.one_life(till, said, seed)
        assert asyncio.run(violations(till, said)) == [], f"seed {seed}"
    assert sold + len(said.paid) > cycles // PARTS // 4


def test_a_till_that_acknowledges_too_early_is_found_out(killer: Killer, till: TillOnDisk) -> None:
    said = Acknowledged()
    for life in range(CONTROL_LIVES):
        killer.one_life(till, said, life, careless=True)
        found = asyncio.run(violations(till, said, deep=False))
        if found:
            break
    assert any("is not there" in each or "steps were acknowledged" in each for each in found)
