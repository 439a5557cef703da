"""What one screen asks another to show. Screens know these values and never each other, so no import leads back.

The log-in screen uses it, too: it imports no database layer.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import UUID

from terminal.actions import ScreenName

if TYPE_CHECKING:
    from datetime import datetime

    from shared.floor.queries import TableView
    from shared.orders.contacts import ContactView
    from shared.orders.records import OrderKind


@dataclass(frozen=True, slots=True)
class Draft:
    """An order that is not opened yet. Its first line opens it, so that a mistaken tap leaves no trace.

    Attributes:
        contact: whom it is for, if that was noted; no log line may hold it (`ContactView.__repr__`).
        promised_at: when the guest was told that it is ready.
        beside: others have an order at the table, and this one is wanted besides.
    """

    kind: OrderKind
    table: TableView | None = None
    guests: int = 0
    contact: ContactView | None = None
    promised_at: datetime | None = None
    beside: bool = False


@dataclass(frozen=True, slots=True)
class ShowOrder:
    """An open order for the order screen."""

    order_id: UUID


@dataclass(frozen=True, slots=True)
class PayOrder:
    """An order for the payment screen; Back leads to `back_to`. Without a check, the first that takes money is paid."""

    order_id: UUID
    back_to: ScreenName
    check_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class ShowExceptions:
    """What waits for a person; Back leads to `back_to`."""

    back_to: ScreenName


@dataclass(frozen=True, slots=True)
class ShowReceipts:
    """Receipts of the past; Back leads to `back_to`. With a receipt, that one; with an order line, it is refunded."""

    back_to: ScreenName
    receipt_id: UUID | None = None
    line_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class ShowShift:
    """The drawer and shift of this device; Back leads to `back_to`."""

    back_to: ScreenName


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """Somebody has just logged in. Hands that did not wait may type the PIN once more; it must not be shown."""

    pin: str = field(repr=False)


Request = Draft | ShowOrder | PayOrder | ShowExceptions | ShowReceipts | ShowShift | LoggedIn
