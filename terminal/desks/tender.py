"""The commands and readings of tenders beside paying itself: what was noted, slips, tips, accounts, rates, the QR."""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

from shared.countries.currencies import format_minor
from shared.kernel.errors import DomainError
from shared.kernel.instants import business_date
from shared.kernel.work import Work
from shared.payments import accounts, slips
from shared.payments.exchange import set_rate
from shared.payments.queries import MethodView, PaymentView, kept_payments, used_today
from shared.payments.rules import Tender
from shared.payments.tips import TipView, add_tip, lift_tip, tips_given
from terminal.desks.part import DeskPart
from terminal.papers.past_tasks import rewrite_waiting_receipts
from terminal.papers.sale_documents import account_document, letterhead
from terminal.papers.tasks import queue_paper
from terminal.printing.documents import QrDocument
from terminal.snapshots.sources import ACCOUNTS, EXCHANGE


class Collected(NamedTuple):
    """What a person paid of what they owe, as coins can pay it, and what they owe now."""

    paid_minor: int
    left_minor: int


class TenderDesk(DeskPart):
    """See the module. Made by the desk."""

    # -- reading -----------------------------------------------------------------------------------------------------

    async def kept(self, check_id: UUID) -> tuple[PaymentView, ...]:
        """All payments of a check that were not taken back."""
        async with self._desk.store.reading(briefly=True) as connection:
            return await kept_payments(connection, self._desk.store.identity.organization_id, check_id)

    async def used_today(self, method_id: UUID, reference: str) -> PaymentView | None:
        """The payment of today by this method that has this number already."""
        identity, context = self._desk.store.identity, self._desk.store.branch_context
        day = business_date(self._desk.now(), context.zone, context.cutoff_minutes)
        async with self._desk.store.reading(briefly=True) as connection:
            where = (connection, identity.organization_id, identity.branch_id, day)
            return await used_today(*where, method_id, reference)

    # -- commands ----------------------------------------------------------------------------------------------------

    async def replace(self, order_id: UUID, payment_id: UUID, method: MethodView) -> None:
        """Note by another method what a receipt counts already. A receipt that waits for its printer says so, too.

        Raises:
            DomainError: those of `replace_payment`.
        """
        pending = self._pending("replace", payment_id, method.id)
        tender, printing = Tender(method.id, method.name, method.kind, 0), self._printing()

        async def replace(work: Work) -> None:
            payment = await slips.replace_payment(work, payment_id, tender)
            if printing is not None:
                await rewrite_waiting_receipts(work, payment.check_id, printing.premises)

        await self._run(order_id, replace, pending)

    async def tips(self, check_id: UUID) -> list[TipView]:
        """The tips of a check that stand, in the order in which they were given."""
        async with self._desk.store.reading(briefly=True) as connection:
            return await tips_given(connection, self._desk.store.identity.organization_id, check_id)

    async def tip(
        self,
        order_id: UUID,
        check_id: UUID,
        amount_minor: int,
        method: MethodView,
        person_id: UUID | None = None,
        person_name: str = "",
    ) -> None:
        """Note a tip on a check that is paid, or not yet. Nobody named: it is whoever opened the order.

        Raises:
            DomainError: those of `add_tip`.
        """
        pending = self._pending("tip", check_id, amount_minor, method.id, person_id)

        async def tip(work: Work) -> None:
            await add_tip(
                work,
                check_id,
                pending.id,
                amount_minor,
                method.id,
                method.name,
                method.kind,
                person_id=person_id,
                person_name=person_name,
            )

        await self._run(order_id, tip, pending)

    async def lift_tip(self, order_id: UUID, tip_id: UUID) -> int:
        """Take a tip back. Returns how much it was.

        Raises:
            DomainError: those of `lift_tip`.
        """

        async def lift(work: Work) -> int:
            return (await lift_tip(work, tip_id)).amount_minor

        return await self._run(order_id, lift, self._pending("lift tip", tip_id))

    async def set_rate(self, currency: str, rate_millionths: int) -> None:
        """Set what one unit of another currency is worth from today on.

        Raises:
            DomainError: those of `set_rate`.
        """

        async def change(work: Work) -> None:
            await set_rate(work, currency, rate_millionths)

        await self._run(None, change, self._pending("rate", currency, rate_millionths), also=(EXCHANGE,))

    async def open_account(self, name: str, phone: str = "", charged_minor: int = 0) -> UUID:
        """Let a person pay later, from this charge on. Returns the id of their account.

        Raises:
            DomainError: those of `open_account`.
        """
        pending = self._pending("account", name, phone)

        async def open_it(work: Work) -> UUID:
            return (await accounts.open_account(work, pending.id, name, phone, charged_minor=charged_minor)).id

        return await self._run(None, open_it, pending, also=(ACCOUNTS,))

    async def collect(self, account_id: UUID, amount_minor: int, method: MethodView) -> Collected:
        """Take money for what a person owes, and print what they paid.

        Raises:
            DomainError: those of `pay_account`.
        """
        pending = self._pending("collect", account_id, amount_minor, method.id)
        printing = self._printing()
        tender = Tender(method.id, method.name, method.kind, amount_minor)

        async def collect(work: Work) -> Collected:
            paid = await accounts.pay_account(work, account_id, pending.id, tender)
            left = await accounts.owed_on(work.session, work.organization_id, account_id)
            if printing is not None and printing.plan.receipt:
                document = account_document(printing.premises, paid, left, work.actor.name)
                await queue_paper(work, printing.plan.receipt, document, paid.id, 1)
            return Collected(paid.amount_minor, left)

        return await self._run(None, collect, pending, also=(ACCOUNTS,))

    async def print_qr(self, method: MethodView, amount_minor: int) -> None:
        """Print the house's QR with the amount.

        Raises:
            DomainError: NO_RECEIPT_PRINTER.
        """
        printing = self._printing()
        if printing is None or not printing.plan.receipt:
            raise DomainError("NO_RECEIPT_PRINTER")
        printer, premises = printing.plan.receipt, printing.premises
        document = QrDocument(
            language=premises.language,
            letterhead=letterhead(premises),
            title=method.name,
            text=method.qr_text,
            amount=format_minor(amount_minor, premises.currency) if amount_minor else "",
        )

        async def print_it(work: Work) -> None:
            await queue_paper(work, printer, document, work.ids.new(), 1)

        await self._run(None, print_it)
