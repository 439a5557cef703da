"""The session hook: what a unit of work writes stands in the log, byte for byte what the rows say, or not at all."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import msgspec
import pytest
import sqlalchemy as sa
from restaurant import BRANCH, CLOUD, ORGANIZATION, SERVER, TILL, WAITER, CountedNumbers, HandClock, Replica, Village
from sqlalchemy.ext.asyncio import AsyncSession

from shared.kernel.errors import DomainError
from shared.kernel.permissions import SYSTEM
from shared.kernel.records import Scope
from shared.kernel.stamps import MAX_LEAD_MS, stamp_milliseconds
from shared.kernel.text import clean
from shared.menu.records import Category
from shared.orders.commands import add_line, change_line, open_order, set_quantity
from shared.orders.records import Order, OrderKind, OrderLine
from sync import writing
from sync.change import Change, Kind, StreamKey, encode, link
from sync.log import missing_frames
from sync.merge import FieldStamp, held
from sync.messages import MAX_TRANSACTION_BYTES
from sync.records import streams
from sync.unit import unit_of_work
from sync.writing import CommittedUnit

ORDER, LINE = UUID(int=1_000), UUID(int=1_001)
YEAR_2999 = 32_472_144_000_000 << 16
OWN = StreamKey(TILL, 1, Scope.BRANCH, BRANCH)


@pytest.fixture
def ceviche(village: Village) -> UUID:
    return village.house.items["cev"]


async def opened(till: Replica, ceviche: UUID) -> None:
    async with till.work(SERVER) as work:
        await open_order(work, ORDER, OrderKind.TAKEOUT)
        await work.session.flush()
        await add_line(work, ORDER, LINE, ceviche)


def stamps_of(replica: Replica, row: Any) -> tuple[FieldStamp, dict[str, FieldStamp]]:
    """The stamp of the creation of a line or an order, and those of its edits."""
    table = replica.specs["order_lines" if hasattr(row, "order_id") else "orders"]
    stands = held(table.values(**dict.fromkeys(table.required, 0), stamps=row.stamps))
    return stands.created, stands.edited


async def test_a_command_is_one_transaction_of_the_log_with_its_actor(till: Replica, ceviche: UUID) -> None:
    await opened(till, ceviche)
    async with till.work(SERVER) as work:
        await set_quantity(work, LINE, 2_000)
    log = await till.log(OWN.id)
    assert [(change.seq, change.transaction, change.last, change.table, change.kind) for change in log] == [
        (1, 1, False, "orders", Kind.CREATE),
        (2, 1, False, "checks", Kind.CREATE),
        (3, 1, True, "order_lines", Kind.CREATE),
        (4, 2, True, "order_lines", Kind.EDIT),
    ]
    assert log[3].fields == {"quantity_milli": 2_000}
    assert {change.actor for change in log} == {SERVER.staff_id.bytes}  # type: ignore[union-attr]


async def test_what_is_created_and_edited_in_one_unit_is_one_change(till: Replica, ceviche: UUID) -> None:
    async with till.work(SERVER) as work:
        order = await open_order(work, ORDER, OrderKind.TAKEOUT)
        await work.session.flush()
        order.notes = "primero"
        await work.session.flush()
        order.notes = "sin ají"
        order.has_left = True
    (change,) = [change for change in await till.log(OWN.id) if change.table == "orders"]
    assert (change.kind, change.fields["notes"], change.fields["has_left"]) == (Kind.CREATE, "sin ají", True)
    row = await till.row(Order, ORDER)
    assert stamps_of(till, row) == ((change.stamp, OWN.id.bytes), {})


async def test_edits_of_one_row_in_one_unit_are_one_change(till: Replica, ceviche: UUID) -> None:
    await opened(till, ceviche)
    async with till.work(SERVER) as work:
        line = await work.get(OrderLine, LINE)
        line.quantity_milli = 2_000
        await work.session.flush()
        line.notes = "frío"
        await work.session.flush()
        line.quantity_milli = 3_000
    change = (await till.log(OWN.id))[-1]
    assert change.fields == {"quantity_milli": 3_000, "notes": "frío"}
    _created, edited = stamps_of(till, await till.row(OrderLine, LINE))
    assert edited == dict.fromkeys(change.fields, (change.stamp, OWN.id.bytes))


async def test_setting_what_already_stands_writes_nothing(till: Replica, ceviche: UUID) -> None:
    await opened(till, ceviche)
    told: list[CommittedUnit] = []
    async with till.unit(SERVER, told) as work:
        await set_quantity(work, LINE, 1_000)
        await change_line(work, LINE, notes="")
    assert len(await till.log(OWN.id)) == 3
    assert told == [CommittedUnit(frozenset())]


async def test_a_committed_unit_tells_what_it_wrote(till: Replica, ceviche: UUID) -> None:
    await opened(till, ceviche)
    told: list[CommittedUnit] = []
    async with till.unit(SERVER, told) as work:
        await set_quantity(work, LINE, 2_000)
    async with till.connection() as connection:
        (head,) = await connection.execute(
            sa.select(streams.c.head_seq, streams.c.head_chain).where(streams.c.id == OWN.id)
        )
    assert told == [CommittedUnit(frozenset({"order_lines"}), frozenset({(OWN.id, *head)}))]


async def test_the_log_is_gapless_chained_and_its_head_is_its_end(till: Replica, ceviche: UUID) -> None:
    await opened(till, ceviche)
    for number in range(5):
        async with till.work(SERVER) as work:
            await set_quantity(work, LINE, (number + 2) * 1_000)
    log = await till.log(OWN.id)
    chain = OWN.genesis
    for seq, change in enumerate(log, start=1):
        assert change.seq == seq
        chain = link(chain, encode(change))
    async with till.connection() as connection:
        head = (await connection.execute(sa.select(streams).where(streams.c.id == OWN.id))).one()
    assert (head.head_seq, head.head_chain, head.folded_seq, head.acked_seq) == (8, chain, 8, 0)
    assert (head.last_transaction, head.last_stamp) == (6, log[-1].stamp)


async def test_stamps_never_go_back_whatever_the_clock_does_across_restarts(
    village: Village, till: Replica, ceviche: UUID
) -> None:
    await opened(till, ceviche)
    for number, hours in enumerate((-24 * 365 * 50, 0, 24 * 365 * 973, -24 * 365 * 900), start=2):
        village.clock.pass_time(hours=hours)
        till = village.again(till)
        async with till.work(SERVER) as work:
            await set_quantity(work, LINE, number * 1_000)
    stamps = [change.stamp for change in await till.log(OWN.id)]
    assert stamps == sorted(set(stamps))


async def test_an_edit_stamps_above_a_poisoned_field_and_the_next_row_has_the_time(
    village: Village, till: Replica, ceviche: UUID
) -> None:
    poisoner = village.replica(WAITER, "B", HandClock(village.clock.instant.replace(year=2999)))
    await opened(till, ceviche)
    await poisoner.pull(till)
    async with poisoner.work(SERVER) as work:
        await set_quantity(work, LINE, 9_000)
    await till.pull(poisoner)
    async with till.work(SERVER) as work:
        await set_quantity(work, LINE, 2_000)
    async with till.work(SERVER) as work:
        await open_order(work, UUID(int=9), OrderKind.TAKEOUT)
    await poisoner.pull(till)
    for replica in (till, poisoner):
        assert (await replica.row(OrderLine, LINE)).quantity_milli == 2_000, "cured everywhere"
    cure, later = [change for change in await till.log(OWN.id) if change.seq in {4, 5}]
    assert stamp_milliseconds(cure.stamp) > YEAR_2999 >> 17
    assert stamp_milliseconds(later.stamp) == village.clock.milliseconds() + MAX_LEAD_MS, "and carries us no further"


async def test_a_field_poisoned_with_the_greatest_stamp_stops_nobody(
    village: Village, till: Replica, ceviche: UUID
) -> None:
    await opened(till, ceviche)
    packed = msgspec.msgpack.encode(((1 << 63) - 1, b"\x00" * 16, {}))
    await till.core(lambda door: door.run("UPDATE order_lines SET stamps = ?", packed))
    async with till.work(SERVER) as work:
        await set_quantity(work, LINE, 2_000)
    other = village.replica(WAITER, "B")
    await other.pull(till)
    assert await other.parked() == []
    assert len(await other.log(OWN.id)) == 4


@pytest.mark.parametrize("field", ["number", "currency", "branch_id"])
async def test_what_is_written_once_is_never_changed(till: Replica, ceviche: UUID, field: str) -> None:
    await opened(till, ceviche)
    with pytest.raises(DomainError, match=r"LEDGER_IS_WRITTEN_ONCE|WRONG_BRANCH"):  # noqa: PT012
        async with till.work() as work:
            order = await work.get(Order, ORDER)
            setattr(order, field, UUID(int=5) if field == "branch_id" else "X")
    assert (await till.row(Order, ORDER)).number == "A-1"


async def test_nothing_is_deleted(till: Replica, ceviche: UUID) -> None:
    await opened(till, ceviche)
    with pytest.raises(DomainError, match="NOTHING_IS_DELETED"):
        async with till.work() as work:
            await work.session.delete(await work.get(OrderLine, LINE))
    assert await till.row(OrderLine, LINE) is not None


@pytest.mark.parametrize(
    "statement",
    [
        sa.update(OrderLine).values(quantity_milli=5),
        sa.update(OrderLine.__table__).values(quantity_milli=5),
        sa.delete(OrderLine),
        sa.insert(Category).values(organization_id=ORGANIZATION, id=LINE, name="x"),
        sa.text("UPDATE order_lines SET quantity_milli = 5"),
        sa.text("/* why */ delete from order_lines"),
    ],
)
async def test_statements_that_would_bypass_the_log_are_refused(
    till: Replica, ceviche: UUID, statement: sa.Executable
) -> None:
    await opened(till, ceviche)
    with pytest.raises(DomainError, match="STATEMENT_BYPASSES_THE_LOG"):
        async with till.work() as work:
            await work.session.execute(statement)
    assert (await till.row(OrderLine, LINE)).quantity_milli == 1_000


async def test_reading_by_hand_is_allowed(till: Replica, ceviche: UUID) -> None:
    await opened(till, ceviche)
    async with till.work() as work:
        assert await work.session.scalar(sa.select(sa.func.count()).select_from(OrderLine)) == 1
        assert await work.session.scalar(sa.text("SELECT count(*) FROM order_lines")) == 1


class Surprise(Exception):
    pass


@pytest.mark.parametrize("error", [Surprise, DomainError, asyncio.CancelledError])
async def test_a_failed_unit_leaves_neither_row_nor_log_nor_number(
    till: Replica, ceviche: UUID, error: type[BaseException]
) -> None:
    before = await till.digests()
    with pytest.raises(error):  # noqa: PT012
        async with till.work(SERVER) as work:
            await open_order(work, ORDER, OrderKind.TAKEOUT)
            await work.session.flush()
            await add_line(work, ORDER, LINE, ceviche)
            await work.session.flush()
            raise error("X") if error is DomainError else error
    assert await till.digests() == before
    assert await till.log(OWN.id) == []
    async with till.work(SERVER) as work:
        assert (await open_order(work, ORDER, OrderKind.TAKEOUT)).number == "A-1"


async def test_a_unit_that_the_database_refuses_leaves_nothing(till: Replica, ceviche: UUID) -> None:
    await opened(till, ceviche)
    before, log = await till.digests(), await till.log()
    with pytest.raises(sa.exc.IntegrityError):  # noqa: PT012
        async with till.work(SERVER) as work:
            await open_order(work, UUID(int=7), OrderKind.TAKEOUT)
            await work.session.flush()
            await open_order(work, ORDER, OrderKind.TAKEOUT)
    assert await till.digests() == before
    assert await till.log() == log


async def test_another_company_is_not_written_for(till: Replica) -> None:
    with pytest.raises(DomainError, match="WRONG_ORGANIZATION"):  # noqa: PT012
        async with till.work() as work:
            order = await open_order(work, ORDER, OrderKind.TAKEOUT)
            order.organization_id = UUID(int=5)


async def test_a_value_that_no_other_replica_could_read_is_not_written(till: Replica, ceviche: UUID) -> None:
    """SQLite would take it; the change would park on every other replica, and the sale would be missing there."""
    await opened(till, ceviche)
    for field, value in (("notes", "x" * 281), ("notes", "a\x00b"), ("modifiers", [{"price_delta_minor": 1.5}])):
        with pytest.raises(ValueError, match=f"order_lines.{field}"):
            async with till.work() as work:
                setattr(await work.get(OrderLine, LINE), field, value)
    with pytest.raises(ValueError, match=r"orders.server_name"):
        async with till.work() as work:
            (await open_order(work, UUID(int=7), OrderKind.TAKEOUT)).server_name = "x" * 121
    assert len(await till.log(OWN.id)) == 3
    assert clean("x" * 500, 280) == "x" * 280


async def test_more_than_a_message_carries_is_not_written(till: Replica, ceviche: UUID) -> None:
    """A transaction travels whole: a larger one would be stored and never leave the device."""
    await opened(till, ceviche)
    huge = [{"id": "m", "name": "x" * 60_000, "price_delta_minor": 0}]
    log = await till.log()
    with pytest.raises(DomainError, match="TOO_MUCH_AT_ONCE"):  # noqa: PT012
        async with till.work() as work:
            for number in range(MAX_TRANSACTION_BYTES // 60_000 + 1):
                (await add_line(work, ORDER, UUID(int=5_000 + number), ceviche)).modifiers = huge
    assert await till.log() == log


async def test_more_changes_than_a_frame_holds_are_not_written(
    till: Replica, ceviche: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    await opened(till, ceviche)
    log = await till.log()
    monkeypatch.setattr(writing, "MAX_TRANSACTION_CHANGES", 3)  # the true limit would cost the test seconds
    with pytest.raises(DomainError, match="TOO_MUCH_AT_ONCE"):  # noqa: PT012
        async with till.work() as work:
            for number in range(4):
                await add_line(work, ORDER, UUID(int=5_000 + number), ceviche)
    assert await till.log() == log


async def test_a_unit_has_no_savepoints(till: Replica, ceviche: UUID) -> None:
    """What is rolled back to one would be gone here and told to everybody else."""
    await opened(till, ceviche)
    log = await till.log()
    with pytest.raises(DomainError, match="NO_SAVEPOINTS"):
        async with till.work() as work, work.session.begin_nested():
            (await work.get(OrderLine, LINE)).notes = "x"
    assert await till.log() == log


async def test_the_cloud_writes_the_organization_and_every_branch_each_into_its_stream(village: Village) -> None:
    cloud = village.replica(CLOUD, "")
    keys = await cloud.keys()
    assert [(key.device_id, key.scope, key.scope_id) for key in keys] == [
        (CLOUD, Scope.ORGANIZATION, ORGANIZATION),
        (CLOUD, Scope.BRANCH, BRANCH),
    ]
    async with cloud.work(SYSTEM) as work:
        work.add(Category(organization_id=ORGANIZATION, id=LINE, name="Postres"))
    log: list[Change] = await cloud.log(keys[0].id)
    assert log[-1].fields == {
        "name": "Postres",
        "course": 0,
        "position": 0,
        "active": True,
    }, "defaults are told, too"


async def test_a_session_serves_units_one_after_another(village: Village, till: Replica) -> None:
    """The hook of the first does not see, or write, what the second does."""
    async with AsyncSession(till.engine) as session:
        for number in (1, 2):
            async with unit_of_work(session, till.author, SERVER, till.place, till.ids, CountedNumbers()) as unit:
                await open_order(unit.work, UUID(int=number), OrderKind.TAKEOUT)
    log = await till.log(OWN.id)
    assert [(change.seq, change.transaction) for change in log] == [(1, 1), (2, 1), (3, 2), (4, 2)]


async def test_what_was_received_of_our_own_stream_is_folded_before_we_count_it_as_folded(
    village: Village, till: Replica, ceviche: UUID
) -> None:
    """A device that takes back its own suffix and sells before folding it misses nothing of it."""
    await opened(till, ceviche)
    twin = village.empty("twin")
    back = village.replica(TILL)  # the file as it was before the sale
    await twin.pull(till)
    frames, _more = await twin.core(missing_frames, ORGANIZATION.bytes, [OWN], {})
    await back.receive(*frames)
    async with back.work(SERVER) as work:
        await open_order(work, UUID(int=7), OrderKind.TAKEOUT)
    await back.fold()
    assert {row.id for row in await back.rows(Order)} == {ORDER, UUID(int=7)}
    assert await back.row(OrderLine, LINE) is not None
