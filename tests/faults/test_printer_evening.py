"""An evening in which a printer is switched off and on, cut off and misbehaves: each paper once, or a question."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from restaurant import CASHIER
from sqlalchemy import select

from terminal.composition import Device, running
from terminal.printing.records import State, drawer_pulse, print_job
from tests.faults.printer_switch import SwitchedPrinter
from tests.faults.selling import sell
from tests.faults.till_on_disk import PAPERS, TillOnDisk
from tests.faults.until import until

SALES = 14
_TROUBLES = ("ok", "paper-out", "cover", "near-end", "slow:3000", "reset:300", "off", "cut")


@pytest.fixture
def printer(tmp_path: Path) -> Iterator[SwitchedPrinter]:
    made = SwitchedPrinter(tmp_path / "printer")
    yield made
    made.heal()
    made.switch_off()


def _change(printer: SwitchedPrinter, trouble: str) -> None:
    printer.heal()
    if trouble == "off":
        printer.switch_off()
    elif trouble == "cut":
        printer.switch_on()
        printer.cut_off()
    else:
        printer.switch_on(trouble)


async def _jobs(device: Device) -> list[tuple[str, str]]:
    """The mark that each job prints, and its state."""
    async with device.store.reading() as connection:
        rows = await connection.execute(select(print_job.c.id, print_job.c.state))
        return [(row.id.hex()[-6:], str(row.state)) for row in rows]


async def _all_told(device: Device) -> bool:
    async with device.store.reading() as connection:
        untold = select(drawer_pulse.c.id).where(~drawer_pulse.c.is_told)
        return (await connection.execute(untold)).first() is None


@pytest.mark.slow  # seconds: each trouble of a printer has its limits
@pytest.mark.parametrize("seed", [1, 2])
async def test_whatever_the_printer_does_each_paper_comes_out_once_or_is_asked_about(
    till: TillOnDisk, printer: SwitchedPrinter, seed: int
) -> None:
    chance = random.Random(seed)
    till.configure(printers={PAPERS: printer.address})
    async with running(till.folder, sync=False) as device:
        device.desk.actor = CASHIER
        for _sale in range(SALES):
            _change(printer, chance.choice((*_TROUBLES, f"reset:{chance.randrange(20, 1_500)}")))
            await sell(device.desk, chance, lambda *_step: None)
            await asyncio.sleep(chance.choice([0.0, 0.1, 0.3, 1.0]))
            if chance.random() < 0.5:
                _change(printer, chance.choice(("off", "cut", "cover", "paper-out")))
                await asyncio.sleep(chance.choice([0.1, 0.5]))
        _change(printer, "ok")

        async def ended() -> bool:
            await device.desk.printing.try_now()
            return all(state not in (State.QUEUED, State.CLAIMED, State.SENDING, State.FAILED) for _mark, state in jobs)

        jobs = await _jobs(device)
        while not await ended():
            await asyncio.sleep(0.2)
            jobs = await _jobs(device)
        await until(lambda: _all_told(device), "the branch knows what became of every pulse")
    states = Counter(state for _mark, state in jobs)
    await until(lambda: len(printer.papers) >= states[State.CONFIRMED], "every confirmed paper lies in the tray")
    copies = {mark: sum(f"#{mark}" in paper.text for paper in printer.papers) for mark, _state in jobs}
    assert len(jobs) >= SALES
    for mark, state in jobs:
        allowed = (1,) if state in (State.CONFIRMED, State.SENT) else (0, 1)
        assert copies[mark] in allowed, (mark, state, copies[mark])
    assert states[State.CONFIRMED] + states[State.UNKNOWN] + states[State.SENT] == len(jobs)
    assert states[State.CONFIRMED] > 0
