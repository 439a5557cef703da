"""kill -9 before any statement of a split, its payments, a refund, a count, a close: a step is whole or not there.

Each step of the evening is begun again and again from the same file and dies at another statement. What the file says
then, of every table: how many rows, and what their amounts come to, is what it said before the step or what it says
after it. `--cycles 100000` (`make kills`) dies at every statement.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from shared.orders.records import OrderLine
from shared.payments.records import Payment, Receipt
from shared.payments.rules import TenderKind
from shared.shifts.records import ZReport
from terminal.desks.desk import Desk
from tests.faults.books import unlike_its_log
from tests.faults.money_evening import ORDERED, Step, rows
from tests.faults.till_on_disk import TillOnDisk

ROOT = Path(__file__).parents[2]
CYCLES_A_KILL = 100
"""So many of the asked cycles make one more kill a step: few in each run of the tests."""
MOST_STEPS = 40
ADDED_UP = ("_minor", "_milli", "_seq")

Sums = dict[str, Any]


class Till:
    """A till that can be taken back to where it was, and whose processes die on command."""

    def __init__(self, process: subprocess.Popen[str], till: TillOnDisk) -> None:
        self._process = process
        self.till = till
        self.folder = till.folder.root

    def save(self, to: Path) -> None:
        """Keep the file as it is; nothing has it open."""
        shutil.copytree(self.folder, to, dirs_exist_ok=True)

    def back(self, to: Path) -> None:
        """Take the file back, in its place: in another one it would be a restored backup."""
        for file in self.folder.iterdir():
            if (to / file.name).exists():
                shutil.copyfile(to / file.name, file)
            else:
                file.unlink()
        for file in to.iterdir():
            if not (self.folder / file.name).exists():
                shutil.copyfile(file, self.folder / file.name)

    def step(self, at: int = 0, commits: int = 1) -> tuple[Step | None, int]:
        """Let a till do its next step, or die in it. What it acknowledged, and how many statements it ran."""
        self._say(folder=str(self.folder), at=at, commits=commits)
        done: tuple[Step | None, int] = None, 0
        while (heard := self._hear())[0] != "gone":
            if heard[0] == "done":
                done = Step(*heard[1:3]), heard[3]
        assert heard[1] == (9 if at and done[0] is None else 0)
        return done

    def sums(self) -> Sums:
        """What the file says; see the module."""
        return asyncio.run(self._looked(_sums))

    def deep(self) -> list[str]:
        """What is not as its log says."""
        return asyncio.run(self._looked(lambda desk: unlike_its_log(desk.store)))

    def money(self) -> list[str]:
        """What is wrong with the money."""
        return asyncio.run(self._looked(_wrong))

    async def _looked(self, look: Callable[[Desk], Any]) -> Any:
        async with self.till.desk() as desk:
            return await look(desk)

    def _say(self, **order: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()

    def _hear(self) -> list[Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the tills' parent has died"
        return list(json.loads(line))


async def _sums(desk: Desk) -> Sums:
    found: Sums = {}
    async with desk.store.reading() as connection:
        names = await connection.scalars(sa.text("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"))
        for name in names.all():
            columns = (await connection.execute(sa.text(f"PRAGMA table_info({name})"))).all()
            added = [f"total({column.name})" for column in columns if column.name.endswith(ADDED_UP)]
            looked = await connection.execute(sa.text(f"SELECT {', '.join(['count(*)', *added])} FROM {name}"))
            found[name] = tuple(looked.one())
    return found


async def _wrong(desk: Desk) -> list[str]:
    """Children sum to their parent, and what is due and what was paid to what was ordered."""
    lines, payments, receipts = await rows(desk, OrderLine), await rows(desk, Payment), await rows(desk, Receipt)
    found = []
    held: Counter[Any] = Counter()
    due = 0
    for order in desk.orders.values():
        due += sum(check.due_minor for check in order.checks)
        for line in order.lines:
            held[line.root_id] += line.quantity_milli + line.voided_milli
    ordered = {row.id: row.quantity_milli for row in lines if row.id == row.root_id}
    if desk.orders and held != ordered:
        found.append(f"ordered {ordered}, and {held} on checks")
    if len(ordered) < len(ORDERED):
        return found
    price = sum(row.quantity_milli * row.unit_price_minor for row in lines if row.id == row.root_id) // 1_000
    paid = sum(row.amount_minor for row in payments) - sum(row.rounding_minor for row in receipts)
    if due + paid != price:
        found.append(f"{price} was ordered, {paid} paid, and {due} is due")
    if [row.number for row in receipts] != [f"A-{at:08d}" for at in range(1, len(receipts) + 1)]:
        found.append("receipt numbers have gaps")
    return found


@pytest.fixture
def killed(another_till: Callable[[Path], TillOnDisk], tmp_path: Path) -> Iterator[Till]:
    with subprocess.Popen(
        [sys.executable, "-m", "tests.faults.killed_evening"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        till = Till(process, another_till(tmp_path / "till"))
        till._say(folder=str(another_till(tmp_path / "warm").folder.root))
        assert till._hear()[0] == "done"
        yield till
        assert process.stdin is not None
        process.stdin.close()


@pytest.mark.slow
def test_whatever_statement_it_dies_at_a_step_is_whole_or_not_there(killed: Till, cycles: int, tmp_path: Path) -> None:
    """Slow: each of the kills forks a till, and opens what it left."""
    said: list[Step] = []
    kills = 0
    for number in range(MOST_STEPS):
        saved = tmp_path / f"before-{number}"
        killed.save(saved)
        before = killed.sums()
        done, statements = killed.step()
        if done is None:
            break
        said.append(done)
        after = killed.sums()
        assert killed.money() == [], done
        whole = saved.with_name(f"after-{number}")
        killed.save(whole)
        for at in _chosen(statements, max(2, cycles // CYCLES_A_KILL), number):
            killed.back(saved)
            assert killed.step(at)[0] is None
            kills += 1
            left = killed.sums()
            assert left in (before, after), f"{done.name}, statement {at}: {_unlike(left, before, after)}"
            assert at < statements or killed.deep() == [], f"{done.name}, statement {at}"
        killed.back(whole)
    names = [step.name for step in said]
    assert {"split", "refunded", "counted", "closed", *_PAID_BY} <= set(names)
    assert kills >= 2 * len(names)


_PAID_BY = (TenderKind.CARD, TenderKind.CASH, TenderKind.WALLET)


@pytest.mark.slow
def test_an_evening_of_a_till_that_dies_in_every_step_ends_with_the_same_money(
    killed: Till, another_till: Callable[[Path], TillOnDisk], tmp_path: Path
) -> None:
    """Slow: it forks a till four times a step."""
    saved = tmp_path / "begun"
    killed.save(saved)
    took = []
    while (done := killed.step())[0] is not None:
        took.append(done[1])
    undisturbed = asyncio.run(killed._looked(_final))
    killed.back(saved)
    for number, statements in enumerate(took):
        for at in _chosen(statements, 2, number + 7):
            killed.step(at)
    while killed.step()[0] is not None:
        pass
    assert killed.deep() == []
    assert asyncio.run(killed._looked(_final)) == undisturbed


def test_a_till_that_commits_a_step_in_two_parts_is_found_out(killed: Till, tmp_path: Path) -> None:
    killed.save(tmp_path / "begun")
    before = killed.sums()
    _done, statements = killed.step(commits=2)
    after = killed.sums()
    killed.back(tmp_path / "begun")
    killed.step(statements - 2, commits=2)
    assert killed.sums() not in (before, after)


async def _final(desk: Desk) -> list[Any]:
    (z,) = await rows(desk, ZReport)
    payments = [(row.method_name, row.amount_minor, row.tendered_minor) for row in await rows(desk, Payment)]
    receipts = [(row.number, row.total_minor) for row in await rows(desk, Receipt)]
    return [payments, receipts, z.number, z.checks, z.total_minor, z.difference_minor, z.counted]


def _chosen(statements: int, kills: int, number: int) -> list[int]:
    """So many of the statements of a step, others in each step; the last one is among them."""
    if kills >= statements:
        return list(range(1, statements + 1))
    apart = statements / kills
    return sorted({statements, *(1 + int(apart * each + number * 7 % apart) for each in range(kills - 1))})


def _unlike(left: Sums, before: Sums, after: Sums) -> str:
    torn = {name: (before[name], said, after[name]) for name, said in left.items() if said != before[name]}
    return str({name: each for name, each in torn.items() if each[1] != each[2]} or torn)
