"""Makes the documents of kitchen papers from records: which slips a sending or a change needs, and what each says."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from shared.kernel.instants import local_time
from shared.kitchen.records import KitchenTicket
from shared.kitchen.sending import Sent
from shared.menu.allergens import dangers
from shared.menu.branch_records import BranchItem
from shared.menu.queries import course_names
from shared.menu.records import Item
from shared.orders.allergies import Allergy, allergen_name, allergies_at_tables, allergy_words
from shared.orders.dangers import allergens_of_dishes
from shared.orders.records import Order, OrderKind, OrderLine
from terminal.printing.documents import KitchenDocument, KitchenLine, KitchenNews, KitchenRequest, KitchenWait
from terminal.printing.wording import words

if TYPE_CHECKING:
    from terminal.papers.tasks import PrintContext

Executor = AsyncConnection | AsyncSession


@dataclass(frozen=True, slots=True)
class Told:
    """Portions of a ticket line that a paper asks for; below nothing: that it calls off."""

    line: Any
    portions_milli: int
    printer: str


class TicketMaker:
    """Makes the documents of the papers of one sending or change."""

    def __init__(
        self,
        printing: PrintContext,
        at: datetime,
        sent: Sent | None,
        tickets: Mapping[UUID, Any],
        orders: Mapping[UUID, Any],
        dishes: Mapping[UUID, _Dish],
        earlier: Mapping[tuple[UUID, UUID], set[UUID]],
        courses: Mapping[int, str],
        allergies: Mapping[UUID, tuple[Allergy, ...]],
        contains: Mapping[UUID, frozenset[str]],
        news: KitchenNews | None = None,
    ) -> None:
        self._printing = printing
        self._at = at
        self._sent = sent
        self._tickets = tickets
        self._orders = orders
        self._dishes = dishes
        self._earlier = earlier
        self._courses = courses
        self._allergies = allergies
        self._contains = contains
        self._said_news = news
        self._words = words(printing.premises.language)

    @classmethod
    async def of(
        cls,
        executor: Executor,
        organization_id: UUID,
        told: Sequence[Told],
        printing: PrintContext,
        at: datetime,
        sent: Sent | None,
        news: KitchenNews | None = None,
    ) -> TicketMaker:
        """Read what the documents say besides.

        Args:
            news: what they are to their stations; None: as their lines say.
        """
        tickets = await rows_by_id(executor, KitchenTicket, organization_id, {each.line.ticket_id for each in told})
        orders = await rows_by_id(executor, Order, organization_id, {ticket.order_id for ticket in tickets.values()})
        dishes = await _dishes(executor, organization_id, {each.line.root_id for each in told})
        of = KitchenTicket.__table__.c
        rows = await executor.execute(
            sa.select(of.id, of.order_id, of.station_id).where(
                of.organization_id == organization_id, of.order_id.in_(list(orders))
            )
        )
        earlier: defaultdict[tuple[UUID, UUID], set[UUID]] = defaultdict(set)
        for row in rows:
            if sent is None or row.id not in sent.new:
                earlier[row.order_id, row.station_id].add(row.id)
        courses = await course_names(executor, organization_id)
        allergies = await allergies_at_tables(executor, organization_id, orders.keys())
        roots = {each.line.root_id for each in told} if allergies else set()
        contains = await allergens_of_dishes(executor, organization_id, roots) if roots else {}
        return cls(printing, at, sent, tickets, orders, dishes, earlier, courses, allergies, contains, news)

    def slips(self, told: Sequence[Told]) -> Iterator[list[Told]]:
        """What stands on one paper each, in order: what is called off before what comes in its place."""
        groups: defaultdict[tuple[str, UUID, str], list[Told]] = defaultdict(list)
        for each in told:
            category = self._category(each) if each.printer in self._printing.plan.separating else ""
            groups[each.printer, each.line.station_id, category].append(each)
        for group in groups.values():
            first = {each.line.root_id: at for at, each in reversed(list(enumerate(group)))}
            by_course = self._by_course(group)
            yield sorted(group, key=lambda each: (by_course(each), first[each.line.root_id], each.portions_milli > 0))

    def subject(self, slip: Sequence[Told]) -> tuple[UUID, str]:
        """What a paper is about: a station, and a category where the printer separates them."""
        is_separate = slip[0].printer in self._printing.plan.separating
        return slip[0].line.station_id, self._category(slip[0]) if is_separate else ""

    def ticket_of(self, slip: Sequence[Told]) -> Any:
        """The ticket that a paper is of: the newest that it asks something of."""
        tickets = [self._tickets[each.line.ticket_id] for each in slip]
        return max(tickets, key=lambda ticket: (ticket.fired_at, ticket.id))

    def document(self, slip: Sequence[Told], part: int, parts: int) -> KitchenDocument:
        """The paper."""
        ticket, premises = self.ticket_of(slip), self._printing.premises
        several = len({self._course(each) for each in slip} - {0}) > 1
        order = self._orders[ticket.order_id]
        return KitchenDocument(
            language=premises.language,
            station=self._printing.stations.get(ticket.moved_to or ticket.station_id, ""),
            order_number=ticket.number,
            sent_at=local_time(self._at, premises.zone).replace(tzinfo=None),
            lines=tuple(self._line(each, several=several) for each in slip),
            course=self._called(ticket.course) if ticket.course else "",
            waiting=self._waiting(ticket.station_id),
            service=str(ticket.kind),
            table=ticket.table_name,
            server=ticket.server_name,
            guests=order.guests,
            note=ticket.notes,
            revision=self._sent.part if self._sent is not None else ticket.part,
            part=part,
            parts=parts,
            # Who eats here is at a table.
            contact_of=None if ticket.kind is OrderKind.DINE_IN else ticket.order_id,
            promised_at=order.promised_at and local_time(order.promised_at, premises.zone).replace(tzinfo=None),
            news=self._news(slip, ticket),
            category=self.subject(slip)[1],
            allergies=allergy_words(self._allergies.get(ticket.order_id, ()), self._words),
        )

    def _news(self, slip: Sequence[Told], ticket: Any) -> KitchenNews:
        if self._said_news is not None:
            return self._said_news
        adds, calls_off = (any(sign * each.portions_milli > 0 for each in slip) for sign in (1, -1))
        if calls_off:
            return KitchenNews.CHANGED if adds else KitchenNews.CANCELLED
        if ticket.moved_to is not None:
            return KitchenNews.NEW
        if self._sent is not None and self._sent.course:
            return KitchenNews.FIRED
        return KitchenNews.ADDED if self._earlier[ticket.order_id, ticket.station_id] else KitchenNews.NEW

    def _by_course(self, group: Sequence[Told]) -> Callable[[Told], int]:
        """What to sort by: the course, where a paper asks for several; changes stay beside each other."""
        is_plain = all(each.portions_milli > 0 for each in group)
        return self._course if is_plain else (lambda _each: 0)

    def _course(self, told: Told) -> int:
        dish = self._dishes.get(told.line.root_id)
        return dish.course if dish else 0

    def _called(self, course: int) -> str:
        if not course:
            return self._words("printing.kitchen.no_course")
        name, nth = self._courses.get(course), "course_er" if course in (1, 3) else "course"
        said = self._words(f"printing.kitchen.{nth}", number=course)
        return f"{said}: {name}" if name else said

    def _waiting(self, station_id: UUID) -> tuple[KitchenWait, ...]:
        """What the station makes later, by course."""
        found: defaultdict[int, list[KitchenLine]] = defaultdict(list)
        for dish in self._sent.waiting.get(station_id, ()) if self._sent is not None else ():
            found[dish.course].append(KitchenLine(dish.name, dish.quantity_milli, unit=dish.unit))
        return tuple(KitchenWait(self._called(course), tuple(lines)) for course, lines in found.items())

    def _line(self, told: Told, *, several: bool) -> KitchenLine:
        line, dish = told.line, self._dishes.get(told.line.root_id)
        return KitchenLine(
            line.item_name,
            abs(told.portions_milli),
            tuple(line.modifiers),
            line.notes,
            KitchenRequest.ADD if told.portions_milli > 0 else KitchenRequest.VOID,
            additions=tuple(line.additions),
            unit=line.unit,
            code=dish.code if dish else "",
            category=dish.category_name if dish else "",
            seats=dish.seats if dish else (),
            course=self._called(dish.course) if several and dish and dish.course else "",
            combo=line.combo_name,
            dangers=self._dangers(line),
        )

    def _dangers(self, line: Any) -> str:
        """What is in a dish that a guest of its table may not eat."""
        allergies = self._allergies.get(self._tickets[line.ticket_id].order_id, ())
        found = dangers(self._contains.get(line.root_id, ()), {each.allergen for each in allergies})
        return ", ".join(allergen_name(code, self._words) for code in found)

    def _category(self, told: Told) -> str:
        dish = self._dishes.get(told.line.root_id)
        return dish.category_name if dish else ""


async def rows_by_id(executor: Executor, record: Any, organization_id: UUID, ids: Collection[UUID]) -> dict[UUID, Any]:
    """Rows of a record by id."""
    of = record.__table__
    rows = await executor.execute(sa.select(of).where(of.c.organization_id == organization_id, of.c.id.in_(list(ids))))
    return {row.id: row for row in rows}


@dataclass(frozen=True, slots=True)
class _Dish:
    """What a paper says of a dish besides what its station was told. `seats`: of all parts of its line."""

    category_name: str
    code: str
    course: int
    seats: tuple[int, ...]


async def _dishes(executor: Executor, organization_id: UUID, roots: Collection[UUID]) -> dict[UUID, _Dish]:
    """What papers say of the dishes of some lines, by root."""
    lines, items, own = OrderLine.__table__.c, Item.__table__.c, BranchItem.__table__.c
    same = sa.and_(items.organization_id == lines.organization_id, items.id == lines.item_id)
    of_branch = sa.and_(own.organization_id == lines.organization_id, own.id == lines.item_id)
    rows = await executor.execute(
        sa.select(
            lines.id,
            lines.root_id,
            lines.category_name,
            lines.course,
            lines.seat,
            sa.func.coalesce(items.code, own.code).label("code"),
        )
        .join_from(OrderLine.__table__, Item.__table__, same, isouter=True)
        .outerjoin(BranchItem.__table__, of_branch)
        .where(lines.organization_id == organization_id, lines.root_id.in_(list(roots)))
    )
    found: dict[UUID, _Dish] = {}
    seats: defaultdict[UUID, set[int]] = defaultdict(set)
    for row in rows:
        seats[row.root_id].add(row.seat or 0)
        if row.id == row.root_id:
            found[row.id] = _Dish(row.category_name, row.code or "", row.course, ())
    return {root: replace(dish, seats=tuple(sorted(seats[root] - {0}))) for root, dish in found.items()}
