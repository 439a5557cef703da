"""Finds prices that no list said: who wrote one must have had the right to (`ListPrice` in `shared/kernel/rights.py`).

One statement for a batch in which all prices are those of today's list; the log says what the list said before.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from cloud.replication.ruled_prices import RuledPrices, SaidPrice
from cloud.replication.timelines import Histories, timelines
from shared.kernel.declared import ListPrice
from shared.kernel.rights import Act
from sync.fold import Batch, Creation, Edit
from sync.tables import TableSpec, Values


class Listed(NamedTuple):
    """What the list ever said of one item."""

    prices: frozenset[int]
    is_open: bool


class ListedRow(NamedTuple):
    """A row of a list as it is now.

    Attributes:
        table: the list, or the table of what branches add to it.
    """

    table: str
    stamps: bytes
    said: Mapping[str, Any]


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
        today = self._today({each.item for each in said})
        doubtful = [each for each in said if each.item in today and each.price != today[each.item].said["listed"]]
        if not doubtful:
            return
        listed = self._ever({each.item: today[each.item] for each in doubtful})
        in_branches = self._ever_in_branches({each.item for each in doubtful})
        rules = self._rules(doubtful)
        for each in doubtful:
            of_item = listed[each.item]
            prices = of_item.prices | in_branches.get((each.branch, each.item), frozenset())
            if each.price in prices or (rules is not None and rules.make(each, prices)):
                continue
            if of_item.is_open:
                yield each.change, Act(frozenset(self._declared.by_open), each.price)
            else:
                least = min(abs(each.price - price) for price in prices)
                yield each.change, Act(frozenset({self._declared.by}), least)

    def _rules(self, doubtful: Sequence[SaidPrice]) -> RuledPrices | None:
        """The price rules that rows with doubtful prices name. None: none does."""
        declared = self._declared.by_rule
        ruled = [each for each in doubtful if declared and getattr(each.values, declared.named_by) is not None]
        if not ruled:
            return None
        return RuledPrices(self._batch, self._organization, self._histories, self._table.name, self._declared, ruled)

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
            of = getattr(made.values, self._declared.whole), getattr(made.values, self._declared.item)
            if of == (whole, item) and not self._is_part(made.values):
                alike[made.row] = frozenset({getattr(made.values, self._declared.price)})
        edits = (each for each in self._batch.edits.get(self._table.name, ()) if each.at <= change.at)
        repriced = any(each.row in alike and each.fields.get(self._declared.price) == price for each in edits)
        return repriced or any(price in prices for prices in alike.values())

    def _alike(self, whole: bytes, item: bytes) -> dict[bytes, frozenset[int]]:
        """The rows of a whole that are of an item, with all prices that they ever had; without shares of a combo."""
        declared, table = self._declared, self._table.name
        no_part = f" AND {declared.shared.choice} IS NULL" if declared.shared is not None else ""
        rows = self._batch.door.among(
            f"SELECT id, {declared.price}, stamps FROM {table}"  # noqa: S608 names of our own metadata
            f" WHERE organization_id = ? AND {declared.item} = ? {no_part} AND {declared.whole} {{keys}}",
            [whole],
            self._batch.door.key(self._organization),
            self._batch.door.key(item),
        )
        said = [((table, row[0]), bytes(row[2]), {declared.price: row[1]}) for row in rows]
        known = timelines(self._batch.door, self._organization, {}, said)
        return {row: frozenset(each[declared.price].values) for (_table, row), each in known.items()}

    def _said(self, creations: Sequence[Creation], edits: Sequence[Edit]) -> Iterator[SaidPrice]:
        declared, held = self._declared, self._batch.rows[self._table.name]
        for made in creations:
            price = getattr(made.values, declared.price)
            if price is not None and not self._is_share(made.values, price):
                yield SaidPrice(made, getattr(made.values, declared.item), made.values.branch_id, price, made.values)
        if not any(declared.price in edit.fields for edit in edits):
            return
        new = {each.row: each.values for each in self._batch.creations.get(self._table.name, ())}
        for edit in edits:
            price = edit.fields.get(declared.price)
            values = held[edit.row].values if edit.row in held else new.get(edit.row)
            if price is not None and values is not None:
                yield SaidPrice(edit, getattr(values, declared.item), values.branch_id, price, values)

    def _is_share(self, values: Values, price: int) -> bool:
        """Whether a price is the share of a whole. That shares add up to it, and what it costs, is judged elsewhere."""
        shared = self._declared.shared
        return shared is not None and self._is_part(values) and price == getattr(values, shared.share)

    def _is_part(self, values: Values) -> bool:
        """Whether a row was written as a part of a whole."""
        shared = self._declared.shared
        return shared is not None and None not in (getattr(values, shared.whole), getattr(values, shared.choice))

    def _today(self, items: set[bytes]) -> Mapping[bytes, ListedRow]:
        """The rows of the list, and those that branches added to it."""
        declared, organization = self._declared, self._batch.door.key(self._organization)
        columns = f"id, {declared.listed} AS listed, {declared.is_open} AS is_open, stamps"
        of = "FROM {} WHERE organization_id = ?"
        rows = self._batch.door.among(
            f"SELECT * FROM (SELECT 0 AS own, {columns} {of.format(declared.table)}"  # noqa: S608 as above
            f" UNION ALL SELECT 1, {columns} {of.format(declared.in_branches.dishes)}) AS list WHERE id {{keys}}",
            sorted(items),
            organization,
            organization,
        )
        tables = declared.table, declared.in_branches.dishes
        return {
            item: ListedRow(tables[own], bytes(stamps), {"listed": listed, "is_open": bool(is_open)})
            for own, item, listed, is_open, stamps in rows
        }

    def _ever(self, today: Mapping[bytes, ListedRow]) -> Mapping[bytes, Listed]:
        declared = self._declared
        names = {declared.listed: "listed", declared.is_open: "is_open"}
        rows = [
            ((row.table, item), row.stamps, {name: row.said[said] for name, said in names.items()})
            for item, row in today.items()
        ]
        found = timelines(self._batch.door, self._organization, self._histories, rows)
        return {
            item: Listed(
                frozenset(found[row.table, item][declared.listed].values),
                any(found[row.table, item][declared.is_open].values),
            )
            for item, row in today.items()
        }

    def _ever_in_branches(self, items: set[bytes]) -> Mapping[tuple[bytes, bytes], frozenset[int]]:
        """By branch and item: the prices that branches ever said, those of this batch included."""
        own, batch = self._declared.in_branches, self._batch
        rows = batch.door.among(
            f"SELECT id, branch_id, {own.item}, {own.price}, stamps FROM {own.table}"  # noqa: S608 as above
            " WHERE organization_id = ? AND " + own.item + " {keys}",
            sorted(items),
            batch.door.key(self._organization),
        )
        place_of = {row[0]: (row[1], row[2]) for row in rows}
        said = [((own.table, row[0]), bytes(row[4]), {own.price: row[3]}) for row in rows]
        found: defaultdict[tuple[bytes, bytes], set[int]] = defaultdict(set)
        for (_table, row), known in timelines(batch.door, self._organization, self._histories, said).items():
            found[place_of[row]] |= {price for price in known[own.price].values if price is not None}
        for made in batch.creations.get(own.table, ()):
            place_of[made.row] = made.values.branch_id, getattr(made.values, own.item)
            found[place_of[made.row]] |= {getattr(made.values, own.price)} - {None}
        for edit in batch.edits.get(own.table, ()):
            price = edit.fields.get(own.price)
            if edit.row in place_of and price is not None:
                found[place_of[edit.row]].add(price)
        dishes = batch.rows.get(own.dishes, {})
        for edit in batch.edits.get(own.dishes, ()):
            price = edit.fields.get(self._declared.listed)
            if edit.row in dishes and price is not None:
                found[dishes[edit.row].values.branch_id, edit.row].add(price)
        return {place: frozenset(prices) for place, prices in found.items()}
