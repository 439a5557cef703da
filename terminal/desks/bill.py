"""The commands about a bill before it is paid: discounts, service charges, its paper, splits, moves. No Textual."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from shared.books.views import OrderView
from shared.kernel.errors import DomainError
from shared.kernel.work import Work
from shared.orders.correcting import move_line
from shared.payments import adjusting, service, splitting
from shared.payments.seats import split_by_seat
from shared.payments.service import RuleView
from shared.printers.queries import paper_look
from shared.printers.rules import Paper
from terminal.desks.part import DeskPart
from terminal.papers import tasks
from terminal.papers.bill_documents import packing_documents
from terminal.printing.documents import Document
from terminal.printing.layout import Run, lay_out_for
from terminal.printing.letters import machine_letters
from terminal.printing.preview import PaperView, paper_view


@dataclass(frozen=True, slots=True)
class Off:
    """A discount as somebody gives it: a rate, an amount, or all of it on the house.

    Attributes:
        line_id: of one line; None for the whole check.
    """

    line_id: UUID | None = None
    rate_millionths: int = 0
    amount_minor: int = 0
    is_comp: bool = False


@dataclass(frozen=True, slots=True)
class BillShown:
    """A bill that guests asked for: what is left to pay, which one it is, and the printer; None if none prints it."""

    left_minor: int
    count: int
    printer: str | None


class _Shown(DomainError):
    """Carries a paper out of a unit of work that is rolled back."""

    def __init__(self, document: Document) -> None:
        super().__init__("SHOWN")
        self.document = document


class BillDesk(DeskPart):
    """See the module. Made by the desk."""

    # -- discounts ---------------------------------------------------------------------------------------------------

    async def give(self, order_id: UUID, check_id: UUID, off: Off, reason: str) -> None:
        """Give a discount.

        Raises:
            DomainError: those of `give_discount`.
        """
        pending = self._pending("discount", order_id, check_id, off, reason)

        async def give(work: Work) -> None:
            await adjusting.give_discount(
                work,
                check_id,
                pending.id,
                rate_millionths=off.rate_millionths,
                amount_minor=off.amount_minor,
                is_comp=off.is_comp,
                line_id=off.line_id,
                reason=reason,
            )

        await self._run(order_id, give, pending)

    async def lift(self, order_id: UUID, check_id: UUID, discount_id: UUID) -> None:
        """Take a discount back from a check."""

        async def lift(work: Work) -> None:
            await adjusting.lift_discount(work, discount_id, check_id)

        await self._run(order_id, lift)

    # -- service charges ---------------------------------------------------------------------------------------------

    @property
    def rules(self) -> tuple[RuleView, ...]:
        """The service charges of the house."""
        return self._desk.service_rules

    async def begin(self, order_id: UUID, check_id: UUID) -> None:
        """Add the automatic service charges, as the first bill of a check does. Writes nothing where there is none."""
        order = self._desk.orders.get(order_id)
        check = next((each for each in order.checks if each.id == check_id), None) if order is not None else None
        if order is None or check is None or not check.is_owed or check.receipts:
            return
        there = {each.rule_id for each in check.services}
        if any(rule.holds_for(order.kind, order.guests) and rule.id not in there for rule in self.rules):
            await self._run(order_id, lambda work: service.begin_bill(work, check_id))

    async def add_service(self, order_id: UUID, check_id: UUID, rule_id: UUID) -> None:
        """Add a service charge of the house by hand."""
        await self._run(order_id, lambda work: service.add_service(work, check_id, rule_id))

    async def lift_service(self, order_id: UUID, check_id: UUID, charge_id: UUID) -> None:
        """Take a service charge off a check."""
        await self._run(order_id, lambda work: adjusting.lift_service_charge(work, charge_id, check_id))

    # -- the paper ---------------------------------------------------------------------------------------------------

    async def print_bill(self, order_id: UUID, check_id: UUID) -> BillShown:
        """Send what is not sent, and print the bill of a check.

        Raises:
            DomainError: those of `ask_bill`.
        """
        pending = self._pending("bill", order_id, check_id)
        printing = self._printing()

        async def ask(work: Work) -> BillShown:
            left, count = await tasks.send_and_ask_bill(work, check_id, pending.id, printing)
            return BillShown(left, count, printing.plan.receipt if printing is not None else None)

        return await self._run(order_id, ask, pending)

    async def preview(self, order_id: UUID, check_id: UUID) -> PaperView:
        """The bill of a check as it would print, in the columns of its printer. Nothing is written or sent.

        Raises:
            DomainError: those of `ask_bill`.
        """
        printing = self._printing()
        if printing is None:
            raise DomainError("NO_RECEIPT_PRINTER")

        async def look(work: Work) -> None:
            raise _Shown(await tasks.bill_paper(work, check_id, printing))

        try:
            await self._run(order_id, look)
        except _Shown as shown:
            return await self.show(shown.document, printing.plan.printer_of(Paper.BILL) or "")
        raise AssertionError("a preview never commits")

    async def show(self, document: Document, printer: str) -> PaperView:
        """A document as a printer prints it."""
        from terminal.printing.printers import PrinterProfile, profile_of

        store, settings = self._desk.store, self._desk.setup.printers.get(printer)
        profile = profile_of(settings) if settings is not None else PrinterProfile()
        async with store.reading() as connection:
            look = await paper_look(connection, store.identity.organization_id, store.identity.branch_id)
        lines = await asyncio.to_thread(lay_out_for, document, profile, Run(look=look), machine_letters())
        return paper_view(lines, profile.columns)

    async def print_labels(self, order: OrderView, bags: int) -> str:
        """Print a label for each bag of an order. Returns the printer.

        Raises:
            DomainError: NO_RECEIPT_PRINTER.
        """
        printing = self._printing()
        plan = printing.plan if printing is not None else None
        printer = (plan.printer_of(Paper.PACKING) or plan.receipt) if plan is not None else None
        if printing is None or printer is None:
            raise DomainError("NO_RECEIPT_PRINTER")
        pending = self._pending("labels", order.id, bags)
        labels = packing_documents(printing.premises, order, bags, self._desk.store.clock.now())

        async def queue(work: Work) -> None:
            for at, label in enumerate(labels):
                await tasks.queue_paper(work, printer, label, pending.id, 1 + at)

        await self._run(order.id, queue, pending)
        return printer

    # -- splits ------------------------------------------------------------------------------------------------------

    async def split_off(self, order_id: UUID, check_id: UUID, portions: Mapping[UUID, int]) -> UUID:
        """Put portions (thousandths by line) of a check on a new one. Returns its id.

        Raises:
            DomainError: those of `split_off`.
        """
        pending = self._pending("split", order_id, check_id, tuple(sorted(portions.items())))

        async def split(work: Work) -> UUID:
            await splitting.split_off(work, check_id, pending.id, portions)
            return pending.id

        return await self._run(order_id, split, pending)

    async def split_by_seat(self, order_id: UUID, check_id: UUID) -> dict[int, UUID]:
        """Give each guest of a check a check of their own. Returns the check of each seat.

        Raises:
            DomainError: those of `split_by_seat`.
        """
        pending = self._pending("split by seat", order_id, check_id)

        async def split(work: Work) -> dict[int, UUID]:
            return await split_by_seat(work, check_id, pending.id)

        return await self._run(order_id, split, pending)

    async def move(self, line_id: UUID, check_id: UUID) -> None:
        """Put a line on another check, of its order or of another one.

        Raises:
            DomainError: those of `move_line`.
        """
        await self._run(None, lambda work: move_line(work, line_id, check_id))
