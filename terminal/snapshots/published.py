"""What screens read of the present snapshot: one name for each of its parts. It reads nothing itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from shared.books.exception_views import OpenException
from shared.books.views import OrderView
from shared.countries.currencies import format_minor
from shared.floor.queries import TableView
from shared.kernel.instants import BusinessDate, business_date, local_time
from shared.kernel.language import Language
from shared.kitchen.held_queries import HeldDish
from shared.kitchen.station_views import StationView
from shared.kitchen.ticket_views import TicketView
from shared.menu.availability import Left
from shared.menu.rules import Menu
from shared.menu.search import MenuSearch
from shared.orders.contacts import ContactView
from shared.payments.accounts import AccountView
from shared.payments.exchange import RateView
from shared.payments.queries import MethodView
from shared.payments.service import RuleView
from shared.reservations.queries import ReservationView
from shared.safety.queries import PointView
from shared.staff.queries import StaffView
from shared.tenancy.queries import Premises, ReasonView
from shared.tenancy.records import ReasonKind
from terminal.snapshots.menu_now import MenuNow
from terminal.snapshots.searches import Searches
from terminal.snapshots.snapshot import Snapshot
from terminal.snapshots.sources import (
    ACCOUNTS,
    CONTACTS,
    DRAWERS,
    EXCEPTIONS,
    EXCHANGE,
    HOURS_OF_SALE,
    LEFT,
    MENU,
    METHODS,
    ORDERS,
    PREMISES,
    REASONS,
    RESERVATIONS,
    SAFETY,
    SERVICE_RULES,
    STAFF,
    STATIONS,
    TABLES,
    TICKETS,
    TRIAL,
    Drawers,
    Source,
)
from terminal.snapshots.state import DeskState
from terminal.store.store import Store
from terminal.wall.made import MadeDish


class Published:
    """The parts of a snapshot, and the branch's clock and money.

    Attributes:
        seen: the present snapshot, replaced by each reading.
        language: of who is logged in.
    """

    store: Store
    seen: Snapshot
    language: Language
    _state: Source[DeskState]
    _menu_now: MenuNow
    _searches: Searches

    @property
    def premises(self) -> Premises | None:
        """Organization and branch. None until the first contact with the cloud."""
        return self.seen[PREMISES]

    @property
    def menu(self) -> Menu:
        """The menu of this hour, as it is sold to every kind of order."""
        return self.menu_for("")

    @property
    def listed_menu(self) -> Menu:
        """The menu with its listed prices, whatever the hour makes of them."""
        return self.seen[MENU]

    def menu_for(self, kind: str) -> Menu:
        """The menu of this hour for a kind of order, by its word: happy hours may be for guests at a table alone."""
        menu, hours = self.seen[MENU], self.seen[HOURS_OF_SALE]
        if not hours:
            return menu
        wall = local_time(self.now(), self.store.branch_context.zone).replace(tzinfo=None)
        return self._menu_now.of(menu, hours, wall, kind)

    def search_of(self, menu: Menu) -> MenuSearch:
        """A menu of this desk, prepared for searching."""
        return self._searches.of(menu)

    @property
    def left(self) -> Mapping[UUID, Left]:
        """What is sold out or counted down today, by dish or modifier."""
        seen = self.seen[LEFT]
        return seen.left if seen.day == self.business_day else {}

    @property
    def safety_points(self) -> tuple[PointView, ...]:
        """What is checked for food safety."""
        return self.seen[SAFETY]

    def safety_due(self) -> tuple[tuple[PointView, datetime], ...]:
        """The points of which an entry is due, and since when, the longest first."""
        now, zone = self.now(), self.store.branch_context.zone
        due = [(point, since) for point in self.safety_points if (since := point.due_since(now, zone)) is not None]
        return tuple(sorted(due, key=lambda each: each[1]))

    @property
    def tables(self) -> tuple[TableView, ...]:
        """The tables of the branch."""
        return self.seen[TABLES]

    @property
    def reservations(self) -> tuple[ReservationView, ...]:
        """Who is to come and who waits, by time; those of today that are over, too."""
        return self.seen[RESERVATIONS]

    @property
    def methods(self) -> tuple[MethodView, ...]:
        """The payment methods, called as in the language of the screens."""
        return tuple(replace(each, language=self.language) for each in self.seen[METHODS])

    def reasons(self, kind: ReasonKind) -> tuple[ReasonView, ...]:
        """The reasons of the house of one kind, in its order, in the language of the screens."""
        return tuple(replace(each, language=self.language) for each in self.seen[REASONS].get(kind, ()))

    @property
    def service_rules(self) -> tuple[RuleView, ...]:
        """The service charges of the house."""
        return self.seen[SERVICE_RULES]

    @property
    def exchange(self) -> Mapping[str, RateView]:
        """The rates of other currencies, by code."""
        return self.seen[EXCHANGE]

    @property
    def accounts(self) -> tuple[AccountView, ...]:
        """Who may pay later, with what they owe."""
        return self.seen[ACCOUNTS]

    @property
    def drawers(self) -> Drawers:
        """The drawers of the branch and their open sessions."""
        return self.seen[DRAWERS]

    @property
    def stations(self) -> tuple[StationView, ...]:
        """The kitchen's stations."""
        return self.seen[STATIONS]

    @property
    def orders(self) -> Mapping[UUID, OrderView]:
        """The orders of the branch about which something is to be done: paid ones, too, that wait to be served."""
        return self.seen[ORDERS]

    @property
    def contacts(self) -> Mapping[UUID, ContactView]:
        """Whom the newest takeout and delivery orders are for, by order."""
        return self.seen[CONTACTS]

    @property
    def tickets(self) -> tuple[TicketView, ...]:
        """The tickets that are not bumped, in the order in which they came."""
        return self.seen[TICKETS].open

    @property
    def aside(self) -> Mapping[UUID, tuple[UUID, ...]]:
        """The open tickets that have no place on the wall, by station, the newest first."""
        return self.seen[TICKETS].aside

    @property
    def trial(self) -> UUID | None:
        """What displays are asked before opening; None: nobody asks."""
        return self.seen[TRIAL]

    @property
    def next_begins_at(self) -> datetime | None:
        """When the next order for later takes its place on the wall."""
        return self.seen[TICKETS].next_at

    @property
    def held(self) -> tuple[HeldDish, ...]:
        """What waits for its course, and where it will be made."""
        return self.seen[TICKETS].held

    @property
    def bumped(self) -> tuple[TicketView, ...]:
        """The last bumped tickets, the one that was done last first."""
        return self.seen[TICKETS].bumped

    @property
    def with_display(self) -> frozenset[UUID]:
        """The stations that have a display."""
        return self.seen[TICKETS].displays

    @property
    def made(self) -> Mapping[UUID, MadeDish]:
        """What stations have made and nobody has served, by the root of its family."""
        return self.seen[TICKETS].made

    @property
    def open_exceptions(self) -> tuple[OpenException, ...]:
        """What waits for a person in the branch, the newest first."""
        return self.seen[EXCEPTIONS]

    @property
    def staff(self) -> tuple[StaffView, ...]:
        """Who may log in here."""
        return self.seen[STAFF]

    @property
    def state(self) -> DeskState:
        """The state for the status line."""
        return self.seen[self._state]

    def money(self, minor: int) -> str:
        """An amount in the branch's currency as people write it."""
        return format_minor(minor, self.store.branch_context.currency)

    def now(self) -> datetime:
        """The present instant in UTC."""
        return self.store.clock.now()

    def local_now(self) -> datetime:
        """The branch's wall clock."""
        return local_time(self.now(), self.store.branch_context.zone)

    @property
    def business_day(self) -> BusinessDate:
        """The business day of what is ordered now."""
        context = self.store.branch_context
        return business_date(self.now(), context.zone, context.cutoff_minutes)
