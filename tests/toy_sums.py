"""Comparisons and sums over rows that the tests write, to show how any are kept.

What they add depends on the whole family and not on its rows one by one, so that a row that is missed shows. They use
tables whose rows change their family, tables without references, and ids as the value of the family.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, cast

import sqlalchemy as sa

from shared.floor.records import DiningTable, Space
from shared.kernel.columns import Key, Words
from shared.kernel.ids import derived_id
from shared.kernel.sums import Comparison, FamilyRows, Share, Sum, sums_metadata, sums_table
from shared.orders.records import Order, OrderLine
from shared.payments.records import Check, Receipt

toys_metadata = sa.MetaData()


def toy_table(name: str, keys: Mapping[str, Any], amounts: tuple[str, ...]) -> sa.Table:
    """A table of sums that no domain has."""
    made = sums_table(name, dict(keys), amounts)
    sums_metadata.remove(made)
    return made.to_metadata(toys_metadata)


families = toy_table("toy_families", {"kind": Words(20), "said": Words(400)}, ("counted", "rows", "widest"))
by_key = toy_table("toy_by_key", {"key_id": Key()}, ("counted", "families", "seats", "notes"))


def _of_space(rows: FamilyRows) -> Iterable[Share]:
    """How many tables a space has, and the widest of them; a table without a space would not be a share."""
    tables = rows["dining_tables"]
    for space_id, space in rows["spaces"].items():
        seats = sorted(each.seats for each in tables.values())
        yield "toy_families", ("space", f"{space.name} {seats}"), (1, len(tables), max(seats, default=0))
        yield "toy_by_key", (space_id,), (1, 1, sum(seats), 0)


def _of_table(rows: FamilyRows) -> Iterable[Share]:
    """The orders of a table, which need not be there: a reference that nobody checks."""
    notes = " ".join(sorted(each.notes for each in rows["orders"].values()))
    known = "known" if rows["dining_tables"] else "unknown"
    yield "toy_families", (known, notes), (1, len(rows["orders"]), 0)


def _of_order(rows: FamilyRows) -> Iterable[Share]:
    """Orders with more receipts than lines, and what was asked of the kitchen."""
    lines, receipts, checks = rows["order_lines"], rows["receipts"], rows["checks"]
    asked = sorted(json.dumps(each.modifiers, sort_keys=True) for each in lines.values())
    if len(receipts) + len(checks) > len(lines):
        sold = sum(each.total_minor for each in receipts.values())
        yield "toy_families", ("order", " ".join(asked)), (1, len(lines), sold)


SPACES = Comparison("space_id", (Space, DiningTable), (families, by_key), _of_space)
TABLES = Comparison("table_id", (DiningTable, Order), (families,), _of_table)
ORDERS = Comparison("order_id", (Order, OrderLine, Check, Receipt), (families,), _of_order)
SEATS = Sum(
    by_key,
    cast("sa.Table", DiningTable.__table__),
    counts="counted",
    named={"key_id": "space_id", "seats": "seats"},
)
NOTES = Sum(
    by_key,
    cast("sa.Table", Order.__table__),
    counts="counted",
    named={
        "key_id": lambda order: derived_id("toy", order.table_id).bytes if order.table_id else None,
        "notes": lambda order: len(order.notes),
    },
)
TOYS = (SPACES, SEATS, TABLES, NOTES, ORDERS)
