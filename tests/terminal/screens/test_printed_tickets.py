"""A ticket whose paper came out was received: the device that drives the printer says so, once."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from shared.kitchen.records import KitchenEvent
from sync.change import decode
from sync.records import changes
from terminal.papers.printed_tickets import note_printed
from terminal.printing.documents import PaperKind
from terminal.printing.queue import PrintJob, enqueue
from terminal.printing.records import State, print_job
from tests.faults.till_on_disk import TillOnDisk
from tests.terminal.screens.real_desk import rows
from tests.terminal.screens.test_real_kitchen import KITCHEN_DISH, send


@pytest.mark.parametrize(
    ("state", "elsewhere", "received"),
    [
        (State.CONFIRMED, False, 1),
        (State.SENT, False, 1),
        (State.QUEUED, False, 0),
        (State.UNKNOWN, False, 0),
        (State.SENT, True, 0),
    ],
)
async def test_a_ticket_is_received_once_its_paper_came_out_here(
    till: TillOnDisk, state: State, received: int, *, elsewhere: bool
) -> None:
    async with till.desk() as desk:
        await send(desk, KITCHEN_DISH)
        (ticket,) = desk.tickets
        job = PrintJob("cocina", PaperKind.KITCHEN, ticket.id, 1, b"", desk.now())
        async with desk.store.transaction() as connection:
            await enqueue(connection, job)
            await connection.execute(sa.update(print_job).values(state=state, is_elsewhere=elsewhere))
        assert await note_printed(desk.store) == received
        assert await note_printed(desk.store) == 0, "it says so once"
        assert len(await rows(desk, KitchenEvent.__table__)) == received
        told = [decode(bytes(row.body)) for row in await rows(desk, changes)]
        authors = {each.actor for each in told if each.table == KitchenEvent.__tablename__}
        assert authors == ({ticket.station_id.bytes} if received else set()), "a station may receive: nobody is asked"
