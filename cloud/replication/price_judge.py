"""Finds prices that no list said: who wrote one must have had the right to (`ListPrice` in `shared/kernel/rights.py`).

One statement for a batch in which all prices are those of today's list; the log says what the list said before.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from cloud.replication.staff_rights import Histories, timelines
from shared.kernel.rights import Act, ListPrice
from sync.fold import Batch, Creation, Edit
from sync.tables import TableSpec


class Listed(NamedTuple):
    """What the list ever said of one item."""

    prices: frozenset[int]
    is_open: bool


class PriceJudge:
    """The prices of one table in one batch.

    Args:
        histories: see `timelines`.
    """

    def __init__(
        self, batch: Batch, organization: bytes, histories: Histories, table: TableSpec, declared: ListPrice
    ) -> None:
        self._batch = batch
        self._organization = organization
        self._histories = histories
        self._table = table
        self._declared = declared

    def unlisted(self, creations: Sequence[Creation], edits: Sequence[Edit]) -> Iterator[tuple[Creation | Edit, Act]]:
        """Each change that says a price which its list never said, with the right that this takes."""
        said = list(self._said(creations, edits))
        if not said:
            return
        today = self._today({item for _change, item, _price in said})
        doubtful = [each for each in said if each[1] in today and each[2] != today[each[1]][1]["listed"]]
        listed = self._ever({item: today[item] for _change, item, _price in doubtful})
        for change, item, price in doubtful:
            of_item = listed[item]
            if price in of_item.prices:
                continue
            if of_item.is_open:
                yield change, Act(frozenset(self._declared.by_open), price)
            else:
                least = min(abs(price - each) for each in of_item.prices)
                yield change, Act(frozenset({self._declared.by}), least)

    def is_copied(self, change: Creation | Edit) -> bool:
        """Whether an earlier row of the same whole is of the same item, and has or had that price."""
        if isinstance(change, Edit):
            return False
        whole, item, price = (
            getattr(change.values, name) for name in (self._declared.whole, self._declared.item, self._declared.price)
        )
        alike = self._alike(whole, item)
        if any(price in prices for prices in alike.values()):
            return True
        for made in self._batch.creations[self._table.name]:
            if made is change:
                break
            if (getattr(made.values, self._declared.whole), getattr(made.values, self._declared.item)) == (whole, item):
                alike[made.row] = frozenset({getattr(made.values, self._declared.price)})
        edits = (each for each in self._batch.edits.get(self._table.name, ()) if each.at <= change.at)
        repriced = any(each.row in alike and each.fields.get(self._declared.price) == price for each in edits)
        return repriced or any(price in prices for prices in alike.values())

    def _alike(self, whole: bytes, item: bytes) -> dict[bytes, frozenset[int]]:
        """The rows of a whole that are of an item, with all prices that they ever had."""
        declared, table = self._declared, self._table.name
        rows = self._batch.door.among(
            f"SELECT id, {declared.price}, stamps FROM {table}"  # noqa: S608 names of our own metadata
            f" WHERE organization_id = ? AND {declared.item} = ? AND {declared.whole} {{keys}}",
            [whole],
            self._batch.door.key(self._organization),
            self._batch.door.key(item),
        )
        said = [((table, row[0]), bytes(row[2]), {declared.price: row[1]}) for row in rows]
        known = timelines(self._batch.door, self._organization, {}, said)
        return {row: frozenset(each[declared.price].values) for (_table, row), each in known.items()}

    def _said(
        self, creations: Sequence[Creation], edits: Sequence[Edit]
    ) -> Iterator[tuple[Creation | Edit, bytes, int]]:
        declared, held = self._declared, self._batch.rows[self._table.name]
        for made in creations:
            price = getattr(made.values, declared.price)
            if price is not None:
                yield made, getattr(made.values, declared.item), price
        if not any(declared.price in edit.fields for edit in edits):
            return
        new = {each.row: each.values for each in self._batch.creations.get(self._table.name, ())}
        for edit in edits:
            price = edit.fields.get(declared.price)
            values = held[edit.row].values if edit.row in held else new.get(edit.row)
            if price is not None and values is not None:
                yield edit, getattr(values, declared.item), price

    def _today(self, items: set[bytes]) -> Mapping[bytes, tuple[bytes, Mapping[str, Any]]]:
        declared = self._declared
        rows = self._batch.door.among(
            f"SELECT id, {declared.listed}, {declared.is_open}, stamps FROM {declared.table}"  # noqa: S608 as above
            " WHERE organization_id = ? AND id {keys}",
            sorted(items),
            self._batch.door.key(self._organization),
        )
        return {row[0]: (bytes(row[3]), {"listed": row[1], "is_open": bool(row[2])}) for row in rows}

    def _ever(self, today: Mapping[bytes, tuple[bytes, Mapping[str, Any]]]) -> Mapping[bytes, Listed]:
        declared = self._declared
        rows = [
            ((declared.table, item), stamps, {declared.listed: said["listed"], declared.is_open: said["is_open"]})
            for item, (stamps, said) in today.items()
        ]
        found = timelines(self._batch.door, self._organization, self._histories, rows)
        return {
            item: Listed(
                frozenset(found[declared.table, item][declared.listed].values),
                any(found[declared.table, item][declared.is_open].values),
            )
            for item in today
        }
