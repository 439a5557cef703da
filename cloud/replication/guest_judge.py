"""Judges what devices write in the name of guests: exactly what the cloud proposed, and nothing else.

An id that follows from a guest's order is computed by anybody; what was proposed stands in rows that the cloud alone
writes, and is read here: two statements for a batch with guests' rows, none for any other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from typing import Any, NamedTuple

from shared.guests.records import Asks, GuestAnswer, GuestOrder, GuestOrderLine
from shared.kernel.declared import Proposed
from shared.kitchen.records import KitchenTicket, TicketLine
from shared.orders.combo_records import OrderCombo
from shared.orders.records import OrderLine
from shared.payments.records import Check
from sync.fold import Batch, Creation, Edit
from sync.tables import TableSpec, Values

_NAMES_IT = frozenset(
    {OrderLine.__tablename__, OrderCombo.__tablename__, KitchenTicket.__tablename__, GuestAnswer.__tablename__}
)
"""The tables whose new rows name the guest's order that they follow from."""
_LINES, _TOLD, _CHECKS = OrderLine.__tablename__, TicketLine.__tablename__, Check.__tablename__
_HOLDS, _TELLS = frozenset({"held", "fired"}), frozenset({"told_milli", "ticket_id"})


class _GuestOrder(NamedTuple):
    """A guest's order that a device may accept by itself."""

    order_id: bytes
    lines: frozenset[bytes]


class GuestActs:
    """What may be written in the name of some guests' orders.

    Args:
        actors: who acts in the batch, without the people and stations.
    """

    def __init__(self, batch: Batch, organization: bytes, actors: Collection[bytes]) -> None:
        self._batch = batch
        self._orders = _read(batch, organization, actors) if actors else {}

    def __contains__(self, actor: bytes | None) -> bool:
        return actor in self._orders

    def may(self, table: TableSpec, change: Creation | Edit) -> bool:
        """Whether a change follows from the guest's order in whose name it was written."""
        assert change.actor is not None, "a guest's order acts"
        of, held = self._orders[change.actor], self._batch.rows[table.name].get(change.row)
        if isinstance(change, Creation):
            return self._may_create(table.name, of, change)
        if table.name == _LINES:
            return change.row in of.lines and change.fields.keys() <= _HOLDS
        if table.name == _TOLD:
            root = held.values.root_id if held is not None else self._root_made(change)
            return root in of.lines and change.fields.keys() <= _TELLS
        return False

    def _may_create(self, name: str, of: _GuestOrder, change: Creation) -> bool:
        values: Any = change.values
        if name in _NAMES_IT:
            return bool(values.guest_order_id == change.actor)
        if name == _TOLD:
            return values.root_id in of.lines
        return name == _CHECKS and bool(values.order_id == of.order_id)

    def _root_made(self, change: Edit) -> bytes | None:
        made = (each for each in self._batch.creations.get(_TOLD, ()) if each.row == change.row)
        first: Any = next(made, None)
        return first.values.root_id if first is not None else None


def _read(batch: Batch, organization: bytes, actors: Collection[bytes]) -> dict[bytes, _GuestOrder]:
    key = batch.door.key(organization)
    orders = batch.door.among(
        f"SELECT id, order_id, asks FROM {GuestOrder.__tablename__} WHERE organization_id = ? AND id {{keys}}",  # noqa: S608 a name of our own metadata
        sorted(actors),
        key,
    )
    known = {bytes(row[0]): bytes(row[1]) for row in orders if row[2] == Asks.NOBODY}
    if not known:
        return {}
    lines: defaultdict[bytes, set[bytes]] = defaultdict(set)
    sql = f"SELECT id, guest_order_id FROM {GuestOrderLine.__tablename__}"  # noqa: S608 a name of our own metadata
    for row in batch.door.among(f"{sql} WHERE organization_id = ? AND guest_order_id {{keys}}", sorted(known), key):
        lines[bytes(row[1])].add(bytes(row[0]))
    return {each: _GuestOrder(order_id, frozenset(lines[each])) for each, order_id in known.items()}


def otherwise_than_proposed(
    batch: Batch, organization: bytes, table: TableSpec, declared: Proposed, creations: Sequence[Creation]
) -> Iterator[Creation]:
    """The new rows that name a guest's order which does not say them so."""
    named = [each for each in creations if getattr(each.values, declared.named_by) is not None]
    if not named:
        return
    proposals = batch.merged.load(batch.merged.tables[declared.table], sorted({each.row for each in named}))
    for each in named:
        proposal = proposals.get(each.row)
        if proposal is None or not _says_so(declared, each.values, proposal.values):
            yield each


def _says_so(declared: Proposed, values: Values, proposal: Values) -> bool:
    return all(getattr(values, name) == getattr(proposal, name) for name in (declared.named_by, *declared.same))
