"""What every replicated table promises, looked at in the whole metadata."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.columns import Choice, Day, Flag, Hour, Instant, Key, Listed, Whole, Words
from shared.kernel.instants import to_microseconds
from shared.kernel.money import MAX_MINOR
from shared.kernel.permissions import Permission
from shared.kernel.records import Merge, Scope
from shared.kernel.states import Lattice, Rank
from shared.kernel.totals import Tally
from shared.records import metadata
from sync.tables import specs

SPECS = specs(metadata)
FIELDS = [(spec, field) for spec in SPECS.values() for field in spec.fields.values()]
ANYTHING = (
    st.none()
    | st.booleans()
    | st.integers(-(1 << 63), (1 << 64) - 1)
    | st.floats()
    | st.text(max_size=20)
    | st.binary(max_size=20)
    | st.just("a" * 16)
    | st.just(b"a" * 16)
    | st.sampled_from(["2026-11-23", "20261123"])
    | st.lists(st.none() | st.integers() | st.binary() | st.floats() | st.text(max_size=3), max_size=3)
    | st.dictionaries(st.text(max_size=3) | st.integers(0, 9), st.binary(max_size=3) | st.floats(), max_size=3)
)


def test_the_tenant_comes_first_in_every_key_unique_and_reference() -> None:
    for table in metadata.tables.values():
        assert [column.name for column in table.primary_key] == ["organization_id", "id"], table.name
        for constraint in table.constraints:
            if isinstance(constraint, sa.ForeignKeyConstraint):
                assert constraint.column_keys[0] == "organization_id", f"{table.name}: {constraint.name}"
                assert constraint.elements[0].target_fullname.endswith(".organization_id")
            if isinstance(constraint, sa.UniqueConstraint):
                assert next(iter(constraint.columns)).name == "organization_id"


def test_every_table_is_replicated_with_a_policy_on_every_column() -> None:
    assert SPECS.keys() == metadata.tables.keys()
    assert all(field.merge in Merge for _spec, field in FIELDS)


def test_no_field_takes_a_default_that_the_log_would_not_tell() -> None:
    """A nullable column with a default: the database fills what the change does not name."""
    for spec, field in FIELDS:
        assert not (field.nullable and field.column.default is not None), f"{spec.name}.{field.name}"
        assert field.column.server_default is None, f"{spec.name}.{field.name}"


def test_money_rates_and_quantities_are_exact_integers() -> None:
    for spec, field in FIELDS:
        if field.name.endswith(("_minor", "_milli", "_millionths", "_seq")):
            assert isinstance(field.wire, Whole | Tally), f"{spec.name}.{field.name}"
        assert not isinstance(field.column.type, sa.Float | sa.Numeric)


@given(st.data())
def test_whatever_a_field_accepts_reads_back_as_it_was_sent(data: Any) -> None:
    """What arrives is anything; what is accepted can be converted, stored, and is sent on as the same value.

    A word that only a newer program knows is kept as it is in the row; people read its column's fallback.
    """
    _spec, field = data.draw(st.sampled_from(FIELDS))
    value = data.draw(ANYTHING.filter(lambda each: each is not None))
    if field.wire.accepts(value) and isinstance(field.wire, Choice) and value not in field.wire.words:
        assert field.wire.from_wire(value) is field.wire.fallback
    elif field.wire.accepts(value):
        again = field.wire.to_wire(field.wire.from_wire(value))
        assert again == value
        assert type(again) is type(value)


class Way(Rank):
    OPEN = 10
    DONE = 20


@pytest.mark.parametrize("code", [-990, -1, 0, 11, (1 << 31) + 10, 1 << 63, True, 10.0, "10"])
def test_a_state_that_is_no_standing_is_not_accepted(code: Any) -> None:
    standing = Lattice(Way)
    assert not standing.accepts(code)
    assert standing.accepts(10)
    assert standing.accepts(1_020)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (Key(), "a" * 16),
        (Key(), b"a" * 15),
        (Instant(), 1.5),
        (Instant(), True),
        (Instant(), 1 << 63),
        (Instant(), to_microseconds(datetime.max.replace(tzinfo=UTC))),
        (Instant(), to_microseconds(datetime.min.replace(tzinfo=UTC))),
        (Day(), "20261123"),
        (Day(), "2026-W48-1"),
        (Day(), "2026-13-01"),
        (Day(), "9999-12-31"),
        (Day(), "0001-01-01"),
        (Day(), 20_261_123),
        (Words(3), "abcd"),
        (Words(3), "a\x00"),
        (Words(3), b"abc"),
        (Whole(), 1.0),
        (Whole(), True),
        (Whole(), 1 << 63),
        (Whole(), MAX_MINOR + 1),
        (Whole(), -MAX_MINOR - 1),
        (Hour(), 24),
        (Hour(), -1),
        (Hour(), True),
        (Flag(), 1),
        (Choice(Scope), "galaxy"),
        (Choice(Scope), []),
        (Listed(), "text"),
        (Listed(), [b"bytes"]),
        (Listed(), [1.5]),
        (Listed(), [float("nan")]),
        (Listed(), {"a": ["\x00"]}),
        (Listed(), {"\x00": 1}),
        (Listed(), {1: 2}),
        (Listed(), [1 << 63]),
        (Listed(), [[[[[[[[[[]]]]]]]]]]),
    ],
)
def test_a_value_that_some_database_would_refuse_or_change_is_not_accepted(kind: Any, value: Any) -> None:
    assert not kind.accepts(value)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (Instant(), -1),
        (Instant(), to_microseconds(datetime(2926, 1, 1, tzinfo=UTC))),
        (Day(), "1969-12-31"),
        (Day(), "2926-01-01"),
        (Whole(), MAX_MINOR),
        (Whole(), -MAX_MINOR),
        (Hour(), 0),
        (Hour(), 23),
    ],
)
def test_what_a_till_with_a_wrong_clock_or_a_huge_bill_writes_is_accepted(kind: Any, value: Any) -> None:
    assert kind.accepts(value)


@pytest.mark.parametrize(
    "value", [[], {}, [{"id": "x", "name": "sin \\u0000 ají", "price_delta_minor": -5}], [None, True]]
)
def test_a_document_of_plain_values_is_accepted(value: Any) -> None:
    assert Listed().accepts(value)


def column(merge: Merge | None, kind: Any) -> sa.MetaData:
    bad = sa.MetaData()
    sa.Table(
        "things",
        bad,
        sa.Column("organization_id", Key(), primary_key=True),
        sa.Column("id", Key(), primary_key=True),
        sa.Column("field", kind, info={"merge": merge} if merge else {}),
        info={"scope": Scope.BRANCH, "writes": Permission.TAKE_ORDER},
    )
    return bad


@pytest.mark.parametrize(("merge", "kind"), [(None, Whole()), (Merge.LEDGER, sa.Integer()), (Merge.STATE, Whole())])
def test_a_table_that_cannot_merge_is_found_when_the_program_starts(merge: Merge | None, kind: Any) -> None:
    with pytest.raises(TypeError, match=r"things\.field"):
        specs(column(merge, kind))
