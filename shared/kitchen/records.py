"""Stations, the tickets that they show, and what they were told of each line."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any, cast
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from shared.kernel.columns import Choice, Day, Flag, Hour, Instant, Key, Listed, Whole, Words
from shared.kernel.declared import Follows, OneFact, RowRule, not_negative
from shared.kernel.ids import derived_id
from shared.kernel.permissions import Permission
from shared.kernel.records import BranchRecord, Record, belongs_to, ledger, once, register, tally, total
from shared.kernel.totals import Counted
from shared.menu.records import IS_COURSE
from shared.orders.records import OrderKind

MOST_PARTS = 9_999
"""No order is sent so often; later sendings say this number again."""
_COUNTS_SENDINGS = RowRule("it counts sendings", ("part",), lambda part: 1 <= part <= MOST_PARTS)


def _are_texts(values: Any) -> bool:
    return isinstance(values, list) and all(isinstance(each, str) for each in values)


PARTS_OF_A_PLACE = 2
FARTHEST_RANK = 1 << 62


def _is_place(value: Any) -> bool:
    """Whether a list is empty, or says the hexadecimal id of a ticket and a rank."""
    if value == []:
        return True
    if not isinstance(value, list) or len(value) != PARTS_OF_A_PLACE:
        return False
    at, rank = value
    try:
        is_id = isinstance(at, str) and UUID(hex=at).hex == at
    except ValueError:
        return False
    return is_id and isinstance(rank, int) and not isinstance(rank, bool) and abs(rank) <= FARTHEST_RANK


_SAYS_NAMES = RowRule("modifiers are texts", ("modifiers",), _are_texts)
_SAYS_ADDITIONS = RowRule("additions are texts", ("additions",), _are_texts)


class Station(Record):
    """Where dishes are made: kitchen, bar, oven."""

    __tablename__ = "stations"
    __writes__ = Permission.EDIT_MENU
    name: Mapped[str] = register(Words(60))
    position: Mapped[int] = register(Whole(), default=0)
    active: Mapped[bool] = register(Flag(), default=True)


_OF_WHO_FIRES = frozenset(
    {"number", "part", "kind", "table_name", "server_name", "notes", "fired_at", "business_date", "local_hour"}
)
"""In what two creations of one fired ticket may differ: one of them stands whole."""


class KitchenTicket(BranchRecord):
    """What one sending of an order asks of one station. `part` counts the sendings of the order, from 1.

    `course`: the course that was fired with it, 0 if none was. Its id follows from what it is the first to tell of a
    fire, so that two devices that fire at once have made one ticket. `started`: somebody has begun it. `rushed`: it
    goes before all others. It waits, though it was sent, while it was `held` more often than `fired`. Whether it is
    done says `ticket_balances`.
    `notes`: the note of the whole order, as this station was told it; where its order says another one since, that is
    a change to be confirmed. `moved_to`: the station that makes it in place of its own. `place`: where a hand has put
    it among the others (`placing.py`); empty: where its arrival puts it. `guest_order_id`: the guest's order that was
    sent by it as it was accepted; its id follows from that and the station, so that several who accept made one.
    """

    __tablename__ = "kitchen_tickets"
    __writes__ = Permission.SEND_ORDER
    __told__ = ("number", "part")
    __rules__ = (_COUNTS_SENDINGS, *IS_COURSE, RowRule("a place is a ticket and a rank", ("place",), _is_place))
    __one_fact__ = OneFact(("course", "guest_order_id"), _OF_WHO_FIRES)
    __whole__ = True
    __table_args__ = (
        belongs_to("order_id", "orders"),
        belongs_to("station_id", "stations"),
        belongs_to("moved_to", "stations"),
        Index("ix_kitchen_tickets_bumped_at", "branch_id", "organization_id", "bumped_at"),
        Index("ix_kitchen_tickets_order_id", "order_id", "organization_id"),
    )
    order_id: Mapped[UUID] = ledger(Key())
    station_id: Mapped[UUID] = ledger(Key())
    number: Mapped[str] = ledger(Words(16))
    part: Mapped[int] = ledger(Whole(), default=1)
    course: Mapped[int] = ledger(Whole(), default=0)
    kind: Mapped[OrderKind] = ledger(Choice(OrderKind, fallback=OrderKind.TAKEOUT))
    table_name: Mapped[str] = ledger(Words(40), default="")
    server_name: Mapped[str] = ledger(Words(120), default="")
    notes: Mapped[str] = register(Words(280), default="", by=(Permission.SEND_ORDER, Permission.WORK_KITCHEN))
    fired_at: Mapped[datetime] = ledger(Instant())
    business_date: Mapped[date] = ledger(Day())
    local_hour: Mapped[int] = ledger(Hour())
    bumped_at: Mapped[datetime | None] = register(Instant(), nullable=True, by=Permission.WORK_KITCHEN)
    started: Mapped[bool] = once(by=Permission.WORK_KITCHEN)
    rushed: Mapped[bool] = register(Flag(), default=False, by=Permission.WORK_KITCHEN)
    held: Mapped[int] = total(by=Permission.WORK_KITCHEN)
    fired: Mapped[int] = total(by=(Permission.WORK_KITCHEN, Permission.SEND_ORDER), counts="held")
    moved_to: Mapped[UUID | None] = register(Key(), nullable=True, by=Permission.WORK_KITCHEN)
    place: Mapped[list[Any]] = register(Listed(), default=list, by=Permission.WORK_KITCHEN)
    guest_order_id: Mapped[UUID | None] = ledger(Key(), nullable=True)

    @property
    def made_at(self) -> UUID:
        """The station that makes it."""
        return self.moved_to or self.station_id


HANDS_OVER = (Permission.TAKE_ORDER, Permission.WORK_KITCHEN)


class TicketLine(BranchRecord):
    """What the kitchen was told of one content of a line: one row, whoever sends it, however often.

    Its id follows from root, station and content, so that two devices that send one line tell it once. The totals only
    grow: portions told, taken back, thrown away, made (in thousandths; a recall begins its next round), served, and of
    these returned to the pass: they had been handed over by mistake.
    Without a station it is handed over as it is, and has no ticket. `modifiers` is a list of names, twice what was
    chosen twice; `additions` are those of them that cost more. `unit` is that of the portions; empty: a piece.
    `item_name` and `modifiers` are what the kitchen calls them. `combo_name`: the combo of which it is a part.

    What is made at several stations has a row at each: the others name the row of the first one (`also_of_id`), and
    say what their own station was told, made and took back. Ordered, voided and charged is against the first alone.

    `ticket_id`: the ticket that tells it. What the kitchen had taken back altogether and is told anew stands on a
    ticket of its own time from then on.
    """

    __tablename__ = "ticket_lines"
    __derived__ = True
    __writes__ = (Permission.SEND_ORDER, Permission.WORK_KITCHEN)
    __told__ = ("item_name",)
    __rules__ = (_SAYS_NAMES, _SAYS_ADDITIONS)
    __table_args__ = (
        belongs_to("ticket_id", "kitchen_tickets"),
        belongs_to("root_id", "order_lines"),
        Index("ix_ticket_lines_ticket_id", "ticket_id", "organization_id"),
        Index("ix_ticket_lines_root_id", "root_id", "organization_id"),
    )
    root_id: Mapped[UUID] = ledger(Key())
    content_id: Mapped[UUID] = ledger(Key())
    station_id: Mapped[UUID | None] = ledger(Key(), nullable=True)
    ticket_id: Mapped[UUID | None] = register(
        Key(), nullable=True, by=(Permission.SEND_ORDER, Permission.WORK_KITCHEN), starts_free=True
    )
    also_of_id: Mapped[UUID | None] = ledger(Key(), nullable=True)
    item_name: Mapped[str] = ledger(Words(120))
    modifiers: Mapped[list[Any]] = ledger(Listed(), default=list)
    additions: Mapped[list[Any]] = ledger(Listed(), default=list)
    unit: Mapped[str] = ledger(Words(12), default="")
    notes: Mapped[str] = ledger(Words(280), default="")
    combo_name: Mapped[str] = ledger(Words(120), default="")
    position: Mapped[int] = ledger(Whole(), default=0)
    told_milli: Mapped[int] = total(by=(Permission.SEND_ORDER, Permission.WORK_KITCHEN))
    back_milli: Mapped[int] = total(by=Permission.WORK_KITCHEN, counts="told_milli")
    wasted_milli: Mapped[int] = total(by=Permission.WORK_KITCHEN, counts="told_milli")
    made: Mapped[Counted] = tally(by=Permission.WORK_KITCHEN, counts=("told_milli", "wasted_milli"))
    served_milli: Mapped[int] = total(by=HANDS_OVER, counts=("told_milli", "returned_milli"))
    returned_milli: Mapped[int] = total(by=HANDS_OVER, counts="served_milli")


class KitchenEventKind(StrEnum):
    """What happened to a ticket, and when; totals say how much (`TicketLine`).

    `RECEIVED`: it stands on a display of the station that makes it, or its paper came out. `READY`: all of it was made.
    `HELD`, `FIRED`: a cook let it wait, and let it be made.
    """

    RECEIVED = "received"
    STARTED = "started"
    READY = "ready"
    RECALLED = "recalled"
    HELD = "held"
    FIRED = "fired"


class KitchenEvent(BranchRecord):
    """When something happened to a ticket, or to one line of it. Its id follows from the fact: two displays that say it
    have said it once. A line without an event of its own shares those of its ticket.

    `late_seconds`: what was ready after so many was late, as its station works then; None where nothing is ready.
    """

    __tablename__ = "kitchen_events"
    __derived__ = True
    __writes__ = Permission.WORK_KITCHEN
    __rules__ = not_negative("late_seconds")
    __table_args__ = (
        belongs_to("ticket_id", "kitchen_tickets"),
        belongs_to("station_id", "stations"),
        Index("ix_kitchen_events_ticket_id", "ticket_id", "organization_id"),
    )
    ticket_id: Mapped[UUID] = ledger(Key())
    ticket_line_id: Mapped[UUID | None] = ledger(Key(), nullable=True)
    station_id: Mapped[UUID] = ledger(Key())
    kind: Mapped[KitchenEventKind] = ledger(Choice(KitchenEventKind, fallback=KitchenEventKind.RECEIVED))
    at: Mapped[datetime] = ledger(Instant())
    device_id: Mapped[UUID] = ledger(Key())
    late_seconds: Mapped[int | None] = ledger(Whole(), nullable=True)


LONGEST_SECONDS = 24 * 3_600
PARTS_OF_A_THRESHOLD = 3


def _are_thresholds(values: Any) -> bool:
    """Whether a list says the kind of an order (empty: every other one), and from when it warns and is late."""
    return isinstance(values, list) and all(
        isinstance(each, list)
        and len(each) == PARTS_OF_A_THRESHOLD
        and isinstance(each[0], str)
        and all(isinstance(seconds, int) and not isinstance(seconds, bool) for seconds in each[1:])
        and 0 < each[1] <= each[2] <= LONGEST_SECONDS
        for each in values
    )


class Setting(StrEnum):
    """What a row of `StationSettings` says: each has a row of its own, so that two devices that say two things for the
    first time at once have said both."""

    THRESHOLDS = "thresholds"
    COVERED_BY = "covered_by"
    PREPARE_MINUTES = "prepare_minutes"


def settings_id(branch_id: UUID, station_id: UUID, setting: Setting) -> UUID:
    """The id of the row that says one thing of a station in a branch."""
    return derived_id("station settings", branch_id, station_id, setting)


def _settings_ids(branch: bytes, station: bytes) -> set[UUID]:
    return {settings_id(UUID(bytes=branch), UUID(bytes=station), each) for each in Setting}


class StationSettings(BranchRecord):
    """How a station works in a branch: one row for each of these settings. Its id follows from branch, station and the
    setting that it says (`stations.Setting`); its other fields say nothing.

    `thresholds`: from how many seconds on a ticket warns and is late, by the kind of its order ("" for every other
    kind). `covered_by`: the station whose wall shows its tickets, too, while it is closed or its display is dead.
    `prepare_minutes`: so long before it is promised an order for later takes its place; None: as the house does it.
    """

    __tablename__ = "station_settings"
    __derived__ = True
    __follows__ = Follows(("branch_id", "station_id"), _settings_ids)
    __writes__ = Permission.EDIT_BRANCH
    __rules__ = (RowRule("thresholds are in order", ("thresholds",), _are_thresholds), *not_negative("prepare_minutes"))
    __table_args__ = (belongs_to("station_id", "stations"),)
    station_id: Mapped[UUID] = ledger(Key())
    thresholds: Mapped[list[Any]] = register(Listed(), default=list)
    covered_by: Mapped[UUID | None] = register(Key(), nullable=True, by=Permission.WORK_KITCHEN)
    prepare_minutes: Mapped[int | None] = register(Whole(), nullable=True)


def _are_stations(values: Any) -> bool:
    """Whether a list is of the ids of stations, as texts."""
    return isinstance(values, list) and len(values) <= MOST_ALSO_AT and all(map(_is_key, values))


def _is_key(value: Any) -> bool:
    try:
        return isinstance(value, str) and bool(UUID(value))
    except ValueError:
        return False


MOST_ALSO_AT = 6
"""Stations at which a dish is made besides its first one."""


class Route(BranchRecord):
    """Where a branch makes what: dishes of a category or one dish, of a course, of a kind of order.

    What a route does not name, it holds for all of. Of several the one that says most holds (`routes.py`). It goes
    before the station that the menu says. `also_at`: the stations at which it is made, too, as texts.
    """

    __tablename__ = "routes"
    __writes__ = Permission.EDIT_BRANCH
    __rules__ = (
        RowRule("it is also at stations", ("also_at",), _are_stations),
        *IS_COURSE,
    )
    __table_args__ = (belongs_to("category_id", "categories"), belongs_to("station_id", "stations"))
    category_id: Mapped[UUID | None] = register(Key(), nullable=True)
    item_id: Mapped[UUID | None] = register(Key(), nullable=True)
    course: Mapped[int | None] = register(Whole(), nullable=True)
    kind: Mapped[str] = register(Words(16), default="")
    station_id: Mapped[UUID] = register(Key())
    also_at: Mapped[list[str]] = register(Listed(), default=list)
    active: Mapped[bool] = register(Flag(), default=True)


def is_unserved(columns: Any) -> sa.ColumnElement[bool]:
    """The condition that something was told and is not on the table."""
    return cast(
        "sa.ColumnElement[bool]",
        columns.served_milli - columns.returned_milli < columns.told_milli - columns.back_milli,
    )


def _index_unserved(table: sa.Table) -> None:
    """An index of what is not served alone, so that a list of it never reads history."""
    condition, columns = is_unserved(table.c), (table.c.branch_id, table.c.organization_id, table.c.root_id)
    sa.Index("ix_ticket_lines_unserved", *columns, sqlite_where=condition)


_index_unserved(cast("sa.Table", TicketLine.__table__))
