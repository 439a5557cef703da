"""Finds modifiers that the menu never offered to their dish at that price (`OfferedModifiers`).

Modifiers that share a dish (half-and-half) cost together what `shared/menu/halves.py` says. Three statements for a
batch with modifiers whose menu was never edited; the log says what it said before.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import islice, product
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from cloud.replication.timelines import Histories, timelines
from shared.kernel.declared import OfferedModifiers
from shared.menu.halves import GroupPricing, shared_prices
from shared.menu.records import ItemModifierGroup, Modifier, ModifierGroup
from sync.fold import Batch, Creation, Edit

MODIFIERS, GROUPS, LINKS = (each.__tablename__ for each in (Modifier, ModifierGroup, ItemModifierGroup))
MOST_PRICES = 4_096
"""Prices of shared dishes that are tried; a menu that changed more often is asked about."""
_PRICING: Any = ModifierGroup.__table__.c.pricing.type


class _Told(NamedTuple):
    """A change that says the modifiers of a dish."""

    change: Creation | Edit
    item: bytes
    modifiers: Sequence[tuple[bytes, int]]


class _Known(NamedTuple):
    """A modifier of the menu: its group, and all that it ever added and opened."""

    group: bytes
    deltas: tuple[int, ...]
    opens: tuple[bytes, ...]


def not_offered(
    batch: Batch,
    organization: bytes,
    histories: Histories,
    table: str,
    declared: OfferedModifiers,
    creations: Sequence[Creation],
    edits: Sequence[Edit],
) -> Iterator[Creation | Edit]:
    """The changes that say modifiers which the menu never offered to that dish, or never at that price."""
    told = list(_told(batch, table, declared, creations, edits))
    if not told:
        return
    menu = _Menu(batch, organization, histories)
    menu.learn({key for each in told for key, _delta in each.modifiers}, {each.item for each in told})
    yield from (each.change for each in told if not menu.offers(each))


class _Menu:
    """What the menu ever said of some modifiers."""

    def __init__(self, batch: Batch, organization: bytes, histories: Histories) -> None:
        self._batch = batch
        self._organization = organization
        self._histories = histories
        self._modifiers: dict[bytes, _Known] = {}
        self._pricings: dict[bytes, tuple[GroupPricing, ...]] = {}
        self._groups_of: defaultdict[bytes, set[bytes]] = defaultdict(set)

    def learn(self, modifiers: Collection[bytes], items: Collection[bytes]) -> None:
        """Read modifiers, how their groups are priced, and which groups items ever offered."""
        columns = "id, group_id, price_delta_minor, opens_id, stamps"
        rows = self._among(MODIFIERS, columns, "id", modifiers)
        said = [((MODIFIERS, row[0]), bytes(row[4]), {"price_delta_minor": row[2], "opens_id": row[3]}) for row in rows]
        ever = timelines(self._batch.door, self._organization, self._histories, said)
        for key, group, *_rest in rows:
            of = ever[MODIFIERS, key]
            opens = tuple(each for each in of["opens_id"].values if each is not None)
            self._modifiers[key] = _Known(group, tuple(of["price_delta_minor"].values), opens)
        groups = {each.group for each in self._modifiers.values()}
        priced = self._among(GROUPS, "id, pricing, stamps", "id", groups)
        pricings = [((GROUPS, row[0]), bytes(row[2]), {"pricing": row[1]}) for row in priced]
        for (_table, key), known in timelines(self._batch.door, self._organization, self._histories, pricings).items():
            self._pricings[key] = tuple(_PRICING.from_wire(each) for each in known["pricing"].values)
        for item, group in self._among(LINKS, "item_id, group_id", "item_id", items):
            self._groups_of[item].add(group)

    def offers(self, told: _Told) -> bool:
        """Whether all modifiers of a dish are of groups that it offers or that the others open, at their prices."""
        of_group: defaultdict[bytes, list[tuple[_Known, int]]] = defaultdict(list)
        for key, delta in told.modifiers:
            if key not in self._modifiers:
                return False
            of_group[self._modifiers[key].group].append((self._modifiers[key], delta))
        opened = {group for key, _delta in told.modifiers for group in self._modifiers[key].opens}
        if not of_group.keys() <= self._groups_of[told.item] | opened:
            return False
        return all(self._prices(group, some) for group, some in of_group.items())

    def _prices(self, group: bytes, told: Sequence[tuple[_Known, int]]) -> bool:
        """Whether modifiers of one group ever added what a line says that they add."""
        if all(delta in known.deltas for known, delta in told) and (
            len(told) == 1 or GroupPricing.EACH in self._pricings[group]
        ):
            return True
        said = Counter(delta for _known, delta in told)
        ever = islice(product(*(set(known.deltas) for known, _delta in told)), MOST_PRICES)
        shared = [each for each in self._pricings[group] if each is not GroupPricing.EACH]
        return any(said == Counter(shared_prices(deltas, each)) for deltas in ever for each in shared)

    def _among(self, table: str, columns: str, field: str, keys: Collection[bytes]) -> Sequence[Any]:
        door = self._batch.door
        sql = f"SELECT {columns} FROM {table} WHERE organization_id = ? AND {field} {{keys}}"  # noqa: S608 names of ours
        return door.among(sql, sorted(keys), door.key(self._organization))


def _told(
    batch: Batch, table: str, declared: OfferedModifiers, creations: Sequence[Creation], edits: Sequence[Edit]
) -> Iterator[_Told]:
    for made in creations:
        modifiers = getattr(made.values, declared.modifiers)
        if modifiers:
            yield _Told(made, getattr(made.values, declared.item), _plain(modifiers))
    if not any(edit.fields.get(declared.modifiers) for edit in edits):
        return
    held = batch.rows[table]
    new: Mapping[bytes, Any] = {each.row: each.values for each in batch.creations.get(table, ())}
    for edit in edits:
        modifiers = edit.fields.get(declared.modifiers)
        values = held[edit.row].values if edit.row in held else new.get(edit.row)
        if modifiers and values is not None:
            yield _Told(edit, getattr(values, declared.item), _plain(modifiers))


def _plain(modifiers: Any) -> list[tuple[bytes, int]]:
    """Ids and prices of modifiers; what is no id is that of no modifier."""
    found = msgspec.json.decode(modifiers) if isinstance(modifiers, str) else modifiers
    return [(_id(each["id"]), each["price_delta_minor"]) for each in found]


def _id(text: str) -> bytes:
    try:
        return UUID(text).bytes
    except ValueError:
        return b""
