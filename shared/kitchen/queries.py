"""What a kitchen display shows."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from shared.kernel.columns import Instant, Key
from shared.kernel.records import Base
from shared.kitchen.records import (
    KitchenEvent,
    KitchenEventKind,
    KitchenTicket,
    Station,
    StationSettings,
    TicketLine,
    is_unserved,
)
from shared.kitchen.rules import LATE_SECONDS, WARN_SECONDS
from shared.kitchen.stations import Threshold
from shared.orders.records import Order, OrderKind
from shared.truth.family import FAMILY_TABLES, LINES, TICKET_LINES, VOIDS, Family, compare, line_of
from shared.truth.plain import PlainLine, plain_of
from shared.truth.portions import modifiers_of, said
from shared.truth.records import is_asked, ticket_balances

MOST_BUMPED = 300
"""So many bumped tickets of a branch are looked at for a recall: a full evening; older ones are history."""


class TicketState(StrEnum):
    """How far a ticket is; `CHANGED`: something was taken back, and the kitchen has not confirmed it yet."""

    FIRED = "fired"
    STARTED = "started"
    CHANGED = "changed"
    BUMPED = "bumped"


@dataclass(frozen=True, slots=True)
class TicketLineView:
    """One line of a ticket, in portions of thousandths.

    Attributes:
        quantity_milli: what is asked of it now, made or not.
        to_make_milli: what is still to be made.
        withdrawn_milli: what was told, is not wanted any more, and was not confirmed yet.
        additions: those of the modifiers that cost more.
        unit: of the portions; empty: a piece.
        comes: it stands in the place of what is withdrawn, and is asked for once that is confirmed.
        root_id: of the family that it is of.
    """

    id: UUID
    root_id: UUID
    item_name: str
    quantity_milli: int
    to_make_milli: int
    withdrawn_milli: int
    modifiers: tuple[str, ...]
    notes: str
    comes: bool = False
    additions: tuple[str, ...] = ()
    unit: str = ""


@dataclass(frozen=True, slots=True)
class TicketView:
    """A ticket as a station reads it.

    `begun`: somebody has begun it, or made it and had it back. `is_later`: it is for later, and nobody begins it yet.
    """

    id: UUID
    order_id: UUID
    station_id: UUID
    number: str
    part: int
    kind: OrderKind
    table_name: str
    server_name: str
    notes: str
    fired_at: datetime
    bumped_at: datetime | None
    state: TicketState
    recalled: bool
    lines: tuple[TicketLineView, ...]
    promised_at: datetime | None = None
    begun: bool = False
    rushed: bool = False
    received_at: datetime | None = None
    guests: int = 0
    is_later: bool = False
    since: datetime | None = None
    """When it was sent, by the clock of the device that shows it; None if nothing is known of the clocks."""

    @property
    def waits_since(self) -> datetime:
        """The instant from which its age counts."""
        return self.since or self.fired_at


class AskedTicket(NamedTuple):
    """A ticket about which the kitchen has something to do.

    Attributes:
        is_over: all of it is on the table all the same.
        promised_at: when the guest was told that the order is ready.
    """

    id: UUID
    station_id: UUID
    fired_at: datetime
    is_over: bool
    promised_at: datetime | None


@dataclass(frozen=True, slots=True)
class StationView:
    """A station, as it works in a branch. `thresholds` and `covered_by`: see `StationSettings`."""

    id: UUID
    name: str
    thresholds: tuple[Threshold, ...] = ()
    covered_by: UUID | None = None

    def limits(self, kind: str) -> tuple[int, int]:
        """From how many seconds on the ticket of an order of this kind warns and is late."""
        said = {of: (warn, late) for of, warn, late in self.thresholds}
        return said.get(kind) or said.get("") or (WARN_SECONDS, LATE_SECONDS)


async def stations(
    reader: AsyncConnection | AsyncSession, organization_id: UUID, branch_id: UUID | None = None
) -> list[StationView]:
    """The stations of the organization in their order, with what a branch says of them."""
    settings = StationSettings.__table__
    of_station = sa.and_(
        settings.c.organization_id == Station.organization_id,
        settings.c.station_id == Station.id,
        settings.c.branch_id == branch_id,
    )
    rows = await reader.execute(
        sa.select(Station.id, Station.name, settings.c.thresholds, settings.c.covered_by)
        .outerjoin(settings, of_station)
        .where(Station.organization_id == organization_id, Station.active)
        .order_by(Station.position, Station.id)
    )
    return [
        StationView(
            row.id, row.name, tuple((each[0], each[1], each[2]) for each in row.thresholds or ()), row.covered_by
        )
        for row in rows
    ]


def _thresholds(said: list[Any] | None) -> tuple[Threshold, ...]:
    return tuple((kind, warn, late) for kind, warn, late in said or ())


async def asked_tickets(
    reader: AsyncConnection | AsyncSession, organization_id: UUID, branch_id: UUID
) -> list[AskedTicket]:
    """Every ticket of a branch about which its station has something to do, in order of sending; one statement."""
    given = {"organization": organization_id, "branch": branch_id}
    rows = await reader.execute(_statements(False).asked, given)
    return [AskedTicket(row.id, row.station_id, row.fired_at, bool(row.is_over), row.promised_at) for row in rows]


async def tickets_of(
    reader: AsyncConnection | AsyncSession, organization_id: UUID, ticket_ids: Sequence[UUID]
) -> list[TicketView]:
    """These tickets, in order of sending; four statements."""
    if not ticket_ids:
        return []
    return await _tickets(reader, {"organization": organization_id, "chosen": list(ticket_ids)}, _chosen())


async def open_tickets(
    reader: AsyncConnection | AsyncSession,
    organization_id: UUID,
    branch_id: UUID,
    station_id: UUID | None = None,
    limit: int = 200,
) -> list[TicketView]:
    """Tickets with something to make or to confirm, in order of sending; five statements.

    Args:
        limit: most of a station, so that what one station leaves open hides nothing of another.
    """
    taken: Counter[UUID] = Counter()
    ids: list[UUID] = []
    for each in await asked_tickets(reader, organization_id, branch_id):
        taken[each.station_id] += 1
        if station_id in (None, each.station_id) and taken[each.station_id] <= limit:
            ids.append(each.id)
    return await tickets_of(reader, organization_id, ids)


async def bumped_tickets(
    reader: AsyncConnection | AsyncSession,
    organization_id: UUID,
    branch_id: UUID,
    station_id: UUID | None = None,
    limit: int = 20,
) -> list[TicketView]:
    """The last bumped tickets of each station, newest first: what a recall chooses from.

    Args:
        limit: most of a station, so that a busy kitchen does not push the bar's few out of sight.
    """
    given = {"organization": organization_id, "branch": branch_id, "station": station_id, "limit": limit}
    return await _tickets(reader, given, _statements(station_id is not None).bumped)


class _Statements(NamedTuple):
    asked: sa.Select[Any]
    bumped: sa.Select[Any]


@cache
def _statements(of_one_station: bool) -> _Statements:
    """Built once: building one takes longer than running it."""
    table, orders, asked = KitchenTicket.__table__, Order.__table__, ticket_balances.c
    same = sa.and_(
        asked.organization_id == table.c.organization_id,
        asked.branch_id == table.c.branch_id,
        asked.ticket_id == table.c.id,
    )
    here = sa.and_(table.c.organization_id == sa.bindparam("organization"), table.c.branch_id == sa.bindparam("branch"))
    if of_one_station:
        here = sa.and_(here, table.c.station_id == sa.bindparam("station"))
    limit = sa.bindparam("limit", type_=sa.Integer)
    of_branch = sa.and_(
        asked.organization_id == sa.bindparam("organization"), asked.branch_id == sa.bindparam("branch")
    )
    of_order = sa.and_(orders.c.organization_id == table.c.organization_id, orders.c.id == table.c.order_id)
    shown = sa.select(table, orders.c.promised_at, orders.c.guests, _received(table))
    told = TicketLine.__table__
    unserved = sa.exists().where(
        told.c.organization_id == table.c.organization_id, told.c.ticket_id == table.c.id, is_unserved(told.c)
    )
    is_over = sa.and_(asked.withdraw_milli == 0, sa.not_(unserved)).label("is_over")
    asked_for = (
        sa.select(table.c.id, table.c.station_id, table.c.fired_at, is_over, orders.c.promised_at)
        .select_from(ticket_balances)
        .join(table, same)
        .join(orders, of_order)
        .where(of_branch, is_asked(asked))
    )
    # Numbered among the newest alone: numbering every ticket there ever was would cost more with every sale.
    newest = (
        shown.join_from(table, ticket_balances, same)
        .join(orders, of_order)
        .where(here, table.c.bumped_at.is_not(None), sa.not_(is_asked(asked)))
        .order_by(table.c.bumped_at.desc(), table.c.id.desc())
        .limit(MOST_BUMPED)
        .subquery()
    )
    newest_first = (newest.c.bumped_at.desc(), newest.c.id.desc())
    place = sa.func.row_number().over(partition_by=newest.c.station_id, order_by=newest_first).label("place")
    numbered = sa.select(newest, place).subquery()
    last = sa.select(numbered).where(numbered.c.place <= limit)
    return _Statements(
        asked=asked_for.order_by(table.c.fired_at, table.c.id),
        bumped=last.order_by(numbered.c.bumped_at.desc(), numbered.c.id.desc()),
    )


@cache
def _chosen() -> sa.Select[Any]:
    """Tickets by their ids. Built once, like `_statements`."""
    table, orders = KitchenTicket.__table__, Order.__table__
    of_order = sa.and_(orders.c.organization_id == table.c.organization_id, orders.c.id == table.c.order_id)
    chosen: sa.BindParameter[Any] = sa.bindparam("chosen", expanding=True, type_=Key())
    return (
        sa.select(table, orders.c.promised_at, orders.c.guests, _received(table))
        .join_from(table, orders, of_order)
        .where(table.c.organization_id == sa.bindparam("organization"), table.c.id.in_(chosen))
        .order_by(table.c.fired_at, table.c.id)
    )


def _received(table: sa.FromClause) -> sa.Label[Any]:
    """When a ticket stood on a display of its station for the first time."""
    events = KitchenEvent.__table__
    return (
        sa.select(sa.func.min(events.c.at, type_=Instant()))
        .where(
            events.c.organization_id == table.c.organization_id,
            events.c.ticket_id == table.c.id,
            events.c.kind == KitchenEventKind.RECEIVED,
        )
        .scalar_subquery()
        .label("received_at")
    )


@cache
def _of_tickets(name: str) -> sa.Select[Any]:
    """The rows of a table that belong to the families of some tickets. Built once, like `_statements`."""
    of, told = Base.metadata.tables[name], TicketLine.__table__.c
    organization: sa.BindParameter[UUID] = sa.bindparam("organization")
    tickets: sa.BindParameter[Any] = sa.bindparam("ids", expanding=True, type_=Key())
    roots = sa.select(told.root_id).where(told.organization_id == organization, told.ticket_id.in_(tickets))
    return sa.select(of).where(of.c.organization_id == organization, of.c.root_id.in_(roots))


async def _families(
    reader: AsyncConnection | AsyncSession, given: Mapping[str, Any]
) -> dict[UUID, dict[str, dict[UUID, Any]]]:
    """What was ordered, voided and told of the families of some tickets: money is nothing to the kitchen."""
    found: dict[UUID, dict[str, dict[UUID, Any]]] = {}
    for name in (LINES, VOIDS, TICKET_LINES):
        for row in await reader.execute(_of_tickets(name), given):
            if row.root_id not in found:
                found[row.root_id] = {table: {} for table in FAMILY_TABLES}
            found[row.root_id][name][row.id] = row
    return found


class _Lines:
    """The lines of some tickets, and which tickets were brought back."""

    def __init__(self) -> None:
        self._lines: defaultdict[UUID, list[TicketLineView]] = defaultdict(list)
        self._position: dict[UUID, int] = {}
        self.recalled: set[UUID] = set()

    def of(self, ticket_id: UUID) -> list[TicketLineView]:
        """The lines of a ticket in their order; what comes in the place of another one stands behind it."""
        return sorted(self._lines[ticket_id], key=lambda line: (self._position[line.id], line.comes, line.id))

    def take_plain(self, plain: PlainLine) -> None:
        """A line that is a family by itself."""
        if plain.ticket_line is not None and plain.portions:
            self._take(plain.told, plain.ticket_line, plain.portions, plain.to_make, 0)

    def take(self, root: UUID, rows: Mapping[str, Mapping[UUID, Any]]) -> None:
        """A family that must be compared."""
        family = compare(root, rows)
        changed = None
        for each in family.cooking.values():
            if each.ticket_line is None or not (each.expected or each.withdraw or each.good):
                continue
            row = rows[TICKET_LINES][each.ticket_line]
            if each.withdraw:
                changed = row
            self._take(row, each.ticket_line, min(each.expected, each.wanted), each.to_make, each.withdraw)
        if changed is not None:
            for view in _coming(family, rows):
                self._position[view.id] = changed.position
                self._lines[changed.ticket_id].append(view)

    def _take(self, row: Any, row_id: UUID, quantity: int, to_make: int, withdrawn: int) -> None:
        if row.made.round:
            self.recalled.add(row.ticket_id)
        view = TicketLineView(
            row_id,
            row.root_id,
            row.item_name,
            quantity,
            to_make,
            withdrawn,
            tuple(each for each in row.modifiers if isinstance(each, str)),
            row.notes,
            additions=tuple(each for each in row.additions if isinstance(each, str)),
            unit=row.unit,
        )
        self._position[row_id] = row.position
        self._lines[row.ticket_id].append(view)


async def _tickets(
    reader: AsyncConnection | AsyncSession, given: Mapping[str, Any], query: sa.Select[Any]
) -> list[TicketView]:
    rows = (await reader.execute(query, given)).all()
    if not rows:
        return []
    of_these = {"organization": given["organization"], "ids": [row.id for row in rows]}
    lines = _Lines()
    for root, of_root in (await _families(reader, of_these)).items():
        if root not in of_root[LINES]:
            continue  # its first line is not here yet
        plain = plain_of(of_root)
        if plain is not None:
            lines.take_plain(plain)
        else:
            lines.take(root, of_root)
    return [_view(row, lines.of(row.id), row.id in lines.recalled) for row in rows]


def _coming(family: Family, rows: Mapping[str, Mapping[UUID, Any]]) -> Iterator[TicketLineView]:
    """What a confirmation tells in the place of what is withdrawn (`shared.kitchen.commands.confirm`)."""
    replaced = sum(each.withdraw for each in family.cooking.values())
    for content, each in family.cooking.items():
        if portions := min(each.to_send, replaced):
            replaced -= portions
            line_id = line_of(family, content)
            modifiers = modifiers_of(line_id, rows[LINES])
            yield TicketLineView(
                content,
                family.root,
                rows[LINES][line_id].item_name,
                portions,
                0,
                0,
                tuple(modifier["name"] for modifier in modifiers),
                said(line_id, rows[LINES], "notes") or "",
                comes=True,
                additions=tuple(each["name"] for each in modifiers if each["price_delta_minor"] > 0),
                unit=rows[LINES][line_id].unit,
            )


def _view(row: Any, lines: list[TicketLineView], recalled: bool) -> TicketView:
    if any(line.withdrawn_milli for line in lines):
        state = TicketState.CHANGED
    elif any(line.to_make_milli for line in lines):
        state = TicketState.STARTED if row.started else TicketState.FIRED
    else:
        state = TicketState.BUMPED
    return TicketView(
        id=row.id,
        order_id=row.order_id,
        station_id=row.station_id,
        number=row.number,
        part=row.part,
        kind=row.kind,
        table_name=row.table_name,
        server_name=row.server_name,
        notes=row.notes,
        fired_at=row.fired_at,
        bumped_at=row.bumped_at,
        state=state,
        recalled=recalled,
        lines=tuple(lines),
        promised_at=row.promised_at,
        begun=row.started or recalled,
        rushed=row.rushed,
        guests=row.guests,
        received_at=row.received_at,
    )
