"""What each way to pay asks for and keeps: slips, other money, accounts and tips. No number of a card, ever."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import pytest
from evening import Hands
from hypothesis import assume, given
from hypothesis import strategies as st
from restaurant import BRANCH, CASHIER, CLOUD, MANAGER, ORGANIZATION, TILL, Village

from shared.countries.countries import cash_habit, country
from shared.countries.exchange import is_worth, least_that_covers, worth_minor
from shared.kernel.errors import DomainError, NotPermitted
from shared.kernel.money import CashRounding
from shared.payments.accounts import AccountCharge, accounts_of_branch, open_account, pay_account
from shared.payments.commands import pay
from shared.payments.exchange import rates_on, set_rate
from shared.payments.methods import add_payment_method
from shared.payments.queries import MethodView, payment_methods, used_today
from shared.payments.records import Payment
from shared.payments.rules import Tender, TenderKind, apply_tenders, holds_card_number
from shared.payments.tips import Tip, add_tip, lift_tip
from shared.sales.queries import Span, totals
from shared.shifts.queries import session_report

CEVICHE = 4_250
CARD = "4111111111111111"


@pytest.mark.parametrize(
    "text",
    [
        CARD,
        "4111 1111 1111 1111",
        "4111-1111-1111-1111 12/27",
        "op 4111.1111.1111.1111",
        "378282246310005",
        "４１１１１１１１１１１１１１１１",
    ],
)
def test_a_whole_card_number_is_found_however_it_is_written(text: str) -> None:
    assert holds_card_number(text)


@pytest.mark.parametrize("text", ["", "4242", "123456789012", "4111111111111112", "terminal 04 lote 118 op 004211"])
def test_what_is_no_card_number_is_none(text: str) -> None:
    assert not holds_card_number(text)


@pytest.fixture
async def hands(village: Village) -> Hands:
    """At a till that knows dollars, an account and a limited method, and the rate of the day."""
    cloud, till = village.replica(CLOUD, ""), village.replica(TILL)
    async with cloud.work() as work:
        await add_payment_method(work, "Dólares", TenderKind.CASH, 6, currency="USD")
        await add_payment_method(work, "A cuenta", TenderKind.ACCOUNT, 7)
        await add_payment_method(work, "Cheque", TenderKind.TRANSFER, 8, most_minor=1_000)
        await set_rate(work, "USD", 3_755_000, branch_id=BRANCH, day=cloud.clock.now().date())
    await till.pull(cloud)
    return Hands(village, till)


async def opened(hands: Hands) -> UUID:
    order = await hands.open()
    await hands.add(order)
    await hands.send(order)
    return (await hands.order(order)).check_id


async def method(hands: Hands, name: str) -> MethodView:
    async with hands.replica.connection() as reader:
        return next(each for each in await payment_methods(reader, ORGANIZATION) if each.name == name)


async def tender(hands: Hands, name: str, amount: int, **more: object) -> Tender:
    found = await method(hands, name)
    return Tender(found.id, found.name, found.kind, amount, **more)


async def paid(hands: Hands, check: UUID, *tenders: Tender) -> object:
    async with hands.replica.work(MANAGER) as work:
        return await pay(work, check, work.ids.new(), tenders)


@pytest.mark.parametrize("field", ["reference", "last_four", "authorization"])
async def test_no_text_of_a_payment_takes_a_card_number(hands: Hands, field: str) -> None:
    check = await opened(hands)
    card = await tender(hands, "Visa", CEVICHE, **{field: CARD})
    with pytest.raises(DomainError, match="CARD_NUMBER"):
        await paid(hands, check, card)
    assert await hands.replica.rows(Payment) == []


async def test_what_the_slip_says_is_kept_and_found_again_the_same_day(hands: Hands) -> None:
    check = await opened(hands)
    await paid(hands, check, await tender(hands, "Visa", 1_000, reference="881", last_four="4242", authorization="A1"))
    (row,) = await hands.replica.rows(Payment)
    assert (row.reference, row.last_four, row.authorization) == ("881", "4242", "A1")
    async with hands.replica.connection() as reader:
        where = (reader, ORGANIZATION, BRANCH, row.business_date, row.method_id)
        assert (await used_today(*where, "881")).id == row.id
        assert await used_today(*where, "882") is None


async def test_a_method_takes_no_more_at_once_than_it_says(hands: Hands) -> None:
    check = await opened(hands)
    with pytest.raises(DomainError, match="ABOVE_METHOD"):
        await paid(hands, check, await tender(hands, "Cheque", 1_001))
    await paid(hands, check, await tender(hands, "Cheque", 1_000))


async def test_dollars_pay_at_the_rate_of_the_day_and_change_is_in_coins_of_the_house(hands: Hands) -> None:
    check = await opened(hands)
    given = {"given_currency": "USD", "given_minor": 2_000, "rate_millionths": 3_755_000}
    worth = worth_minor(2_000, 3_755_000, "USD", "PEN")
    done = await paid(hands, check, await tender(hands, "Dólares", worth, **given))
    (row,) = await hands.replica.rows(Payment)
    assert (row.tendered_minor, row.given_minor, row.rate_millionths) == (7_510, 2_000, 3_755_000)
    assert done.settlement.change_minor == 3_260
    assert row.amount_minor == 4_250
    async with hands.replica.connection() as reader:
        report = await session_report(reader, ORGANIZATION, row.session_id, "PEN")
    in_drawer = {each.currency: each.expected_minor for each in report.counted}
    assert in_drawer == {"USD": 2_000, "PEN": -3_260}, "the change went out"
    assert await hands.differences() == {}


async def test_a_rate_that_is_not_in_force_is_refused(hands: Hands) -> None:
    check = await opened(hands)
    given = {"given_currency": "USD", "given_minor": 2_000, "rate_millionths": 3_700_000}
    with pytest.raises(DomainError, match="RATE_CHANGED"):
        await paid(hands, check, await tender(hands, "Dólares", 7_400, **given))
    async with hands.replica.work(CASHIER) as work:
        with pytest.raises(NotPermitted):
            await set_rate(work, "USD", 3_700_000)
    async with hands.replica.work(MANAGER) as work:
        await set_rate(work, "USD", 3_700_000)
    await paid(hands, check, await tender(hands, "Dólares", 7_400, **given))


async def test_the_last_rate_holds_until_the_next(hands: Hands) -> None:
    day = hands.replica.clock.now().date()
    async with hands.replica.connection() as reader:
        later = await rates_on(reader, ORGANIZATION, BRANCH, day.replace(year=day.year + 1))
        earlier = await rates_on(reader, ORGANIZATION, BRANCH, day.replace(year=day.year - 1))
    assert later["USD"].rate_millionths == 3_755_000
    assert dict(earlier) == {}


async def test_a_person_owes_what_they_had_up_to_their_limit_and_pays_it_later(hands: Hands) -> None:
    account_id, check = UUID(int=77), await opened(hands)
    async with hands.replica.work(MANAGER) as work:
        await open_account(work, account_id, "Ana Torres", "999 111 222", most_minor=5_000)
    await paid(hands, check, await tender(hands, "A cuenta", CEVICHE, account_id=account_id))
    other = await opened(hands)
    with pytest.raises(DomainError, match="ACCOUNT_LIMIT"):
        await paid(hands, other, await tender(hands, "A cuenta", CEVICHE, account_id=account_id))
    async with hands.replica.connection() as reader:
        (ana,) = await accounts_of_branch(reader, ORGANIZATION, BRANCH)
    assert (ana.name, ana.phone, ana.owed_minor) == ("Ana Torres", "999 111 222", CEVICHE)
    assert "Ana" not in repr(ana)
    too_much, enough = await tender(hands, "Visa", CEVICHE + 1), await tender(hands, "Visa", 4_000)
    async with hands.replica.work(CASHIER) as work:
        with pytest.raises(DomainError, match="MORE_THAN_OWED"):
            await pay_account(work, account_id, work.ids.new(), too_much)
        await pay_account(work, account_id, work.ids.new(), enough)
    async with hands.replica.connection() as reader:
        (ana,) = await accounts_of_branch(reader, ORGANIZATION, BRANCH)
    assert ana.owed_minor == 250


async def test_who_may_not_charge_an_account_does_not(hands: Hands) -> None:
    account_id, check = UUID(int=77), await opened(hands)
    async with hands.replica.work(MANAGER) as work:
        await open_account(work, account_id, "Ana Torres")
    on_account = await tender(hands, "A cuenta", CEVICHE, account_id=account_id)
    async with hands.replica.work(CASHIER) as work:
        with pytest.raises(NotPermitted):
            await pay(work, check, work.ids.new(), [on_account])
    with pytest.raises(DomainError, match="ACCOUNT_MISSING"):
        await paid(hands, check, await tender(hands, "A cuenta", CEVICHE))


async def test_a_part_on_account_that_is_taken_back_is_owed_by_nobody(hands: Hands) -> None:
    account_id, check = UUID(int=77), await opened(hands)
    async with hands.replica.work(MANAGER) as work:
        await open_account(work, account_id, "Ana Torres")
    await paid(hands, check, await tender(hands, "A cuenta", 1_000, account_id=account_id))
    await hands.take_back(check)
    assert [each.is_credit for each in await hands.replica.rows(AccountCharge)] in ([False, True], [True, False])
    async with hands.replica.connection() as reader:
        (ana,) = await accounts_of_branch(reader, ORGANIZATION, BRANCH)
    assert ana.owed_minor == 0


async def test_a_tip_is_no_sale_and_can_be_taken_back(hands: Hands) -> None:
    check = await opened(hands)
    await hands.pay(check, CEVICHE)
    await hands.tip(check, 500)
    (tip,) = await hands.replica.rows(Tip)
    visa = await method(hands, "Visa")
    async with hands.replica.work(CASHIER) as work:
        with pytest.raises(DomainError, match="TIP_NOT_SENSIBLE"):
            await add_tip(work, check, work.ids.new(), 0, visa.id, visa.name, visa.kind)
    async with hands.replica.connection() as reader:
        assert await _tips_on(reader, tip.business_date) == {"PEN": 500}
    assert await hands.differences() == {}
    async with hands.replica.work(CASHIER) as work:
        await lift_tip(work, tip.id)
    async with hands.replica.connection() as reader:
        assert await _tips_on(reader, tip.business_date) == {}
    assert len(await hands.replica.rows(Tip)) == 1


async def test_a_cash_tip_is_taken_back_freely_until_its_receipt(hands: Hands) -> None:
    check = await opened(hands)
    slip = await hands.tip(check, 300, "Efectivo")
    async with hands.replica.work(CASHIER) as work:
        await lift_tip(work, slip)
    before = await hands.tip(check, 500, "Efectivo")
    await hands.pay(check, CEVICHE)
    after = await hands.tip(check, 700, "Efectivo")
    for tip_id in (before, after):
        async with hands.replica.work(CASHIER) as work:
            with pytest.raises(NotPermitted):
                await lift_tip(work, tip_id)
        async with hands.replica.work(MANAGER) as work:
            await lift_tip(work, tip_id)
    assert all(tip.lifted for tip in await hands.replica.rows(Tip))


RATES = st.integers(1, 10**10)
COUNTRIES = st.sampled_from(["PE", "CL", "US", "JP", "BH", "CO", "CH"])


@given(st.integers(1, 10**7), st.integers(1, 10**7), RATES, COUNTRIES, COUNTRIES, st.sampled_from(CashRounding))
def test_a_bill_in_two_currencies_and_two_methods_adds_up_to_the_cent(
    due: int, by_card: int, rate: int, here: str, there: str, way: CashRounding
) -> None:
    house, other = country(here).currency, country(there).currency
    step = cash_habit(here, house).step_minor
    card = Tender(UUID(int=1), "Visa", TenderKind.CARD, min(by_card, due))
    given_minor = least_that_covers(due - card.amount_minor, rate, other, house)
    worth = worth_minor(given_minor, rate, other, house)
    assert worth >= due - card.amount_minor
    assume(worth <= 10**13)
    cash = Tender(
        UUID(int=2), "Otra", TenderKind.CASH, worth, given_currency=other, given_minor=given_minor, rate_millionths=rate
    )
    tenders = [card, cash] if worth else [card]
    done = apply_tenders(due, tenders, step, way)
    assert done.left_minor == 0
    kept = sum(each.kept_minor for each in done.applied)
    assert kept == due + done.rounding_minor
    assert abs(done.rounding_minor) < step or not done.rounding_minor
    assert kept + done.change_minor == card.amount_minor + worth
    assert done.change_minor >= 0
    assert done.change_minor % step == 0 or done.change_minor == 0
    assert not worth or is_worth(worth, given_minor, rate, other, house)


async def _tips_on(reader: Any, day: date) -> dict[str, int]:
    """Tips in the sums of a day, by currency."""
    found = await totals(reader, Span(ORGANIZATION, (BRANCH,), day, day))
    return {each.currency: each.tips_minor for each in found if each.tips_minor}
