"""Merging is commutative, associative and idempotent for every policy: the order of arrival never matters."""

from __future__ import annotations

import copy
from random import Random
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import astuple

from shared.kernel.columns import Flag, Key, Listed, Whole, Words
from shared.kernel.permissions import Permission
from shared.kernel.records import Merge, Scope
from shared.kernel.stamps import LATEST_CLOCK, MAX_STAMP, HybridClock
from shared.kernel.states import Lattice, Rank
from shared.kernel.totals import Counted, OnceTrue, Tally, Total
from sync.change import Kind
from sync.merge import FieldStamp, Row, apply, held, register_stamps
from sync.tables import TableSpec, Values, specs


class Way(Rank):
    OPEN = 10
    DONE = 20


def _table(*, derived: bool) -> TableSpec:
    metadata = sa.MetaData()
    sa.Table(
        "things",
        metadata,
        sa.Column("organization_id", Key(), primary_key=True),
        sa.Column("id", Key(), primary_key=True),
        sa.Column("stamps", sa.LargeBinary),
        sa.Column("number", Words(9), nullable=False, info={"merge": Merge.LEDGER}),
        sa.Column("amount", Whole(), nullable=True, info={"merge": Merge.LEDGER}),
        sa.Column("lines", Listed(), nullable=False, default=list, info={"merge": Merge.LEDGER}),
        sa.Column("name", Words(9), nullable=True, info={"merge": Merge.REGISTER}),
        sa.Column("extras", Listed(), nullable=True, info={"merge": Merge.REGISTER}),
        sa.Column("active", Flag(), nullable=False, default=True, info={"merge": Merge.REGISTER}),
        sa.Column("standing", Lattice(Way), nullable=False, info={"merge": Merge.STATE}),
        sa.Column("told_milli", Total(), nullable=False, default=0, info={"merge": Merge.STATE}),
        sa.Column("made_milli", Tally(), nullable=False, default=Counted(0, 0), info={"merge": Merge.STATE}),
        sa.Column("lifted", OnceTrue(), nullable=False, default=False, info={"merge": Merge.STATE}),
        info={"scope": Scope.BRANCH, "writes": Permission.TAKE_ORDER, "derived": derived},
    )
    return specs(metadata)["things"]


ORDINARY, DERIVED = _table(derived=False), _table(derived=True)
TABLES = st.sampled_from([ORDINARY, DERIVED])
STAMPS = st.tuples(st.integers(1, 5), st.sampled_from([b"a" * 16, b"b" * 16, b"c" * 16]))
DOCUMENTS = st.sampled_from([[], [1], [True], {"a": 1, "b": 2}, {"b": 2, "a": 1}, {"b": 2}, {"b": True}])
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "number": st.sampled_from(["A-1", "A-2"]),
    "amount": st.none() | st.integers(-3, 3),
    "lines": DOCUMENTS,
    "name": st.none() | st.sampled_from(["x", "y", "Z", ""]),
    "extras": st.none() | DOCUMENTS,
    "active": st.booleans(),
    "standing": st.sampled_from([10, 20, 1_010, 1_020, 2_010]),
    "told_milli": st.sampled_from([0, 1_000, 2_000]),
    "made_milli": st.sampled_from([0, 2_000, Counted(1, 0).code, Counted(1, 1_000).code]),
    "lifted": st.booleans(),
}
REQUIRED = {"number", "standing"}
CREATIONS = st.fixed_dictionaries(
    {name: VALUES[name] for name in sorted(REQUIRED)},
    optional={name: values for name, values in VALUES.items() if name not in REQUIRED},
)
EDITS = st.fixed_dictionaries({}, optional=VALUES)
Write = tuple[FieldStamp, dict[str, Any], Kind]
WRITES = st.lists(
    st.tuples(STAMPS, CREATIONS, st.just(Kind.CREATE)) | st.tuples(STAMPS, EDITS, st.just(Kind.EDIT)),
    min_size=1,
    max_size=8,
).filter(lambda writes: any(kind is Kind.CREATE for _stamp, _fields, kind in writes))


