"""An order as screens show it: plain values, priced, with what the ledgers say of each line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from shared.books.bill_views import DiscountView, PrebillView, PriceView, ServiceView
from shared.kitchen.courses import Coursed, HeldCourse, held_courses, to_hold
from shared.kitchen.firing import FireTime
from shared.menu.weights import weight_unit
from shared.orders.allergies import Allergy
from shared.orders.records import OrderKind, OrderSource
from shared.orders.rules import BillTotal, sum_bills
from shared.truth.balances import CheckState


class LineState(StrEnum):
    """How far a line is, in a word: the least of its portions."""

    OPEN = "open"
    HELD = "held"
    SENT = "sent"
    READY = "ready"
    SERVED = "served"
    VOIDED = "voided"


class OrderState(StrEnum):
    """How far an order is, in a word."""

    PENDING = "pending"
    CONFIRMED = "confirmed"
    PREPARING = "preparing"
    READY = "ready"
    SERVED = "served"
    CANCELLED = "cancelled"
    COMPLETED = "completed"


@dataclass(frozen=True, slots=True)
class LineView:
    """One line of an order, in portions of thousandths.

    Attributes:
        quantity_milli: what is there and not voided.
        owed_milli: of these, what no receipt covers.
        voided_milli: what was taken off after it was sent.
        to_send_milli: what the kitchen does not know of, and is to know.
        held_milli: what waits for its course.
        made_milli, served_milli: what can be served (made, or told and of no station), and what is on the table.
        withdrawn_milli: what the kitchen still counts on, and nobody wants.
        unit_minor: the price of one, modifiers included.
        total_minor: what is charged for what is owed, discounts taken off; without a tax that is added to the bill.
        modifiers: name and price of each.
        author: the stream that wrote it.
        unit: of which there is one for the price; empty: a piece.
        price_minor: the price of one without modifiers.
        course: 0: none.
        seat: for which guest; 0: nobody's.
        was_held: whether it waited for its course, or waits.
        combo_id, combo_name: the combo of which it is a part.
        price_name: the price rule by which it was priced; empty: by none.
        by_guest: whether a guest ordered it with a phone.
    """

    id: UUID
    root_id: UUID
    check_id: UUID
    item_id: UUID
    item_name: str
    category_name: str
    quantity_milli: int
    owed_milli: int
    voided_milli: int
    to_send_milli: int
    made_milli: int
    served_milli: int
    withdrawn_milli: int
    unit_minor: int
    total_minor: int
    discount_minor: int
    modifiers: tuple[tuple[str, int], ...]
    modifier_ids: tuple[UUID, ...]
    notes: str
    is_told: bool
    author: UUID
    unit: str = ""
    price_minor: int = 0
    held_milli: int = 0
    course: int = 0
    seat: int = 0
    was_held: bool = False
    combo_id: UUID | None = None
    combo_name: str = ""
    price_name: str = ""
    by_guest: bool = False

    @property
    def weight_unit(self) -> str | None:
        """The unit of weight that it is sold by. None: by the piece."""
        return weight_unit(self.unit)

    @property
    def state(self) -> LineState:
        """How far the line is."""
        if not self.quantity_milli:
            return LineState.VOIDED
        if self.to_send_milli:
            return LineState.OPEN
        if self.held_milli:
            return LineState.HELD
        if self.served_milli >= self.quantity_milli:
            return LineState.SERVED
        return LineState.READY if self.made_milli >= self.quantity_milli else LineState.SENT

    @property
    def is_paid(self) -> bool:
        """Whether receipts cover all of it."""
        return bool(self.quantity_milli) and not self.owed_milli

    @property
    def untold_milli(self) -> int:
        """What the kitchen does not know of, whether it waits for its course or not."""
        return self.to_send_milli + self.held_milli

    @property
    def cooking_milli(self) -> int:
        """Portions that were sent and cannot be served yet."""
        return max(0, self.quantity_milli - self.untold_milli - self.made_milli) if self.is_told else 0

    @property
    def unserved_milli(self) -> int:
        """Portions that were sent and are not on the table."""
        return max(0, self.quantity_milli - self.untold_milli - self.served_milli) if self.is_told else 0


@dataclass(frozen=True, slots=True)
class CheckView:
    """A check of an order.

    Attributes:
        bill: what its owed portions come to.
        credit_minor: what came in for it and no receipt counts: part payments.
        receipts: how many it has.
        counted_minor: what they charged.
        price: what `bill` was priced with.
        discounts, services: what is in force on it, in the order in which it was given.
        prebill: the last bill that its guests asked for.
    """

    id: UUID
    state: CheckState
    bill: BillTotal
    credit_minor: int
    receipts: int
    counted_minor: int = 0
    price: PriceView = field(default_factory=PriceView)
    discounts: tuple[DiscountView, ...] = ()
    services: tuple[ServiceView, ...] = ()
    prebill: PrebillView | None = None

    @property
    def is_prebill_old(self) -> bool:
        """Whether the bill that the guests hold says another amount than the check comes to now."""
        prebill = self.prebill
        return prebill is not None and prebill.total_minor != self.bill.total_minor + self.counted_minor

    @property
    def due_minor(self) -> int:
        """What is still to be paid, before cash rounding; below nothing: to be given back."""
        return self.bill.total_minor - self.credit_minor

    @property
    def is_owed(self) -> bool:
        """Whether a payment can be taken: portions are owed, perhaps for nothing."""
        return self.state in (CheckState.OPEN, CheckState.OWED)

    @property
    def to_give_back_minor(self) -> int:
        """What came in too much, once nothing is owed."""
        return self.credit_minor if self.state is CheckState.TO_GIVE_BACK else 0

    @property
    def short_minor(self) -> int:
        """What receipts counted and nobody brought."""
        return -self.credit_minor if self.state is CheckState.SHORT else 0

    @property
    def takes_money(self) -> bool:
        """Whether `pay` would take money: portions are owed, or receipts counted what nobody brought."""
        return self.is_owed or self.state is CheckState.SHORT


@dataclass(frozen=True, slots=True)
class JoinedParty:
    """An order whose party sits together with that of another one, which has the bill of both."""

    id: UUID
    number: str
    table_id: UUID | None
    table_name: str
    guests: int


@dataclass(frozen=True, slots=True)
class OrderView:
    """An order with its lines and checks.

    Attributes:
        promised_at: when the guest was told that it is ready.
        is_free: whether nothing is to be done about its money and its sending any more.
        has_left: whether its party went.
        opened_by: the person who took it.
        server_id: the person who serves it now.
        joined: the parties that sit together with this one: their lines and checks are among these.
        allergies: what its guests may not eat.
        fire_times: when courses are to be fired by themselves, by course.
        source: what took it.
    """

    id: UUID
    number: str
    kind: OrderKind
    table_id: UUID | None
    table_name: str
    guests: int
    notes: str
    currency: str
    server_name: str
    opened_at: datetime
    has_left: bool
    is_free: bool
    lines: tuple[LineView, ...]
    checks: tuple[CheckView, ...]
    promised_at: datetime | None = None
    opened_by: UUID | None = None
    allergies: tuple[Allergy, ...] = ()
    fire_times: Mapping[int, FireTime] = field(default_factory=dict)
    server_id: UUID | None = None
    joined: tuple[JoinedParty, ...] = ()
    source: OrderSource = OrderSource.TILL

    @property
    def ids(self) -> tuple[UUID, ...]:
        """Its own id, and those of the orders that joined it: what the kitchen was told names the order it was of."""
        return (self.id, *(party.id for party in self.joined))

    @property
    def all_guests(self) -> int:
        """How many sit there, with the parties that joined."""
        return self.guests + sum(each.guests for each in self.joined)

    @property
    def table_ids(self) -> tuple[UUID, ...]:
        """The tables at which it sits: its own first."""
        return tuple(each for each in (self.table_id, *(party.table_id for party in self.joined)) if each is not None)

    @property
    def coursed(self) -> tuple[Coursed, ...]:
        """Its families, as their courses are decided."""
        found: dict[UUID, Coursed] = {}
        for line in self.lines:
            of = found.get(line.root_id) or Coursed(line.root_id, line.course, line.is_told, 0, 0)
            found[line.root_id] = of._replace(
                to_send_milli=of.to_send_milli + line.to_send_milli, held_milli=of.held_milli + line.held_milli
            )
        return tuple(found.values())

    @property
    def held_courses(self) -> tuple[HeldCourse, ...]:
        """The courses that wait, the next one first."""
        return held_courses(each for each in self.coursed if each.held_milli)

    @property
    def waits_when_sent(self) -> tuple[HeldCourse, ...]:
        """The courses that wait, with those that a sending would hold."""
        held = to_hold(self.coursed) if self.kind is OrderKind.DINE_IN else set()
        return held_courses(each for each in self.coursed if each.held_milli or each.root in held)

    def unsent_like(
        self, item_id: UUID, modifier_ids: Sequence[UUID], notes: str, author: UUID, seat: int = 0
    ) -> UUID | None:
        """The last unsent line of an author that looks as such a new one would, and that no discount is of."""
        wanted = sorted(modifier_ids)
        for line in reversed(self.lines):
            alike = (
                line.item_id == item_id
                and sorted(line.modifier_ids) == wanted
                and line.notes == notes
                and line.seat == seat
            )
            unsent = line.quantity_milli and line.owed_milli and not line.is_told and not line.discount_minor
            if alike and unsent and line.author == author:
                return line.id
        return None

    @property
    def check(self) -> CheckView:
        """The check that is worked on: the first that owes something, else that needs somebody, else the last."""
        owing = (check for check in self.checks if check.is_owed)
        unsettled = (check for check in self.checks if check.state in (CheckState.TO_GIVE_BACK, CheckState.SHORT))
        return next(owing, None) or next(unsettled, None) or self.checks[-1]

    @property
    def check_id(self) -> UUID:
        """The id of the check that is worked on."""
        return self.check.id

    @property
    def bill(self) -> BillTotal:
        """What is owed on all checks: what the lines on view add up to."""
        return self.check.bill if len(self.checks) == 1 else sum_bills([check.bill for check in self.checks])

    @property
    def owing(self) -> tuple[CheckView, ...]:
        """The checks that a payment can be taken for."""
        return tuple(check for check in self.checks if check.is_owed)

    @property
    def to_pay(self) -> CheckView | None:
        """The check that is paid next: the first that owes something, else the first whose receipts are short."""
        return next(iter(self.owing), None) or next((check for check in self.checks if check.takes_money), None)

    def place_of(self, check_id: UUID) -> tuple[int, int]:
        """Which of how many checks it is, from 1 on; checks on which nothing ever was are not counted."""
        counted = [check.id for check in self.checks if check.state is not CheckState.EMPTY or check.id == check_id]
        return counted.index(check_id) + 1, len(counted)

    @property
    def paid_minor(self) -> int:
        """What was paid on the checks that owe something and no receipt counts yet."""
        return sum(check.credit_minor for check in self.owing)

    @property
    def due_minor(self) -> int:
        """What is still to be paid on the checks that owe something, before cash rounding.

        Below nothing: more came in than they owe. 0 if no portion is owed.
        """
        return sum(check.due_minor for check in self.owing)

    @property
    def is_owed(self) -> bool:
        """Whether a payment can be taken."""
        return self.check.is_owed

    @property
    def takes_money(self) -> bool:
        """Whether `pay` would take money for any of its checks."""
        return any(check.takes_money for check in self.checks)

    @property
    def owed_minor(self) -> int:
        """What is still to be paid on all checks, before cash rounding."""
        return sum(max(0, check.due_minor) for check in self.checks if check.is_owed)

    @property
    def to_give_back_minor(self) -> int:
        """What is to be given back on all checks."""
        return sum(check.to_give_back_minor for check in self.checks)

    @property
    def short_minor(self) -> int:
        """What is missing on all checks though receipts counted it."""
        return sum(check.short_minor for check in self.checks)

    @property
    def has_receipt(self) -> bool:
        """Whether any of it was paid by a receipt."""
        return any(check.receipts for check in self.checks)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is on it and nothing was paid."""
        return all(check.state is CheckState.EMPTY for check in self.checks)

    @property
    def is_changed(self) -> bool:
        """Whether the kitchen must still confirm that something was taken back."""
        return any(line.withdrawn_milli for line in self.lines)

    @property
    def settled(self) -> bool:
        """Whether nothing is owed and something was paid."""
        return all(check.state in (CheckState.SETTLED, CheckState.EMPTY) for check in self.checks) and any(
            check.receipts for check in self.checks
        )

    @property
    def state(self) -> OrderState:
        """How far the order is."""
        there = [line for line in self.lines if line.quantity_milli]
        if self.has_left and not there:
            return OrderState.CANCELLED
        if self.settled and self.is_free:
            return OrderState.COMPLETED
        told = [line for line in there if line.is_told]
        if not told:
            return OrderState.PENDING
        states = {line.state for line in told}
        if states <= {LineState.SERVED}:
            return OrderState.SERVED
        if states <= {LineState.SERVED, LineState.READY}:
            return OrderState.READY
        return OrderState.PREPARING if any(line.made_milli for line in told) else OrderState.CONFIRMED

    @property
    def unsent(self) -> int:
        """How many lines wait to be sent."""
        return sum(bool(line.to_send_milli) for line in self.lines)

    @property
    def unserved(self) -> int:
        """How many lines were sent and are not on the table yet."""
        return sum(bool(line.unserved_milli) for line in self.lines)

    @property
    def is_cooking(self) -> bool:
        """Whether something that was sent is not made yet."""
        return any(line.cooking_milli for line in self.lines)

    @property
    def is_paid(self) -> bool:
        """Whether nothing is owed and nothing is wrong with its money, and a receipt says so."""
        return self.settled and self.has_receipt

    @property
    def to_hand_over(self) -> bool:
        """Whether it is paid, and not all of it is in the guest's hands."""
        return self.is_paid and bool(self.unserved or self.unsent)

    @property
    def served(self) -> bool:
        """Whether all that is there is on the table."""
        there = [line.state for line in self.lines if line.quantity_milli]
        return bool(there) and set(there) == {LineState.SERVED}
