"""On account, beyond one till: limits that two tills exceed together, debts paid twice, cash without small coins."""

from __future__ import annotations

from uuid import UUID

import pytest
from evening import Hands, meet
from restaurant import BRANCH, CASHIER, CLOUD, MANAGER, ORGANIZATION, TILL, WAITER, Replica, Village

from shared.books.exception_views import OpenException
from shared.books.inbox import open_exceptions
from shared.books.settling import settle_exception
from shared.books.telling import what_happened, what_to_do
from shared.domains import TEXT_ROOMS
from shared.kernel.errors import DomainError
from shared.kernel.language import Language, Texts
from shared.kernel.money import CashRounding
from shared.payments.accounts import AccountPayment, accounts_of_branch, open_account, owed_on, pay_account
from shared.payments.commands import pay
from shared.payments.methods import add_payment_method
from shared.payments.records import Payment
from shared.payments.rules import Tender, TenderKind
from shared.tenancy.records import Branch

CEVICHE = 4_250
ANA = UUID(int=77)


class Till(Hands):
    """A till at which people have what they pay later."""

    cloud: Replica

    async def has(self, dish: str = "cev") -> None:
        """Ana has a dish on account."""
        order = await self.open()
        await self.add(order, dish)
        await self.send(order)
        check = await self.check(order)
        await self.charge_it(check.id, check.due_minor)

    async def charge_it(self, check_id: UUID, amount_minor: int) -> None:
        tender = Tender(self.house.methods["A cuenta"], "A cuenta", TenderKind.ACCOUNT, amount_minor, account_id=ANA)
        async with self.replica.work(MANAGER) as work:
            await pay(work, check_id, work.ids.new(), [tender])

    async def takes(self, amount_minor: int, method: str = "Efectivo") -> AccountPayment:
        async with self.replica.work(CASHIER) as work:
            return await pay_account(work, ANA, work.ids.new(), self._tender(method, amount_minor))

    async def owed(self) -> int:
        """What is owed, by the rows and by the sums."""
        async with self.replica.connection() as reader:
            (ana,) = await accounts_of_branch(reader, ORGANIZATION, BRANCH)
            assert ana.owed_minor == await owed_on(reader, ORGANIZATION, ANA)
        return ana.owed_minor

    async def rounds(self, way: CashRounding) -> None:
        """The house rounds cash so from now on."""
        async with self.cloud.work() as work:
            (await work.get(Branch, BRANCH)).cash_rounding = way
        await self.replica.pull(self.cloud)

    async def inbox(self) -> list[OpenException]:
        async with self.replica.connection() as reader:
            return await open_exceptions(reader, ORGANIZATION, BRANCH)


@pytest.fixture
async def till(village: Village) -> Till:
    cloud, till = village.replica(CLOUD), Till(village, village.replica(TILL))
    async with cloud.work() as work:
        method = await add_payment_method(work, "A cuenta", TenderKind.ACCOUNT, 9)
    till.house.methods["A cuenta"] = method.id
    till.cloud = cloud
    await till.replica.pull(cloud)
    async with till.replica.work(MANAGER) as work:
        await open_account(work, ANA, "Ana Torres", most_minor=5_000)
    return till


@pytest.fixture
async def other(village: Village, till: Till) -> Till:
    other = Till(village, village.replica(WAITER, "B"))
    await meet(till, other)
    return other


async def test_two_tills_that_exceed_a_limit_together_are_told_until_it_is_paid(till: Till, other: Till) -> None:
    for each in (till, other):
        await each.has()
    await meet(till, other)
    assert await till.differences() == {"account_above_limit": 2 * CEVICHE - 5_000}
    (found,) = await other.inbox()
    assert (found.amount_minor, found.takes_note, found.first("accounts_receivable") is not None) == (3_500, True, True)
    spanish = Texts(Language.SPANISH, TEXT_ROOMS)
    said = what_happened(spanish, found) + what_to_do(spanish, found)
    assert "S/ 35.00" in said
    assert "Ana" not in said
    await till.takes(3_000, "Visa")
    assert await till.differences() == {"account_above_limit": 500}
    await till.takes(500, "Visa")
    assert await till.differences() == {}