def merge(table: TableSpec, row: Row | None, write: Write) -> Row:
    stamp, fields, kind = write
    given = table.values(**copy.deepcopy(fields)) if kind is Kind.CREATE else fields
    return apply(table, row, kind, given, stamp)


def fold(table: TableSpec, writes: list[Write], *, restarts: bool = False) -> Row:
    """As a replica does: an edit waits for a creation, then all are merged in their order of arrival.

    Args:
        restarts: write the row and read it back between any two merges.
    """
    first = next(index for index, write in enumerate(writes) if write[2] is Kind.CREATE)
    row = None
    for write in [writes[first], *writes[:first], *writes[first + 1 :]]:
        row = merge(table, row, write)
        if restarts:
            row.seal(table)
            row = held(row.values)
    assert row is not None
    row.seal(table)
    return row


def content(values: Values) -> tuple[str, ...]:
    """All that is stored, stamps included; in a document yes is not 1, and the order of names says nothing."""
    return tuple(repr(sorted(value.items()) if isinstance(value, dict) else value) for value in astuple(values))


@given(TABLES, WRITES, st.integers())
def test_any_order_of_arrival_gives_the_same_row_and_the_same_stamps(
    table: TableSpec, writes: list[Write], seed: int
) -> None:
    shuffled = list(writes)
    Random(seed).shuffle(shuffled)
    assert content(fold(table, shuffled).values) == content(fold(table, writes).values)


@given(TABLES, WRITES, st.integers())
def test_a_replay_of_anything_changes_nothing(table: TableSpec, writes: list[Write], seed: int) -> None:
    row = held(fold(table, writes).values)
    before = content(row.values)
    again = list(writes)
    Random(seed).shuffle(again)
    for write in again:
        merge(table, row, write)
    assert not row.changed, "nothing is written again"
    assert content(row.values) == before


@given(TABLES, WRITES)
def test_merging_on_after_a_restart_is_merging_on(table: TableSpec, writes: list[Write]) -> None:
    """A row that was written and read back between any two merges ends as if it had stayed in memory."""
    assert content(fold(table, writes, restarts=True).values) == content(fold(table, writes).values)


@given(TABLES, WRITES, EDITS, STAMPS)
def test_what_the_database_holds_is_never_touched_in_memory(
    table: TableSpec, writes: list[Write], fields: dict[str, Any], stamp: FieldStamp
) -> None:
    row = held(fold(table, writes).values)
    before = content(row.before)
    merge(table, row, (stamp, fields, Kind.EDIT))
    row.seal(table)
    assert content(row.before) == before
    different = {name for name, a, b in zip(table.names, before, content(row.values), strict=False) if a != b}
    assert different == row.dirty


@given(TABLES, WRITES, EDITS, STAMPS)
def test_an_edit_never_changes_a_ledger_field_and_never_lowers_a_state(
    table: TableSpec, writes: list[Write], fields: dict[str, Any], stamp: FieldStamp
) -> None:
    row = fold(table, writes)
    number, amount, lines = row.values.number, row.values.amount, row.values.lines
    before = {name: getattr(row.values, name) for name in table.states}
    merge(table, row, (stamp, fields, Kind.EDIT))
    assert (row.values.number, row.values.amount, row.values.lines) == (number, amount, lines)
    for name, value in before.items():
        assert getattr(row.values, name) == max(value, fields.get(name, 0))


def test_a_reopening_outranks_every_earlier_state_and_is_outranked_by_the_next_end() -> None:
    row = fold(ORDINARY, [((1, b"a" * 16), {"number": "A-1", "standing": 20}, Kind.CREATE)])
    for code, expected in ((10, 20), (1_010, 1_010), (20, 1_010), (1_020, 1_020)):
        merge(ORDINARY, row, ((9, b"a" * 16), {"standing": code}, Kind.EDIT))
        assert row.values.standing == expected


