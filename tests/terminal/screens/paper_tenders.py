"""Slips, tips, accounts and rates on paper: what `desk.tenders` is asked for, kept in memory."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import UUID

from shared.kernel.permissions import Permission
from shared.payments.accounts import AccountView
from shared.payments.exchange import RateView
from shared.payments.queries import MethodView, PaymentView
from shared.payments.tips import TipView
from terminal.desks.tender import Collected

if TYPE_CHECKING:
    from tests.terminal.screens.paper_desk import PaperDesk


class PaperTenders:
    """See the module."""

    def __init__(self, desk: PaperDesk) -> None:
        self.given: list[TipView] = []
        self._desk = desk

    async def kept(self, check_id: UUID) -> tuple[PaymentView, ...]:
        return self._desk.noted.get(check_id, ())

    async def used_today(self, method_id: UUID, reference: str) -> PaymentView | None:
        every = (each for noted in self._desk.noted.values() for each in noted)
        return next((each for each in every if (each.method_id, each.reference) == (method_id, reference)), None)

    async def replace(self, order_id: UUID, payment_id: UUID, method: MethodView) -> None:
        await self._desk._turn("replace", Permission.CORRECT_PAYMENT)
        for check_id, noted in self._desk.noted.items():
            self._desk.noted[check_id] = tuple(
                replace(each, method_id=method.id, method_name=method.name) if each.id == payment_id else each
                for each in noted
            )
        self._desk._did(f"replace by {method.name}")

    async def tips(self, check_id: UUID) -> list[TipView]:
        return list(self.given)

    async def tip(
        self,
        order_id: UUID,
        check_id: UUID,
        amount_minor: int,
        method: MethodView,
        person_id: UUID | None = None,
        person_name: str = "",
    ) -> None:
        await self._desk._turn("tip", Permission.TAKE_PAYMENT)
        self.given.append(TipView(self._desk._id(), amount_minor, method.name, person_name or "Rosa Quispe"))
        self._desk._did(f"tip {amount_minor} by {method.name}{' of ' + person_name if person_name else ''}")

    async def lift_tip(self, order_id: UUID, tip_id: UUID) -> int:
        await self._desk._turn("lift_tip", Permission.TAKE_PAYMENT)
        (gone,) = (each for each in self.given if each.id == tip_id)
        self.given.remove(gone)
        self._desk._did(f"lift tip {gone.amount_minor}")
        return gone.amount_minor

    async def set_rate(self, currency: str, rate_millionths: int) -> None:
        await self._desk._turn("set_rate", Permission.SET_RATE)
        view = RateView(currency, rate_millionths, self._desk.local_now().date())
        self._desk.exchange = {**self._desk.exchange, currency: view}
        self._desk._did(f"rate {currency} {rate_millionths}", "exchange")

    async def open_account(self, name: str, phone: str = "", charged_minor: int = 0) -> UUID:
        await self._desk._turn("open_account", Permission.CHARGE_ACCOUNT)
        account = AccountView(self._desk._id(), name, phone, 0, 0)
        self._desk.accounts = (*self._desk.accounts, account)
        self._desk._did(f"account of {name}", "accounts")
        return account.id

    async def collect(self, account_id: UUID, amount_minor: int, method: MethodView) -> Collected:
        await self._desk._turn("collect", Permission.TAKE_PAYMENT)
        (account,) = (each for each in self._desk.accounts if each.id == account_id)
        left = account.owed_minor - amount_minor
        self._desk.accounts = (replace(account, owed_minor=left),)
        self._desk._did(f"collect {amount_minor} by {method.name}", "accounts")
        return Collected(amount_minor, left)

    async def print_qr(self, method: MethodView, amount_minor: int) -> None:
        await self._desk._turn("print_qr")
        self._desk.done.append(f"QR of {method.name} for {amount_minor}")
