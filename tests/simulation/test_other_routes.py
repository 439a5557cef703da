"""A race that schedules meet seldom, told step by step: two devices send one line, and one has not heard of a route."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from uuid import UUID

import pytest
import sqlalchemy as sa

from shared.kernel.permissions import SYSTEM
from shared.kernel.work import Work
from shared.kitchen.records import Station
from shared.kitchen.stations import set_route
from shared.menu.records import Item
from shared.orders.commands import open_order, set_quantity
from shared.orders.records import OrderKind
from tests.simulation import books, duel, ledgers
from tests.simulation.disk import look
from tests.simulation.house import CASHIER, actor
from tests.simulation.mutants import MUTANTS
from tests.simulation.observer import Broken
from tests.simulation.places import BRANCH, ORGANIZATION
from tests.simulation.quiet_branch import QuietBranch, play

TWO = ("till", "waiter")
A_WHILE_SECONDS = 20.0
ROUTE = UUID(int=77)
AT_BOTH, THE_OTHER_FIRST, AT_ONE = ("Cocina", "Barra"), ("Barra", "Cocina"), ("Cocina",)


async def _route(branch: QuietBranch, names: Sequence[str]) -> None:
    async with branch.cloud.units.work(ORGANIZATION, SYSTEM) as work:
        stations = {each.name: each.id for each in (await work.session.scalars(sa.select(Station))).all()}
        item = (await work.session.scalars(sa.select(Item.id).where(Item.code == "cev"))).one()
        first, *others = (stations[name] for name in names)
        await set_route(work, ROUTE, first, others, item_id=item, branch_id=BRANCH)
    branch.cloud.fold_worker.tell(ORGANIZATION)
    await asyncio.sleep(A_WHILE_SECONDS)


def both_send(
    folder: Path, heard: Sequence[str], unheard: Sequence[str], waiter_sends: int, planted: AbstractContextManager[None]
) -> None:
    """Let the waiter's station, which has not heard of the second route, send a line that the till sends, too.

    Raises:
        Broken: the ledgers do not agree once all have met.
    """

    async def story(branch: QuietBranch) -> None:
        till, waiter = (branch.devices[name] for name in TWO)
        await _route(branch, heard)
        await till.store.run(actor(CASHIER), lambda work: open_order(work, work.ids.new(), OrderKind.TAKEOUT))
        await duel._act(till, duel._fresh_line, UUID(int=0), random.Random(1))
        await asyncio.sleep(A_WHILE_SECONDS)
        line = duel._some_line([till, waiter], random.Random(1), duel._UNTOLD)
        assert line is not None
        branch.network.cut.add(waiter.name)
        await _route(branch, unheard)

        async def send(work: Work) -> None:
            await set_quantity(work, line, waiter_sends)
            await duel._send(work, waiter, line, random.Random(1))

        await waiter.process.spawn(waiter.store.run(actor(CASHIER), send))
        await till.process.spawn(duel._act(till, duel._send, line, random.Random(1)))
        branch.network.heal()
        await asyncio.sleep(A_WHILE_SECONDS)
        eye = look(branch.cloud.path)
        ledgers.agree(books.rows_of(eye)[0])
        eye.close()

    with planted:
        play(folder, TWO, story)


@pytest.mark.slow
@pytest.mark.parametrize(("heard", "unheard", "sends"), [(AT_BOTH, THE_OTHER_FIRST, 1_000), (AT_ONE, AT_BOTH, 2_000)])
def test_each_station_is_asked_for_what_it_was_not_told(
    heard: Sequence[str], unheard: Sequence[str], sends: int, tmp_path: Path
) -> None:
    """Slow, because two devices and a cloud run."""
    both_send(tmp_path, heard, unheard, sends, nullcontext())


@pytest.mark.slow
@pytest.mark.parametrize(
    ("bug", "heard", "unheard", "sends"),
    [
        ("each_device_tells_its_route", AT_BOTH, THE_OTHER_FIRST, 1_000),
        ("others_lack_nothing", AT_ONE, AT_BOTH, 2_000),
    ],
)
def test_the_planted_bugs_of_routes_are_noticed(
    bug: str, heard: Sequence[str], unheard: Sequence[str], sends: int, tmp_path: Path
) -> None:
    """Slow, because two devices and a cloud run."""
    with pytest.raises(Broken):
        both_send(tmp_path, heard, unheard, sends, MUTANTS[bug]())
