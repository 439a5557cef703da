"""A ticket as a station reads it, made of the rows of its families. Pure; the statements are in `queries.py`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from shared.orders.allergies import Allergy
from shared.orders.records import OrderKind
from shared.truth.family import LINES, TICKET_LINES, Family, compare, line_of
from shared.truth.plain import PlainLine
from shared.truth.portions import kitchen_name_of, modifiers_of, said


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
        course: in which it is served; 0: none.
        seats: for which guests, where somebody said so.
        combo_name: the combo of which it is a part; empty: of none.
        dangers: the allergens in it that a guest of its table may not eat.
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
    course: int = 0
    seats: tuple[int, ...] = ()
    combo_name: str = ""
    dangers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TicketView:
    """A ticket as a station reads it.

    `station_id`: the station that makes it; `own_station_id`: the one from which it was transferred, if it was.
    `begun`: somebody has begun it, or made it and had it back. `is_later`: it is for later, and nobody begins it yet.
    `is_held`: a cook holds it. `course`: the course that was fired with it; 0: none was. `notes`: what its order says
    as a whole; `notes_before`: what its station was told, where that is another note and nobody has confirmed it.
    `allergies`: what guests of its order may not eat, as it stands now, whenever the ticket was sent.
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
    is_held: bool = False
    course: int = 0
    own_station_id: UUID | None = None
    notes_before: str | None = None
    allergies: tuple[Allergy, ...] = ()
    since: datetime | None = None
    """When it was sent, by the clock of the device that shows it; None if nothing is known of the clocks."""

    @property
    def waits_since(self) -> datetime:
        """The instant from which its age counts."""
        return self.since or self.fired_at


Served = tuple[int, tuple[int, ...]]
"""In which course something is served, and for which guests."""


class TicketLines:
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
            line = plain.line
            served = (line.course, (line.seat,) if line.seat else ())
            self._take(plain.told, plain.ticket_line, (plain.portions, plain.to_make, 0), served)

    def take(self, root: UUID, rows: Mapping[str, Mapping[UUID, Any]]) -> None:
        """A family that must be compared."""
        family = compare(root, rows)
        changed: dict[UUID, Any] = {}
        for content, of_content in family.cooking.items():
            served = _served_to(family, rows, content)
            for each in of_content.at_stations:
                if each.ticket_line is None or not (each.expected or each.withdraw or each.good):
                    continue
                row = rows[TICKET_LINES][each.ticket_line]
                if each.withdraw:
                    changed[row.ticket_id] = row
                portions = (min(each.expected, each.wanted), each.to_make, each.withdraw)
                self._take(row, each.ticket_line, portions, served)
        for ticket_id, row in changed.items():
            for view in _coming(family, rows):
                self._position[view.id] = row.position
                self._lines[ticket_id].append(view)

    def _take(self, row: Any, row_id: UUID, portions: tuple[int, int, int], served: Served) -> None:
        """Note a line with its portions: asked for, to make, withdrawn; and its course and seats."""
        quantity, to_make, withdrawn = portions
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
            course=served[0],
            seats=served[1],
            combo_name=row.combo_name,
        )
        self._position[row_id] = row.position
        self._lines[row.ticket_id].append(view)


def _served_to(family: Family, rows: Mapping[str, Mapping[UUID, Any]], content: UUID) -> Served:
    lines = rows[LINES]
    alike = (line_id for line_id, part in family.parts.items() if part.content == content and part.live)
    seats = {said(line_id, lines, "seat") for line_id in alike}
    return lines[family.root].course, tuple(sorted(seat for seat in seats if seat))


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
                rows[LINES][line_id].kitchen_name or rows[LINES][line_id].item_name,
                portions,
                0,
                0,
                tuple(kitchen_name_of(modifier) for modifier in modifiers),
                said(line_id, rows[LINES], "notes") or "",
                comes=True,
                additions=tuple(kitchen_name_of(each) for each in modifiers if each["price_delta_minor"] > 0),
                unit=rows[LINES][line_id].unit,
                course=rows[LINES][family.root].course,
                seats=_served_to(family, rows, content)[1],
                combo_name=rows[LINES][family.root].combo_name,
            )


def view_of(row: Any, lines: list[TicketLineView], recalled: bool, allergies: tuple[Allergy, ...] = ()) -> TicketView:
    """A ticket with its lines. `row`: of the ticket, with what its order says."""
    is_open = any(line.withdrawn_milli or line.to_make_milli for line in lines)
    is_noted = is_open and row.order_notes != row.notes
    if is_noted or any(line.withdrawn_milli for line in lines):
        state = TicketState.CHANGED
    elif any(line.to_make_milli for line in lines):
        state = TicketState.STARTED if row.started else TicketState.FIRED
    else:
        state = TicketState.BUMPED
    return TicketView(
        id=row.id,
        order_id=row.order_id,
        station_id=row.moved_to or row.station_id,
        own_station_id=row.station_id if row.moved_to not in (None, row.station_id) else None,
        number=row.number,
        part=row.part,
        kind=row.kind,
        table_name=row.table_name,
        server_name=row.server_name,
        notes=row.order_notes,
        notes_before=row.notes if is_noted else None,
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
        is_held=row.held > row.fired,
        course=row.course,
        allergies=allergies,
    )
