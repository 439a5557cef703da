"""The questions about cash that goes in and out: how much, why, from which drawer. Mixed into the shift screen."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from shared.drawers.commands import Cash
from shared.drawers.queries import DrawerView, HandedOver
from shared.drawers.records import MovementKind
from shared.tenancy.records import ReasonKind
from terminal.dialogs.questions import Amount, Choice, Given, Pick, Picked
from terminal.screens.base import KeptScreen
from terminal.screens.rights import asking_about, title_of_reason

if TYPE_CHECKING:
    from terminal.desks.desk import Desk
    from terminal.screens.shift.view import OwnSessions

_ACTIONS = {"hand_over": "give_cash"}
"""Actions that are not called like their movement."""
Move = Callable[[Cash], Awaitable[None]]


class CashMoves(KeptScreen):
    """See the module. Each asks for the reason first: an amount is taken by the last Enter."""

    desk: Desk

    @property
    def own(self) -> OwnSessions:
        """The open sessions of this device."""
        raise NotImplementedError

    def told(self, code: str, **particulars: str) -> None:
        """Say that a movement is done."""
        raise NotImplementedError

    def other_drawers(self) -> list[DrawerView]:
        """The drawers to which cash can be handed over."""
        now = self.own.now
        mine = now.session.drawer_id if now is not None else None
        return [each for each in self.desk.drawers.all if each.id != mine]

    def coming(self) -> list[HandedOver]:
        """What other drawers handed over to this one."""
        now = self.own.now
        mine = now.session.drawer_id if now is not None else None
        return [each for each in self.desk.drawers.handed_over if mine is not None and each.to_drawer_id == mine]

    async def do_cash_in(self) -> None:
        """Ask why and how much, and put it into the drawer."""
        await self._ask_reason(ReasonKind.CASH_IN, "cash_in", self.desk.shifts.cash_in)

    async def do_cash_out(self) -> None:
        """Ask why and how much, and take it out of the drawer."""
        await self._ask_reason(ReasonKind.CASH_OUT, "cash_out", self.desk.shifts.cash_out)

    async def do_tips_out(self) -> None:
        """Ask to whom and how much, and pay tips out of the drawer."""
        paid = partial(self.desk.shifts.cash_out, kind=MovementKind.TIPS_OUT)
        texts = self.desk.texts
        people = tuple(Choice(each.id, each.name) for each in self.desk.staff)
        question = Pick(texts("shift.tips_to"), people, own_text=texts("shift.another_reason"), near_amount=True)

        async def chosen(picked: Picked) -> None:
            await self._ask_amount("tips_out", lambda cash: paid(cash, picked.text), picked.text)

        await self.host.ask(question, chosen)

    async def do_drop(self) -> None:
        """Ask how much, and take it to the safe."""
        await self._ask_amount("drop", self.desk.shifts.drop)

    async def do_give_cash(self) -> None:
        """Ask to which drawer and how much, and give it away."""
        drawers = self.other_drawers()
        choices = tuple(Choice(each.id, each.name) for each in drawers)

        async def chosen(picked: Picked) -> None:
            if isinstance(picked.id, UUID):
                await self._ask_amount("hand_over", partial(self.desk.shifts.hand_over, picked.id))

        await self.host.ask(Pick(self.desk.texts("shift.to_which"), choices, at=0, near_amount=True), chosen)

    async def do_receive(self) -> None:
        """Note that cash came which another drawer gave."""
        coming = self.coming()
        choices = tuple(
            Choice(each.movement_id, each.from_drawer, self.desk.money(each.amount_minor)) for each in coming
        )

        async def chosen(picked: Picked) -> None:
            if isinstance(picked.id, UUID):
                await self.desk.shifts.receive(picked.id)
                self.told("shift.received")

        await self.host.ask(Pick(self.desk.texts("shift.what_came"), choices, at=0, near_amount=True), chosen)

    async def do_no_sale(self) -> None:
        """Ask why, and open the drawer without a sale."""
        texts = self.desk.texts

        async def chosen(picked: Picked) -> None:
            with asking_about(picked.text):
                await self.desk.shifts.open_without_sale(picked.reason)
            self.told("shift.drawer_opens")

        await self.host.ask(self._reasons(ReasonKind.NO_SALE, texts("shift.no_sale_why")), chosen)

    async def _ask_reason(self, kind: ReasonKind, what: str, move: Callable[[Cash, str], Awaitable[None]]) -> None:
        question = replace(self._reasons(kind, self.desk.texts(f"shift.{what}_why")), near_amount=True)

        async def chosen(picked: Picked) -> None:
            await self._ask_amount(what, lambda cash: move(cash, picked.reason), picked.text)

        await self.host.ask(question, chosen)

    def _reasons(self, kind: ReasonKind, title: str) -> Pick:
        choices = tuple(Choice(each.text, each.title) for each in self.desk.reasons(kind))
        return Pick(title, choices, own_text=self.desk.texts("shift.another_reason"))

    async def _ask_amount(self, what: str, move: Move, reason: str = "") -> None:
        currency = self.desk.store.branch_context.currency

        async def given(amount: Given) -> None:
            with asking_about(
                self.desk.texts(f"action.{_ACTIONS.get(what, what)}"),
                self.desk.money(amount.value),
                title_of_reason(self.desk, reason),
            ):
                await move(Cash(currency, amount.value))
            self.told(f"shift.{what}_done", amount=self.desk.money(amount.value))

        await self.host.ask(Amount(self.desk.texts(f"shift.{what}_amount")), given)
