"""A desk on paper: the same methods as `terminal.desk.Desk`, orders kept in memory, every rule from `shared`.

Time stands still unless a test moves it, and `gate` holds commands back as a slow disk would.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from shared.books.bill_views import PriceView
from shared.books.gone import Gone
from shared.books.inbox import OpenException
from shared.books.views import CheckView, LineView, OrderView
from shared.countries.currencies import format_minor
from shared.domains import TEXT_ROOMS
from shared.kernel.errors import DomainError, NotPermitted
from shared.kernel.language import Language, Texts
from shared.kernel.money import CashRounding
from shared.kernel.permissions import Actor, DeviceKind, Permission, Role
from shared.kernel.quantity import ONE
from shared.kernel.text import clean
from shared.kitchen.queries import StationView, TicketView
from shared.menu.rules import Menu, MenuItem, choose, choose_again
from shared.orders.contacts import ContactView
from shared.orders.records import OrderKind
from shared.orders.rules import BillTotal, LinePrice, price_bill, unit_with_modifiers
from shared.orders.selling import check_quantity, require_price
from shared.payments.accounts import AccountView
from shared.payments.exchange import RateView
from shared.payments.queries import MethodView, PaymentView
from shared.payments.rules import Tender, apply_tenders
from shared.sales.queries import DaySales
from shared.staff.queries import StaffView
from shared.taxes.rules import Tax
from shared.tenancy.queries import Premises
from shared.tenancy.records import ReasonKind
from shared.truth.balances import CheckState
from terminal.desk import PaidView, SentView
from terminal.print_plan import PrintPlan
from terminal.printing.desk import PrintDesk, Prints
from terminal.scale.scale import Scale
from terminal.sources import Drawers
from tests.terminal.screens.paper_bills import PaperBills
from tests.terminal.screens.paper_corrections import PaperCorrections
from tests.terminal.screens.paper_customers import PaperCustomers
from tests.terminal.screens.paper_hours import PaperHours
from tests.terminal.screens.paper_kitchen import PaperKitchen
from tests.terminal.screens.paper_menu import METHODS, STATIONS, TABLES, item_of, key, paper_menu
from tests.terminal.screens.paper_shifts import PaperShifts
from tests.terminal.screens.paper_tenders import PaperTenders

IGV = Tax("IGV", 180_000)
AUTHOR = key(9, 9)
"""The stream of this till."""
NOON = datetime(2026, 3, 14, 17, 41, tzinfo=UTC)
"""12:41 in Lima."""
PINS = {
    "1234": ("Rosa Quispe", Role.CASHIER),
    "2222": ("Julio Mamani", Role.WAITER),
    "3333": ("Carmen Flores", Role.BRANCH_MANAGER),
    "4444": ("Wilder Chávez", Role.KITCHEN),
}
STAFF = tuple(StaffView(key(10, int(pin)), name, role, "", "") for pin, (name, role) in PINS.items())
PREMISES = Premises(
    organization_id=key(9, 1),
    organization_name="Sabores del Rímac S.A.C.",
    tax_number="20601234567",
    country="PE",
    currency="PEN",
    language="es",
    branch_id=key(9, 2),
    branch_name="Miraflores",
    address="Av. Larco 345",
    zone="America/Lima",
    cutoff_minutes=240,
    cash_step_minor=10,
    cash_rounding=CashRounding.DOWN,
    device_name="Caja 1",
    device_kind=DeviceKind.TILL,
    letter="A",
)

REASONS = {
    ReasonKind.VOID: ("Se equivocó el mozo", "El cliente cambió de idea", "Plato mal hecho", "Demoró demasiado"),
    ReasonKind.REFUND: ("Salió frío", "Se equivocó el mozo", "Se cobró de más"),
    ReasonKind.NOTE: ("sin cebolla", "bien cocido", "para compartir", "alergia al maní"),
}


@dataclass(frozen=True)
class PaperState:
    cloud: str = "online"
    cloud_message: str = ""
    cloud_params: dict = field(default_factory=dict)
    last_contact: datetime | None = NOON - timedelta(seconds=3)
    pending: int = 0
    oldest_pending: datetime | None = None
    parked: int = 0
    prints: Prints = field(default_factory=Prints)
    clock_trouble: bool = False
    stopped: tuple = ()


@dataclass
class PaperDesk(PaperKitchen):
    """A till's desk, without a till."""

    language: Language = Language.SPANISH
    premises: Premises | None = PREMISES
    actor: Actor | None = None
    scale: Scale | None = None
    menu: Menu = field(default_factory=paper_menu)
    tables: tuple = TABLES
    methods: tuple[MethodView, ...] = METHODS
    stations: tuple[StationView, ...] = STATIONS
    orders: dict[UUID, OrderView] = field(default_factory=dict)
    contacts: dict[UUID, ContactView] = field(default_factory=dict)
    tickets: tuple[TicketView, ...] = ()
    bumped: tuple[TicketView, ...] = ()
    open_exceptions: tuple[OpenException, ...] = ()
    staff: tuple[StaffView, ...] = STAFF
    state: PaperState = field(default_factory=PaperState)
    sales: DaySales = field(default_factory=lambda: DaySales(date(2026, 3, 14), (), (), (), ()))
    gone: dict[UUID, Gone] = field(default_factory=dict)
    noted: dict[UUID, tuple[PaymentView, ...]] = field(default_factory=dict)
    exchange: dict[str, RateView] = field(default_factory=dict)
    accounts: tuple[AccountView, ...] = ()
    time: datetime = NOON
    paused_until: datetime = NOON
    limits: Mapping[Permission, int] = field(default_factory=dict)
    """Of those who approve."""
    done: list[str] = field(default_factory=list)
    """What took effect, in order: `send A-1`, `pay A-1`."""
    asked: list[str] = field(default_factory=list)
    """Every command that was asked for."""
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    fails: list[Exception] = field(default_factory=list)
    """What the next commands raise instead of doing anything."""

    plan: PrintPlan = field(default_factory=PrintPlan)
    is_counter: bool = False
    printing: PrintDesk | None = None
    """The real queue's; tests that print give one."""
    past: object = None
    """Receipts of the past; tests that show any give them."""

    def __post_init__(self) -> None:
        self.gate.set()
        self._approving: Actor | None = None
        self.approved: list[str] = []
        """What was approved, in order: `pay: Julio Mamani, Carmen Flores`."""
        self.hours = PaperHours(self)
        self.shifts = PaperShifts(self)
        self.chosen: dict[UUID, Language] = {}
        self._house_language = self.language
        self._listeners: list[Callable[[frozenset[str]], None]] = []
        self.customers = PaperCustomers(self)
        self.tenders = PaperTenders(self)
        self._ids = self._orders = self._receipts = 0
        self.corrections = PaperCorrections(self)
        self.bills = PaperBills(self)
        self.removed: dict[UUID, LineView] = {}

    @property
    def drawers(self) -> Drawers:
        return self.shifts.known

    @property
    def store(self) -> object:
        return self.shifts.store

    @property
    def texts(self) -> Texts:
        return Texts(self.language, (*TEXT_ROOMS, "terminal", "terminal.printing"))

    def money(self, minor: int) -> str:
        return format_minor(minor, "PEN")

    def now(self) -> datetime:
        return self.time

    def local_now(self) -> datetime:
        return self.time.astimezone(ZoneInfo("America/Lima"))

    def reasons(self, kind: ReasonKind) -> tuple[str, ...]:
        return REASONS.get(kind, ())

    def subscribe(self, callback: Callable[[frozenset[str]], None]) -> Callable[[], None]:
        self._listeners.append(callback)
        return lambda: self._listeners.remove(callback)

    def publish(self, *topics: str) -> None:
        for listener in tuple(self._listeners):
            listener(frozenset(topics))

    def see(self, prints: Prints) -> None:
        """The print queue stands like this now."""
        self.state = replace(self.state, prints=prints)
        self.publish("state")

    # Who

    async def log_in(self, pin: str) -> Actor:
        await self._turn("log_in")
        if pin == "0000":
            self.paused_until = self.time + timedelta(seconds=30)
        if self.pin_pause_seconds:
            raise DomainError("PIN_LOCKED", seconds=30, wait="30 s")
        if pin not in PINS:
            raise DomainError("PIN_WRONG", left=2)
        name, role = PINS[pin]
        self.actor = Actor.in_role(key(10, int(pin)), name, role)
        self._house_language = self.language
        self.language = self.chosen.get(self.actor.staff_id, self.language)
        return self.actor

    async def choose_language(self, language: Language) -> None:
        await self._turn("choose_language")
        self.chosen[self.actor.staff_id] = self.language = language

    @property
    def approvals(self) -> PaperDesk:
        return self

    async def approver(self, pin: str, acts: Sequence[tuple[str, int]]) -> Actor:
        await self._turn("approver")
        if self.pin_pause_seconds:
            raise DomainError("PIN_LOCKED", seconds=30, wait="30 s")
        if pin not in PINS:
            raise DomainError("PIN_WRONG", left=2)
        name, role = PINS[pin]
        person = Actor.in_role(key(10, int(pin)), name, role, self.limits)
        if self.actor is None or person.staff_id == self.actor.staff_id:
            raise DomainError("APPROVE_YOURSELF")
        for right, minor in acts:
            if not person.may(Permission(right)):
                raise DomainError("APPROVER_MAY_NOT", name=name, permission=self.texts(f"exceptions.right.{right}"))
            if not person.may(Permission(right), minor):
                raise DomainError("APPROVER_ABOVE_LIMIT", name=name, limit=self.money(person.limits[Permission(right)]))
        return person

    @contextmanager
    def approved_by(self, person: Actor, acts: Sequence[tuple[str, int]]) -> Iterator[None]:
        self._approving = person
        try:
            yield
        finally:
            self._approving = None

    @property
    def pin_pause_seconds(self) -> int:
        return max(0, -int((self.time - self.paused_until).total_seconds() // 1))

    @property
    def sells_at_counter(self) -> bool:
        return self.is_counter and self.actor is not None and self.actor.may(Permission.TAKE_ORDER)

    def log_out(self) -> None:
        self.actor = None
        self.language = self._house_language

    # Orders

    async def open_order(
        self,
        kind: OrderKind,
        table_id: UUID | None = None,
        guests: int = 0,
        contact: ContactView | None = None,
        promised_at: datetime | None = None,
    ) -> UUID:
        await self._turn("open_order", Permission.TAKE_ORDER)
        order_id = self._id()
        self._orders += 1
        table = next((table for table in self.tables if table.id == table_id), None)
        order = OrderView(
            id=order_id,
            number=f"A-{self._orders}",
            kind=kind,
            table_id=table_id,
            table_name=table.name if table else "",
            guests=guests,
            notes="",
            promised_at=promised_at,
            currency="PEN",
            server_name=self.actor.name if self.actor else "",
            opened_at=self.time,
            has_left=False,
            is_free=False,
            lines=(),
            checks=(CheckView(self._id(), CheckState.EMPTY, price_bill([]), 0, 0),),
        )
        if contact is not None and contact.texts:
            self.contacts[order_id] = contact
        self._keep(order, "open")
        return order_id

    async def add_line(
        self,
        order_id: UUID,
        item: MenuItem,
        modifier_ids: Sequence[UUID] = (),
        quantity_milli: int = ONE,
        notes: str = "",
        unit_price_minor: int | None = None,
    ) -> UUID:
        await self._turn("add_line", Permission.TAKE_ORDER)
        chosen = choose(item, modifier_ids)
        check_quantity(quantity_milli, item)
        if item.open_price and unit_price_minor is None:
            raise DomainError("PRICE_IS_ASKED", item=item.name)
        price = item.price_minor if unit_price_minor is None else unit_price_minor
        require_price(self, item, price)
        order, line_id = self.orders[order_id], self._id()
        line = LineView(
            id=line_id,
            root_id=line_id,
            check_id=order.check_id,
            item_id=item.id,
            item_name=item.name,
            category_name=item.category_name,
            quantity_milli=quantity_milli,
            owed_milli=quantity_milli,
            voided_milli=0,
            to_send_milli=quantity_milli,
            made_milli=0,
            served_milli=0,
            withdrawn_milli=0,
            unit_minor=unit_with_modifiers(price, [each.price_delta_minor for each in chosen.modifiers]),
            total_minor=0,
            discount_minor=0,
            modifiers=tuple((each.name, each.price_delta_minor) for each in chosen.modifiers),
            modifier_ids=tuple(each.id for each in chosen.modifiers),
            notes=clean(notes),
            is_told=False,
            author=AUTHOR,
            unit=item.unit,
            price_minor=price,
        )
        equal = order.unsent_like(item.id, modifier_ids, line.notes, AUTHOR)
        if equal is not None and not item.weight_unit and not item.open_price:
            grown = self._line(order_id, equal)
            self._put(order_id, _holding(grown, grown.quantity_milli + quantity_milli), "add")
            return equal
        self._keep(replace(order, lines=(*order.lines, line)), "add")
        return line.id

    async def one_more(self, order_id: UUID, line_id: UUID) -> UUID:
        await self._turn("one_more", Permission.TAKE_ORDER)
        line = self._line(order_id, line_id)
        if line.weight_unit:
            raise DomainError("LINE_IS_WEIGHED", item=line.item_name)
        self._on_sale(line)
        if not line.is_told:
            self._put(order_id, _holding(line, line.quantity_milli + ONE), "more")
            return line_id
        order, new_id = self.orders[order_id], self._id()
        new = replace(_holding(line, ONE), id=new_id, root_id=new_id, is_told=False, made_milli=0, served_milli=0)
        self._keep(replace(order, lines=(*order.lines, new)), "more")
        return new_id

    async def set_quantity(self, order_id: UUID, line_id: UUID, quantity_milli: int) -> None:
        await self._turn("set_quantity", Permission.TAKE_ORDER)
        line = self._unsent(order_id, line_id)
        check_quantity(quantity_milli, line)
        if quantity_milli > line.quantity_milli:
            self._on_sale(line)
        self._put(order_id, _holding(line, quantity_milli), "change")

    async def change_line(
        self,
        order_id: UUID,
        line_id: UUID,
        notes: str | None = None,
        modifier_ids: Sequence[UUID] | None = None,
        unit_price_minor: int | None = None,
    ) -> None:
        await self._turn("change_line", Permission.TAKE_ORDER)
        line = self._line(order_id, line_id)
        if line.is_told:
            line = replace(line, to_send_milli=line.quantity_milli, withdrawn_milli=line.quantity_milli, made_milli=0)
        if notes is not None:
            line = replace(line, notes=clean(notes, 280))
        if modifier_ids is not None:
            line = self._with_modifiers(line, modifier_ids)
        if unit_price_minor is not None:
            require_price(self, self.menu.items[line.item_id], unit_price_minor)
            deltas = [delta for _name, delta in line.modifiers]
            unit_minor = unit_with_modifiers(unit_price_minor, deltas)
            line = replace(line, price_minor=unit_price_minor, unit_minor=unit_minor)
        self._put(order_id, line, "change")

    def _with_modifiers(self, line: LineView, modifier_ids: Sequence[UUID]) -> LineView:
        item = self.menu.items[line.item_id]
        taken = choose_again(item, modifier_ids).modifiers
        return replace(
            line,
            modifiers=tuple((each.name, each.price_delta_minor) for each in taken),
            modifier_ids=tuple(each.id for each in taken),
            unit_minor=unit_with_modifiers(line.price_minor, [each.price_delta_minor for each in taken]),
        )

    async def remove_line(self, order_id: UUID, line_id: UUID) -> None:
        await self._turn("remove_line", Permission.TAKE_ORDER)
        order, gone = self.orders[order_id], self._unsent(order_id, line_id)
        self.removed[line_id] = gone
        self._keep(replace(order, lines=tuple(line for line in order.lines if line.id != gone.id)), "remove")

    async def send(self, order_id: UUID) -> SentView:
        await self._turn("send", Permission.SEND_ORDER)
        return self._send(order_id)

    async def serve(self, order_id: UUID, line_ids: Sequence[UUID] | None = None, *, only_ready: bool = False) -> int:
        await self._turn("serve", Permission.TAKE_ORDER)
        order, served = self.orders[order_id], 0
        lines = []
        for line in order.lines:
            there = line.made_milli if only_ready else line.quantity_milli - line.to_send_milli
            is_meant = line.is_told and (line_ids is None or line.id in line_ids)
            served += is_meant and there > line.served_milli
            lines.append(replace(line, served_milli=max(line.served_milli, there)) if is_meant else line)
        self._keep(replace(order, lines=tuple(lines)), "serve")
        if self.orders[order_id].is_paid and not self.orders[order_id].to_hand_over:
            del self.orders[order_id]
            self.publish("orders")
        return served

    async def pay(
        self,
        order_id: UUID,
        check_id: UUID,
        tenders: Sequence[Tender],
        part_minor: int | None = None,
        tip_minor: int = 0,
    ) -> PaidView:
        await self._turn("pay", Permission.TAKE_PAYMENT)
        order = self.orders.get(order_id)
        if order is None:
            raise DomainError("ORDER_CLOSED", number="")
        settlement = apply_tenders(order.due_minor, tenders, PREMISES.cash_step_minor, PREMISES.cash_rounding)
        self._send(order_id)
        order = self.orders[order_id]
        kept = sum(applied.kept_minor for applied in settlement.applied)
        taken = tuple(
            PaymentView(
                self._id(),
                each.tender.method_id,
                each.tender.method_name,
                each.tender.kind,
                each.kept_minor,
                each.tender.amount_minor,
                self.time,
                each.tender.reference,
                each.tender.last_four,
                each.tender.given_currency,
                each.tender.given_minor,
            )
            for each in settlement.applied
        )
        self.noted[check_id] = (*self.noted.get(check_id, ()), *taken)
        if tip_minor:
            self.done.append(f"tip {tip_minor}")
        if settlement.left_minor:
            self._credit(order, kept, "pay part of")
            return PaidView(None, 0, 0, settlement.left_minor, 0)
        self._receipts += 1
        self._settle(order, f"pay {order.number}")
        self.gone[order_id] = Gone(order.number, receipt=f"A-{self._receipts:08d}")
        return PaidView(
            receipt_number=f"A-{self._receipts:08d}",
            total_minor=order.bill.total_minor,
            change_minor=settlement.change_minor,
            left_minor=0,
            rounding_minor=settlement.rounding_minor,
        )

    async def noted_payments(self, check_id: UUID) -> tuple[PaymentView, ...]:
        return self.noted.get(check_id, ())

    async def take_back(self, order_id: UUID, payment_id: UUID) -> None:
        await self._turn("take_back", Permission.TAKE_PAYMENT)
        order = self.orders[order_id]
        noted = self.noted[order.check_id]
        (gone,) = (each for each in noted if each.id == payment_id)
        self.noted[order.check_id] = tuple(each for each in noted if each is not gone)
        self._credit(order, -gone.amount_minor, "take back of")

    def _settle(self, order: OrderView, did: str) -> None:
        """It is paid; it stays while it is to be handed over."""
        lines = tuple(replace(line, owed_milli=0) for line in order.lines)
        check = replace(order.check, state=CheckState.SETTLED, bill=price_bill([]), receipts=1, credit_minor=0)
        paid = replace(order, lines=lines, checks=(check,), is_free=True)
        if paid.to_hand_over and (paid.table_id is None or paid.is_cooking):
            self.orders[order.id] = paid
        else:
            del self.orders[order.id]
        self._did(did)

    # What was sold

    async def what_became_of(self, order_id: UUID) -> Gone | None:
        return self.gone.get(order_id)

    async def sales_today(self) -> DaySales:
        await self._turn("sales_today")
        return self.sales

    # For tests

    def order(self, kind: OrderKind, table: int | None, *codes: str, ago: int = 0, guests: int = 0) -> OrderView:
        """An order that was taken some minutes ago; codes after `sent` were not sent yet."""
        now, self.time = self.time, self.time - timedelta(minutes=ago)
        actor = self.actor
        self.actor = Actor.in_role(key(10, 1), "Rosa Quispe", Role.BRANCH_MANAGER)
        order_id = _now(self.open_order(kind, self.tables[table - 1].id if table else None, guests))
        for code in codes:
            if code == "sent":
                _now(self.send(order_id))
                continue
            name, _, note = code.partition("/")
            times, _, dish = name.rpartition("*")
            item = item_of(self.menu, dish)
            answers = [
                option.id for question in item.modifier_groups for option in question.choices[: question.minimum]
            ]
            _now(self.add_line(order_id, item, answers, int(times or 1) * ONE, note))
        self.time, self.actor = now, actor
        self.done.clear()
        self.asked.clear()
        return self.orders[order_id]

    async def _turn(self, name: str, permission: Permission | None = None) -> None:
        self.asked.append(name)
        if not self.gate.is_set():
            await self.gate.wait()
        if self.fails:
            raise self.fails.pop(0)
        if permission is None or (self.actor is not None and self.actor.may(permission)):
            return
        if self._approving is None or not self._approving.may(permission):
            raise NotPermitted(permission)
        self.approved.append(f"{name}: {self.actor.name if self.actor else ''}, {self._approving.name}")

    def _id(self) -> UUID:
        self._ids += 1
        return key(20, self._ids)

    def _did(self, what: str, *topics: str) -> None:
        self.done.append(what)
        self.publish(*(topics or ("orders",)))

    def _keep(self, order: OrderView, did: str) -> None:
        owed = [line for line in order.lines if line.owed_milli]
        bill = self.bill_of(*owed)
        lines = tuple(
            replace(line, total_minor=bill.lines[line.id].gross_minor if line.id in bill.lines else 0)
            for line in order.lines
        )
        state = CheckState.OPEN if owed else CheckState.SETTLED if order.has_receipt else CheckState.EMPTY
        price = PriceView(tuple(map(self._price, owed)))
        check = replace(order.check, bill=bill, state=state, price=price)
        self.orders[order.id] = replace(order, lines=lines, checks=(check,))
        self._did(f"{did} {order.number}")

    def bill_of(self, *lines: LineView) -> BillTotal:
        """What these lines owe."""
        return price_bill(list(map(self._price, lines)))

    @staticmethod
    def _price(line: LineView) -> LinePrice:
        return LinePrice(line.id, line.owed_milli, line.unit_minor, (IGV,), line.root_id)

    def _credit(self, order: OrderView, amount_minor: int, did: str) -> None:
        check = replace(order.check, credit_minor=order.check.credit_minor + amount_minor)
        self._keep(replace(order, checks=(check,)), did)

    def _put(self, order_id: UUID, changed: LineView, did: str) -> None:
        order = self.orders[order_id]
        lines = tuple(changed if line.id == changed.id else line for line in order.lines)
        self._keep(replace(order, lines=lines), did)

    def _line(self, order_id: UUID, line_id: UUID) -> LineView:
        return next(line for line in self.orders[order_id].lines if line.id == line_id)

    def _on_sale(self, line: LineView) -> None:
        item = self.menu.items.get(line.item_id)
        if item is None or item.sold_out:
            raise DomainError("ITEM_SOLD_OUT", item=line.item_name)

    def _unsent(self, order_id: UUID, line_id: UUID) -> LineView:
        line = self._line(order_id, line_id)
        if line.is_told:
            raise DomainError("LINE_ALREADY_SENT", item=line.item_name)
        return line

    def require(self, permission: Permission, amount_minor: int = 0) -> None:
        """As a unit of work does."""
        if self.actor is not None and self.actor.may(permission, amount_minor):
            return
        if self._approving is None or not self._approving.may(permission, amount_minor):
            raise NotPermitted(permission, amount_minor)
        self.approved.append(f"{permission}: {self.actor.name if self.actor else ''}, {self._approving.name}")


def with_check(order: OrderView, **changes: object) -> OrderView:
    """An order whose check is otherwise."""
    return replace(order, checks=(replace(order.check, **changes),))


def _holding(line: LineView, quantity_milli: int) -> LineView:
    """A line that was not sent, with so many portions."""
    return replace(line, quantity_milli=quantity_milli, owed_milli=quantity_milli, to_send_milli=quantity_milli)


def _now(command: object) -> object:
    """Run a command that waits for nothing."""
    try:
        command.send(None)
    except StopIteration as stop:
        return stop.value
    raise AssertionError("a paper command waited while the gate was shut")


def busy_desk(**changes: object) -> PaperDesk:
    """A branch at lunch."""
    desk = PaperDesk(**changes)
    dine_in = OrderKind.DINE_IN
    desk.order(dine_in, 2, "2*lom/sin cebolla", "cau", "chm", "sent", ago=48, guests=4)
    desk.order(dine_in, 5, "asa", "pis", "sent", ago=26, guests=2)
    desk.order(OrderKind.TAKEOUT, None, "pol", "inc", "sent", ago=16)
    desk.order(
        dine_in, 7, "2*lom/alergia al maní, avisar", "pol/bien tostado, papas aparte", "sent", "3*chm", ago=12, guests=4
    )
    desk.order(dine_in, 11, "bif", "cev", "sent", ago=9)
    desk.order(OrderKind.DELIVERY, None, "2*cha", "teq", "sent", ago=4)
    desk.order(dine_in, 14, "2*pis", ago=1, guests=2)
    first = desk.orders[next(iter(desk.orders))]
    for ticket in [each for each in desk.tickets if each.order_id == first.id]:
        desk.actor = Actor.in_role(key(10, 1), "Wilder", Role.KITCHEN)
        _now(desk.bump(ticket.id))
    desk.actor = None
    desk.done.clear()
    desk.asked.clear()
    return desk
