"""To which business day money belongs, over a till's real desk: midnight, cut-off, and nights of 23 and 25 hours."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, datetime
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from restaurant import BRANCH, MANAGER, HandClock

from shared.drawers.commands import Cash
from shared.drawers.records import CashMovement
from shared.kernel.ids import Uuid7Source
from shared.kernel.work import Work
from shared.orders.records import OrderKind
from shared.payments.records import Payment, Receipt
from shared.payments.rules import Tender
from shared.shifts.commands import Counted
from shared.shifts.rules import SessionReport
from shared.tenancy.records import Branch
from terminal.composition import print_plan
from terminal.desks.desk import Desk
from terminal.gate import Gate
from terminal.store.store import Store
from tests.faults.till_on_disk import SECRETS, TillOnDisk, copy_till, found_till
from tests.terminal.screens.real_desk import rows

ZURICH = ZoneInfo("Europe/Zurich")
SHORT_NIGHT, LONG_NIGHT = date(2026, 3, 28), date(2026, 10, 24)
"""The business days whose nights have 23 and 25 hours; days end at 4 in the morning."""


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("founded")
    asyncio.run(found_till(folder, _in_zurich))
    return folder


async def _in_zurich(work: Work) -> None:
    (await work.get(Branch, BRANCH)).zone = str(ZURICH)


class Night:
    """A manager at the desk of a till whose clock is set by hand."""

    def __init__(self, desk: Desk, clock: HandClock) -> None:
        self.desk = desk
        self._clock = clock

    def it_is(self, day: date, hour: int, minute: int = 0, *, again: bool = False) -> None:
        """The wall clock of the branch says so; `again`: the second time in the night that has an hour twice."""
        wall = datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZURICH, fold=int(again))
        self._clock.pass_time(seconds=(wall - self._clock.now()).total_seconds())

    async def sell(self) -> None:
        desk = self.desk
        order = await desk.open_order(OrderKind.TAKEOUT)
        await desk.add_line(order, next(item for item in desk.menu.items.values() if item.name == "Ceviche"))
        check = desk.orders[order].check
        cash = next(method for method in desk.methods if method.is_house_cash)
        await desk.pay(order, check.id, [Tender(cash.id, cash.name, cash.kind, check.due_minor)])

    @property
    def sessions(self) -> list[UUID]:
        return [view.session.id for view in self.desk.drawers.sessions]

    async def close(self, session: UUID, cash_minor: int) -> SessionReport:
        await self.desk.shifts.count(session, [Counted(Cash("PEN", cash_minor))])
        return await self.desk.shifts.close(session, "")

    async def dates(self) -> list[tuple[date, int]]:
        """The business date and the local hour of each payment; receipts say the same."""
        paid, receipts = await rows(self.desk, Payment.__table__), await rows(self.desk, Receipt.__table__)
        found = [(row.business_date, row.local_hour) for row in sorted(paid, key=lambda row: row.taken_at)]
        said = [(row.business_date, row.local_hour) for row in sorted(receipts, key=lambda row: row.settled_at)]
        assert found == said
        return found


@pytest.fixture
async def night(founded: Path, tmp_path: Path) -> AsyncIterator[Night]:
    async with _at_desk(copy_till(founded, tmp_path / "till")) as found:
        yield found


@asynccontextmanager
async def _at_desk(till: TillOnDisk) -> AsyncIterator[Night]:
    clock = HandClock()
    ids = Uuid7Source(clock, os.urandom)
    store = await Store.open(till.folder.database, SECRETS.database_key, till.identity, clock, ids)
    desk = Desk(store, Gate(store, SECRETS.pepper), None, print_plan(till.folder.configuration()))
    await desk.open()
    desk.actor = MANAGER
    try:
        yield Night(desk, clock)
    finally:
        await desk.close()
        await store.close()


async def test_a_shift_keeps_its_day_over_midnight_and_the_cut_off(night: Night) -> None:
    day = date(2026, 12, 5)
    night.it_is(day, 20)
    await night.desk.shifts.open(None, [Cash("PEN", 1_000)])
    (session,) = night.sessions
    for at in ((day, 23, 59), (date(2026, 12, 6), 0, 1), (date(2026, 12, 6), 3, 59), (date(2026, 12, 6), 4, 1)):
        night.it_is(*at)
        await night.sell()
    assert await night.dates() == [(day, 23), (day, 0), (day, 3), (day, 4)]
    await night.desk.shifts.cash_in(Cash("PEN", 500), "Sencillo")
    assert {row.business_date for row in await rows(night.desk, CashMovement.__table__)} == {day}
    z = await night.close(session, 18_500)
    assert (z.business_date, z.difference_minor, z.sales.receipts) == (day, 0, 4)
    await night.desk.shifts.open(None, [])
    await night.sell()
    assert (await night.dates())[-1] == (date(2026, 12, 6), 4)


async def test_without_a_shift_the_day_ends_at_the_cut_off_and_what_was_left_open_is_closed_for_its_own(
    night: Night,
) -> None:
    day = date(2026, 12, 5)
    for at in ((day, 23, 50), (date(2026, 12, 6), 0, 10), (date(2026, 12, 6), 3, 59)):
        night.it_is(*at)
        await night.sell()
    (first,) = night.sessions
    night.it_is(date(2026, 12, 6), 4, 0)
    await night.sell()
    assert await night.dates() == [(day, 23), (day, 0), (day, 3), (date(2026, 12, 6), 4)]
    second = next(each for each in night.sessions if each != first)
    assert (await night.close(first, 12_750)).business_date == day
    assert (await night.close(second, 4_250)).business_date == date(2026, 12, 6)


@pytest.mark.parametrize("is_declared", [True, False])
async def test_a_night_of_23_hours_loses_no_sale_and_no_day(night: Night, is_declared: bool) -> None:
    morning = date(2026, 3, 29)
    night.it_is(SHORT_NIGHT, 22)
    if is_declared:
        await night.desk.shifts.open(None, [])
    for at in ((SHORT_NIGHT, 23, 30), (morning, 1, 59), (morning, 3, 1)):
        night.it_is(*at)
        await night.sell()
    assert await night.dates() == [(SHORT_NIGHT, 23), (SHORT_NIGHT, 1), (SHORT_NIGHT, 3)]
    night.it_is(morning, 4, 1)
    await night.sell()
    assert (await night.dates())[-1] == (SHORT_NIGHT if is_declared else morning, 4)
    assert len(night.sessions) == (1 if is_declared else 2)


@pytest.mark.parametrize("is_declared", [True, False])
async def test_a_night_of_25_hours_counts_the_hour_twice_and_the_day_once(night: Night, is_declared: bool) -> None:
    morning = date(2026, 10, 25)
    night.it_is(LONG_NIGHT, 22)
    if is_declared:
        await night.desk.shifts.open(None, [])
    for again in (False, True):
        night.it_is(morning, 2, 30, again=again)
        await night.sell()
    night.it_is(morning, 3, 59)
    await night.sell()
    assert await night.dates() == [(LONG_NIGHT, 2), (LONG_NIGHT, 2), (LONG_NIGHT, 3)]
    (session,) = night.sessions
    z = await night.close(session, 12_750)
    assert (z.business_date, z.sales.receipts, z.difference_minor) == (LONG_NIGHT, 3, 0)
    (total,) = (await night.desk.sales_today()).totals
    assert total.checks == 3
