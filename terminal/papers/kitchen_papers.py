"""The papers of the kitchen: what a sending tells, and what has changed since of what papers told.

What became of a printed ticket is a difference of ledgers: what was told of a line, less what is wanted of it, against
what papers called off already (`printing/told.py`). The device that printed the ticket prints the difference, whoever
made it and wherever: in the unit of work of its own commands, and after a fold (`PaperFollower`). A changed dish is
called off only once what stands in its place is sent, on the same paper where both are this device's.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from shared.kernel.work import Work
from shared.kitchen.queries import tickets_of
from shared.kitchen.records import KitchenTicket, TicketLine
from shared.kitchen.sending import Sent
from shared.printers.rules import Paper
from shared.truth.cooking import Cooking
from shared.truth.family import TICKET_LINES, compare
from shared.truth.reading import roots_of_order, rows_of_families
from terminal.papers.kitchen_documents import Executor, TicketMaker, Told, rows_by_id
from terminal.papers.noted_papers import papers_of, queue_notes
from terminal.papers.printed_tickets import note_printed
from terminal.printing.documents import KitchenNews
from terminal.printing.queue import PrintJob, enqueue
from terminal.printing.told import CHANGES_PAPER, kitchen_paper, kitchen_paper_due
from terminal.store.store import Committed, Store

if TYPE_CHECKING:
    from terminal.papers.tasks import PrintContext

CHANGES_WITHIN = timedelta(hours=3)
"""Nobody is told to stop cooking what was sent longer ago: it is eaten, and refunded perhaps."""
MOST_FAMILIES = 100
"""Families that are compared in one transaction, so that no tap waits long."""


async def print_sending(work: Work, order_id: UUID, sent: Sent, printing: PrintContext) -> None:
    """Queue the papers of a sending: what is new to each station, and what is called off instead."""
    await work.session.flush()
    told, own = [], []
    for ticket_id, ticket in sent.tickets.items():
        for printer in printing.plan.printers_of(Paper.KITCHEN, ticket.station_id):
            told += [Told(line, portions, printer) for line, portions in sent.lines.get(ticket_id, ())]
            own += [(line, printer) for line, _portions in sent.lines.get(ticket_id, ()) if ticket_id in sent.new]
    await _own(work.session, own)
    await _note_filled(work.session, sent)
    roots = await roots_of_order(work, order_id)
    told = [*await _changes(work.session, work.organization_id, roots, work.now), *told]
    await _queue(work.session, work.organization_id, told, printing, work.now, sent)


async def print_transfer(work: Work, tickets: Sequence[KitchenTicket], printing: PrintContext) -> None:
    """Queue papers for a station that makes tickets of another one: what is left to make, where no paper told it."""
    await work.session.flush()
    columns = kitchen_paper.c
    told = []
    for view in await tickets_of(work.session, work.organization_id, [ticket.id for ticket in tickets]):
        known = await work.session.scalars(sa.select(columns.printer).where(columns.ticket_id == view.id.bytes))
        new = set(printing.plan.printers_of(Paper.KITCHEN, view.station_id)).difference(known)
        for line in (each for each in view.lines if each.to_make_milli and not each.comes):
            row = await work.get(TicketLine, line.id)
            told += [Told(row, line.to_make_milli, printer) for printer in sorted(new)]
    await _own(work.session, [(each.line, each.printer) for each in told])
    await _queue(work.session, work.organization_id, told, printing, work.now)


async def print_changes(work: Work, order_id: UUID, printing: PrintContext) -> None:
    """Queue the papers of what a command of this device has called off an order."""
    await work.session.flush()
    roots = await roots_of_order(work, order_id)
    told = await _changes(work.session, work.organization_id, roots, work.now)
    await _queue(work.session, work.organization_id, told, printing, work.now)
    await queue_notes(work.session, work.organization_id, roots, printing, work.now)


async def print_allergy(work: Work, order_id: UUID, printing: PrintContext) -> None:
    """Queue papers that say an allergy to each station that still makes something of an order which it was told of."""
    await work.session.flush()
    tickets = KitchenTicket.__table__.c
    of_order = tickets.organization_id == work.organization_id, tickets.order_id == order_id
    ids = list(await work.session.scalars(sa.select(tickets.id).where(*of_order)))
    told = []
    for view in await tickets_of(work.session, work.organization_id, ids):
        for line in (each for each in view.lines if each.to_make_milli and not each.comes):
            row = await work.get(TicketLine, line.id)
            printers = printing.plan.printers_of(Paper.KITCHEN, view.station_id)
            told += [Told(row, line.to_make_milli, printer) for printer in printers]
    await _queue(work.session, work.organization_id, told, printing, work.now, news=KitchenNews.ALLERGY)


class PaperFollower:
    """Prints what changed of printed tickets without a command that prints it: what a fold brought, a lifted void.

    It also notes printed tickets as received.

    One runs for each device folder, with the print worker.

    Args:
        printing: what this device needs to make print jobs; None until it knows its restaurant.
        wake: called after papers were queued.

    Attributes:
        turn: watches a piece of its work.
    """

    def __init__(self, store: Store, printing: Callable[[], PrintContext | None], wake: Callable[[], None]) -> None:
        self._store = store
        self._printing = printing
        self._wake = wake
        self._news = asyncio.Event()
        self.turn: Callable[[], AbstractContextManager[object]] = nullcontext

    async def run(self) -> None:
        """Follow the changes until cancelled. After an error what is due stays due, for the next run."""
        unsubscribe = self._store.subscribe(self._heard)
        try:
            while True:
                self._news.clear()
                with self.turn():
                    await note_printed(self._store)
                    while await self.follow():
                        self._wake()
                await self._news.wait()
        finally:
            unsubscribe()

    def printed(self) -> None:
        """A paper may have come out: its ticket is noted as received."""
        self._news.set()

    async def follow(self) -> bool:
        """Queue papers for some of what changed. Returns whether there was something to look at."""
        printing = self._printing()
        async with self._store.reading(briefly=True) as connection:
            roots = list(await connection.scalars(sa.select(kitchen_paper_due.c.root_id).limit(MOST_FAMILIES)))
        if not roots or printing is None:
            return False
        await self._store.courtesy.after_people()
        organization, now = self._store.identity.organization_id, self._store.clock.now()

        async def print_them(connection: AsyncConnection) -> None:
            families = [UUID(bytes=root) for root in roots]
            told = await _changes(connection, organization, families, now)
            await _queue(connection, organization, told, printing, now)
            await queue_notes(connection, organization, families, printing, now)
            await connection.execute(kitchen_paper_due.delete().where(kitchen_paper_due.c.root_id.in_(roots)))

        await self._store.write(print_them)
        return True

    def _heard(self, committed: Committed) -> None:
        if not committed.tables or not committed.tables.isdisjoint((*CHANGES_PAPER, "orders")):
            self._news.set()


async def _own(session: AsyncSession, lines: Iterable[tuple[TicketLine, str]]) -> None:
    """Note that papers of this device tell these lines, on tickets that it made."""
    rows = [
        {
            "ticket_line_id": line.id.bytes,
            "root_id": line.root_id.bytes,
            "ticket_id": line.ticket_id.bytes,
            "printer": printer,
            "off_milli": 0,
        }
        for line, printer in lines
        if line.ticket_id is not None
    ]
    if rows:
        said = insert(kitchen_paper)
        moved = {"ticket_id": said.excluded.ticket_id}  # told anew, it stands on another ticket
        key = ["ticket_line_id", "printer"]
        await session.execute(said.on_conflict_do_update(index_elements=key, set_=moved), rows)


async def _note_filled(session: AsyncSession, sent: Sent) -> None:
    """What a total grew by besides what it tells was never asked for: it counts as called off."""
    for line_id, portions in sent.filled.items():
        await session.execute(
            sa.update(kitchen_paper)
            .where(kitchen_paper.c.ticket_line_id == line_id.bytes)
            .values(off_milli=kitchen_paper.c.off_milli + portions)
        )


async def _changes(executor: Executor, organization_id: UUID, roots: Iterable[UUID], at: datetime) -> list[Told]:
    """What papers must call off (or ask for again) of some families, and note that they do."""
    columns = kitchen_paper.c
    keys = [root.bytes for root in roots]
    known = list(await executor.execute(sa.select(kitchen_paper).where(columns.root_id.in_(keys))))
    if not known:
        return []
    of_line: defaultdict[UUID, list[Any]] = defaultdict(list)
    printers: defaultdict[UUID, set[str]] = defaultdict(set)
    for row in known:
        of_line[UUID(bytes=row.ticket_line_id)].append(row)
        printers[UUID(bytes=row.ticket_id)].add(row.printer)
    found = await rows_of_families(executor, organization_id, {UUID(bytes=row.root_id) for row in known})
    told: list[Told] = []
    for root, rows in sorted(found.items()):
        cooking = compare(root, rows).cooking
        kept = _kept_until_replaced(cooking)
        stations = ((key, each) for key, content in cooking.items() for each in content.at_stations)
        for content, each in stations:
            line = None if each.ticket_line is None else rows[TICKET_LINES].get(each.ticket_line)
            if line is None or line.ticket_id not in printers:
                continue
            off = each.told - max(min(each.wanted, each.expected), each.served) - kept.get(content, 0)
            if line.id not in of_line:  # told with a confirmation on a display: the kitchen knows
                for printer in sorted(printers[line.ticket_id]):
                    await _note(executor, line, printer, off)
            for row in of_line[line.id]:
                if off == row.off_milli:
                    continue
                again = row.off_milli - off  # portions to ask for again; below nothing: to call off
                knows = max(row.off_milli, line.back_milli)
                told.append(Told(line, again if again > 0 else min(0, knows - off), row.printer))
                await _note(executor, line, row.printer, off)
    return await _recent(executor, organization_id, told, at)


def _kept_until_replaced(cooking: Mapping[UUID, Cooking]) -> dict[UUID, int]:
    """Withdrawn portions, by content, of which the family has as many still to send: a change that is under way."""
    left = sum(each.to_send for each in cooking.values())
    kept = {}
    for content, each in cooking.items():
        kept[content] = min(left, each.withdraw)
        left -= kept[content]
    return kept


async def _note(executor: Executor, line: Any, printer: str, off: int) -> None:
    row = {"root_id": line.root_id.bytes, "ticket_id": line.ticket_id.bytes, "printer": printer, "off_milli": off}
    statement = insert(kitchen_paper).values(ticket_line_id=line.id.bytes, **row)
    await executor.execute(
        statement.on_conflict_do_update(index_elements=["ticket_line_id", "printer"], set_={"off_milli": off})
    )


async def _recent(executor: Executor, organization_id: UUID, told: Sequence[Told], at: datetime) -> list[Told]:
    """Those of tickets that the kitchen may still be cooking."""
    tickets = await rows_by_id(executor, KitchenTicket, organization_id, {each.line.ticket_id for each in told})
    return [
        each for each in told if each.portions_milli and at - tickets[each.line.ticket_id].fired_at <= CHANGES_WITHIN
    ]


async def _queue(
    executor: Executor,
    organization_id: UUID,
    told: Sequence[Told],
    printing: PrintContext,
    at: datetime,
    sent: Sent | None = None,
    news: KitchenNews | None = None,
) -> None:
    """Queue the papers: one for each printer and station, or for each category of them where a printer separates."""
    if not told:
        return
    maker = await TicketMaker.of(executor, organization_id, told, printing, at, sent, news)
    slips = list(maker.slips(told))
    parts: dict[tuple[UUID, str], int] = {}
    for slip in slips:  # a slip that comes out of two printers is one
        parts.setdefault(maker.subject(slip), 1 + len(parts))
    revisions: dict[tuple[str, UUID], int] = {}
    for slip in slips:
        ticket = maker.ticket_of(slip)
        printer = slip[0].printer
        if (printer, ticket.id) not in revisions:
            revisions[printer, ticket.id] = await papers_of(executor, printer, ticket.id)
        revisions[printer, ticket.id] += 1
        document = maker.document(slip, parts[maker.subject(slip)], len(parts))
        revision = revisions[printer, ticket.id]
        what = {"reference": ticket.id, "revision": revision, "subject_id": ticket.order_id}
        await enqueue(executor, PrintJob.of(document, printer=printer, at=at, **what))
