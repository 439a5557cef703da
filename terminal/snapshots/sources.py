"""Sources: the parts of the snapshot, each with its tables and the query that reads it.

A domain that screens show adds a `Source` and lists it in `SOURCES`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from shared.books.exception_views import OpenException
from shared.books.inbox import open_exceptions
from shared.books.queries import open_orders
from shared.books.views import OrderView
from shared.books.waiting import waiting_orders
from shared.drawers.queries import DrawerView, HandedOver, SessionView, drawers, handed_over, open_sessions
from shared.floor.queries import TableView, tables
from shared.kernel.instants import BusinessDate
from shared.kernel.language import Language
from shared.kernel.pauses import Between, go_on
from shared.kitchen.displays import newest_trial
from shared.kitchen.messages import MessageView
from shared.kitchen.station_views import StationView, stations
from shared.menu.availability import Left, availability
from shared.menu.queries import load_menu
from shared.menu.rules import Menu
from shared.orders.contacts import ContactView, newest_contacts
from shared.payments.accounts import AccountView, accounts_of_branch
from shared.payments.exchange import RateView, rates_on
from shared.payments.queries import MethodView, payment_methods
from shared.payments.service import RuleView, service_rules
from shared.pricing.queries import NO_HOURS, hours_of_sale
from shared.pricing.rules import HoursOfSale
from shared.printers.queries import PrinterTable, printer_table
from shared.reservations.queries import ReservationView, reservations_from
from shared.safety.queries import PointView, points
from shared.staff.queries import StaffView, languages_of_people, staff_of_branch
from shared.taxes.queries import dated_rates
from shared.taxes.rules import CategoryTaxes, DatedRate, in_force
from shared.tenancy.queries import Premises, ReasonView, premises, reasons
from shared.tenancy.records import ReasonKind
from terminal.clock import Moment
from terminal.identity import Identity
from terminal.snapshots.guests_now import GuestsNow, guests_now
from terminal.wall.checks import as_heard, last_checks
from terminal.wall.kitchen_wall import Tickets, wall_tickets
from terminal.wall.unread import unread_here

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ReadContext:
    """For whom and when a reading is made.

    Attributes:
        now: the instant of the reading.
        moment: the same instant, by all clocks of the machine.
        today: the civil date in the branch, whose tax rates bills are priced with.
        business_day: that of what is ordered now.
        rates: the tax rates of every day.
        between: awaited between two parts of a long reading.
        zone: of the branch, by which reservations are.
    """

    identity: Identity
    now: datetime
    moment: Moment
    today: date
    business_day: BusinessDate
    rates: tuple[DatedRate, ...] = ()
    between: Between = go_on
    zone: str = "UTC"

    @property
    def organization_id(self) -> UUID:
        """The tenant."""
        return self.identity.organization_id

    @property
    def branch_id(self) -> UUID:
        """The branch of the device."""
        return self.identity.branch_id

    @property
    def taxes(self) -> CategoryTaxes:
        """The taxes of each category today."""
        return in_force(self.rates, self.today)


Reader = Callable[[AsyncConnection, ReadContext], Awaitable[T]]


@dataclass(frozen=True, slots=True, eq=False)
class Source(Generic[T]):
    """One part of the snapshot.

    Attributes:
        name: given to listeners after it was read.
        tables: a commit that touches one of them makes the source stale.
        read: reads the value, on a connection that sees one state of the database.
        empty: the value before the first reading.
    """

    name: str
    tables: frozenset[str]
    read: Reader[T]
    empty: T


@dataclass(frozen=True, slots=True)
class Drawers:
    """The drawers of the branch, the sessions that are open, and what was handed over and not received."""

    all: tuple[DrawerView, ...] = ()
    sessions: tuple[SessionView, ...] = ()
    handed_over: tuple[HandedOver, ...] = ()


@dataclass(frozen=True, slots=True)
class LeftToday:
    """What is sold out or counted down, by dish or modifier, and the business day for which that was said."""

    day: BusinessDate | None = None
    left: Mapping[UUID, Left] = field(default_factory=lambda: MappingProxyType({}))


def _of_organization(query: Callable[[AsyncConnection, UUID], Awaitable[Iterable[T]]]) -> Reader[tuple[T, ...]]:
    async def read(connection: AsyncConnection, at: ReadContext) -> tuple[T, ...]:
        return tuple(await query(connection, at.organization_id))

    return read


def _of_branch(query: Callable[[AsyncConnection, UUID, UUID], Awaitable[Iterable[T]]]) -> Reader[tuple[T, ...]]:
    async def read(connection: AsyncConnection, at: ReadContext) -> tuple[T, ...]:
        return tuple(await query(connection, at.organization_id, at.branch_id))

    return read


async def _premises(connection: AsyncConnection, at: ReadContext) -> Premises | None:
    return await premises(connection, at.organization_id, at.branch_id, at.identity.device_id)


async def _menu(connection: AsyncConnection, at: ReadContext) -> Menu:
    return await load_menu(connection, at.organization_id, at.branch_id, at.between)


async def _hours(connection: AsyncConnection, at: ReadContext) -> HoursOfSale:
    return await hours_of_sale(connection, at.organization_id, at.branch_id)


async def _left_today(connection: AsyncConnection, at: ReadContext) -> LeftToday:
    left = await availability(connection, at.organization_id, at.branch_id, at.business_day)
    return LeftToday(at.business_day, MappingProxyType(dict(left)))


async def _messages(connection: AsyncConnection, at: ReadContext) -> tuple[MessageView, ...]:
    return await unread_here(connection, at.organization_id, at.branch_id, at.moment)


async def _guests(connection: AsyncConnection, at: ReadContext) -> GuestsNow:
    return await guests_now(connection, at.organization_id, at.branch_id, at.now)


async def _reservations(connection: AsyncConnection, at: ReadContext) -> tuple[ReservationView, ...]:
    return tuple(await reservations_from(connection, at.organization_id, at.branch_id, at.business_day, at.zone))


async def _points(connection: AsyncConnection, at: ReadContext) -> tuple[PointView, ...]:
    found = await points(connection, at.organization_id, at.branch_id)
    checked = await last_checks(connection, at.organization_id, at.moment)
    return tuple(as_heard(each, checked.get(each.id), at.now) for each in found)


async def _orders(connection: AsyncConnection, at: ReadContext) -> Mapping[UUID, OrderView]:
    waiting = await waiting_orders(connection, at.organization_id, at.branch_id, at.now)
    found = await open_orders(connection, at.organization_id, at.branch_id, at.taxes, waiting, at.between)
    return MappingProxyType({order.id: order for order in found})


async def _tickets(connection: AsyncConnection, at: ReadContext) -> Tickets:
    return await wall_tickets(connection, at.organization_id, at.branch_id, at.moment)


async def _trial(connection: AsyncConnection, at: ReadContext) -> UUID | None:
    return await newest_trial(connection, at.organization_id, at.branch_id, at.now)


async def _exceptions(connection: AsyncConnection, at: ReadContext) -> tuple[OpenException, ...]:
    return tuple(await open_exceptions(connection, at.organization_id, at.branch_id))


async def _contacts(connection: AsyncConnection, at: ReadContext) -> Mapping[UUID, ContactView]:
    return MappingProxyType(dict(await newest_contacts(connection, at.organization_id, at.branch_id)))


async def _reasons(connection: AsyncConnection, at: ReadContext) -> Mapping[ReasonKind, tuple[ReasonView, ...]]:
    return MappingProxyType(await reasons(connection, at.organization_id))


async def _exchange(connection: AsyncConnection, at: ReadContext) -> Mapping[str, RateView]:
    return await rates_on(connection, at.organization_id, at.branch_id, at.today)


async def _languages(connection: AsyncConnection, at: ReadContext) -> Mapping[UUID, Language]:
    return MappingProxyType(dict(await languages_of_people(connection, at.organization_id, at.branch_id)))


_NO_LANGUAGES: Mapping[UUID, Language] = MappingProxyType({})


async def _drawers(connection: AsyncConnection, at: ReadContext) -> Drawers:
    of = connection, at.organization_id, at.branch_id
    return Drawers(tuple(await drawers(*of)), tuple(await open_sessions(*of)), tuple(await handed_over(*of)))


async def _printers(connection: AsyncConnection, at: ReadContext) -> PrinterTable:
    return await printer_table(connection, at.organization_id, at.branch_id)


_NO_TRIAL: UUID | None = None
_NO_PREMISES: Premises | None = None
_NO_ORDERS: Mapping[UUID, OrderView] = MappingProxyType({})
_NO_CONTACTS: Mapping[UUID, ContactView] = MappingProxyType({})
_NO_REASONS: Mapping[ReasonKind, tuple[ReasonView, ...]] = MappingProxyType({})
_NO_STAFF: tuple[StaffView, ...] = ()
_NO_EXCEPTIONS: tuple[OpenException, ...] = ()
_NO_RATES: tuple[DatedRate, ...] = ()
_NO_RESERVATIONS: tuple[ReservationView, ...] = ()
_NO_TABLES: tuple[TableView, ...] = ()
_NO_RULES: tuple[RuleView, ...] = ()
_NO_METHODS: tuple[MethodView, ...] = ()
_NO_EXCHANGE: Mapping[str, RateView] = MappingProxyType({})
_NO_ACCOUNTS: tuple[AccountView, ...] = ()
_NO_STATIONS: tuple[StationView, ...] = ()
_NO_MESSAGES: tuple[MessageView, ...] = ()
_NO_POINTS: tuple[PointView, ...] = ()

PREMISES = Source("premises", frozenset({"organizations", "branches", "devices"}), _premises, _NO_PREMISES)
LANGUAGES = Source("languages", frozenset({"person_settings"}), _languages, _NO_LANGUAGES)
"""In which language people want the screens, of those who have said so."""
STAFF = Source(
    "staff",
    frozenset({"staff", "staff_assignments", "pin_changes", "own_roles", "role_rights"}),
    _of_branch(staff_of_branch),
    _NO_STAFF,
)
MENU = Source(
    "menu",
    frozenset(
        {
            "items",
            "branch_items",
            "branch_prices",
            "hidden_items",
            "courses",
            "categories",
            "modifier_groups",
            "modifiers",
            "item_modifier_groups",
            "combo_slots",
            "combo_choices",
        }
    ),
    _menu,
    Menu((), {}, {}),
)
HOURS_OF_SALE = Source("hours_of_sale", frozenset({"price_rules", "dayparts", "categories"}), _hours, NO_HOURS)
"""What is sold when, and at what price. With the menu and the hour it makes the menu of this hour."""
LEFT = Source("left", frozenset({"availability"}), _left_today, LeftToday())
"""While something is counted down, it follows from `COUNTED_DOWN`, too."""
COUNTED_DOWN = frozenset({"order_lines", "line_voids", "ticket_lines"})
MESSAGES = Source("messages", frozenset({"kitchen_messages"}), _messages, _NO_MESSAGES)
"""What the kitchen told who serves, and nobody has confirmed."""
GUESTS = Source(
    "guests",
    frozenset(
        {"guest_orders", "guest_order_lines", "guest_answers", "guest_requests", "guest_request_answers"}
        | {"guest_settings", "forgotten"}
    ),
    _guests,
    GuestsNow(),
)
"""What guests ordered or called for with their phones, and nobody has answered."""
SAFETY = Source("safety", frozenset({"safety_points", "safety_readings"}), _points, _NO_POINTS)
"""What is checked for food safety, with the last entries."""
STATIONS = Source("stations", frozenset({"stations", "station_settings"}), _of_branch(stations), _NO_STATIONS)
TABLES = Source("tables", frozenset({"spaces", "dining_tables", "sections"}), _of_branch(tables), _NO_TABLES)
RESERVATIONS = Source("reservations", frozenset({"reservations", "forgotten"}), _reservations, _NO_RESERVATIONS)
"""Who is to come from the business day on, and who waits; those of today that are over, too."""
METHODS = Source("methods", frozenset({"payment_methods"}), _of_organization(payment_methods), _NO_METHODS)
REASONS = Source("reasons", frozenset({"reasons"}), _reasons, _NO_REASONS)
SERVICE_RULES = Source("service_rules", frozenset({"service_rules"}), _of_branch(service_rules), _NO_RULES)
DRAWERS = Source("drawers", frozenset({"drawers", "drawer_sessions", "cash_movements"}), _drawers, Drawers())
PRINTERS = Source("printers", frozenset({"printers", "print_rules"}), _printers, PrinterTable())
RATES = Source("rates", frozenset({"tax_rates"}), _of_organization(dated_rates), _NO_RATES)
EXCHANGE = Source("exchange", frozenset({"exchange_rates"}), _exchange, _NO_EXCHANGE)
ACCOUNTS = Source(
    "accounts",
    frozenset({"accounts_receivable", "account_charges", "account_payments", "forgotten"}),
    _of_branch(accounts_of_branch),
    _NO_ACCOUNTS,
)
ORDERS = Source(
    "orders",
    frozenset(
        {"orders", "order_lines", "line_voids", "ticket_lines", "checks", "discounts", "service_charges", "payments"}
        | {"prebills", "guest_allergies", "order_courses"}
        | {"receipts", "receipt_lines", "refunds", "refund_lines", "tax_rates"}
    ),
    _orders,
    _NO_ORDERS,
)
CONTACTS = Source("contacts", frozenset({"order_contacts", "forgotten"}), _contacts, _NO_CONTACTS)
TOLD = frozenset({"kitchen_tickets", "ticket_lines", "line_voids"})
"""Tables that say what the kitchen was told, and what was taken back."""
TICKETS = Source(
    "tickets",
    TOLD | {"order_lines", "orders", "guest_allergies", "kitchen_events", "routes", "station_settings"},
    _tickets,
    Tickets(),
)
TRIAL = Source("trial", frozenset({"display_trials"}), _trial, _NO_TRIAL)
"""The question of somebody who tries all displays before opening."""
EXCEPTIONS = Source(
    "exceptions",
    ORDERS.tables | {"availability", "reservations", "exceptions", "settlements", "staff", "devices", "organizations"},
    _exceptions,
    _NO_EXCEPTIONS,
)
"""What waits for a person. It follows from the tables of orders; a tap does not wait for it."""

SOURCES: tuple[Source[Any], ...] = (
    PREMISES,
    LANGUAGES,
    STAFF,
    MENU,
    HOURS_OF_SALE,
    LEFT,
    MESSAGES,
    GUESTS,
    SAFETY,
    STATIONS,
    TABLES,
    RESERVATIONS,
    METHODS,
    SERVICE_RULES,
    EXCHANGE,
    ACCOUNTS,
    CONTACTS,
    REASONS,
    DRAWERS,
    PRINTERS,
    RATES,
    ORDERS,
    TICKETS,
    TRIAL,
    EXCEPTIONS,
)
"""All sources, in the order of reading: orders are priced with the rates that were read before them."""
