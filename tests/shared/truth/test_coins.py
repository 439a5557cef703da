"""Cash is what coins can pay: as change, in corrections, and in the parts of a check. The rest is rounding."""

from __future__ import annotations

from uuid import UUID

import pytest
from evening import ONE, Hands
from hypothesis import given
from hypothesis import strategies as st
from restaurant import CASHIER, MANAGER, ORGANIZATION, Village

from shared.countries.exchange import worth_minor
from shared.drawers.commands import Cash, open_session
from shared.kernel.errors import DomainError
from shared.kernel.money import CashRounding
from shared.orders.commands import first_check_id
from shared.payments.commands import pay
from shared.payments.records import Payment, Receipt
from shared.payments.rules import Tender, TenderKind, apply_tenders
from shared.payments.tips import Tip, add_tip
from shared.shifts.queries import session_report

COIN, BREAD = 10, 366
"""A bread costs 3.66 with its tax."""
RATE = 3_755_000


def voucher(amount_minor: int) -> Tender:
    return Tender(UUID(int=1), "Vale", TenderKind.VOUCHER, amount_minor, gives_change=True)


def dollars(given_minor: int) -> Tender:
    much = worth_minor(given_minor, RATE, "USD", "PEN")
    of = {"given_currency": "USD", "given_minor": given_minor, "rate_millionths": RATE}
    return Tender(UUID(int=2), "Dólares", TenderKind.CASH, much, **of)


@pytest.mark.parametrize(
    ("due", "worth", "change", "rounding"), [(4_250, 5_037, 790, -3), (4_250, 5_034, 780, 4), (5_034, 5_037, 0, 3)]
)
def test_change_for_a_voucher_is_what_coins_can_pay(due: int, worth: int, change: int, rounding: int) -> None:
    done = apply_tenders(due, [voucher(worth)], COIN)
    assert (done.change_minor, done.rounding_minor, done.left_minor) == (change, rounding, 0)


def test_change_where_coins_are_large() -> None:
    done = apply_tenders(15_000, [voucher(19_995)], 10, CashRounding.HALF_DOWN)
    assert done.change_minor % 10 == 0
    assert abs(done.rounding_minor) <= 5


@given(
    due=st.integers(0, 6_000) | st.integers(0, 40),
    tender=st.builds(voucher, st.integers(1, 9_000)) | st.builds(dollars, st.integers(1, 3_000)),
    step=st.sampled_from([1, 5, 10, 50, 100]),
    way=st.sampled_from(CashRounding),
)
def test_whatever_is_tendered_coins_pay_the_change_and_nothing_is_below_nothing(
    due: int, tender: Tender, step: int, way: CashRounding
) -> None:
    try:
        done = apply_tenders(due, [tender], step, way)
    except DomainError:
        return
    assert done.change_minor % step == 0
    assert min(done.change_minor, done.left_minor, *(each.kept_minor for each in done.applied)) >= 0
    assert sum(each.kept_minor for each in done.applied) == due + done.rounding_minor - done.left_minor
    assert abs(done.rounding_minor) < max(step, 2)


async def bread(till: Hands, portions: int = 1) -> tuple[UUID, UUID]:
    """An order and its check."""
    order = await till.open()
    await till.add(order, "pan", portions * ONE)
    await till.send(order)
    return order, first_check_id(order)


async def test_a_card_payment_that_was_cash_expects_what_coins_can_pay(village: Village, till: Hands) -> None:
    async with till.replica.work(MANAGER) as work:
        session = (await open_session(work, work.ids.new(), None, [Cash("PEN", 0)])).session.id
    order, check = await bread(till)
    await till.pay(check, BREAD)
    (wrong,) = await till.replica.rows(Payment)
    cash = await till.replace_payment(wrong.id, "Efectivo")
    async with till.replica.connection() as reader:
        report = await session_report(reader, ORGANIZATION, session, "PEN")
    assert report is not None
    assert {each.name: each.expected_minor for each in report.counted} == {"": 370, "Visa": 0}
    assert (await till.replica.row(Payment, cash)).rounding_minor == 4
    assert (await till.check(order, check)).credit_minor == 0
    assert await till.differences() == {}


async def test_a_tip_on_a_card_that_was_cash_is_a_coin(till: Hands) -> None:
    _order, check = await bread(till)
    visa = till.house.methods["Visa"]
    async with till.replica.work(MANAGER) as work:
        paid = await pay(work, check, work.ids.new(), [Tender(visa, "Visa", TenderKind.CARD, BREAD)])
        of_it = paid.payments[0].id
        await add_tip(work, check, work.ids.new(), 623, visa, "Visa", TenderKind.CARD, payment_id=of_it)
    await till.replace_payment(of_it, "Efectivo")
    tips = sorted((each.amount_minor, each.lifted) for each in await till.replica.rows(Tip))
    assert tips == [(620, False), (623, True)]


@pytest.mark.parametrize("part", [1, 4])
async def test_a_part_that_no_coin_can_pay_is_refused(till: Hands, part: int) -> None:
    """Else a bread is paid by pressing it away, four cents at a time."""
    _order, check = await bread(till)
    for tenders in ([], [Tender(till.house.methods["Efectivo"], "Efectivo", TenderKind.CASH, 0)]):
        with pytest.raises(DomainError, match="SHARE_NOT_SENSIBLE"):
            async with till.replica.work(CASHIER) as work:
                await pay(work, check, work.ids.new(), tenders, 1, part)
    assert await till.replica.rows(Receipt) == []


async def test_equal_parts_below_a_coin_are_refused_and_the_rest_of_a_check_is_rounded_off(till: Hands) -> None:
    order, check = await bread(till)
    with pytest.raises(DomainError, match="SHARE_NOT_SENSIBLE"):
        await till.pay(check, 0, share=100)
    await till.pay(check, BREAD - 4)
    assert await till.pay(check, 0) is not None
    assert (await till.check(order, check)).due_minor == 0


async def test_a_card_pays_a_part_however_small(till: Hands) -> None:
    _order, check = await bread(till)
    async with till.replica.work(CASHIER) as work:
        card = Tender(till.house.methods["Visa"], "Visa", TenderKind.CARD, 4)
        assert (await pay(work, check, work.ids.new(), [card], 1, 4)).receipt is not None
