"""The snapshot: one immutable value with everything that screens show. A reading makes the next snapshot from it.

Readings may overlap (a tap reads its own order while everything is read after a fold), and end in any order. Each gets
a number before it reads the database; of two that read the same thing, the higher number wins. No I/O here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, TypeVar
from uuid import UUID

from shared.books.views import OrderView
from terminal.snapshots.sources import ORDERS, Source

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class OrderRead:
    """One order as a reading found it. `view` is None if it is not open any more."""

    id: UUID
    view: OrderView | None


@dataclass(frozen=True, slots=True)
class Reading:
    """Result of one reading of one state of the database."""

    number: int
    values: Mapping[Source[Any], Any]
    order: OrderRead | None = None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """See the module. `snapshot[MENU]` is the value of the source `MENU`."""

    _values: Mapping[Source[Any], Any] = field(default_factory=dict)
    _read_by: Mapping[Source[Any], int] = field(default_factory=dict)
    _order_read_by: Mapping[UUID, int] = field(default_factory=dict)

    def __getitem__(self, source: Source[T]) -> T:
        value: T = self._values.get(source, source.empty)
        return value

    def read_by(self, source: Source[Any]) -> int:
        """Number of the reading that gave a source its value. 0 before the first."""
        return self._read_by.get(source, 0)

    def after(self, reading: Reading) -> Snapshot:
        """The snapshot after a reading. Values of later readings stay."""
        news = {source: value for source, value in reading.values.items() if self.read_by(source) < reading.number}
        newer_orders = {key: number for key, number in self._order_read_by.items() if number > reading.number}
        if ORDERS in news:
            news[ORDERS] = self._with_newer_orders(news[ORDERS], newer_orders)
        taken = replace(
            self,
            _values={**self._values, **news},
            _read_by={**self._read_by, **dict.fromkeys(news, reading.number)},
            _order_read_by=newer_orders if ORDERS in news else self._order_read_by,
        )
        return taken if reading.order is None else taken._with_order(reading.order, reading.number)

    def _with_newer_orders(
        self, found: Mapping[UUID, OrderView], newer: Mapping[UUID, int]
    ) -> Mapping[UUID, OrderView]:
        shown = self[ORDERS]
        others = {key: order for key, order in found.items() if key not in newer}
        return MappingProxyType(others | {key: shown[key] for key in newer if key in shown})

    def _with_order(self, order: OrderRead, number: int) -> Snapshot:
        if number <= max(self.read_by(ORDERS), self._order_read_by.get(order.id, 0)):
            return self
        orders = {key: shown for key, shown in self[ORDERS].items() if key != order.id or order.view is not None}
        if order.view is not None:
            orders[order.id] = order.view
        return replace(
            self,
            _values={**self._values, ORDERS: MappingProxyType(orders)},
            _order_read_by={**self._order_read_by, order.id: number},
        )
