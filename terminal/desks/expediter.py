"""What the expediter does: hands over what is ready, and prints the slip that goes with a tray. No Textual."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from shared.kernel.errors import DomainError
from shared.kernel.instants import local_time
from shared.kernel.work import Work
from shared.kitchen import serving
from shared.kitchen.handed_over import HandedTicket, handed_over
from shared.kitchen.serving import HandedOver
from shared.orders.records import OrderKind
from shared.printers.rules import Paper
from shared.tenancy.queries import Premises
from terminal.desks.part import DeskPart
from terminal.papers import tasks
from terminal.printing.documents import KitchenLine, PassDocument, PassStation
from terminal.snapshots.sources import TICKETS
from terminal.wall.passing import PassLine, PassOrder, pass_orders


class PassDesk(DeskPart):
    """See the module. Made by the desk."""

    @property
    def orders(self) -> tuple[PassOrder, ...]:
        """What stands at the pass, what waits longest first."""
        desk = self._desk
        return pass_orders(desk.orders.values(), (*desk.tickets, *desk.bumped), desk.stations, desk.made)

    async def hand_over(self, order: PassOrder) -> HandedOver:
        """Say that what is ready of an order is with its guests.

        Raises:
            DomainError: NOT_PERMITTED, NOT_FOUND, NOTHING_SENT.
        """
        return await self._run(
            order.id, lambda work: serving.serve_order(work, order.id, only_ready=True), also=(TICKETS,)
        )

    async def take_back(self, order_id: UUID, portions: Mapping[UUID, int]) -> None:
        """Note that what was handed over of an order came back to the pass: by ticket line, in thousandths.

        Raises:
            DomainError: NOT_PERMITTED, NOT_FOUND.
        """
        await self._run(order_id, lambda work: serving.take_back(work, portions), also=(TICKETS,))

    async def handed_over(self) -> list[HandedTicket]:
        """What was handed over last and can be taken back, the last one made first."""
        store = self._desk.store
        async with store.reading(briefly=True) as connection:
            return await handed_over(connection, store.identity.organization_id, store.identity.branch_id)

    async def print_slip(self, order: PassOrder) -> str:
        """Print what goes with the tray of an order. Returns the printer.

        Raises:
            DomainError: kitchen.no_slip_printer.
        """
        printing = self._printing()
        plan = printing.plan if printing is not None else None
        printer = (plan.printer_of(Paper.PACKING) or plan.printer_of(Paper.KITCHEN)) if plan is not None else None
        if printing is None or printer is None:
            raise DomainError("kitchen.no_slip_printer")
        now = self._desk.now()
        slip = pass_document(order, printing.premises, now)
        pending = self._pending("slip", order.id, now)

        async def queue(work: Work) -> None:
            await tasks.queue_paper(work, printer, slip, pending.id, 1, order.id)

        await self._run(order.id, queue, pending)
        return printer


def pass_document(order: PassOrder, premises: Premises, now: datetime) -> PassDocument:
    """The slip of an order as it stands at the pass."""
    promised = order.promised_at and local_time(order.promised_at, premises.zone).replace(tzinfo=None)
    return PassDocument(
        language=premises.language,
        order_number=order.number,
        printed_at=local_time(now, premises.zone).replace(tzinfo=None),
        stations=tuple(
            PassStation(part.station, part.is_ready, tuple(_line(each) for each in part.lines)) for part in order.parts
        ),
        service=str(order.kind),
        table=order.table_name,
        server=order.server_name,
        guests=order.guests,
        note=order.notes,
        contact_of=None if order.kind is OrderKind.DINE_IN else order.id,
        promised_at=promised,
    )


def _line(at_pass: PassLine) -> KitchenLine:
    line = at_pass.line
    return KitchenLine(
        line.item_name,
        line.quantity_milli,
        line.modifiers,
        line.notes,
        additions=line.additions,
        unit=line.unit,
        seats=line.seats,
    )
