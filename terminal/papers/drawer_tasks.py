"""Units of work about the drawer: each opening is a row, has a pulse of its own, and learns what became of it."""

from __future__ import annotations

from functools import partial
from uuid import UUID

import sqlalchemy as sa

from shared.drawers.commands import note_opening, note_result
from shared.drawers.records import Became
from shared.kernel.instants import to_microseconds
from shared.kernel.permissions import SYSTEM
from shared.kernel.work import Work
from shared.printers.queries import opens_drawer_of
from terminal.printing.documents import Document, ReceiptDocument, ReportDocument
from terminal.printing.faults import PrinterFault
from terminal.printing.pulses import SIGNAL_LIFE, queue_pulse
from terminal.printing.records import State, drawer_pulse
from terminal.store.store import Store

TOLD_AT_ONCE = 50
_BECAME = {
    State.CONFIRMED: Became.OPENED,
    State.SENT: Became.SENT,
    State.FAILED: Became.NOT_OPENED,
    State.UNKNOWN: Became.UNKNOWN,
}


def opens_drawer(document: Document) -> bool:
    """Whether money goes into the drawer or out of it with this paper. A copy opens nothing."""
    match document:
        case ReceiptDocument():
            return document.paid_in_cash and not document.copy
        case ReportDocument():
            return document.opens_drawer and not document.reprint
    return False


async def open_drawer(work: Work, printer: str, of_id: UUID, subject_id: UUID | None = None) -> None:
    """Note that the drawer is opened for a payment or movement of this unit of work, and queue the pulse.

    Nothing opens where the printer has no drawer, or one that is opened by what another device sells.
    """
    here = (work.organization_id, work.branch_id, printer, work.place.device_id)
    if not await opens_drawer_of(work.session, *here):
        return
    opening = await note_opening(work, of_id)
    await queue_pulse(work.session, opening.id, printer, work.now, subject_id)


async def tell_results(store: Store) -> None:
    """Write down for the branch what became of pulses that ended. Waits for the first contact with the cloud."""
    if store.premises is None:
        return
    columns = drawer_pulse.c
    over = to_microseconds(store.clock.now() - SIGNAL_LIFE)
    ended = sa.or_(
        columns.state.in_((State.SENT, State.CONFIRMED, State.UNKNOWN)),
        sa.and_(columns.state == State.FAILED, columns.created_at < over),
    )
    statement = sa.select(columns.id, columns.state, columns.error).where(~columns.is_told, ended).limit(TOLD_AT_ONCE)
    async with store.reading() as connection:
        found = (await connection.execute(statement)).all()
    for row in found:
        await store.run(SYSTEM, partial(_tell, row=row))


async def _tell(work: Work, row: sa.Row[bytes, str, str | None]) -> None:
    untold = drawer_pulse.update().where(drawer_pulse.c.id == row.id, ~drawer_pulse.c.is_told)
    told = await work.session.execute(untold.values(is_told=True))
    if told.rowcount == 1:  # type: ignore[attr-defined]
        fault = "" if row.error is None else PrinterFault(row.error).value
        await note_result(work, UUID(bytes=row.id), _BECAME[State(row.state)], fault)
