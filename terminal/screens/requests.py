"""What one screen asks another to show. Screens know these values and never each other, so no import leads back."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from shared.floor.queries import TableView
from shared.orders.records import OrderKind
from terminal.actions import ScreenName


@dataclass(frozen=True, slots=True)
class Draft:
    """An order that is not opened yet. Its first line opens it, so that a mistaken tap leaves no trace."""

    kind: OrderKind
    table: TableView | None = None
    guests: int = 0


@dataclass(frozen=True, slots=True)
class ShowOrder:
    """An open order for the order screen."""

    order_id: UUID


@dataclass(frozen=True, slots=True)
class PayOrder:
    """An order for the payment screen; Back leads to `back_to`."""

    order_id: UUID
    back_to: ScreenName


Request = Draft | ShowOrder | PayOrder
