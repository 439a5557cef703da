"""Discounts, service charges and the bill's paper, from the keys of every screen that shows a check."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from shared.books.views import CheckView, LineView, OrderView
from shared.kernel.errors import DomainError
from shared.kernel.money import FULL_RATE
from shared.kernel.quantity import ONE
from shared.payments.naming import service_name
from shared.tenancy.records import ReasonKind
from terminal.actions import Action
from terminal.desks.bill import BillShown, Off
from terminal.dialogs.questions import Amount, AmountKind, Choice, Given, Pick, Picked, Preview
from terminal.screens.base import Keyed
from terminal.screens.bills.view import (
    QUICK_RATES,
    AddService,
    GiveOff,
    Lift,
    check_names,
    comes_to,
    comp_of,
    named_discount,
    named_service,
    off_choices,
    off_of,
    service_choices,
)
from terminal.screens.rights import asking_about
from terminal.screens.voice import Voice
from terminal.theme.palette import Tone

if TYPE_CHECKING:
    from terminal.desks.desk import Desk

MOST_BAGS = 30
"""More bags than a driver carries are a slip of the finger."""
BILL_ACTIONS = frozenset({"discount", "service", "bill", "preview_bill"})


class BillActions(Keyed):
    """Mixed into a screen that says which check, and which line of it, is meant.

    It is no screen: of several bases Textual takes style sheets from the first that is one.
    """

    desk: Desk

    # What the screen says

    def bill_of(self) -> tuple[OrderView, CheckView] | None:
        """The order and the check that are meant, if something is owed on it."""
        raise NotImplementedError

    def bill_line(self) -> LineView | None:
        """The line that is meant, if one was chosen."""
        return None

    async def bill_changed(self) -> None:
        """Show what a discount or a service charge made of the check."""
        self.refresh_view()

    def bill_words(self) -> str:
        """What was taken off the check, and added for service, in one line."""
        found, voice = self.bill_of(), Voice.of(self.desk)
        if found is None:
            return ""
        check = found[1]
        said = [f"{named_discount(each, voice)} {voice.money(-each.off_minor)}" for each in check.discounts]
        if check.bill.service_minor and check.services:
            greatest = max(check.services, key=lambda each: each.rate_millionths)
            said.append(f"{named_service(greatest, voice)} {voice.money(check.bill.service_minor)}")
        return " · ".join(said)

    def why_no_bill(self, action: Action) -> str | None:
        """Why a bill action can do nothing now."""
        if action.id in BILL_ACTIONS and self.bill_of() is None:
            return self.desk.texts("bills.nothing_owed")
        if action.id == "service" and not self._services():
            return self.desk.texts("bills.no_service")
        return None

    async def _gather(self) -> None:
        """Bring what parties owe that sit together to one check, before anything is done to their bill."""
        found = self.bill_of()
        if found is not None and found[0].joined:
            await self.desk.floor.gather(found[0].id)

    def _need_bill(self) -> tuple[OrderView, CheckView]:
        found = self.bill_of()
        if found is None:
            raise DomainError("bills.nothing_owed")
        return found

    def _bill_title(self, key: str, order: OrderView, check: CheckView) -> str:
        which = check_names(order, check.id, self.desk.texts)
        return " · ".join((self.desk.texts(key), order.number, *which))

    # Discounts

    async def do_discount(self) -> None:
        """Ask what to take off, or what to lift."""
        await self._gather()
        order, check = self._need_bill()
        choices = off_choices(check, self.bill_line(), self.desk.staff, Voice.of(self.desk))
        pick = Pick(
            self._bill_title("bills.discounts", order, check),
            choices,
            self.desk.texts("bills.which_off"),
            near_amount=True,
        )
        await self.host.ask(pick, partial(self._off_picked, order, check))

    async def _off_picked(self, order: OrderView, check: CheckView, picked: Picked) -> None:
        match picked.id:
            case Lift(discount_id):
                await self.desk.bills.lift(order.id, check.id, discount_id)
                discount = next(each for each in check.discounts if each.id == discount_id)
                await self._bill_done("bills.lifted", name=named_discount(discount, Voice.of(self.desk)))
            case GiveOff(_line_id, True) as row:
                await self._ask_why_off(order, check, comp_of(row))
            case GiveOff() as row:
                voice = Voice.of(self.desk)
                amount = Amount(
                    picked.text,
                    (AmountKind.PERCENT, AmountKind.MONEY),
                    self.desk.texts("bills.how_much"),
                    quick=tuple(Given(AmountKind.PERCENT, rate) for rate in QUICK_RATES),
                    comes_to=lambda given: comes_to(check, off_of(given, row), voice),
                )

                async def entered(given: Given) -> None:
                    off = off_of(given, row)
                    if off.rate_millionths == FULL_RATE:
                        off = comp_of(row)
                    comes_to(check, off, voice)
                    await self._ask_why_off(order, check, off)

                await self.host.ask(amount, entered)

    async def _ask_why_off(self, order: OrderView, check: CheckView, off: Off) -> None:
        reasons = self.desk.reasons(ReasonKind.COMP if off.is_comp else ReasonKind.DISCOUNT)
        pick = Pick(
            self.desk.texts("bills.why_comp" if off.is_comp else "bills.why_off"),
            tuple(Choice(each.text, each.title) for each in reasons),
            comes_to(check, off, Voice.of(self.desk)),
            own_text=self.desk.texts("bills.other_reason"),
        )
        await self.host.ask(pick, partial(self._give, order, check, off))

    async def _give(self, order: OrderView, check: CheckView, off: Off, why: Picked) -> None:
        said = comes_to(check, off, Voice.of(self.desk))
        with asking_about(
            self._bill_title("bills.discounts", order, check), self._off_words(order, off), said, why.text
        ):
            await self.desk.bills.give(order.id, check.id, off, why.reason)
        await self._bill_done("bills.given_comp" if off.is_comp else "bills.given", said=said)

    @staticmethod
    def _off_words(order: OrderView, off: Off) -> str:
        """The dish that a discount is on; empty if it is on the check."""
        return next((line.item_name for line in order.lines if line.id == off.line_id), "")

    # Service charges

    def _services(self) -> tuple[Choice, ...]:
        found = self.bill_of()
        return service_choices(found[1], self.desk.bills.rules, Voice.of(self.desk)) if found is not None else ()

    async def do_service(self) -> None:
        """Add a service charge of the house, or lift one; where there is one alone, at once."""
        await self._gather()
        order, check = self._need_bill()
        choices = self._services()
        if len(choices) == 1:
            await self._service_picked(order, check, Picked(choices[0].id, choices[0].title))
            return
        pick = Pick(self._bill_title("bills.services", order, check), choices)
        await self.host.ask(pick, partial(self._service_picked, order, check))

    async def _service_picked(self, order: OrderView, check: CheckView, picked: Picked) -> None:
        voice = Voice.of(self.desk)
        match picked.id:
            case Lift(charge_id):
                service = next(each for each in check.services if each.id == charge_id)
                title, words = self._bill_title("bills.services", order, check), named_service(service, voice)
                with asking_about(title, self.desk.texts("bills.lifting", name=words)):
                    await self.desk.bills.lift_service(order.id, check.id, charge_id)
                await self._bill_done("bills.lifted", name=named_service(service, voice))
            case AddService(rule_id):
                await self.desk.bills.add_service(order.id, check.id, rule_id)
                rule = next(each for each in self.desk.bills.rules if each.id == rule_id)
                name = service_name(rule.name, rule.rate_millionths, self.desk.texts)
                await self._bill_done("bills.added", name=name)

    # The paper

    async def do_bill(self) -> None:
        """Print the bill; of an order with several checks, the one that is chosen, or all."""
        await self._gather()
        order, check = self._need_bill()
        if len(order.owing) == 1 or self.bill_is_chosen():
            await self._print(order, (check.id,))
            return
        voice = Voice.of(self.desk)
        rows = [
            Choice((each.id,), self._bill_title("bills.one", order, each), voice.money(max(0, each.due_minor)))
            for each in order.owing
        ]
        everything = Choice(tuple(each.id for each in order.owing), self.desk.texts("bills.all"))
        pick = Pick(self._bill_title("bills.bill", order, check), (everything, *rows), at=0)

        async def picked(answer: Picked) -> None:
            if isinstance(answer.id, tuple):
                await self._print(order, answer.id)

        await self.host.ask(pick, picked)

    async def do_preview_bill(self) -> None:
        """Show the bill as it will print, and print nothing."""
        await self._gather()
        order, check = self._need_bill()
        title = self._bill_title("bills.preview", order, check)
        paper = await self.desk.bills.preview(order.id, check.id)

        async def seen(_seen: bool) -> None:
            """Nothing follows."""

        await self.host.ask(Preview(title, paper, self.desk.texts("bills.preview_asked")), seen)

    async def do_labels(self) -> None:
        """Print labels for the bags of the order; it asks how many."""
        order = self.label_order()
        if order is None:
            raise DomainError("bills.no_labels")
        texts = self.desk.texts
        one = Given(AmountKind.QUANTITY, ONE)
        quick = tuple(Given(AmountKind.QUANTITY, bags * ONE) for bags in range(1, 5))
        amount = Amount(
            texts("bills.labels", number=order.number), (AmountKind.QUANTITY,), texts("bills.how_many_bags"), one, quick
        )

        async def given(answer: Given) -> None:
            bags = answer.value // ONE
            if not 0 < bags <= MOST_BAGS:
                raise DomainError("bills.too_many_bags", most=MOST_BAGS)
            printer = await self.desk.bills.print_labels(order, bags)
            self.say(texts("bills.labels_printed", number=order.number, count=bags, printer=printer), Tone.READY)

        await self.host.ask(amount, given)

    def label_order(self) -> OrderView | None:
        """The order whose bags get labels, if it has anything."""
        found = self.bill_of()
        return found[0] if found is not None else None

    def bill_is_chosen(self) -> bool:
        """Whether the screen is about one check, and not about an order."""
        return False

    async def _print(self, order: OrderView, check_ids: tuple[UUID, ...]) -> None:
        shown: list[BillShown] = [await self.desk.bills.print_bill(order.id, each) for each in check_ids]
        key = "bills.printed" if shown[0].printer else "bills.no_printer"
        again = max(each.count for each in shown)
        left = self.desk.money(sum(each.left_minor for each in shown))
        said = self.desk.texts(key, printer=shown[0].printer or "", left=left, number=order.number)
        await self.bill_changed()
        self.say(f"{said} {self.desk.texts('bills.again', count=again)}" if again > 1 else said, Tone.READY)

    async def _bill_done(self, key: str, **params: object) -> None:
        await self.bill_changed()
        self.say(self.desk.texts(key, **params), Tone.READY)
