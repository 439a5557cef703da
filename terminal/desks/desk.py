"""The desk: screens read its snapshots (`snapshots.py`) and run its commands, which nothing cancels. No Textual.

When a command returns or raises, the snapshots show its effect, if the store can be read.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar
from uuid import UUID

from shared.books.gone import Gone, what_became_of
from shared.drawers.rules import session_now
from shared.kernel.instants import business_date
from shared.kernel.language import Language
from shared.kernel.permissions import Actor, DeviceKind, Permission
from shared.kernel.quantity import ONE
from shared.kernel.work import Work
from shared.kitchen import commands as kitchen
from shared.kitchen import serving
from shared.kitchen.serving import HandedOver
from shared.menu.rules import MenuItem
from shared.orders import commands as orders
from shared.orders import contacts, equal_lines
from shared.orders.contacts import ContactView
from shared.orders.records import OrderKind
from shared.payments import slips
from shared.payments.commands import Paid, check_for_more
from shared.payments.queries import PaymentView, noted_payments
from shared.payments.rules import Tender
from shared.printers.settings import PrinterSettings
from shared.reservations.forgetting import forget_guest
from shared.sales.queries import DaySales, day_sales, paid_on_open_orders
from shared.staff.preferring import prefer_language
from terminal.desks.allergy import AllergyDesk
from terminal.desks.availability import AvailabilityDesk
from terminal.desks.bill import BillDesk
from terminal.desks.combo import ComboDesk
from terminal.desks.commanding import CommandDesk
from terminal.desks.correction import CorrectionDesk
from terminal.desks.course import CourseDesk
from terminal.desks.customer import CustomerDesk
from terminal.desks.display import DisplayDesk
from terminal.desks.exception import ExceptionDesk
from terminal.desks.expediter import PassDesk
from terminal.desks.floor import FloorDesk
from terminal.desks.guest_orders import GuestOrderDesk
from terminal.desks.hours import HoursDesk
from terminal.desks.house_menu import HouseMenuDesk
from terminal.desks.kitchen import KitchenDesk
from terminal.desks.message import MessageDesk
from terminal.desks.pins import PinDesk
from terminal.desks.printers import PrintersDesk
from terminal.desks.receipt import ReceiptDesk
from terminal.desks.reservation import ReservationDesk
from terminal.desks.safety import SafetyDesk
from terminal.desks.sent_view import SentView
from terminal.desks.shift import ShiftDesk
from terminal.desks.tender import TenderDesk
from terminal.desks.today import TodayDesk
from terminal.gate import Gate
from terminal.papers import tasks
from terminal.papers.print_plan import PrintPlan
from terminal.scale.scale import Scale
from terminal.snapshots.keeping import ROOMS
from terminal.snapshots.sources import LANGUAGES, RESERVATIONS, SAFETY, TICKETS
from terminal.store.store import Store

if TYPE_CHECKING:
    from terminal.supervision.before_opening import BeforeOpening

__all__ = ["ROOMS", "Desk", "PaidView", "SentView"]

T = TypeVar("T")
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PaidView:
    """Result of a payment. `receipt_number` is None while something is left to pay.

    `opens_drawer`: no shift was open, so this money began a session of the drawer that nobody counted.
    """

    receipt_number: str | None
    total_minor: int
    change_minor: int
    left_minor: int
    rounding_minor: int
    opens_drawer: bool = False


class Desk(CommandDesk):
    """See the module. Made by `terminal/composition.py`.

    Args:
        language, plan, printers: see `Snapshots`.
        is_counter: whether guests pay and wait here, so that a sale is always open.
        display: the folder of the kitchen display that this program is; None if it is none.

    Attributes:
        is_practice: whether nothing of what is done here counts: the screens say so.
    """

    def __init__(
        self,
        store: Store,
        gate: Gate,
        language: Language | None = None,
        plan: PrintPlan | None = None,
        printers: Mapping[str, PrinterSettings] = MappingProxyType({}),
        *,
        is_counter: bool = False,
        display: Path | None = None,
    ) -> None:
        super().__init__(store, gate, language, plan, printers)
        self.is_counter = is_counter
        self.is_practice = False
        self.scale: Scale | None = None
        self.before_opening: BeforeOpening | None = None
        self.customers = CustomerDesk(store, gate.pepper, self._do)
        self.hours = HoursDesk(store, gate, self._run_for)
        self.exceptions = ExceptionDesk(self._do, self._pending_commands.of, self._cooks_from_paper)
        self.bills = BillDesk(self, self._do, self._pending_commands.of, self.print_context)
        self.tenders = TenderDesk(self, self._do, self._pending_commands.of, self.print_context)
        self.floor = FloorDesk(self, self._do, self._pending_commands.of, self.print_context)
        self.guests = ReservationDesk(self, self._do, self._pending_commands.of, self.print_context)
        self.guest_orders = GuestOrderDesk(self, self._do, self._pending_commands.of, self.print_context)
        self.past = ReceiptDesk(self, self._do, self._pending_commands.of, self.print_context)
        self.corrections = CorrectionDesk(self._do, self._pending_commands.of, self.print_context)
        self.courses = CourseDesk(self, self._do, self._pending_commands.of, self.print_context)
        self.allergies = AllergyDesk(self, self._do, self._pending_commands.of, self.print_context)
        self.combos = ComboDesk(self, self._do, self._pending_commands.of, self.print_context)
        self.displays = DisplayDesk(self, self._do)
        self.passing = PassDesk(self, self._do, self._pending_commands.of, self.print_context)
        self.printers = PrintersDesk(self, self._do)
        self.availability = AvailabilityDesk(self._do)
        self.house_menu = HouseMenuDesk(self, self._do, self._pending_commands.of, self.print_context)
        self.pins = PinDesk(gate, self._do)
        self.today = TodayDesk(self)
        self.messages = MessageDesk(self, self._do, self._pending_commands.of)
        self.safety = SafetyDesk(store, gate, self._run_for, lambda: self.mark_stale(SAFETY))
        self.kitchen = KitchenDesk(self, self._do, store.path.parent, display)
        requests = self._pending_commands.of
        self.shifts = ShiftDesk(store, self._do, requests, self.print_context, self.printing.follow)

    # -- log-in ------------------------------------------------------------------------------------------------------

    async def log_in(self, pin: str) -> Actor:
        """Log in the person with this PIN.

        Raises:
            DomainError: see `Gate.check`.
        """
        self.actor = await self._gate.log_in(pin)
        self.speak(self.language_of(self.actor))
        return self.actor

    @property
    def pin_pause_seconds(self) -> int:
        """Seconds until the next PIN can be tried. 0 if it can be now."""
        return self._gate.pause_seconds

    def log_out(self) -> None:
        """Log the person out."""
        self.actor = None
        self.speak(self.house_language)

    def language_of(self, person: Actor) -> Language:
        """The language that somebody has chosen, else the house's."""
        chosen = self.seen[LANGUAGES].get(person.staff_id) if person.staff_id is not None else None
        return chosen or self.house_language

    async def choose_language(self, language: Language) -> None:
        """Show the screens to who is logged in in a language: here at once, elsewhere from their next log-in on."""
        await self._do(None, lambda work: prefer_language(work, language), also=(LANGUAGES,))
        self.speak(language)

    @property
    def sells_at_counter(self) -> bool:
        """Whether a sale is open at once for who is logged in."""
        return self.is_counter and self.actor is not None and self.actor.may(Permission.TAKE_ORDER)

    # -- sales -------------------------------------------------------------------------------------------------------

    async def sales_today(self) -> DaySales:
        """The branch's sales of the day for which this device takes money now, from the sums that it keeps."""
        identity, context, today = self.store.identity, self.store.branch_context, self.today.day
        async with self.store.reading() as connection:
            here = identity.organization_id, identity.branch_id, today
            open_minor = await paid_on_open_orders(connection, *here)
            return replace(await day_sales(connection, *here, context.cutoff_minutes), open_minor=open_minor)

    async def what_became_of(self, order_id: UUID) -> Gone | None:
        """How an order that is not open any more ended."""
        async with self.store.reading(briefly=True) as connection:
            return await what_became_of(connection, self.store.identity.organization_id, order_id)

    # -- orders ------------------------------------------------------------------------------------------------------

    async def open_order(
        self,
        kind: OrderKind,
        table_id: UUID | None = None,
        guests: int = 0,
        contact: ContactView | None = None,
        promised_at: datetime | None = None,
        *,
        beside: bool = False,
    ) -> UUID:
        """Open an order, for whom and for when it is noted. Returns its id.

        Args:
            beside: somebody knows that others have an order at the table.
        """
        others = self.floor.orders_at(table_id) if beside else ()
        pending = self._pending_commands.of("open", kind, table_id, guests, contact, promised_at, beside)
        order_id = pending.id

        async def open_it(work: Work) -> None:
            await orders.open_order(work, order_id, kind, table_id, guests, promised_at=promised_at, beside=others)
            if contact is not None and contact.texts:
                await contacts.note_contact(work, order_id, contact)

        await self._do(order_id, open_it, pending)
        return order_id

    async def add_line(
        self,
        order_id: UUID,
        item: MenuItem,
        modifier_ids: Sequence[UUID] = (),
        quantity_milli: int = ONE,
        notes: str = "",
        unit_price_minor: int | None = None,
        seat: int = 0,
    ) -> UUID:
        """Add to the check that takes more: to this device's equal unsent line, else a new one. Returns its id.

        Args:
            unit_price_minor: of an item whose price is asked, or another one than the menu's.
            seat: for which guest; 0: nobody's.
        """
        what_and_how = (item.id, tuple(modifier_ids), quantity_milli, notes, unit_price_minor, seat)
        pending = self._pending_commands.of("add", order_id, *what_and_how)
        line_id, known = pending.id, self.orders.get(order_id)

        async def add(work: Work) -> UUID:
            check, what = await check_for_more(work, order_id), (item.id, modifier_ids, quantity_milli, notes)
            equal = known.unsent_like(item.id, modifier_ids, notes, work.author, seat) if known is not None else None
            equal = equal if unit_price_minor is None else None
            if equal is not None and await equal_lines.add_to_equal(work, equal, *what, check, seat=seat):
                return equal
            await orders.add_line(work, order_id, line_id, *what, unit_price_minor, check, seat=seat)
            return line_id

        return await self._do(order_id, add, pending)

    async def one_more(self, order_id: UUID, line_id: UUID) -> UUID:
        """One more of a line. Returns the line that holds it: the same one, or a new one beside it."""
        pending = self._pending_commands.of("more", order_id, line_id)
        return await self._do(order_id, lambda work: orders.one_more(work, line_id, pending.id), pending)

    async def set_quantity(self, order_id: UUID, line_id: UUID, quantity_milli: int) -> UUID:
        """Let a line that was not sent hold so many in all. Returns the line that holds what was added: a new one if
        that costs something else now."""
        pending = self._pending_commands.of("set", order_id, line_id, quantity_milli)

        async def set_it(work: Work) -> UUID:
            return (await orders.set_quantity(work, line_id, quantity_milli, pending.id)).id

        return await self._do(order_id, set_it, pending)

    async def change_line(
        self,
        order_id: UUID,
        line_id: UUID,
        notes: str | None = None,
        modifier_ids: Sequence[UUID] | None = None,
        unit_price_minor: int | None = None,
    ) -> None:
        """Change notes, modifiers or price of a line. What the kitchen knows becomes a change to confirm."""
        what = (notes, modifier_ids, unit_price_minor)
        await self._do(order_id, lambda work: orders.change_line(work, line_id, *what), also=(TICKETS,))

    async def remove_line(self, order_id: UUID, line_id: UUID) -> None:
        """Remove a line that was not sent."""
        await self._do(order_id, lambda work: orders.remove_line(work, line_id))

    async def send(self, order_id: UUID) -> SentView:
        """Tell the kitchen what it does not know yet. Sending again tells nothing."""
        pending = self._pending_commands.of("send", order_id)
        self.printing.follow(order_id)

        async def send(work: Work) -> SentView:
            return SentView.of(await tasks.send(work, order_id, self.print_context()), self.plan)

        return await self._do(order_id, send, pending)

    async def serve(
        self, order_id: UUID, line_ids: Sequence[UUID] | None = None, *, only_ready: bool = False
    ) -> HandedOver:
        """Mark what was sent as served.

        Args:
            line_ids: only these lines.
            only_ready: only what the kitchen has made.
        """
        return await self._do(
            order_id, lambda work: serving.serve_order(work, order_id, line_ids, only_ready=only_ready)
        )

    async def forget(self, order_id: UUID) -> None:
        """Forget whom an order was for, for ever and on every device; with the reservation that it was."""
        await self._do(order_id, lambda work: forget_guest(work, order_id), also=(RESERVATIONS,))

    async def pay(
        self,
        order_id: UUID,
        check_id: UUID,
        tenders: Sequence[Tender],
        part_minor: int | None = None,
        tip_minor: int = 0,
    ) -> PaidView:
        """Send what is not sent, and take these tenders for a check of the order.

        Args:
            part_minor: of a part of the check: what it comes to, with what came in before.
            tip_minor: what the guest gives besides, by the last of them.
        """
        pending = self._pending_commands.of("pay", order_id, check_id, tuple(tenders), part_minor, tip_minor)
        self.printing.follow(order_id)
        is_open = self._session_is_open()

        async def pay(work: Work) -> PaidView:
            # A plain value, made before the commit: after a failed commit records cannot be read.
            what = (check_id, pending.id, tenders, self.print_context(), part_minor, tip_minor)
            paid = await tasks.send_and_pay(work, *what)
            return _paid_view(paid, opens_drawer=not is_open and any(each.session_id for each in paid.payments))

        return await self._do(order_id, pay, pending)

    @property
    def lacks_shift(self) -> bool:
        """Whether the person could open a shift of this device's drawer, and nobody has."""
        if (
            self.actor is None
            or not self.actor.may(Permission.WORK_DRAWER)
            or not self.actor.may(Permission.TAKE_PAYMENT)
        ):
            return False
        device_id = self.store.identity.device_id
        is_till = self.premises is not None and self.premises.device_kind is DeviceKind.TILL
        sessions = [view.session for view in self.drawers.sessions]
        return is_till and not any(each.declared and each.device_id == device_id for each in sessions)

    def _session_is_open(self) -> bool:
        """Whether a session of this device takes money now, as far as it is known here."""
        context = self.store.branch_context
        today = business_date(self.now(), context.zone, context.cutoff_minutes)
        sessions = [view.session for view in self.drawers.sessions]
        return session_now(sessions, self.store.identity.device_id, today) is not None

    async def noted_payments(self, check_id: UUID) -> tuple[PaymentView, ...]:
        """What was paid of a check and no receipt counts yet."""
        async with self.store.reading(briefly=True) as connection:
            return await noted_payments(connection, self.store.identity.organization_id, check_id)

    async def take_back(self, order_id: UUID, payment_id: UUID) -> None:
        """Take a noted payment of an order back."""

        async def take_back(work: Work) -> None:
            await slips.take_back(work, payment_id)

        await self._do(order_id, take_back, self._pending_commands.of("take back", payment_id))

    # -- kitchen -----------------------------------------------------------------------------------------------------

    async def start(self, ticket_id: UUID) -> None:
        """Start a ticket at its station."""
        await self._do(None, lambda work: kitchen.start(work, ticket_id))

    async def bump(self, ticket_id: UUID) -> None:
        """Bump a ticket that its station has finished."""
        await self._do(None, lambda work: kitchen.bump(work, ticket_id))

    async def confirm(self, ticket_id: UUID) -> int:
        """Note what was taken back on a ticket. Returns how many portions of it were made already."""

        async def confirm(work: Work) -> int:
            return sum((await kitchen.confirm(work, ticket_id)).values())

        return await self._do(None, confirm)

    async def recall(self, ticket_id: UUID) -> None:
        """Bring a bumped ticket back."""
        await self._do(None, lambda work: kitchen.recall(work, ticket_id))


def _paid_view(paid: Paid, *, opens_drawer: bool) -> PaidView:
    return PaidView(
        receipt_number=paid.receipt.number if paid.receipt else None,
        total_minor=paid.receipt.total_minor if paid.receipt else 0,
        change_minor=paid.settlement.change_minor,
        left_minor=paid.settlement.left_minor,
        rounding_minor=paid.settlement.rounding_minor,
        opens_drawer=opens_drawer,
    )
