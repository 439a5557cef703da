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
        """Whether an earlier row of the same whole is of the same item at that price."""
        if isinstance(change, Edit):
            return False
        names = (self._declared.whole, self._declared.item, self._declared.price)
        wanted = tuple(getattr(change.values, name) for name in names)
        for each in self._batch.creations[self._table.name]:
            if each is change:
                break
            if tuple(getattr(each.values, name) for name in names) == wanted:
                return True
        columns = ", ".join(names)
        rows = self._batch.door.among(
            f"SELECT {columns} FROM {self._table.name} WHERE organization_id = ? AND {names[0]} {{keys}}",  # noqa: S608 names of our own metadata
            [wanted[0]],
            self._batch.door.key(self._organization),
        )
        return any(tuple(row) == wanted for row in rows)

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