@pytest.mark.parametrize("table", [ORDINARY, DERIVED])
@pytest.mark.parametrize("field", ["lines", "extras"])
def test_in_a_document_yes_is_not_one(table: TableSpec, field: str) -> None:
    """Python says that they are equal. Two replicas that each keep what came first would differ for ever."""
    common = {"number": "A-1", "standing": 10}
    writes: list[Write] = [
        ((stamp, b"a" * 16), {**common, field: value}, Kind.CREATE) for stamp, value in ((1, [1]), (2, [True]))
    ]
    assert content(fold(table, writes).values) == content(fold(table, writes[::-1]).values)


# -- derived rows ------------------------------------------------------------------------------------------------------


@given(
    st.lists(st.tuples(STAMPS, CREATIONS, st.just(Kind.CREATE)), min_size=1, max_size=5, unique_by=lambda one: one[0])
)
def test_of_several_creations_of_a_derived_row_the_lowest_stamp_stands(writes: list[Write]) -> None:
    row = fold(DERIVED, writes)
    stamp, fields, _kind = min(writes, key=lambda write: write[0])
    states = {
        name: max(given.get(name, DERIVED.defaults.get(name, 0)) for _stamp, given, _kind in writes)
        for name in DERIVED.states
    }
    expected = DERIVED.values(**{**fields, **states})
    expected.stamps = row.values.stamps
    assert content(row.values) == content(expected)
    assert row.created == stamp


@pytest.mark.parametrize("field", ["number", "name"])
def test_creations_of_a_derived_row_under_one_stamp_are_decided_by_content(field: str) -> None:
    one, other = ({"number": "A-1", "standing": 10, "name": "A-1", field: value} for value in ("A-3", "A-2"))
    writes: list[Write] = [((3, b"a" * 16), fields, Kind.CREATE) for fields in (one, other)]
    for order in (writes, writes[::-1]):
        assert getattr(fold(DERIVED, order).values, field) == "A-3"


@given(CREATIONS, STAMPS, st.sampled_from(["x", "y", None]), STAMPS)
def test_an_edit_of_a_derived_row_stands_above_any_creation(
    fields: dict[str, Any], created: FieldStamp, name: str | None, edited: FieldStamp
) -> None:
    row = fold(DERIVED, [(edited, {"name": name}, Kind.EDIT), (created, fields, Kind.CREATE)])
    assert row.values.name == name
    assert register_stamps(DERIVED, row.values) == {"name": edited, "extras": created, "active": created}


# -- stamps ------------------------------------------------------------------------------------------------------------


@given(st.integers(0, 1_000), st.integers(0, 1 << 50), st.integers(0, 1 << 50))
def test_a_field_that_an_honest_clock_stamped_can_always_be_overwritten(count: int, now_ms: int, far_ms: int) -> None:
    """Also one that stands in the last year of all clocks, and had much to write there."""
    far = HybridClock()
    for _each in range(count):
        far.tick(far_ms)
    poisoned = far.tick(far_ms)
    assert poisoned <= LATEST_CLOCK + count + 1
    cure = HybridClock().tick(now_ms, above=poisoned)
    assert poisoned < cure <= MAX_STAMP


def test_a_local_write_loses_against_the_greatest_stamp() -> None:
    row = fold(ORDINARY, [((MAX_STAMP, b"z" * 16), {"number": "A-1", "standing": 10, "name": "stays"}, Kind.CREATE)])
    cure = HybridClock().tick(1, above=MAX_STAMP)
    merge(ORDINARY, row, ((cure, b"a" * 16), {"name": "loses"}, Kind.EDIT))
    assert (cure, row.values.name) == (MAX_STAMP, "stays")


@pytest.mark.parametrize("table", [ORDINARY, DERIVED])
def test_equal_stamps_have_equal_bytes(table: TableSpec) -> None:
    """Whatever the order in which the fields were edited."""
    creation: Write = ((1, b"a" * 16), {"number": "A-1", "standing": 10}, Kind.CREATE)
    edits: list[Write] = [
        ((number, b"b" * 16), {name: None}, Kind.EDIT) for number, name in ((3, "name"), (2, "extras"))
    ]
    one, other = fold(table, [creation, *edits]), fold(table, [creation, *reversed(edits)])
    assert one.values.stamps == other.values.stamps != b""
