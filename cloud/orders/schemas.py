"""What the API says of orders, and what it takes. Amounts in minor units, quantities in thousandths."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field

from cloud.edge.body import Body
from shared.books.views import LineView, OrderState, OrderView
from shared.kernel.quantity import ONE
from shared.kernel.text import MAX_NAME_CHARACTERS, MAX_NOTE_CHARACTERS
from shared.orders.contacts import (
    MAX_ADDRESS_CHARACTERS,
    MAX_DOCUMENT_CHARACTERS,
    MAX_PHONE_CHARACTERS,
    ContactView,
)
from shared.orders.placing import PlacedLine, PlacedOrder, PlacedPart
from shared.orders.records import MOST_SEATS, Order, OrderKind, OrderLine, OrderSource
from shared.orders.rules import gross_of, unit_with_modifiers

MOST_LINES = 200
MOST_MODIFIERS = 50
MOST_PARTS = 30
MOST_GUESTS = 10_000
MOST_MILLI = 10_000 * ONE


class PartWanted(Body):
    """What is served for one slot of a combo."""

    choice_id: UUID
    modifier_ids: list[UUID] = Field(default_factory=list, max_length=MOST_MODIFIERS)
    notes: str = Field(default="", max_length=MAX_NOTE_CHARACTERS)


class LineWanted(Body):
    """An item, so many times. What it costs says the house."""

    item_id: UUID
    quantity_milli: int = Field(default=ONE, ge=1, le=MOST_MILLI, description="in thousandths: 1000 is one")
    modifier_ids: list[UUID] = Field(
        default_factory=list, max_length=MOST_MODIFIERS, description="one that is wanted twice stands there twice"
    )
    notes: str = Field(default="", max_length=MAX_NOTE_CHARACTERS)
    seat: int = Field(default=0, ge=0, le=MOST_SEATS)
    parts: list[PartWanted] = Field(
        default_factory=list, max_length=MOST_PARTS, description="of a combo: one for each of its slots"
    )

    def placed(self) -> PlacedLine:
        """As the command takes it."""
        parts = tuple(PlacedPart(each.choice_id, tuple(each.modifier_ids), each.notes) for each in self.parts)
        return PlacedLine(self.item_id, self.quantity_milli, tuple(self.modifier_ids), self.notes, self.seat, parts)


class ContactWanted(Body):
    """Whom it is for. It is sealed where it is stored, and can be forgotten."""

    name: str = Field(default="", max_length=MAX_NAME_CHARACTERS)
    phone: str = Field(default="", max_length=MAX_PHONE_CHARACTERS)
    address: str = Field(default="", max_length=MAX_ADDRESS_CHARACTERS)
    document: str = Field(default="", max_length=MAX_DOCUMENT_CHARACTERS)


class OrderWanted(Body):
    """An order as a program places it."""

    kind: OrderKind
    lines: list[LineWanted] = Field(min_length=1, max_length=MOST_LINES)
    table_id: UUID | None = Field(default=None, description="of `dine_in`")
    guests: int = Field(default=0, ge=0, le=MOST_GUESTS)
    notes: str = Field(default="", max_length=MAX_NOTE_CHARACTERS)
    promised_at: AwareDatetime | None = Field(default=None, description="when the guest was told that it is ready")
    contact: ContactWanted | None = None

    def placed(self) -> PlacedOrder:
        """As the command takes it."""
        contact = self.contact or ContactWanted()
        return PlacedOrder(
            self.kind,
            tuple(line.placed() for line in self.lines),
            self.table_id,
            self.guests,
            self.notes,
            self.promised_at,
            ContactView(contact.name, contact.phone, contact.address, contact.document),
        )


class PlacedLineShown(BaseModel):
    """A line of a new order, with the price that the house made."""

    id: UUID
    item_id: UUID
    item_name: str
    quantity_milli: int
    unit_price_minor: int = Field(description="with its modifiers, before taxes that are added and service")
    price_minor: int = Field(description="of the whole line")
    price_name: str = Field(description="of the price rule that holds at this hour; empty: none does")


class OrderPlaced(BaseModel):
    """A new order: open, and not sent to the kitchen until somebody there does."""

    id: UUID
    branch_id: UUID
    number: str = Field(description="what people call out", examples=["API-17"])
    kind: OrderKind
    opened_at: datetime
    currency: str
    lines: list[PlacedLineShown]

    @classmethod
    def of(cls, order: Order, lines: Sequence[OrderLine]) -> OrderPlaced:
        """What was written."""
        return cls(
            id=order.id,
            branch_id=order.branch_id,
            number=order.number,
            kind=order.kind,
            opened_at=order.opened_at,
            currency=order.currency,
            lines=[_placed_line(line) for line in sorted(lines, key=lambda line: (line.added_at, line.id))],
        )


class OrderLineShown(BaseModel):
    """A line of an order as it stands."""

    id: UUID
    item_id: UUID
    item_name: str
    quantity_milli: int
    unit_price_minor: int
    total_minor: int = Field(description="what is owed of it, with discounts")
    modifiers: list[str]
    notes: str
    seat: int
    to_send_milli: int = Field(description="not sent to the kitchen yet")
    made_milli: int
    served_milli: int
    voided_milli: int

    @classmethod
    def of(cls, line: LineView) -> OrderLineShown:
        """A line of a view."""
        return cls(
            id=line.id,
            item_id=line.item_id,
            item_name=line.item_name,
            quantity_milli=line.quantity_milli,
            unit_price_minor=line.unit_minor,
            total_minor=line.total_minor,
            modifiers=[name for name, _delta in line.modifiers],
            notes=line.notes,
            seat=line.seat,
            to_send_milli=line.to_send_milli,
            made_milli=line.made_milli,
            served_milli=line.served_milli,
            voided_milli=line.voided_milli,
        )


class OrderShown(BaseModel):
    """An order as it stands, with how far it is."""

    id: UUID
    branch_id: UUID
    number: str
    kind: OrderKind
    source: OrderSource
    state: OrderState
    table_id: UUID | None
    table_name: str
    guests: int
    notes: str
    promised_at: datetime | None
    opened_at: datetime
    taken_by: str = Field(description="name of the person or program")
    currency: str
    due_minor: int = Field(description="still to be paid, with taxes and service, before cash rounding")
    paid_minor: int = Field(description="paid, and on no receipt yet")
    is_paid: bool
    lines: list[OrderLineShown]

    @classmethod
    def of(cls, view: OrderView, branch_id: UUID) -> OrderShown:
        """A view of the books."""
        return cls(
            id=view.id,
            branch_id=branch_id,
            number=view.number,
            kind=view.kind,
            source=view.source,
            state=view.state,
            table_id=view.table_id,
            table_name=view.table_name,
            guests=view.guests,
            notes=view.notes,
            promised_at=view.promised_at,
            opened_at=view.opened_at,
            taken_by=view.server_name,
            currency=view.currency,
            due_minor=view.owed_minor,
            paid_minor=view.paid_minor,
            is_paid=view.is_paid,
            lines=[OrderLineShown.of(line) for line in view.lines],
        )


def _placed_line(line: OrderLine) -> PlacedLineShown:
    unit = unit_with_modifiers(line.unit_price_minor or 0, [each["price_delta_minor"] for each in line.modifiers or ()])
    return PlacedLineShown(
        id=line.id,
        item_id=line.item_id,
        item_name=line.item_name,
        quantity_milli=line.quantity_milli,
        unit_price_minor=unit,
        price_minor=gross_of(line.quantity_milli, unit),
        price_name=line.price_name,
    )
