"""A change that says more than its cause allows waits for it, whatever the order of arrival."""

from __future__ import annotations

import itertools
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from restaurant import BRANCH, Replica
from streams import CREATE, arrive, device, edit, line, order, reasons, tab

from shared.kernel.columns import Key
from shared.kernel.permissions import SYSTEM, Permission
from shared.kernel.records import Merge, Scope
from shared.kernel.totals import Counted, Tally, Total
from shared.kitchen.records import TicketLine
from shared.orders.records import Order
from sync.causes import Said, ahead, is_cause
from sync.merge import Row, held
from sync.tables import TableSpec, specs

ROW = b"r" * 16
ORDER, LINE, TOLD = (UUID(int=number) for number in (101, 102, 103))


def _portions() -> TableSpec:
    metadata = sa.MetaData()
    state = {"merge": Merge.STATE}
    sa.Table(
        "portions",
        metadata,
        sa.Column("organization_id", Key(), primary_key=True),
        sa.Column("id", Key(), primary_key=True),
        sa.Column("stamps", sa.LargeBinary),
        sa.Column("told", Total(), nullable=False, default=0, info=state),
        sa.Column("wasted", Total(), nullable=False, default=0, info={**state, "counts": ("told",)}),
        sa.Column("made", Tally(), nullable=False, default=Counted(0, 0), info={**state, "counts": ("told", "wasted")}),
        info={"scope": Scope.BRANCH, "writes": Permission.WORK_KITCHEN},
    )
    return specs(metadata)["portions"]


PORTIONS = _portions()


def there(**values: int) -> dict[bytes, Row]:
    return {ROW: held(PORTIONS.values(**values))}


def waits(rows: dict[bytes, Row], *edits: dict[str, Any]) -> list[int]:
    return [each.at for each in ahead(PORTIONS, rows, [Said(ROW, fields, at) for at, fields in enumerate(edits)])]


def test_no_more_is_made_than_was_told() -> None:
    assert waits(there(told=2_000), {"made": 2_000}) == []
    assert waits(there(told=2_000), {"made": 2_001}) == [0]
    assert waits({}, {"made": 1}) == [0], "nothing was told"


def test_what_was_wasted_may_be_made_anew() -> None:
    assert waits(there(told=1_000, wasted=1_000), {"made": 2_000}) == []
    assert waits(there(told=1_000, wasted=1_000), {"made": 2_001}) == [0]


def test_what_is_told_in_the_same_batch_is_told() -> None:
    assert waits(there(told=1_000), {"made": 2_000}, {"told": 2_000}) == []


def test_a_number_beyond_all_sense_waits_for_ever_and_not_what_is_beside_it() -> None:
    assert waits(there(told=2_000), {"made": 10**11}, {"made": 1_000}) == [0]
    assert waits(there(told=2_000), {"wasted": 10**15}, {"wasted": 1_000}) == [0]


@pytest.mark.parametrize("rounds", list(itertools.permutations((1, 2, 3))))
def test_a_round_may_follow_the_round_before(rounds: tuple[int, ...]) -> None:
    edits = [{"made": Counted(number, 0).code} for number in rounds]
    assert waits(there(told=1_000), *edits) == []
    assert waits(there(told=1_000), {"made": Counted(2, 0).code}) == [0]
    assert waits(there(told=1_000), {"made": Counted(500, 0).code}, {"made": Counted(1, 0).code}) == [0]


def test_what_may_be_waited_for() -> None:
    assert is_cause(PORTIONS, {"told": 1_000})
    assert is_cause(PORTIONS, {"made": Counted(1, 0).code})
    assert not is_cause(PORTIONS, {"made": 1_000})


@pytest.fixture
async def told(replica: Replica) -> None:
    """One portion of a line, as the kitchen was told of it."""
    values = {"branch_id": BRANCH.bytes, "root_id": LINE.bytes, "content_id": LINE.bytes, "item_name": "Pan"}
    row = ("ticket_lines", CREATE, TOLD, {**values, "told_milli": 1_000})
    await arrive(replica, tab(), device("a", [order(ORDER), line(LINE, ORDER), row]))


async def test_a_ticket_line_that_was_recalled_twice_waits_for_the_first_time(replica: Replica, told: None) -> None:
    second, first = (Counted(number, 0).code for number in (2, 1))
    await arrive(replica, device("b", [edit("ticket_lines", TOLD, made=second)], [edit("orders", ORDER, notes="x")]))
    assert await reasons(replica) == [(1, 1, "CAUSE_UNKNOWN")]
    assert (await replica.row(TicketLine, TOLD)).made.round == 0
    assert (await replica.row(Order, ORDER)).notes == "x", "what follows is folded"
    await arrive(replica, device("c", [edit("ticket_lines", TOLD, made=first)]))
    assert await reasons(replica) == []
    assert (await replica.row(TicketLine, TOLD)).made.round == 2


async def test_own_writing_brings_a_cause_too(replica: Replica, told: None) -> None:
    await arrive(replica, device("b", [edit("ticket_lines", TOLD, made=Counted(2, 0).code)]))
    async with replica.work(SYSTEM) as work:
        row = await work.get(TicketLine, TOLD)
        row.made = row.made.again()
    await replica.fold()
    assert await reasons(replica) == []
    assert (await replica.row(TicketLine, TOLD)).made.round == 2
