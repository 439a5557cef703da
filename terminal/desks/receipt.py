"""The commands and readings of receipts of the past: find, show, print again, refund; and parties that walked out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from shared.countries.currencies import currency
from shared.kernel.instants import business_date
from shared.kernel.work import Work
from shared.menu.search import Name, Typed, has_letter
from shared.payments import losses
from shared.payments.finding import Found, find_receipts
from shared.payments.past import PastReceipt, PastRow, past_receipt, past_rows, receipt_of_line
from shared.payments.queries import MethodView
from shared.payments.seeking import sought
from shared.payments.way_back import PaidBy, PayBack, paid_by
from terminal.desks.part import DeskPart
from terminal.papers import past_tasks
from terminal.snapshots.sources import EXCEPTIONS


@dataclass(frozen=True, slots=True)
class RefundedView:
    """A refund as people are told of it: how much went back by each method."""

    number: str
    paid_minor: int
    parts: tuple[tuple[str, int], ...]


class ReceiptDesk(DeskPart):
    """See the module. Made by the desk."""

    # -- reading -----------------------------------------------------------------------------------------------------

    async def find(self, text: str, after: UUID | None = None) -> Found:
        """The receipts of this branch that a text can mean; without one, the newest."""
        desk, identity = self._desk, self._desk.store.identity
        context = desk.store.branch_context
        today = business_date(desk.now(), context.zone, context.cutoff_minutes)
        what = sought(text, today, currency(context.currency).exponent)
        items, tables = self._named(what.words) if has_letter(what.words) else ([], [])
        async with desk.store.reading(briefly=not has_letter(what.words)) as connection:
            return await find_receipts(
                connection, identity.organization_id, identity.branch_id, what, items, tables, after
            )

    def _named(self, words: str) -> tuple[list[UUID], list[UUID]]:
        """The dishes and tables that some words name."""
        dishes = self._desk.search_of(self._desk.menu).find(words).items
        typed = Typed(words)
        fitting = (table for table in self._desk.tables if typed and Name(table.name).fit(typed) is not None)
        return [item.id for item in dishes], [table.id for table in fitting]

    async def rows(self, ids: Sequence[UUID]) -> list[PastRow]:
        """Some receipts for a list."""
        async with self._desk.store.reading(briefly=True) as connection:
            return await past_rows(connection, self._desk.store.identity.organization_id, ids)

    async def receipt(self, receipt_id: UUID) -> PastReceipt | None:
        """A receipt with all that became of it."""
        async with self._desk.store.reading(briefly=True) as connection:
            return await past_receipt(connection, self._desk.store.identity.organization_id, receipt_id)

    async def receipt_of_line(self, root_id: UUID, line_id: UUID) -> UUID | None:
        """The newest receipt that charges a line of an order."""
        async with self._desk.store.reading(briefly=True) as connection:
            return await receipt_of_line(connection, self._desk.store.identity.organization_id, root_id, line_id)

    async def paid_by(self, check_id: UUID) -> list[PaidBy]:
        """What came in for a check, and what of it was not given back."""
        async with self._desk.store.reading(briefly=True) as connection:
            return await paid_by(connection, self._desk.store.identity.organization_id, check_id)

    # -- commands ----------------------------------------------------------------------------------------------------

    async def print_copy(self, receipt_id: UUID) -> int:
        """Print a copy of a receipt. Returns its number.

        Raises:
            DomainError: those of `print_copy`.
        """
        pending = self._pending("copy", receipt_id)
        return await self._run(None, lambda work: past_tasks.print_copy(work, receipt_id, self._printing()), pending)

    async def print_gift(self, receipt_id: UUID) -> None:
        """Print a receipt without prices.

        Raises:
            DomainError: those of `print_gift`.
        """
        pending = self._pending("gift", receipt_id)
        given = (receipt_id, pending.id, self._printing())
        await self._run(None, lambda work: past_tasks.print_gift(work, *given), pending)

    async def print_refund_copy(self, receipt_id: UUID, refund_id: UUID) -> int:
        """Print a copy of a refund. Returns its number.

        Raises:
            DomainError: those of `print_refund_copy`.
        """
        pending = self._pending("copy", refund_id)
        return await self._run(
            None,
            lambda work: past_tasks.print_refund_copy(work, receipt_id, refund_id, self._printing()),
            pending,
        )

    async def refund(
        self, receipt_id: UUID, portions: Mapping[UUID, int], by: MethodView | None, reason: str, *, was_made: bool
    ) -> RefundedView:
        """Refund portions (thousandths by receipt line) of a receipt.

        Args:
            by: None: as it was paid.

        Raises:
            DomainError: those of `refund`.
        """
        pending = self._pending("refund", receipt_id, tuple(sorted(portions.items())), by and by.id, reason)
        method = PayBack(by.id, by.name, by.kind) if by is not None else None

        async def refund(work: Work) -> RefundedView:
            given = await past_tasks.refund(
                work, receipt_id, pending.id, portions, method, reason, self._printing(), was_made=was_made
            )
            parts = tuple((each.method_name, each.paid_minor) for each in given.payments)
            return RefundedView(given.refund.number, given.refund.paid_minor, parts)

        return await self._run(None, refund, pending, also=(EXCEPTIONS,))

    async def walk_out(self, order_id: UUID, reason: str, *, stops_cooking: bool) -> int:
        """Write off what a party left without paying. Returns the loss in minor units.

        Raises:
            DomainError: those of `walk_out`.
        """
        pending = self._pending("walk out", order_id)

        async def lose(work: Work) -> int:
            return await losses.walk_out(work, order_id, pending.id, reason, stops_cooking=stops_cooking)

        return await self._run(None, lose, pending, also=(EXCEPTIONS,))

    async def lift_losses(self, check_id: UUID, receipt_id: UUID) -> int:
        """They came back: what was written off by a receipt can be paid. Returns how much, in minor units.

        Raises:
            DomainError: those of `lift_losses`.
        """
        pending = self._pending("lift losses", check_id, receipt_id)
        lift = partial(losses.lift_losses, check_id=check_id, receipt_id=receipt_id)
        return await self._run(None, lift, pending, also=(EXCEPTIONS,))
