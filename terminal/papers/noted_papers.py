"""Papers of the kitchen that tell a note of the whole order, where the papers before were printed without it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import sqlalchemy as sa

from shared.kernel.instants import local_time
from shared.kitchen.queries import tickets_of
from shared.kitchen.records import KitchenTicket
from shared.kitchen.ticket_views import TicketView
from shared.orders.allergies import allergy_words
from shared.orders.records import Order, OrderKind
from terminal.papers.kitchen_documents import Executor
from terminal.printing.documents import KitchenDocument, KitchenNews, PaperKind
from terminal.printing.queue import PrintJob, enqueue
from terminal.printing.records import print_job
from terminal.printing.told import kitchen_paper
from terminal.printing.wording import words

if TYPE_CHECKING:
    from terminal.papers.tasks import PrintContext

NOTES_WITHIN = timedelta(hours=3)
"""Of what was sent longer ago nobody is told: it is eaten."""


async def queue_notes(
    executor: Executor, organization_id: UUID, roots: Sequence[UUID] | set[UUID], printing: PrintContext, at: datetime
) -> None:
    """Queue papers for tickets that are being made and were printed with another note, and remember that they tell it.

    One for each printer and station of an order.
    """
    changed = await _changed(executor, organization_id, roots)
    if not changed:
        return
    views = {view.id: view for view in await tickets_of(executor, organization_id, list(changed))}
    papers: dict[tuple[str, UUID, UUID], TicketView] = {}
    for ticket_id, printers in changed.items():
        view = views.get(ticket_id)
        if view is None:
            continue
        await executor.execute(
            sa.update(kitchen_paper).where(kitchen_paper.c.ticket_id == ticket_id.bytes).values(notes=view.notes)
        )
        if any(line.to_make_milli for line in view.lines) and at - view.fired_at <= NOTES_WITHIN:
            papers.update({(printer, view.order_id, view.station_id): view for printer in sorted(printers)})
    for (printer, _order, _station), view in sorted(papers.items()):
        revision = 1 + await papers_of(executor, printer, view.id)
        paper = PrintJob.of(
            _document(view, printing, at),
            printer=printer,
            at=at,
            reference=view.id,
            revision=revision,
            subject_id=view.order_id,
        )
        await enqueue(executor, paper)


async def papers_of(executor: Executor, printer: str, ticket_id: UUID) -> int:
    """The highest revision of a ticket's papers for a printer, wherever they came out; 0 if there is none."""
    columns = print_job.c
    found = await executor.scalar(
        sa.select(sa.func.max(columns.revision)).where(
            columns.made_for == printer, columns.kind == PaperKind.KITCHEN, columns.reference == ticket_id.bytes
        )
    )
    return int(found or 0)


async def _changed(
    executor: Executor, organization_id: UUID, roots: Sequence[UUID] | set[UUID]
) -> dict[UUID, set[str]]:
    """The printed tickets of some families whose order says another note than their papers, with their printers."""
    paper, tickets, orders = kitchen_paper.c, KitchenTicket.__table__.c, Order.__table__.c
    keys = [root.bytes for root in roots]
    rows = await executor.execute(
        sa.select(paper.ticket_id, paper.printer)
        .distinct()
        .join_from(kitchen_paper, KitchenTicket.__table__, tickets.id == paper.ticket_id)
        .join(
            Order.__table__, sa.and_(orders.organization_id == tickets.organization_id, orders.id == tickets.order_id)
        )
        .where(
            paper.root_id.in_(keys),
            tickets.organization_id == organization_id,
            sa.func.coalesce(paper.notes, tickets.notes) != orders.notes,
        )
    )
    found: defaultdict[UUID, set[str]] = defaultdict(set)
    for row in rows:
        found[UUID(bytes=row.ticket_id)].add(row.printer)
    return found


def _document(view: TicketView, printing: PrintContext, at: datetime) -> KitchenDocument:
    zone = printing.premises.zone
    return KitchenDocument(
        language=printing.premises.language,
        station=printing.stations.get(view.station_id, ""),
        order_number=view.number,
        sent_at=local_time(at, zone).replace(tzinfo=None),
        lines=(),
        service=str(view.kind),
        table=view.table_name,
        server=view.server_name,
        guests=view.guests,
        note=view.notes,
        revision=view.part,
        contact_of=None if view.kind is OrderKind.DINE_IN else view.order_id,
        promised_at=view.promised_at and local_time(view.promised_at, zone).replace(tzinfo=None),
        news=KitchenNews.NOTED,
        allergies=allergy_words(view.allergies, words(printing.premises.language)),
    )
