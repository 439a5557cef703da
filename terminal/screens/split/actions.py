"""How the payment screen splits its check: the question, and the part that is paid now."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from uuid import UUID

from shared.books.views import CheckView, OrderView
from shared.kernel.errors import DomainError
from shared.kernel.language import Texts
from shared.orders.parting import equal_part
from shared.payments.pricing import MOST_SHARES
from shared.payments.seats import FEWEST_GUESTS
from terminal.actions import Action
from terminal.dialogs.questions import Amount, AmountKind, Choice, Given, Pick, Picked
from terminal.screens.bills.actions import BillActions
from terminal.screens.split.plan import SplitPlan, amount_plan, equal_plan
from terminal.screens.split.portions import Portions
from terminal.screens.split.screen import SplitDialog
from terminal.screens.voice import Voice
from terminal.theme.palette import Tone

BY_DISH, OTHER_PARTS, BY_AMOUNT, ALL_AT_ONCE = "by dish", "other parts", "by amount", "all at once"
BY_SEAT = "by seat"
ROW_PARTS, KEY_PARTS = (2, 3, 4), (5, 6, 7, 8, 9)
"""A digit is so many parts, whether it has a row or not: F7, 2 is two parts, and F7, 7 is seven."""
OTHER_KEYS, AMOUNT_KEY, SEAT_KEY = "5-9", "0", "s"
QUICK_PARTS = (5, 6, 7, 8, 10)
ONE_MILLI = 1_000


class SplitActions(BillActions):
    """Mixed into the payment screen."""

    _plan: SplitPlan | None = None
    _splitting: SplitDialog | None = None

    async def take_up_plan(self, plan: SplitPlan | None) -> None:
        """Pay this part next; without one, all that is owed."""
        raise NotImplementedError

    async def pay_check(self, check_id: UUID) -> None:
        """Pay another check of the order next."""
        raise NotImplementedError

    def why_no_split(self, action: Action) -> str | None:
        """Why the check cannot be split now."""
        if action.id != "split":
            return None
        found = self.bill_of()
        if found is None or found[1].due_minor <= 0:
            return self.desk.texts("bills.nothing_owed")
        return None

    async def do_split(self) -> None:
        """Ask how the check is split."""
        order, check = self._need_bill()
        texts, money, due = self.desk.texts, self.desk.money, check.due_minor
        lines = [line for line in order.lines if line.check_id == check.id and line.owed_milli]
        alone = texts("split.one_dish") if len(lines) == 1 and lines[0].owed_milli <= 1 else ""
        rows = [
            Choice(BY_DISH, texts("split.by_dish"), why_not=alone),
            *(Choice(parts, texts("split.parts", count=parts), self._each(due, parts)) for parts in ROW_PARTS),
            Choice(OTHER_PARTS, texts("split.other_parts"), key=OTHER_KEYS),
            Choice(BY_AMOUNT, texts("split.by_amount"), key=AMOUNT_KEY),
        ]
        unseen = tuple(Choice(parts, texts("split.parts", count=parts), key=str(parts)) for parts in KEY_PARTS)
        seats = {line.seat for line in lines} - {0}
        keys = {SEAT_KEY: BY_SEAT} if len(seats) >= FEWEST_GUESTS else {}
        if keys:
            rows.append(
                Choice(BY_SEAT, texts("split.by_seat"), texts("split.seats", count=len(seats)), key=SEAT_KEY.upper())
            )
        if self._plan is not None:
            rows.append(Choice(ALL_AT_ONCE, texts("split.all_at_once"), money(due), key=""))
        title, asked = self._bill_title("split.title", order, check), texts("split.how", amount=money(due))
        pick = Pick(title, tuple(rows), asked, at=1, unseen=unseen, shortcuts=keys)
        await self.host.ask(pick, partial(self._split_so, order, check))

    async def _split_so(self, order: OrderView, check: CheckView, picked: Picked) -> None:
        texts, voice = self.desk.texts, Voice.of(self.desk)
        if isinstance(picked.id, int):
            await self._in_parts(check, picked.id)
        elif picked.id == ALL_AT_ONCE:
            await self.take_up_plan(None)
        elif picked.id == BY_SEAT:
            await self._by_seat(order, check)
        elif picked.id == BY_DISH:
            self._splitting = self._splitting or SplitDialog(self.desk)
            title = self._bill_title("split.by_dish", order, check)
            portions, by_seat = Portions.of(check, order.lines), partial(self._by_seat, order, check)
            self._splitting.ask(title, portions, partial(self._split_off, order, check), by_seat)
            await self.host.open_dialog(self._splitting)
        elif picked.id == OTHER_PARTS:
            quick = tuple(Given(AmountKind.QUANTITY, parts * ONE_MILLI) for parts in QUICK_PARTS)

            def each(given: Given) -> str:
                return self._each(check.due_minor, _parts(given))

            async def counted(given: Given) -> None:
                await self._in_parts(check, _parts(given))

            asked = texts("split.how_many")
            await self.host.ask(Amount(picked.text, (AmountKind.QUANTITY,), asked, quick=quick, comes_to=each), counted)
        else:

            def rest(given: Given) -> str:
                self._require_part(check, given.value)
                return texts("split.rest", amount=voice.money(check.due_minor - given.value))

            async def entered(given: Given) -> None:
                self._require_part(check, given.value)
                await self.take_up_plan(amount_plan(check, given.value))

            await self.host.ask(Amount(picked.text, comes_to=rest), entered)

    async def _by_seat(self, order: OrderView, check: CheckView) -> None:
        """Give each guest a check, and pay that of the first one next."""
        checks = await self.desk.bills.split_by_seat(order.id, check.id)
        first = min(checks)
        await self.pay_check(checks[first])
        pays = self.desk.texts("split.seat_pays", seat=first)
        self.say(f"{seated_words(order, check, len(checks), self.desk.texts)} {pays}", Tone.READY)

    def _each(self, due_minor: int, parts: int) -> str:
        """`S/ 42.50 cada una`; where the last ones are a cent less: `S/ 28.33 o S/ 28.34 cada una`."""
        texts, money, most = self.desk.texts, self.desk.money, equal_part(due_minor, parts)
        least = due_minor // parts
        if least == most:
            return texts("split.each", amount=money(most))
        return texts("split.each_or", least=money(least), most=money(most))

    def _require_part(self, check: CheckView, amount_minor: int) -> None:
        if not 0 < amount_minor < check.due_minor:
            raise DomainError("split.not_less", amount=self.desk.money(check.due_minor))

    async def _in_parts(self, check: CheckView, parts: int) -> None:
        await self.take_up_plan(equal_plan(check, parts, parts))

    async def _split_off(self, order: OrderView, check: CheckView, portions: Mapping[UUID, int]) -> None:
        new_id = await self.desk.bills.split_off(order.id, check.id, portions)
        await self.pay_check(new_id)
        now = self.desk.orders.get(order.id)
        if now is not None:
            at, count = now.place_of(new_id)
            self.say(self.desk.texts("split.done", at=at, count=count), Tone.READY)


def seated_words(order: OrderView, check: CheckView, count: int, texts: Texts) -> str:
    """How many checks a split by seat made, and that what is for no seat was shared."""
    shared = Portions.of(check, order.lines).has_shared
    return texts("split.seated_shared" if shared else "split.seated", count=count)


def _parts(given: Given) -> int:
    """Raises:
    DomainError: SHARE_NOT_SENSIBLE (params: most).
    """
    parts = given.value // ONE_MILLI
    if not 1 < parts <= MOST_SHARES:
        raise DomainError("SHARE_NOT_SENSIBLE", most=MOST_SHARES)
    return parts
