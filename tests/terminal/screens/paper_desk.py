"""A desk on paper: the same methods as `terminal.desks.desk.Desk`, orders kept in memory, every rule from `shared`.

Time stands still unless a test moves it, and `gate` holds commands back as a slow disk would.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from shared.books.exception_views import OpenException
from shared.books.gone import Gone
from shared.books.views import LineView, OrderView
from shared.countries.currencies import format_minor
from shared.domains import TEXT_ROOMS
from shared.kernel.errors import NotPermitted
from shared.kernel.language import Language, Texts
from shared.kernel.permissions import Actor, Permission, Role
from shared.kernel.quantity import ONE
from shared.kitchen.held_queries import HeldDish
from shared.kitchen.station_views import StationView
from shared.kitchen.ticket_views import TicketView
from shared.menu.availability import Left
from shared.menu.rules import Menu
from shared.menu.search import MenuSearch
from shared.orders.contacts import ContactView
from shared.orders.records import OrderKind
from shared.payments.accounts import AccountView
from shared.payments.exchange import RateView
from shared.payments.queries import MethodView, PaymentView
from shared.reservations.queries import ReservationView
from shared.safety.queries import PointView
from shared.sales.queries import DaySales
from shared.staff.queries import StaffView
from shared.tenancy.queries import Premises, ReasonView
from shared.tenancy.records import ReasonKind
from terminal.courtesy import Courtesy
from terminal.papers.print_plan import PrintPlan
from terminal.printing.desk import PrintDesk, Prints
from terminal.scale.scale import Scale
from terminal.snapshots.sources import Drawers
from tests.terminal.screens.paper_availability import PaperAvailability
from tests.terminal.screens.paper_bills import PaperBills
from tests.terminal.screens.paper_corrections import PaperCorrections
from tests.terminal.screens.paper_courses import PaperCourses, PaperDisplays
from tests.terminal.screens.paper_customers import PaperCustomers
from tests.terminal.screens.paper_floor import PaperFloor
from tests.terminal.screens.paper_guests import PaperGuestOrders
from tests.terminal.screens.paper_hours import PaperHours
from tests.terminal.screens.paper_house import NOON, PREMISES, REASONS, STAFF, PaperState
from tests.terminal.screens.paper_house_menu import PaperHouseMenu, PaperPins
from tests.terminal.screens.paper_kitchen import PaperKitchen, PaperWall
from tests.terminal.screens.paper_menu import METHODS, STATIONS, TABLES, item_of, key, paper_menu
from tests.terminal.screens.paper_orders import PaperOrders
from tests.terminal.screens.paper_payments import PaperPayments
from tests.terminal.screens.paper_people import PaperPeople
from tests.terminal.screens.paper_shifts import PaperShifts
from tests.terminal.screens.paper_talk import PaperMessages, PaperSafety
from tests.terminal.screens.paper_tenders import PaperTenders
from tests.terminal.screens.paper_today import PaperToday


@dataclass
class PaperDesk(PaperPeople, PaperOrders, PaperPayments, PaperKitchen):
    """A till's desk, without a till."""

    language: Language = Language.SPANISH
    premises: Premises | None = PREMISES
    actor: Actor | None = None
    scale: Scale | None = None
    menu: Menu = field(default_factory=paper_menu)
    tables: tuple = TABLES
    reservations: tuple[ReservationView, ...] = ()
    methods: tuple[MethodView, ...] = METHODS
    stations: tuple[StationView, ...] = STATIONS
    orders: dict[UUID, OrderView] = field(default_factory=dict)
    contacts: dict[UUID, ContactView] = field(default_factory=dict)
    tickets: tuple[TicketView, ...] = ()
    bumped: tuple[TicketView, ...] = ()
    held: tuple[HeldDish, ...] = ()
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

    courtesy: Courtesy = field(default_factory=Courtesy)
    plan: PrintPlan = field(default_factory=PrintPlan)
    is_counter: bool = False
    is_practice: bool = False
    lacks_shift: bool = False
    printing: PrintDesk | None = None
    """The real queue's; tests that print give one."""
    before_opening: object = None
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
        self.kitchen = PaperWall(self)
        self.availability = PaperAvailability(self)
        self.house_menu = PaperHouseMenu(self)
        self.pins = PaperPins(self)
        self.today = PaperToday(self)
        self.messages = PaperMessages(self)
        self.guest_orders = PaperGuestOrders(self)
        self.safety = PaperSafety(self)
        self.tenders = PaperTenders(self)
        self._ids = self._orders = self._receipts = 0
        self.corrections = PaperCorrections(self)
        self.courses = PaperCourses(self)
        self.floor = PaperFloor(self)
        self.displays = PaperDisplays()
        self.bills = PaperBills(self)
        self.removed: dict[UUID, LineView] = {}

    def menu_for(self, kind: str) -> Menu:
        """At every hour the same."""
        return self.menu

    @property
    def listed_menu(self) -> Menu:
        return self.menu

    def search_of(self, menu: Menu) -> MenuSearch:
        return MenuSearch(menu)

    @property
    def drawers(self) -> Drawers:
        return self.shifts.known

    @property
    def left(self) -> Mapping[UUID, Left]:
        return self.availability.known

    @property
    def safety_points(self) -> tuple[PointView, ...]:
        return self.safety.points

    def safety_due(self) -> tuple[tuple[PointView, datetime], ...]:
        return self.safety.due()

    @property
    def house_language(self) -> Language:
        return self._house_language

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

    def reasons(self, kind: ReasonKind) -> tuple[ReasonView, ...]:
        return tuple(map(ReasonView, REASONS.get(kind, ())))

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


def with_check(order: OrderView, **changes: object) -> OrderView:
    """An order whose check is otherwise."""
    return replace(order, checks=(replace(order.check, **changes),))


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
