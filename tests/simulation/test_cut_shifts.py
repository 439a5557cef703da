"""A till with an open shift is put back from a backup, or runs twice: its Z stays, and what it missed comes late."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import sqlalchemy as sa

from shared.drawers.commands import Cash
from shared.drawers.queries import open_sessions
from shared.exceptions.records import ExceptionEvent
from shared.kernel.permissions import Actor
from shared.kernel.work import Work
from shared.payments.records import Payment
from shared.shifts.commands import Counted
from shared.shifts.records import ZReport
from shared.shifts.rules import SessionReport
from terminal.desks.pending_commands import PendingCommand, PendingCommands
from terminal.desks.shift import ShiftDesk
from terminal.snapshots.sources import Source
from tests.simulation.device import SimulatedDevice
from tests.simulation.house import MANAGER, actor
from tests.simulation.places import BRANCH, ORGANIZATION
from tests.simulation.quiet_branch import QuietBranch, play
from tests.simulation.test_cut_histories import agree, copy_disk, put_back

T = TypeVar("T")
MINUTE = 60.0
SOLES = "PEN"


class Shifts:
    """The desk of shifts of a device, which the manager works at."""

    def __init__(self, device: SimulatedDevice) -> None:
        self._device = device

    @property
    def desk(self) -> ShiftDesk:
        store = self._device.store
        return ShiftDesk(store, self._run, PendingCommands(store).of, lambda: None)

    async def _run(
        self,
        order_id: UUID | None,
        command: Callable[[Work], Awaitable[T]],
        pending: PendingCommand | None = None,
        *,
        also: Collection[Source[Any]] = (),
        by: Actor | None = None,
    ) -> T:
        return await self._device.store.run(by or actor(MANAGER), command)

    async def open(self, float_minor: int = 0) -> UUID:
        await self.desk.open(None, [Cash(SOLES, float_minor)])
        (session,) = await self.sessions()
        return session

    async def sessions(self) -> list[UUID]:
        async with self._device.store.reading() as connection:
            found = await open_sessions(connection, ORGANIZATION, BRANCH)
        return [view.session.id for view in found if view.session.device_id == self._device.enrolment.device_id]

    async def close(self, session: UUID, cash_minor: int) -> SessionReport:
        """Count what the desk asks for; of all but cash what is expected."""
        counted = []
        for each in await self.desk.to_count(session):
            total = cash_minor if each.expected_minor is None else each.expected_minor
            counted.append(Counted(Cash(each.currency, total), each.method_id))
        await self.desk.count(session, counted)
        return await self.desk.close(session, "")

    async def rows(self, kind: type[Any]) -> list[Any]:
        async with self._device.store.reading() as connection:
            return list(await connection.execute(sa.select(kind.__table__).order_by(kind.id)))

    async def late_kinds(self) -> list[str]:
        return [row.kind for row in await self.rows(ExceptionEvent) if row.kind == "after_the_close"]


async def closed_meanwhile(branch: QuietBranch, till: SimulatedDevice, tmp_path: Path) -> tuple[Path, Any]:
    """A shift with one sale is copied; then it has one more sale, and is closed. The copy, and the row of its Z."""
    shifts = Shifts(till)
    session = await shifts.open(1_000)
    await branch.pay(till)
    await asyncio.sleep(MINUTE)
    await till.stop()
    copy = copy_disk(till, tmp_path / "copy.db")
    await till.start()
    await branch.pay(till)
    await shifts.close(session, 1_000)
    await asyncio.sleep(MINUTE)
    (z,) = await shifts.rows(ZReport)
    assert (z.receipts, z.session_id) == (2, session)
    return copy, z


async def counts_late(branch: QuietBranch, till: SimulatedDevice, z: Any, alone: str) -> None:
    """The next shift of the device counts what was sold alone, with an exception, and its Z takes it up for ever."""
    shifts = Shifts(till)
    price = z.total_minor // 2
    assert await shifts.sessions() == [], "the shift is closed here, too"
    session = await shifts.open()
    assert await shifts.late_kinds() == ["after_the_close"]
    x = await shifts.desk.report(session)
    money = [each for each in x.late if not each.is_sales]
    assert [(each.session_id, each.number, each.amount_minor, each.rows) for each in money] == [
        (z.session_id, z.number, price, 1)
    ]
    assert [each.rows for each in x.late if each.is_sales] == [1]
    second = await shifts.close(session, 0)
    assert second.late == x.late
    assert second.number != z.number
    third = await shifts.open()
    assert (await shifts.desk.report(third)).late == ()
    stands = next(row for row in await shifts.rows(ZReport) if row.id == z.id)
    assert {name: value for name, value in stands._mapping.items() if name != "stamps"} == {
        name: value for name, value in z._mapping.items() if name != "stamps"
    }
    receipts = {row.number for row in await shifts.rows(Payment)}
    assert len(receipts) == 3, alone
    await asyncio.sleep(2 * MINUTE)
    agree(branch, till.path)


def test_a_till_that_is_put_back_into_an_open_shift_counts_it_in_the_next(tmp_path: Path) -> None:
    async def story(branch: QuietBranch) -> None:
        till = branch.devices["till"]
        copy, z = await closed_meanwhile(branch, till, tmp_path)
        await till.stop()
        put_back(till, copy)
        branch.network.cut.add("till")
        await till.start()
        assert await Shifts(till).sessions() == [z.session_id], "as far as this disk knows"
        alone = await branch.pay(till)
        branch.network.cut.clear()
        await asyncio.sleep(2 * MINUTE)
        await counts_late(branch, till, z, alone)

    play(tmp_path, ["till"], story)


def test_a_copy_of_a_till_that_sells_on_in_a_shift_is_counted_in_the_next(tmp_path: Path) -> None:
    async def story(branch: QuietBranch) -> None:
        till = branch.devices["till"]
        copy, z = await closed_meanwhile(branch, till, tmp_path)
        branch.network.cut.add("twin")
        twin = branch.twin_of(till, copy)
        await twin.start()
        alone = await branch.pay(twin)
        branch.network.cut.clear()
        await asyncio.sleep(2 * MINUTE)
        await twin.stop()
        twin.close_eye()
        await counts_late(branch, till, z, alone)

    play(tmp_path, ["till"], story)


def test_a_copy_that_closes_the_shift_too_leaves_one_z_and_tells(tmp_path: Path) -> None:
    """Both close the same session: its Z is one row, the first that was written stands, and the rest comes late."""

    async def story(branch: QuietBranch) -> None:
        till = branch.devices["till"]
        copy, z = await closed_meanwhile(branch, till, tmp_path)
        branch.network.cut.add("twin")
        twin = branch.twin_of(till, copy)
        await twin.start()
        alone = await branch.pay(twin)
        await Shifts(twin).close(z.session_id, 1_000)
        branch.network.cut.clear()
        await asyncio.sleep(2 * MINUTE)
        (there,) = await Shifts(twin).rows(ZReport)
        (here,) = await Shifts(till).rows(ZReport)
        assert there.number == here.number
        await twin.stop()
        twin.close_eye()
        assert here.receipts == 2
        await counts_late(branch, till, z, alone)

    play(tmp_path, ["till"], story)
