"""An exception as people see it, and what ends each kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from shared.exceptions.rules import Kind
from shared.truth.family import Difference

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


class Ends(StrEnum):
    """What ends an exception: the command of that name, or a note."""

    GIVE_BACK = "give_back"
    LIFT_VOID = "lift_void"
    PAY = "pay"
    CHARGE = "charge"
    WRITE_OFF = "write_off"
    LIFT_LOSS = "lift_loss"
    VOID_LINE = "void_line"
    CONFIRM = "confirm"
    JOIN = "join"
    NOTE = "note"


ENDS: Mapping[Difference, tuple[Ends, ...]] = {
    Difference.PAID_TWICE: (Ends.GIVE_BACK,),
    Difference.PAID_AFTER_ALL: (Ends.LIFT_LOSS,),
    Difference.PAID_THEN_TAKEN_OFF: (Ends.GIVE_BACK, Ends.LIFT_VOID),
    Difference.TO_GIVE_BACK: (Ends.GIVE_BACK,),
    Difference.SHORT: (Ends.PAY, Ends.WRITE_OFF),
    Difference.ORDERED_AFTER_PAYING: (Ends.PAY, Ends.VOID_LINE),
    Difference.GIVEN_BACK_YET_LIVE: (Ends.PAY, Ends.VOID_LINE),
    Difference.CHANGED_AFTER_COOKING: (Ends.CONFIRM,),
    Difference.TABLE_OPENED_TWICE: (Ends.JOIN,),
    Difference.PARTY_SEATED_TWICE: (Ends.JOIN,),
    Difference.CHARGED_TOO_MUCH: (Ends.GIVE_BACK, Ends.NOTE),
    Difference.CHARGED_TOO_LITTLE: (Ends.CHARGE, Ends.NOTE),
    Difference.ACCOUNT_ABOVE_LIMIT: (Ends.NOTE,),
    Difference.ACCOUNT_OVERPAID: (Ends.NOTE,),
    Difference.OVERSOLD: (Ends.NOTE,),
    Difference.TABLE_PROMISED_TWICE: (Ends.NOTE,),
    Difference.DISCOUNTS_ABOVE_LIMIT: (Ends.NOTE,),
    Difference.REFUNDS_ABOVE_LIMIT: (Ends.NOTE,),
    Difference.DISCOUNT_LEFT_BEHIND: (Ends.NOTE,),
}


class Concerned(NamedTuple):
    """A row that an exception is about, with the name by which people know it (a number, a dish; perhaps empty)."""

    table: str
    id: UUID
    name: str


class Portion(NamedTuple):
    """So many of a dish, or so much: `unit` is that of what is sold by weight."""

    quantity_milli: int
    name: str
    unit: str = ""


@dataclass(frozen=True, slots=True)
class OpenException:
    """Something that waits for a person.

    Attributes:
        size: portions in thousandths, minor units, orders, or how often it happened.
        happened_at: of a difference, the last thing that was said of its rows.
        who: the person, by name; empty if it is not known.
        device: the device of an event, by name.
        order_number, table_name: of the order; empty if it is about none.
        portions: the dishes that it is about.
        amount_minor: the money that it is about, in `currency`; 0 if it is about none. Below nothing: too little.
        old_minor, new_minor: a price that was changed after paying.
        approvers: who approved what a person may not do, though they may not do it either, by name.
        reason, details: what an event says of itself, see `ExceptionEvent`.
        rows: which rows it is about; `first` finds one.
        ends: what ends it. The first is what people usually do.
    """

    id: UUID
    kind: Kind
    branch_id: UUID
    size: int
    settled_up_to: int
    happened_at: datetime
    who: str
    rows: tuple[Concerned, ...]
    ends: tuple[Ends, ...]
    currency: str
    amount_minor: int = 0
    order_number: str = ""
    table_name: str = ""
    portions: tuple[Portion, ...] = ()
    old_minor: int = 0
    new_minor: int = 0
    device: str = ""
    reason: str = ""
    details: Sequence[Mapping[str, Any]] = field(default=(), hash=False)
    approvers: tuple[str, ...] = ()

    @property
    def ends_by_note(self) -> bool:
        """Whether nothing but a note settles it."""
        return self.ends == (Ends.NOTE,)

    @property
    def takes_note(self) -> bool:
        """Whether a note settles it."""
        return Ends.NOTE in self.ends

    def first(self, table: str) -> Concerned | None:
        """Its first row of a table, such as the check that `give_back` is about."""
        return next((row for row in self.rows if row.table == table), None)
