"""Tips, through the payment screen: with the payment, or after it; several on a check, each somebody's.

F4             before the payment, how much is given besides
F4             on the paid face: what was given, each taken back by itself; another one asks how much, by what and whose
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from shared.kernel.errors import DomainError
from shared.kernel.money import FULL_RATE, PER_CENT, divide_half_up
from shared.payments.rules import TenderKind
from shared.payments.tips import refuse_too_much
from terminal.dialogs.questions import Amount, AmountKind, Choice, Given, Pick, Picked
from terminal.screens.method_words import method_title
from terminal.screens.payment.frame import PaymentFrame
from terminal.screens.rights import asking_about
from terminal.theme.palette import Tone

if TYPE_CHECKING:
    from shared.payments.queries import MethodView
    from shared.payments.tips import TipView
    from terminal.screens.payment.paying import Paying

TIPS_PERCENT = (5, 10, 15)
"""What guests often give."""
ANOTHER = "another tip"
WAITER = "who served"
"""Ids of rows."""


class Tipping(PaymentFrame):
    """See the module."""

    _check_id: UUID | None

    # What the screen gives

    def become(self, paying: Paying) -> None:
        """Show another state of the payment."""
        raise NotImplementedError

    # Tips

    async def do_tip(self) -> None:
        """F4: a tip besides; on the paid face what was given, and another one."""
        check_id = self._check_id
        tips = await self.desk.tenders.tips(check_id) if self._taken is not None and check_id is not None else []
        if not tips:
            await self._ask_tip()
            return
        texts, money = self.desk.texts, self.desk.money
        given = (
            Choice(
                each.id,
                texts("payment.tip_take_back", amount=money(each.amount_minor)),
                _of_tip(each, self.desk.methods),
            )
            for each in tips
        )
        rows = (Choice(ANOTHER, texts("payment.tip_another")), *given)

        async def picked(answer: Picked) -> None:
            tip = next((each for each in tips if each.id == answer.id), None)
            if tip is None:
                await self._ask_tip()
            else:
                await self._take_back(tip)

        question = Pick(texts("payment.tip_title"), rows, texts("payment.tips_given"), near_amount=True)
        await self.host.ask(question, picked)

    async def _take_back(self, tip: TipView) -> None:
        order_id, amount = self._order_id, self.desk.money(tip.amount_minor)
        if order_id is not None:
            with asking_about(self.desk.texts("payment.tip_take_back", amount=amount), _of_tip(tip, self.desk.methods)):
                await self.desk.tenders.lift_tip(order_id, tip.id)
            self.say(self.desk.texts("payment.tip_lifted", amount=amount), Tone.READY)

    async def _ask_tip(self) -> None:
        paying, taken, texts = self._paying, self._taken, self.desk.texts
        total = taken.total_minor if taken is not None else paying.left_minor if paying is not None else 0
        amount = Amount(
            texts("payment.tip_title"),
            (AmountKind.MONEY, AmountKind.PERCENT),
            texts("payment.tip_asked"),
            quick=tuple(Given(AmountKind.PERCENT, percent * PER_CENT) for percent in TIPS_PERCENT),
            comes_to=lambda given: self.desk.money(_tip_of(given, total)),
        )

        asked: set[int] = set()

        async def given(answer: Given) -> None:
            tip = _tip_of(answer, total)
            self._refuse_tip(tip, total, asked)
            if self._taken is not None:
                await self._ask_tip_method(tip)
            elif self._paying is not None:
                self.become(replace(self._paying, tip_minor=tip))

        await self.host.ask(amount, given)

    def _refuse_tip(self, tip_minor: int, total_minor: int, asked: set[int]) -> None:
        """Refuse a tip that is a slip, and at first one that is above the bill.

        Args:
            asked: tips that this was asked about; this one joins them.

        Raises:
            DomainError: TIP_TOO_MUCH, payment.tip_above_bill (params: tip, bill).
        """
        refuse_too_much(tip_minor, self.desk.premises.currency if self.desk.premises is not None else "")
        if tip_minor > total_minor and tip_minor not in asked:
            asked.add(tip_minor)
            said = {"tip": self.desk.money(tip_minor), "bill": self.desk.money(total_minor)}
            raise DomainError("payment.tip_above_bill", **said)

    async def _ask_tip_method(self, tip_minor: int) -> None:
        """Ask by what a tip was given after the payment, and then whose it is.

        Raises:
            DomainError: TIP_NOT_SENSIBLE.
        """
        if not tip_minor:
            raise DomainError("TIP_NOT_SENSIBLE")
        methods = [each for each in self.desk.methods if each.kind is not TenderKind.ACCOUNT]
        title = self.desk.texts("payment.tip_by", amount=self.desk.money(tip_minor))
        await self.pick_method(title, methods, partial(self._ask_whose, tip_minor))

    async def _ask_whose(self, tip_minor: int, method: MethodView) -> None:
        texts, amount = self.desk.texts, self.desk.money(tip_minor)
        people = {each.id: each.name for each in self.desk.staff}
        rows = (Choice(WAITER, texts("payment.tip_waiter")), *(Choice(key, name) for key, name in people.items()))

        async def picked(answer: Picked) -> None:
            order_id, check_id = self._order_id, self._check_id
            if order_id is None or check_id is None:
                return
            person = answer.id if isinstance(answer.id, UUID) else None
            name = people[person] if person is not None else ""
            await self.desk.tenders.tip(order_id, check_id, tip_minor, method, person, name)
            self.say(texts("payment.tip_noted", amount=amount, method=method.title), Tone.READY)

        await self.host.ask(Pick(texts("payment.tip_whose", amount=amount), rows, at=0), picked)


def _of_tip(tip: TipView, methods: Iterable[MethodView]) -> str:
    """`Efectivo · Julio Mamani`."""
    return " · ".join(filter(None, (method_title(tip.method_name, methods), tip.person_name)))


def _tip_of(given: Given, total_minor: int) -> int:
    """A tip in minor units: an amount, or a percentage of the bill."""
    if given.kind is AmountKind.PERCENT:
        return divide_half_up(total_minor * given.value, FULL_RATE)
    return given.value
