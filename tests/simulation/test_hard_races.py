"""A race that schedules meet seldom, told step by step: a portion is gone twice, while others are ordered."""

from __future__ import annotations

import asyncio
import random
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from uuid import UUID

import pytest

from shared.kernel.work import Work
from shared.kitchen.sending import send_order
from shared.orders.commands import open_order
from shared.orders.records import OrderKind, OrderLine
from shared.truth.reading import look
from tests.simulation import duel
from tests.simulation.house import CASHIER, MANAGER, actor
from tests.simulation.mutants import MUTANTS
from tests.simulation.quiet_branch import QuietBranch, play

THREE = ("till", "waiter", "second till")
A_WHILE_SECONDS = 20.0
NOBODY = UUID(int=0)


def untold_after_sending(folder: Path, planted: AbstractContextManager[None]) -> int:
    """Portions of which the kitchen does not know though the order was sent, after the race and when all have met."""
    left: list[int] = []

    async def story(branch: QuietBranch) -> None:
        devices = [branch.devices[name] for name in THREE]
        till = devices[0]
        await asyncio.sleep(A_WHILE_SECONDS)
        await till.store.run(actor(CASHIER), lambda work: open_order(work, work.ids.new(), OrderKind.TAKEOUT))
        await duel._act(till, duel._fresh_line, NOBODY, random.Random(1))
        await asyncio.sleep(A_WHILE_SECONDS)
        known = duel._some_line(devices, random.Random(1), duel._UNTOLD)
        assert known is not None
        acts = (duel._waste, duel._void_and_confirm, duel._three)
        await asyncio.gather(
            *(duel._act(device, act, known, random.Random(1)) for device, act in zip(devices, acts, strict=True))
        )
        await asyncio.sleep(A_WHILE_SECONDS)

        async def send(work: Work) -> int:
            await send_order(work, (await work.get(OrderLine, known)).order_id)
            return (await look(work, known))[1].to_send

        left.append(await till.store.run(actor(MANAGER), send))

    with planted:
        play(folder, THREE, story)
    return left[0]


def test_a_portion_that_is_gone_twice_swallows_none_that_is_ordered(tmp_path: Path) -> None:
    assert untold_after_sending(tmp_path, nullcontext()) == 0


@pytest.mark.slow
def test_the_planted_bug_that_swallows_it_is_noticed(tmp_path: Path) -> None:
    """Slow, because three devices and a cloud run."""
    assert untold_after_sending(tmp_path, MUTANTS["gone_twice_is_gone_twice"]()) > 0
