"""Wrong PINs at a real till: pauses in running time, over restarts, under wrong clocks; a budget beyond that."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta

import pytest
from restaurant import HandClock

from shared.kernel.errors import DomainError
from shared.kernel.ids import Uuid7Source
from terminal.gate import Gate
from terminal.store.attempts import BUDGET, REGROWTH_MS
from terminal.store.store import Store
from tests.faults.till_on_disk import IDENTITY, PIN, SECRETS, TillOnDisk

WRONG = "9999"
TODAY = datetime(2026, 11, 23, 17, tzinfo=UTC)
Open = Callable[[HandClock], Awaitable[Gate]]


@pytest.fixture
async def gate_under(till: TillOnDisk) -> AsyncIterator[Open]:
    """Opens the till's store, as a start of the program does, and gives its gate."""
    async with AsyncExitStack() as stack:

        async def opened(clock: HandClock) -> Gate:
            store = await Store.open(
                till.folder.database, SECRETS.database_key, IDENTITY, clock, Uuid7Source(clock, os.urandom)
            )
            stack.push_async_callback(store.close)
            gate = Gate(store, SECRETS.pepper)
            async with store.reading() as connection:
                await gate.read_staff(connection)
            await gate.keep()
            return gate

        yield opened


async def refusal(gate: Gate, pin: str = WRONG) -> DomainError:
    with pytest.raises(DomainError) as refused:
        await gate.check(pin)
    return refused.value


async def test_a_clock_in_2035_locks_the_till_for_seconds_and_not_until_2035(gate_under: Open) -> None:
    clock = HandClock(datetime(2035, 1, 1, 12, tzinfo=UTC))
    gate = await gate_under(clock)
    for _ in range(4):
        await refusal(gate)
    clock.instant = TODAY
    assert (await refusal(gate, PIN)).params["seconds"] == 5
    clock.pass_time(seconds=5)
    assert (await gate.log_in(PIN)).name == "Rosa"


@pytest.mark.parametrize("year", [1971, 2035])
async def test_a_clock_that_is_turned_neither_lengthens_nor_shortens_a_pause(gate_under: Open, year: int) -> None:
    clock = HandClock(TODAY)
    gate = await gate_under(clock)
    for _ in range(4):
        await refusal(gate)
    clock.instant = datetime(year, 1, 1, tzinfo=UTC)
    assert (await refusal(gate, PIN)).params["seconds"] == 5
    clock.pass_time(seconds=5)
    assert await gate.check(PIN)


async def test_a_pause_goes_on_after_a_restart_of_the_program_and_of_the_machine(gate_under: Open) -> None:
    clock = HandClock(TODAY)
    clock.running = timedelta(hours=8)
    gate = await gate_under(clock)
    for _ in range(6):
        await refusal(gate)
        clock.pass_time(seconds=gate.pause_seconds)
    await refusal(gate)  # 40 s
    clock.pass_time(seconds=10)
    again = await gate_under(clock)
    assert again.pause_seconds == 30
    clock.running = timedelta(seconds=12)  # the machine started, and its clock of running time with it
    clock.instant += timedelta(days=1)
    last = await gate_under(clock)
    assert last.pause_seconds == 18
    assert (await refusal(last, PIN)).code == "PIN_LOCKED"
    clock.pass_time(seconds=18)
    assert await last.check(PIN)


async def test_the_pause_counts_down_and_what_is_tried_meanwhile_costs_nothing(gate_under: Open) -> None:
    clock = HandClock(TODAY)
    gate = await gate_under(clock)
    for _ in range(4):
        await refusal(gate)
    for left in (5, 4, 3, 2, 1):
        assert (await refusal(gate)).params["seconds"] == left == gate.pause_seconds
        clock.pass_time(seconds=1)
    assert gate.pause_seconds == 0
    assert await gate.check(PIN)


async def test_guesses_between_ones_own_pin_are_slowed_when_the_budget_is_spent(gate_under: Open) -> None:
    clock = HandClock(TODAY)
    gate = await gate_under(clock)
    for _ in range(BUDGET):
        assert (await refusal(gate)).code == "PIN_WRONG"
        assert await gate.check(PIN)
    for _ in range(2):
        assert (await refusal(gate)).params["wait"] == "15 min 00 s"
        assert (await refusal(gate, PIN)).code == "PIN_LOCKED"
        clock.pass_time(minutes=15)
        assert await gate.check(PIN)
    clock.pass_time(milliseconds=REGROWTH_MS)
    assert (await refusal(gate)).code == "PIN_WRONG"


async def test_right_pins_spend_nothing(gate_under: Open) -> None:
    gate = await gate_under(HandClock(TODAY))
    for _ in range(BUDGET + 2):
        await gate.check(PIN)
    assert (await refusal(gate)).params["left"] == 3


async def test_what_is_too_short_and_what_comes_before_the_staff_is_no_wrong_pin(gate_under: Open) -> None:
    gate = await gate_under(HandClock(TODAY))
    for typed in ("1", "123", "", "12345678910"):
        assert (await refusal(gate, typed)).code == "PIN_INCOMPLETE"
    staff, gate.staff = gate.staff, ()
    assert (await refusal(gate)).code == "STAFF_NOT_HERE_YET"
    gate.staff = staff
    assert (await refusal(gate)).params["left"] == 3


KILLED_WHILE_COMPARING = """
import asyncio, os, sys
from pathlib import Path
import terminal.gate
from terminal.device import DeviceFolder
from terminal.gate import Gate
from tests.faults.till_on_disk import SECRETS, TillOnDisk

terminal.gate.pin_matches = lambda *_: os.kill(os.getpid(), 9)

async def guess():
    async with TillOnDisk(DeviceFolder(Path(sys.argv[1]), use_keyring=False)).store() as store:
        gate = Gate(store, SECRETS.pepper)
        async with store.reading() as connection:
            await gate.read_staff(connection)
        await gate.check(sys.argv[2])

asyncio.run(guess())
"""


async def test_a_kill_while_a_pin_is_compared_forgives_no_attempt(till: TillOnDisk, gate_under: Open) -> None:
    for _ in range(2):
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            KILLED_WHILE_COMPARING,
            till.folder.root,
            PIN,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )
        assert await process.wait() == -signal.SIGKILL
    gate = await gate_under(HandClock(TODAY))
    assert (await refusal(gate)).params["left"] == 1
