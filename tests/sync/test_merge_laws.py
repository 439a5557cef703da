"""Merging is commutative, associative and idempotent for every policy: the order of arrival never matters."""

from __future__ import annotations

from random import Random
from typing import Any

import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.columns import Flag, Key, Lattice, Listed, Rank, Whole, Words
from shared.kernel.permissions import Permission
from shared.kernel.records import Merge, Scope
from sync.merge import NEVER, FieldStamp, MergedRow, merge, newer, unpack_stamps
from sync.tables import TableSpec, specs


class Way(Rank):
    OPEN = 10
    DONE = 20


def _table() -> TableSpec:
    metadata = sa.MetaData()
    sa.Table(
        "things",
        metadata,
        sa.Column("organization_id", Key(), primary_key=True),
        sa.Column("id", Key(), primary_key=True),
        sa.Column("stamps", sa.LargeBinary),
        sa.Column("number", Words(9), nullable=False, info={"merge": Merge.LEDGER}),
        sa.Column("amount", Whole(), nullable=True, info={"merge": Merge.LEDGER}),
        sa.Column("name", Words(9), nullable=True, info={"merge": Merge.REGISTER}),
        sa.Column("extras", Listed(), nullable=True, info={"merge": Merge.REGISTER}),
        sa.Column("active", Flag(), nullable=True, info={"merge": Merge.REGISTER}),
        sa.Column("standing", Lattice(Way), nullable=False, info={"merge": Merge.STATE}),
        info={"scope": Scope.BRANCH, "writes": Permission.TAKE_ORDER},
    )
    return specs(metadata)["things"]


SPEC = _table()
STAMPS = st.tuples(st.integers(1, 5), st.sampled_from([b"a" * 16, b"b" * 16, b"c" * 16]))
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "number": st.sampled_from(["A-1", "A-2"]),
    "amount": st.none() | st.integers(-3, 3),
    "name": st.none() | st.sampled_from(["x", "y", "Z", ""]),
    "extras": st.none() | st.sampled_from([[], [1], {"a": 1, "b": 2}, {"b": 2, "a": 1}, {"b": 2}]),
    "active": st.none() | st.booleans(),
    "standing": st.sampled_from([10, 20, 1_010, 1_020, 2_010]),
    "of_a_newer_version": st.integers(0, 3),
}
CREATES = st.fixed_dictionaries(
    {"number": VALUES["number"], "standing": VALUES["standing"]},
    optional={name: values for name, values in VALUES.items() if name not in {"number", "standing"}},
)
EDITS = st.fixed_dictionaries({}, optional=VALUES)
Write = tuple[FieldStamp, dict[str, Any], bool]
WRITES = st.lists(
    st.tuples(STAMPS, CREATES, st.just(True)) | st.tuples(STAMPS, EDITS, st.just(False)), min_size=1, max_size=8
)


def born(write: Write) -> MergedRow:
    stamp, fields, _creates = write
    return MergedRow({name: value for name, value in fields.items() if name in SPEC.fields}, stamp)


def fold(writes: list[Write]) -> MergedRow:
    """As a replica does: an edit waits for a creation, then all are merged in their order of arrival."""
    first = next(index for index, write in enumerate(writes) if write[2])
    row = born(writes[first])
    for stamp, fields, creates in writes[:first] + writes[first + 1 :]:
        merge(SPEC, row, fields, stamp, creates=creates)
    return row


def content(row: MergedRow) -> dict[str, Any]:
    return {name: row.fields.get(name) for name in SPEC.fields}


def standing(row: MergedRow) -> tuple[dict[str, Any], dict[str, FieldStamp]]:
    """All that later merges depend on."""
    registers = [name for name, field in SPEC.fields.items() if field.merge is Merge.REGISTER]
    return content(row), {name: row.stamp_of(name) for name in registers}


@given(WRITES.filter(lambda writes: any(creates for _stamp, _fields, creates in writes)), st.integers())
def test_any_order_of_arrival_gives_the_same_row(writes: list[Write], seed: int) -> None:
    shuffled = list(writes)
    Random(seed).shuffle(shuffled)
    assert standing(fold(shuffled)) == standing(fold(writes))


@given(WRITES.filter(lambda writes: any(creates for _stamp, _fields, creates in writes)), st.integers())
def test_a_replay_of_anything_changes_nothing(writes: list[Write], seed: int) -> None:
    row = fold(writes)
    before = standing(row)
    row.dirty.clear()
    again = list(writes)
    Random(seed).shuffle(again)
    for stamp, fields, creates in again:
        merge(SPEC, row, fields, stamp, creates=creates)
    assert standing(row) == before
    assert not row.dirty, "nothing is written again"


@given(WRITES.filter(lambda writes: any(creates for _stamp, _fields, creates in writes)))
def test_merging_on_after_a_restart_is_merging_on(writes: list[Write]) -> None:
    """A row that was written and read back between any two merges ends as if it had stayed in memory."""
    expected = fold(writes)
    first = next(index for index, write in enumerate(writes) if write[2])
    row = born(writes[first])
    for stamp, fields, creates in writes[:first] + writes[first + 1 :]:
        row = MergedRow(content(row), *unpack_stamps(row.pack_stamps()), fresh=False)
        merge(SPEC, row, fields, stamp, creates=creates)
    assert standing(row) == standing(expected)


@given(CREATES, STAMPS, EDITS, STAMPS)
def test_an_edit_never_changes_a_ledger_field_and_never_lowers_a_state(
    fields: dict[str, Any], stamp: FieldStamp, edit: dict[str, Any], later: FieldStamp
) -> None:
    row = born((stamp, fields, True))
    before = content(row)
    merge(SPEC, row, edit, later, creates=False)
    after = content(row)
    assert (after["number"], after["amount"]) == (before["number"], before["amount"])
    assert after["standing"] == max(before["standing"], edit.get("standing", 0))
    assert "of_a_newer_version" not in row.fields


def test_a_reopening_outranks_every_earlier_state_and_is_outranked_by_the_next_end() -> None:
    row = born(((1, b"a" * 16), {"number": "A-1", "standing": 20}, True))
    for code, expected in ((10, 20), (1_010, 1_010), (20, 1_010), (1_020, 1_020)):
        merge(SPEC, row, {"standing": code}, (9, b"a" * 16), creates=False)
        assert row.fields["standing"] == expected


@given(STAMPS, VALUES["extras"], STAMPS, VALUES["extras"])
def test_of_two_different_writes_exactly_one_is_newer(
    stamp: FieldStamp, value: Any, other: FieldStamp, other_value: Any
) -> None:
    both = newer(stamp, value, other, other_value), newer(other, other_value, stamp, value)
    assert both != (True, True)
    if (stamp, value) != (other, other_value):
        assert any(both)


@given(STAMPS, st.dictionaries(st.sampled_from(["name", "extras"]), STAMPS))
def test_stamps_survive_their_stored_form(created: FieldStamp, edited: dict[str, FieldStamp]) -> None:
    assert unpack_stamps(MergedRow({}, created, edited).pack_stamps()) == (created, edited)
    assert unpack_stamps(b"") == (NEVER, {})