async def test_a_debt_that_two_tills_took_is_told_until_it_is_explained(till: Till, other: Till) -> None:
    await till.has()
    await meet(till, other)
    for each in (till, other):
        await each.takes(CEVICHE, "Visa")
    await meet(till, other)
    assert await other.differences() == {"account_overpaid": CEVICHE}
    (found,) = await till.inbox()
    async with till.replica.work(MANAGER) as work:
        await settle_exception(work, found.id, "devuelto en efectivo")
    assert await till.inbox() == []
    await till.has()
    assert await till.differences() == {}, "the next one is paid with it"


async def test_an_account_within_its_limit_says_nothing(till: Till) -> None:
    await till.has()
    assert await till.differences() == {}
    await till.takes(4_200)
    assert await till.differences() == {}


ROUNDING = [
    (CashRounding.DOWN, 366, 360, -6),
    (CashRounding.NEAREST, 366, 370, 4),
    (CashRounding.NEAREST, 364, 360, -4),
    (CashRounding.HALF_DOWN, 365, 360, -5),
    (CashRounding.UP, 361, 370, 9),
]


@pytest.mark.parametrize(("way", "owed", "coins", "rounding"), ROUNDING)
@pytest.mark.parametrize("typed", ["owed", "coins"])
async def test_cash_pays_a_debt_in_coins_and_leaves_nothing(
    till: Till, way: CashRounding, owed: int, coins: int, rounding: int, typed: str
) -> None:
    await till.rounds(way)
    await till.has()
    await till.takes(CEVICHE - owed, "Visa")
    paid = await till.takes(coins if typed == "coins" else owed)
    if (typed, coins > owed) == ("owed", True):
        coins, rounding = owed, 0  # what covers the exact amount is enough, as on a bill
    assert (paid.amount_minor, paid.rounding_minor) == (coins, rounding)
    assert await till.owed() == 0
    assert await till.differences() == {}


async def test_a_rest_that_no_coin_can_pay_is_closed_by_nothing(till: Till) -> None:
    await till.rounds(CashRounding.DOWN)
    await till.has()
    await till.takes(CEVICHE - 3, "Visa")
    paid = await till.takes(0)
    assert (paid.amount_minor, paid.rounding_minor) == (0, -3)
    assert await till.owed() == 0


async def test_a_part_in_cash_is_rounded_by_nothing_and_a_card_pays_to_the_cent(till: Till) -> None:
    await till.rounds(CashRounding.DOWN)
    await till.has()
    assert (await till.takes(4_000)).rounding_minor == 0
    assert (await till.takes(243, "Visa")).rounding_minor == 0
    assert await till.owed() == 7
    for too_much in (8, 10):
        with pytest.raises(DomainError, match="MORE_THAN_OWED"):
            await till.takes(too_much)


async def test_what_a_check_is_short_of_is_paid_in_coins_by_whatever_method_it_was(till: Till, other: Till) -> None:
    """Both tills gave the same money back."""
    await till.rounds(CashRounding.DOWN)
    order = await till.open()
    for _bread in range(2):
        await till.add(order, "pan")
    await till.send(order)
    check = await till.check(order)
    await till.pay(check.id, check.due_minor)
    await meet(till, other)
    lines = {line.id: line.quantity_milli for line in await till.receipt_lines()}
    for each in (till, other):
        await each.refund(check.id, lines)
    await meet(till, other)
    missing = (await till.differences())["short"]
    assert missing % 10
    assert await till.pay(check.id, missing // 10 * 10, method="Efectivo") is None
    assert "short" not in await till.differences()
    with pytest.raises(DomainError, match="ORDER_CLOSED"):
        await till.pay(check.id, 10, method="Efectivo")
    newest = max(await till.replica.rows(Payment), key=lambda row: row.id)
    assert newest.rounding_minor == -(missing % 10)
    await till.replace_payment(newest.id, "Visa")
    assert "short" not in await till.differences(), "it stands for what it replaces, to the cent"
