"""What several screens do about the house's money from their menus: taking what is owed on account, and rates."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from shared.kernel.errors import DomainError
from shared.kernel.money import FULL_RATE, round_cash
from shared.payments.rules import TenderKind
from terminal.dialogs.questions import Amount, AmountKind, Choice, Field, Form, Given, Pick, Picked
from terminal.screens.base import Keyed
from terminal.theme.palette import Tone

if TYPE_CHECKING:
    from shared.kernel.language import Texts
    from shared.payments.accounts import AccountView
    from shared.payments.exchange import RateView
    from shared.payments.queries import MethodView
    from terminal.desks.desk import Desk

_RATE = re.compile(r"([0-9]{1,7})(?:\.([0-9]{1,6}))?")
_MOST_TYPED = 14


class HouseMoney(Keyed):
    """See the module. It is no screen: of several bases Textual takes style sheets from the first that is one."""

    desk: Desk

    # On account

    async def do_collect(self) -> None:
        """Take what somebody owes on account: who, how much, by what."""
        texts = self.desk.texts
        owing = {account.id: account for account in self.desk.accounts if account.owed_minor > 0}
        if not owing:
            raise DomainError("payment.collect_nobody")
        choices = tuple(
            Choice(account.id, account.name or str(account.id)[:8], self.desk.money(account.owed_minor))
            for account in owing.values()
        )

        async def picked(answer: Picked) -> None:
            if isinstance(answer.id, UUID):
                await self._ask_amount(owing[answer.id])

        await self.host.ask(
            Pick(texts("payment.collect_title"), choices, texts("payment.collect_asked"), near_amount=True), picked
        )

    async def _ask_amount(self, account: AccountView) -> None:
        texts, owed = self.desk.texts, self.desk.money(account.owed_minor)
        amount = Amount(
            texts("payment.collect_title"),
            asked=texts("payment.collect_amount", name=account.name, owed=owed),
            usual=Given(AmountKind.MONEY, account.owed_minor),
        )

        async def given(answer: Given) -> None:
            if answer.value > account.owed_minor:
                raise DomainError("MORE_THAN_OWED")
            await self._ask_method(account, answer.value)

        await self.host.ask(amount, given)

    async def _ask_method(self, account: AccountView, amount_minor: int) -> None:
        texts, desk = self.desk.texts, self.desk
        methods = [each for each in self.desk.methods if each.kind is not TenderKind.ACCOUNT and not each.currency]

        async def picked(method: MethodView) -> None:
            paid, left = await desk.tenders.collect(account.id, amount_minor, method)
            said = texts("payment.collected", name=account.name, amount=desk.money(paid), left=desk.money(left))
            self.say(said, Tone.READY)

        def asked(method: MethodView) -> str:
            return desk.money(self._in_coins(amount_minor) if settles and method.is_house_cash else amount_minor)

        settles = amount_minor == account.owed_minor
        title = texts("payment.collect_by", amount=desk.money(amount_minor), name=account.name)
        await self.pick_method(title, methods, picked, asked)

    def _in_coins(self, amount_minor: int) -> int:
        """What cash pays of an amount that settles an account."""
        house = self.desk.premises
        return round_cash(amount_minor, house.cash_step_minor, house.cash_rounding) if house else amount_minor

    async def pick_method(
        self,
        title: str,
        methods: Sequence[MethodView],
        taken: Callable[[MethodView], Awaitable[None]],
        asked: Callable[[MethodView], str] = lambda _method: "",
    ) -> None:
        """Ask by which method, and go on with it.

        Args:
            asked: what the guest pays by it, in words.
        """
        by_id = {each.id: each for each in methods}

        async def picked(answer: Picked) -> None:
            if isinstance(answer.id, UUID):
                await taken(by_id[answer.id])

        await self.host.ask(Pick(title, tuple(Choice(each.id, each.title, asked(each)) for each in methods)), picked)

    # Rates

    async def do_rate(self) -> None:
        """Set what other money is worth today."""
        money = self.other_money() or next((each.currency for each in self.desk.methods if each.currency), "")
        if not money:
            raise DomainError("payment.no_other_money")
        form = rate_form(money, self.desk.exchange.get(money), self.desk.texts)
        await self.host.ask(form, partial(self._set_rate, money))

    def other_money(self) -> str:
        """The other money that is in hand; empty if it is the house's."""
        return ""

    def rates_changed(self) -> None:
        """A rate was set here."""

    async def _set_rate(self, money: str, answer: Mapping[str, str]) -> None:
        rate = rate_of(answer["rate"])
        await self.desk.tenders.set_rate(money, rate)
        self.rates_changed()
        self.say(self.desk.texts("payment.rate_set", currency=money, rate=rate_text(rate)), Tone.READY)


def rate_form(money: str, held: RateView | None, texts: Texts) -> Form:
    """Ask what one unit of another currency is worth."""
    value = rate_text(held.rate_millionths) if held is not None else ""
    field = Field("rate", texts("payment.rate_of", currency=money), value=value, needed=True, most=_MOST_TYPED)
    return Form(texts("payment.rate_title", currency=money), (field,), texts("payment.rate_asked", currency=money))


def rate_text(rate_millionths: int) -> str:
    """`3.755` of 3,755,000 millionths."""
    whole, part = divmod(rate_millionths, FULL_RATE)
    return f"{whole}.{part:06d}".rstrip("0").rstrip(".")


def rate_of(typed: str) -> int:
    """Millionths of a typed rate, with at most six decimals; 0 if it is none."""
    found = _RATE.fullmatch(typed.strip().replace(",", "."))
    return int(found[1]) * FULL_RATE + int((found[2] or "").ljust(6, "0")) if found else 0
