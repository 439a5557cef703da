"""The sums of sales always equal what the merged tables say, whatever came, in whatever batches, however often."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from branch_books import CARD, CASH, CEVICHE, CHICHA, LOMO, SPECS, YAPE, Pen, Sale, add_branch, add_house, noon, push
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncSession

from cloud.parts import Parts
from shared.books.sums import SUMS
from shared.kernel.money import MAX_MINOR
from shared.kernel.permissions import SYSTEM
from shared.payments.records import Payment, Receipt, ReceiptLine
from shared.payments.rules import TenderKind
from shared.sales.records import sales_by_hour, sales_by_item, takings_by_method
from sync.door import Door
from sync.feed import Feed, RowChange, tell
from sync.folder import Folder
from sync.sums import KeptSums

DAY = date(2026, 11, 23)
KEPT: tuple[tuple[sa.Table, Any, str | None, tuple[str, ...]], ...] = (
    (sales_by_hour, Receipt.__table__, "checks", ("rounding_minor",)),
    (sales_by_hour, ReceiptLine.__table__, None, ("total_minor", "tax_minor", "discount_minor", "service_minor")),
    (
        sales_by_item,
        ReceiptLine.__table__,
        "lines",
        ("quantity_milli", "gross_minor", "discount_minor", "service_minor", "tax_minor", "total_minor"),
    ),
    (takings_by_method, Payment.__table__, "payments", ("amount_minor",)),
)
"""Tables of sums, the rows that they count, the name of that count, and what is summed of them."""


class Books:
    """One organization with two branches, their pens, and a fold of its own."""

    def __init__(self, parts: Parts, batch_changes: int = 4_000) -> None:
        self.parts = parts
        self.database = parts.database
        self.organization_id = uuid4()
        listeners = parts.units.author(self.organization_id).listeners
        self.folder = Folder(self.organization_id, SPECS, listeners=listeners, batch_changes=batch_changes)
        self.pens: list[Pen] = []
        self.clouds: list[Pen] = []

    async def found(self) -> Books:
        async with self.parts.units.work(self.organization_id, SYSTEM) as work:
            add_house(work, self.organization_id)
            for name in ("Centro", "Playa"):
                branch_id = add_branch(work, self.organization_id, name)
                self.pens.append(Pen(self.organization_id, branch_id))
                self.clouds.append(Pen.of_cloud(self.organization_id, branch_id))
        return self

    async def send(self, pen: Pen) -> None:
        async with self.database.write(self.organization_id) as session:
            await pen.send(session, 0)

    async def fold(self, batches: int = 1_000) -> None:
        for _ in range(batches):
            if await self.database.through(self.organization_id, self._fold_next) is None:
                return

    def _fold_next(self, door: Door) -> Any:
        door.run("SET CONSTRAINTS ALL IMMEDIATE")
        return self.folder.fold_next(door, 0)

    async def tell(self, feed: Feed, *others: Any) -> None:
        """Tell a feed to the sums, and to others behind them."""
        sums = KeptSums(SUMS, self.organization_id.bytes, SPECS)
        await self.database.through(self.organization_id, tell, feed, [sums, *others])

    async def differences(self) -> list[str]:
        """The roll-ups against sums over the merged tables, and the number of rows behind them."""
        async with self.database.read(self.organization_id) as session:
            return [
                f"{kept.name}: {difference}"
                for kept, source, counts, sums in KEPT
                for difference in await _differences(session, kept, source, counts, sums)
            ]

    async def rows(self, table: sa.Table) -> list[Any]:
        async with self.database.read(self.organization_id) as session:
            return list(await session.execute(sa.select(table).order_by(*table.primary_key.columns)))


async def _differences(
    session: AsyncSession, kept: sa.Table, source: sa.Table, counts: str | None, sums: Sequence[str]
) -> list[Any]:
    keys = [column.name for column in kept.primary_key.columns]
    counted = [sa.func.count()] if counts else []
    names = [*keys, *([counts] if counts else []), *sums]
    wanted = await session.execute(
        sa.select(*(source.c[name] for name in keys), *counted, *(sa.func.sum(source.c[name]) for name in sums))
        .group_by(*(source.c[name] for name in keys))
    )  # fmt: skip
    found = await session.execute(sa.select(*(kept.c[name] for name in names)))
    return sorted({tuple(row) for row in wanted} ^ {tuple(row) for row in found}, key=repr)


@pytest.fixture
async def books(parts: Parts) -> Books:
    return await Books(parts).found()


def lunch(**changes: Any) -> Sale:
    return replace(Sale(noon(DAY, 13), ((LOMO, 2_000), (CHICHA, 1_000))), receipt_id=uuid4(), **changes)


async def test_a_sale_is_summed_by_hour_item_and_method(books: Books) -> None:
    till = books.pens[0]
    till.sell(lunch(rounding_minor=-3, discount_minor=100))
    till.sell(lunch(method_id=YAPE))
    await books.send(till)
    await books.fold()
    (hour,) = await books.rows(sales_by_hour)
    assert (hour.business_date, hour.local_hour, hour.currency) == (DAY, 13, "PEN")
    assert (hour.checks, hour.total_minor, hour.discount_minor, hour.rounding_minor) == (2, 16_900, 100, -3)
    items = {row.item_name: row for row in await books.rows(sales_by_item)}
    assert (items["Lomo saltado"].quantity_milli, items["Lomo saltado"].gross_minor) == (4_000, 15_200)
    assert (items["Lomo saltado"].total_minor, items["Chicha morada"].total_minor) == (15_100, 1_800)
    methods = {row.method_name: (row.payments, row.amount_minor) for row in await books.rows(takings_by_method)}
    assert methods == {"Efectivo": (1, 8_397), "Yape": (1, 8_500)}
    assert await books.differences() == []


async def test_a_replayed_batch_changes_nothing(books: Books) -> None:
    till = books.pens[0]
    till.sell(lunch())
    frame = till.frame()
    await books.send(till)
    await books.fold()
    before = await books.rows(sales_by_item)
    async with books.database.write(books.organization_id) as session:
        await push(session, books.organization_id, frame, 0)
    await books.fold()
    assert await books.rows(sales_by_item) == before


async def test_a_voided_sale_leaves_no_trace(books: Books) -> None:
    till, cloud = books.pens[0], books.clouds[0]
    kept, gone = lunch(), lunch(method_id=CARD, currency="USD")
    till.sell(kept)
    voided = till.sell(gone)
    await books.send(till)
    await books.fold()
    assert len(await books.rows(sales_by_hour)) == 2
    cloud.void(till, *voided)
    await books.send(cloud)
    await books.fold()
    (hour,) = await books.rows(sales_by_hour)
    assert (hour.checks, hour.total_minor, hour.currency) == (1, kept.total_minor, "PEN")
    assert [row.method_name for row in await books.rows(takings_by_method)] == ["Efectivo"]
    assert await books.differences() == []


async def test_a_new_name_begins_new_rows_and_touches_no_old_one(books: Books) -> None:
    till = books.pens[0]
    till.sell(lunch())
    till.sell(lunch(lines=((replace(LOMO, name="Lomo de la casa"), 1_000),)))
    await books.send(till)
    await books.fold()
    lomos = [row for row in await books.rows(sales_by_item) if row.item_id == LOMO.item_id]
    assert [(row.item_name, row.quantity_milli) for row in lomos] == [
        ("Lomo de la casa", 1_000),
        ("Lomo saltado", 2_000),
    ]


BRANCH = uuid4()


def payment(amount_minor: int = 100) -> RowChange:
    """A new payment, as the feed tells it."""
    of = {"branch_id": BRANCH, "check_id": uuid4(), "method_id": CASH, "method_name": "Efectivo"}
    when = {
        "business_date": DAY,
        "local_hour": 13,
        "taken_at": noon(DAY, 13),
        "currency": "PEN",
        "number": "A-P00000001",
    }
    amounts = {"kind": TenderKind.CASH, "amount_minor": amount_minor, "tendered_minor": amount_minor}
    table = SPECS["payments"]
    given = {**of, **when, **amounts}
    return uuid4().bytes, None, table.values(**{name: table.fields[name].wire.to_wire(given[name]) for name in given})


async def test_a_sum_that_cannot_be_written_is_not_kept_for_the_next_fold(books: Books) -> None:
    row, _before, values = payment()
    values.amount_minor = 10**38 - 1
    with pytest.raises(sa.exc.DataError):
        await books.tell({"payments": [(row, None, values), (row, None, values)]})
    await books.tell({"payments": [payment()]})
    (hour,) = await books.rows(takings_by_method)
    assert hour.payments == 1


async def test_sums_beyond_64_bits_are_kept_exactly(books: Books) -> None:
    """Each amount is within its limit; refusing the sum would refuse every later sale of that hour."""
    change = payment(MAX_MINOR)
    for _ in range(2):
        await books.tell({"payments": [change] * 10_000})
    (hour,) = await books.rows(takings_by_method)
    assert (hour.payments, hour.amount_minor) == (20_000, 20_000 * MAX_MINOR)


class BreaksOnce:
    """Loses the connection after the sums were written, the first time."""

    broken = False

    def prepare(self, _door: Door, _feed: Mapping[str, Sequence[RowChange]]) -> None:
        """Nothing to read."""

    def write(self, _door: Door, _feed: Mapping[str, Sequence[RowChange]]) -> None:
        if not self.broken:
            self.broken = True
            raise sa.exc.OperationalError("connection lost", {}, OSError())


async def test_a_fold_that_broke_off_is_not_counted_twice(books: Books) -> None:
    listeners = (*books.parts.units.author(books.organization_id).listeners, BreaksOnce())
    books.folder = Folder(books.organization_id, SPECS, listeners=listeners)
    books.pens[0].sell(lunch())
    await books.send(books.pens[0])
    with pytest.raises(sa.exc.OperationalError):
        await books.fold()
    await books.fold()
    (hour,) = await books.rows(sales_by_hour)
    assert hour.checks == 1
    assert await books.differences() == []


class CountsStatements:
    """Counts what the listeners before it wrote."""

    def __init__(self) -> None:
        self.statements = 0

    def prepare(self, door: Door, _feed: Mapping[str, Sequence[RowChange]]) -> None:
        self.statements = -door.statements

    def write(self, door: Door, _feed: Mapping[str, Sequence[RowChange]]) -> None:
        self.statements += door.statements


async def test_many_rows_cost_one_statement_a_table_of_sums(books: Books) -> None:
    counts = []
    for sales in (1, 60):
        counting = CountsStatements()
        await books.tell({"payments": [payment() for _ in range(sales)]}, counting)
        counts.append(counting.statements)
    assert counts == [4, 4], "a lock, the closes of their days, takings, and the balances of checks"


SALES = st.builds(
    Sale,
    at=st.builds(noon, st.dates(date(2026, 11, 20), date(2026, 11, 23)), st.integers(0, 23), st.integers(0, 59)),
    lines=st.lists(
        st.tuples(st.sampled_from([LOMO, CEVICHE, CHICHA]), st.integers(1, 5_000)), min_size=1, max_size=4
    ).map(tuple),
    method_id=st.sampled_from([CASH, CARD, YAPE]),
    method_name=st.sampled_from(["", "Otro nombre"]),
    currency=st.sampled_from(["PEN", "USD"]),
    rounding_minor=st.integers(-4, 5),
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=st.lists(
        st.one_of(
            st.tuples(st.just("sell"), SALES),
            st.tuples(st.just("sell"), SALES),
            st.tuples(st.sampled_from(["send", "fold", "replay", "void", "derive"]), st.randoms(use_true_random=False)),
        ),
        min_size=12,
        max_size=30,
    ),
    batch_changes=st.sampled_from([1, 5, 4_000]),
)
async def test_the_sums_equal_a_count_from_scratch(
    parts: Parts, steps: list[tuple[str, Any]], batch_changes: int
) -> None:
    """Sales, replays, voids before and after the fold, and rows that two devices derive differently."""
    books = await Books(parts, batch_changes).found()
    sold: list[tuple[int, tuple[int, int], Sale]] = []
    sent: list[Any] = []
    for step, what in steps:
        if step == "sell":
            at = len(sold) % 2
            sold.append((at, books.pens[at].sell(what), what))
        elif step == "derive" and sold:
            at, _range, sale = what.choice(sold)
            other = replace(sale, lines=((CEVICHE, 1_000),), currency="PEN")
            sold.append((at, books.pens[at].derive(other), other))
        elif step == "void" and sold:
            at, (first, last), _sale = what.choice(sold)
            books.clouds[at].void(books.pens[at], first, last)
        elif step == "send":
            await _send_all(books, what, sent)
        elif step == "replay" and sent:
            async with parts.database.write(books.organization_id) as session:
                await push(session, books.organization_id, what.choice(sent), 0)
        elif step == "fold":
            await books.fold(batches=what.randint(1, 3))
    await _send_all(books, random.Random(0), sent)
    await books.fold()
    assert await books.differences() == []


async def _send_all(books: Books, order: random.Random, sent: list[Any]) -> None:
    pens = [pen for pen in (*books.pens, *books.clouds) if pen.frame().bodies]
    order.shuffle(pens)
    for pen in pens:
        sent.append(pen.frame())
        await books.send(pen)
