"""What a payment asks besides an amount: what a slip says, the QR, a name, a rate, another method.

Each asks with a dialog and goes on in the press that answers it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from shared.kernel.errors import DomainError
from shared.payments.rules import Asks, TenderKind, is_no_card_number
from terminal.dialogs.questions import Choice, Field, FieldKind, Form, Pick, Picked, Qr
from terminal.screens.method_words import method_title
from terminal.screens.payment.paying import Details
from terminal.screens.payment.tipping import Tipping
from terminal.screens.payment.view import given_text
from terminal.screens.rights import asking_about
from terminal.screens.voice import Voice
from terminal.theme.palette import Tone

if TYPE_CHECKING:
    from shared.payments.queries import MethodView, PaymentView
    from terminal.screens.payment.paying import Paying

LAST_DIGITS = 4


class PaymentExtras(Tipping):
    """See the module. Mixed between the frame and the screen, which takes the money."""

    def __init__(self, *args: object) -> None:
        super().__init__(*args)  # type: ignore[arg-type]
        self._check_id: UUID | None = None
        self._asked_slip = False

    # What the screen gives

    async def take(self, account_id: UUID | None = None) -> bool:
        """Take what is typed, now that all of it is known."""
        raise NotImplementedError

    # What the slip says

    def slip_fields(self, paying: Paying) -> tuple[Field, ...]:
        """What the slip of the chosen method can say."""
        method, texts, said = paying.method, self.desk.texts, paying.details
        if method is None or method.asks is Asks.NEVER:
            return ()
        match method.kind:
            case TenderKind.CARD:
                return (
                    Field("last_four", texts("payment.last_four"), FieldKind.NUMBER, said.last_four, most=19),
                    Field("reference", texts("payment.terminal_reference"), value=said.reference, most=60),
                    Field("authorization", texts("payment.authorization"), value=said.authorization, most=20),
                )
            case TenderKind.WALLET | TenderKind.TRANSFER:
                return (Field("reference", texts("payment.operation"), value=said.reference, most=60),)
            case TenderKind.VOUCHER:
                return (Field("reference", texts("payment.voucher"), value=said.reference, most=60),)
        return ()

    async def ask_slip(self, paying: Paying, *, then_take: bool) -> None:
        """Show the QR of the method, if it has one, and ask what the slip says."""
        method = paying.method
        if method is None:
            return
        if method.qr_text:
            await self._ask_qr(paying, method, then_take=then_take)
        else:
            await self._ask_fields(then_take=then_take)

    async def _ask_qr(self, paying: Paying, method: MethodView, *, then_take: bool) -> None:
        voice = Voice.of(self.desk)
        amount = given_text(paying, paying.given_minor, voice)
        title = voice.texts("payment.qr_title", method=method.title, amount=amount)
        worth = 0 if paying.is_foreign else paying.given_minor
        print_it = partial(self.desk.tenders.print_qr, method, worth)

        async def paid(_yes: bool) -> None:
            await self._ask_fields(then_take=then_take)

        await self.host.ask(Qr(title, method.qr_text, print_it, voice.texts("payment.qr_asked")), paid)

    async def _ask_fields(self, *, then_take: bool) -> None:
        paying, texts = self._paying, self.desk.texts
        if paying is None or paying.method is None:
            return
        title = texts("payment.slip_title", method=paying.method.title)
        form = Form(title, self.slip_fields(paying), texts("payment.slip_asked"))

        async def filled(answer: Mapping[str, str]) -> None:
            if not is_no_card_number(*answer.values()):
                raise DomainError("CARD_NUMBER")
            if len(answer.get("last_four", "")) not in (0, LAST_DIGITS):
                raise DomainError("payment.four_digits")
            if self._paying is None:
                return
            self._asked_slip = True
            self.become(replace(self._paying, details=Details(**answer)))
            if then_take:
                await self.take()

        await self.host.ask(form, filled)

    async def do_details(self) -> None:
        """F5: the QR, and what the slip says."""
        if self._paying is not None:
            await self.ask_slip(self._paying, then_take=False)

    # On account

    async def ask_account(self) -> None:
        """Ask whose account it goes to: somebody who has one, or a new name."""
        voice = Voice.of(self.desk)
        choices = tuple(
            Choice(account.id, account.name, voice.money(account.owed_minor) if account.owed_minor else account.phone)
            for account in self.desk.accounts
            if account.name
        )
        texts = voice.texts
        title, asked = texts("payment.account_title"), texts("payment.account_asked")
        pick = Pick(title, choices, asked, texts("payment.account_new"), near_amount=True)

        async def picked(answer: Picked) -> None:
            if isinstance(answer.id, UUID):
                await self.take(answer.id)
            else:
                await self._ask_new_account(answer.text)

        await self.host.ask(pick, picked)

    async def _ask_new_account(self, name: str) -> None:
        """Ask how a new person is called and reached, and put it on their account."""
        texts = self.desk.texts
        fields = (
            Field("name", texts("payment.account_name"), value=name, needed=True),
            Field("phone", texts("payment.account_phone"), FieldKind.PHONE, most=40),
        )

        async def filled(answer: Mapping[str, str]) -> None:
            charged = self._paying.given_minor if self._paying else 0
            await self.take(await self.desk.tenders.open_account(answer["name"], answer["phone"], charged))

        await self.host.ask(Form(texts("payment.account_new"), fields, texts("payment.account_form")), filled)

    async def do_on_account(self) -> None:
        """Ctrl A: put what is typed on somebody's account."""
        paying = self._paying
        at = next((at for at, each in enumerate(self.desk.methods) if each.kind is TenderKind.ACCOUNT), None)
        if paying is None or at is None:
            raise DomainError("payment.no_account_method")
        self.become(paying.with_method(at))
        await self.ask_account()

    # A wrong method, found on the paid face

    async def do_wrong_method(self) -> None:
        """F6 on the paid face: a payment was by another method."""
        if self._check_id is None:
            return
        kept = [each for each in await self.desk.tenders.kept(self._check_id) if each.amount_minor]
        if not kept:
            raise DomainError("payment.nothing_noted")
        if len(kept) == 1:
            await self._ask_right_method(kept[0])
            return
        by_id = {each.id: each for each in kept}
        choices = tuple(Choice(each.id, self._title_of(each), self.desk.money(each.amount_minor)) for each in kept)

        async def picked(answer: Picked) -> None:
            if isinstance(answer.id, UUID):
                await self._ask_right_method(by_id[answer.id])

        await self.host.ask(Pick(self.desk.texts("payment.which_wrong"), choices), picked)

    async def _ask_right_method(self, payment: PaymentView) -> None:
        order_id, texts = self._order_id, self.desk.texts
        if order_id is None:
            return
        others = [
            each
            for each in self.desk.methods
            if each.id != payment.method_id and each.kind is not TenderKind.ACCOUNT and not each.currency
        ]
        amount = self.desk.money(payment.amount_minor)

        async def picked(method: MethodView) -> None:
            with asking_about(title, f"{self._title_of(payment)} → {method.title}"):
                await self.desk.tenders.replace(order_id, payment.id, method)
            said = texts("payment.replaced", amount=amount, wrong=self._title_of(payment), right=method.title)
            self.say(said, Tone.READY)

        title = texts("payment.right_method", amount=amount, method=self._title_of(payment))
        await self.pick_method(title, others, picked)

    def _title_of(self, payment: PaymentView) -> str:
        return method_title(payment.method_name, self.desk.methods)

    # Rates

    def other_money(self) -> str:
        """The money that is chosen, if it is not the house's."""
        return self._paying.money if self._paying is not None and self._paying.is_foreign else ""

    def rates_changed(self) -> None:
        """Go by the new rate."""
        if self._paying is not None:
            self.become(replace(self._paying, rates=self.desk.exchange))
