"""Counting and closing a session: what its Z says, that nothing refuses it, and what comes after it."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from evening import Hands, meet
from restaurant import CASHIER, MANAGER, ORGANIZATION, WAITER, Replica, Village

from shared.countries.currencies import format_minor
from shared.drawers.commands import Cash, cash_in, cash_out, drop_cash, open_session, open_without_sale
from shared.drawers.records import CashMovement, DrawerSession
from shared.exceptions.records import ExceptionEvent
from shared.exceptions.rules import EventKind
from shared.kernel.errors import DomainError
from shared.kernel.language import Language
from shared.kernel.permissions import Actor
from shared.payments.records import Payment
from shared.payments.rules import TenderKind
from shared.payments.tips import add_tip
from shared.shifts.commands import Closed, Counted, Head, close_session, count_session, tell_late
from shared.shifts.opening import open_shift
from shared.shifts.queries import session_report, z_reports
from shared.shifts.records import Count, ZReport
from shared.shifts.rules import MethodSum, SessionReport, expected
from terminal.papers.shift_papers import ReportWords
from terminal.printing.wording import words

CEVICHE = 4_250
SOLES = "PEN"
HEAD = Head(7, "00ff")
WORDS = ReportWords(words(Language.SPANISH), "America/Lima", SOLES)


class Cashier(Hands):
    """A cashier at a device of the branch."""

    def __init__(self, village: Village, replica: Replica) -> None:
        super().__init__(village, replica)
        self.session_id: UUID = replica.ids.new()

    async def begin(self, float_minor: int = 0) -> None:
        async with self.replica.work(CASHIER) as work:
            floats = [Cash(SOLES, float_minor)] if float_minor else ()
            self.session_id = (await open_session(work, work.ids.new(), None, floats)).session.id

    async def sell(self, method: str = "Efectivo", tendered: int = CEVICHE) -> UUID:
        order = await self.open()
        await self.add(order)
        await self.send(order)
        check = (await self.check(order)).id
        await self.pay(check, tendered, method=method)
        return check

    async def count(self, cash: int, **methods: int) -> None:
        counted = [Counted(Cash(SOLES, cash))]
        counted += [Counted(Cash(SOLES, total), self.house.methods[name], name) for name, total in methods.items()]
        async with self.replica.work(CASHIER) as work:
            await count_session(work, self.session_id, counted)

    async def close(self, reason: str = "", actor: Actor = CASHIER) -> Closed:
        async with self.replica.work(actor) as work:
            return await close_session(work, self.session_id, HEAD, reason)

    async def report(self) -> SessionReport:
        async with self.replica.connection() as reader:
            report = await session_report(reader, ORGANIZATION, self.session_id, SOLES)
        assert report is not None
        return report

    async def events(self) -> list[tuple[EventKind, int, int]]:
        return [(each.kind, each.size, each.amount_minor) for each in await self.replica.rows(ExceptionEvent)]


@pytest.fixture
def cashier(village: Village, till: Replica) -> Cashier:
    return Cashier(village, till)


async def test_an_x_and_a_z_say_what_came_in_and_went_out(cashier: Cashier) -> None:
    await cashier.begin(20_000)
    first = await cashier.sell(tendered=5_000)
    await cashier.sell("Visa")
    lines = {line.check_id: line.id for line in await cashier.receipt_lines()}
    await cashier.refund(first, {lines[first]: 500})
    async with cashier.replica.work(MANAGER) as work:
        await cash_in(work, work.ids.new(), Cash(SOLES, 3_000), "Sencillo")
        await cash_out(work, work.ids.new(), Cash(SOLES, 1_000), "Hielo")
        await drop_cash(work, work.ids.new(), Cash(SOLES, 10_000))
        await open_without_sale(work, work.ids.new(), "Cambio")
    report = await cashier.report()
    sales = report.sales
    assert (sales.receipts, sales.checks, sales.gross_minor, sales.total_minor) == (2, 2, 2 * CEVICHE, 2 * CEVICHE)
    assert (sales.first_receipt, sales.last_receipt) == ("A-00000001", "A-00000002")
    assert sales.net_minor + sales.tax_minor == sales.total_minor
    assert [(tax.name, tax.tax_minor) for tax in report.taxes] == [("IGV", sales.tax_minor)]
    back = report.refunded_minor
    assert (report.refunds, back, report.corrected_minor, report.openings) == (1, 2_130, 0, 1)
    cash = 20_000 + CEVICHE - back + 3_000 - 1_000 - 10_000
    assert [(each.name, each.expected_minor) for each in report.counted] == [("", cash), ("Visa", CEVICHE)]
    moved = {each.kind: each.amount_minor for each in report.movements}
    assert moved == {"float": 20_000, "in": 3_000, "out": -1_000, "drop": -10_000}
    await cashier.count(cash, Visa=CEVICHE)
    closed = await cashier.close()
    assert (closed.z.number, closed.z.difference_minor, closed.z.head_seq) == ("A-Z00000001", 0, 7)
    assert await cashier.events() == []


async def test_what_a_z_says_is_read_from_its_row_for_ever(cashier: Cashier) -> None:
    await cashier.begin(5_000)
    await cashier.sell()
    await cashier.sell("Visa")
    await cashier.count(9_000, Visa=CEVICHE)
    closed = await cashier.close("Di mal un vuelto")
    async with cashier.replica.connection() as reader:
        (z,) = await z_reports(reader, ORGANIZATION, closed.z.branch_id)
    assert (z.reason, z.closed_by, z.head_chain) == ("Di mal un vuelto", "cashier", "00ff")
    for name in ("sales", "taxes", "methods", "movements", "counted", "late", "difference_minor", "business_date"):
        assert getattr(z, name) == getattr(closed.report, name), name


async def test_a_z_tells_for_ever_how_often_it_was_counted_and_what_differed_first(cashier: Cashier) -> None:
    await cashier.begin(10_000)
    await cashier.count(9_300)
    await cashier.count(9_990)
    await cashier.count(10_000)
    closed = await cashier.close()
    async with cashier.replica.connection() as reader:
        (z,) = await z_reports(reader, ORGANIZATION, closed.z.branch_id)
    assert z.counted == closed.report.counted
    (cash,) = z.counted
    assert (cash.rounds, cash.first_difference_minor, cash.difference_minor) == (3, -700, 0)
    assert [row.total_minor for row in await cashier.replica.rows(Count)] == [9_300, 9_990, 10_000]


async def test_numbers_of_zs_have_no_gap_and_the_next_session_begins_anew(cashier: Cashier) -> None:
    for number in ("A-Z00000001", "A-Z00000002"):
        await cashier.begin()
        await cashier.sell()
        await cashier.count(CEVICHE)
        closed = await cashier.close()
        assert (closed.z.number, closed.z.checks, closed.z.late) == (number, 1, [])


async def test_a_session_is_closed_once(cashier: Cashier) -> None:
    await cashier.begin()
    await cashier.count(0)
    await cashier.close()
    with pytest.raises(DomainError, match="SESSION_IS_CLOSED"):
        await cashier.close()
    with pytest.raises(DomainError, match="SESSION_IS_CLOSED"):
        await cashier.count(0)


async def test_a_difference_refuses_nothing_and_is_noted_for_who_may_look(cashier: Cashier) -> None:
    await cashier.begin(10_000)
    await cashier.count(9_300)
    assert (await cashier.close("No sé")).z.difference_minor == -700
    (event,) = await cashier.replica.rows(ExceptionEvent)
    assert (event.kind, event.amount_minor, event.reason) == (EventKind.DRAWER_DIFFERS, 700, "drawer_short")


async def test_who_may_close_with_a_difference_is_asked_nothing(cashier: Cashier) -> None:
    await cashier.begin(10_000)
    await cashier.count(10_500)
    assert (await cashier.close(actor=MANAGER)).z.difference_minor == 500
    assert await cashier.events() == []


async def test_counted_again_the_last_round_counts(cashier: Cashier) -> None:
    await cashier.begin(10_000)
    await cashier.count(9_000)
    await cashier.count(10_000)
    assert (await cashier.close()).z.difference_minor == 0
    assert [row.round for row in await cashier.replica.rows(Count)] == [1, 2]


async def test_money_that_moves_after_the_count_asks_for_another_count(cashier: Cashier) -> None:
    await cashier.begin()
    await cashier.count(0)
    await cashier.sell()
    with pytest.raises(DomainError, match="COUNT_AGAIN"):
        await cashier.close()
    await cashier.count(CEVICHE)
    await cashier.close()


async def test_what_nobody_counted_is_not_closed(cashier: Cashier) -> None:
    await cashier.begin(10_000)
    with pytest.raises(DomainError, match="COUNT_MISSING"):
        await cashier.close()
    await cashier.count(10_000)
    await cashier.close()


async def test_a_session_of_another_device_is_neither_counted_nor_closed(village: Village, cashier: Cashier) -> None:
    other = Cashier(village, village.replica(WAITER, "B"))
    await cashier.begin()
    await other.replica.pull(cashier.replica)
    other.session_id = cashier.session_id
    with pytest.raises(DomainError, match="NOT_THIS_DEVICE"):
        await other.close()


async def test_a_drawer_counted_after_a_sale_holds_what_was_counted(cashier: Cashier) -> None:
    await cashier.sell()
    async with cashier.replica.work(CASHIER) as work:
        shift = await open_shift(work, work.ids.new(), None, [Cash(SOLES, pieces={10_000: 1, 4_250: 1})])
    cashier.session_id = shift.opened.session.id
    (movement,) = await cashier.replica.rows(CashMovement)
    assert (movement.in_minor, movement.pieces) == (10_000, [])
    assert [each.expected_minor for each in (await cashier.report()).counted] == [14_250]


async def test_what_was_paid_out_before_the_count_was_in_the_float(cashier: Cashier) -> None:
    async with cashier.replica.work(MANAGER) as work:
        await cash_out(work, work.ids.new(), Cash(SOLES, 2_000), "Hielo")
    async with cashier.replica.work(CASHIER) as work:
        shift = await open_shift(work, work.ids.new(), None, [Cash(SOLES, 8_000)])
    cashier.session_id = shift.opened.session.id
    assert [each.expected_minor for each in (await cashier.report()).counted] == [8_000]


async def test_what_a_sale_of_yesterday_took_is_not_expected_today(cashier: Cashier) -> None:
    await cashier.sell()
    cashier.replica.clock.instant += timedelta(days=1)
    async with cashier.replica.work(CASHIER) as work:
        shift = await open_shift(work, work.ids.new(), None, [Cash(SOLES, 14_250)])
    cashier.session_id = shift.opened.session.id
    assert [each.expected_minor for each in (await cashier.report()).counted] == [14_250]


async def test_two_currencies_are_counted_apart(cashier: Cashier) -> None:
    async with cashier.replica.work(CASHIER) as work:
        floats = [Cash(SOLES, 10_000), Cash("USD", pieces={2_000: 1, 100: 5})]
        cashier.session_id = (await open_session(work, work.ids.new(), None, floats)).session.id
    async with cashier.replica.work(CASHIER) as work:
        counted = [Counted(Cash(SOLES, 10_000)), Counted(Cash("USD", pieces={2_000: 1}))]
        await count_session(work, cashier.session_id, counted)
    report = (await cashier.close(actor=MANAGER)).report
    assert [(each.currency, each.expected_minor, each.difference_minor) for each in report.counted] == [
        ("PEN", 10_000, 0),
        ("USD", 2_500, -500),
    ]


async def test_what_comes_after_the_z_counts_in_the_next_one_with_an_exception(cashier: Cashier) -> None:
    await cashier.begin()
    await cashier.sell()
    await cashier.count(CEVICHE)
    first = await cashier.close()
    await late_payment(cashier, first.z.session_id)
    before = cashier.session_id
    await cashier.begin()
    async with cashier.replica.work(CASHIER) as work:
        (late,) = await tell_late(work)
    assert (late.session_id, late.number, late.amount_minor, late.rows) == (before, "A-Z00000001", 900, 1)
    assert await cashier.events() == [(EventKind.AFTER_THE_CLOSE, 1, 900)]
    await cashier.count(900)
    second = await cashier.close()
    assert (second.z.difference_minor, second.report.late) == (0, (late,))
    await cashier.begin()
    assert (await cashier.report()).late == ()
    async with cashier.replica.connection() as reader:
        zs = await z_reports(reader, ORGANIZATION, first.z.branch_id)
    assert [z.counted[0].own_minor for z in zs] == [0, CEVICHE], "the Z stays as it was printed"


async def late_payment(cashier: Cashier, session_id: UUID) -> None:
    """Cash that this device took in a session before it knew that it was closed: a restored backup did."""
    check = (await cashier.replica.rows(Payment))[0].check_id
    async with cashier.replica.work(CASHIER) as work:
        session = await work.get(DrawerSession, session_id)
        work.add(
            Payment(
                organization_id=ORGANIZATION,
                branch_id=session.branch_id,
                id=work.ids.new(),
                check_id=check,
                number="A-P00000077",
                method_id=cashier.house.methods["Efectivo"],
                method_name="Efectivo",
                kind=TenderKind.CASH,
                currency=SOLES,
                amount_minor=900,
                tendered_minor=900,
                taken_at=work.now,
                session_id=session_id,
                business_date=session.business_date,
                local_hour=12,
            )
        )


async def test_zs_of_two_devices_meet(village: Village, cashier: Cashier) -> None:
    other = Cashier(village, village.replica(WAITER, "B"))
    for each in (cashier, other):
        await each.begin()
        await each.sell()
        await each.count(CEVICHE)
        await each.close()
    await meet(cashier, other)
    assert {row.number for row in await cashier.replica.rows(ZReport)} == {"A-Z00000001", "B-Z00000001"}


async def test_a_session_that_a_sale_opened_is_closed_the_next_day(cashier: Cashier) -> None:
    await cashier.sell()
    (session,) = await cashier.replica.rows(DrawerSession)
    cashier.replica.clock.instant += timedelta(days=1)
    await cashier.begin()
    cashier.session_id = session.id
    await cashier.count(CEVICHE)
    closed = await cashier.close()
    assert (closed.report.declared, closed.z.business_date) == (False, session.business_date)


async def test_tips_are_expected_and_shown_apart(cashier: Cashier) -> None:
    await cashier.begin()
    check = await cashier.sell("Visa")
    await cashier.tip(check, 500, "Visa")
    await cashier.tip(check, 300, "Efectivo")
    report = await cashier.report()
    assert [(each.name, each.tips_minor) for each in report.methods] == [("Efectivo", 300), ("Visa", 500)]
    assert [each.expected_minor for each in report.counted] == [300, CEVICHE + 500]
    assert report.sales.total_minor == CEVICHE


async def test_a_wrong_method_is_a_correction_and_no_refund(cashier: Cashier) -> None:
    await cashier.begin()
    await cashier.sell("Visa")
    (payment,) = await cashier.replica.rows(Payment)
    await cashier.replace_payment(payment.id, "Efectivo")
    report = await cashier.report()
    assert (report.refunds, report.corrected_minor, report.sales.receipts) == (0, CEVICHE, 1)
    assert [each.expected_minor for each in report.counted] == [CEVICHE, 0]


async def test_a_wrong_method_is_put_right_in_the_drawer_that_expected_it(village: Village, cashier: Cashier) -> None:
    other = Cashier(village, village.replica(WAITER, "B"))
    await cashier.begin()
    await other.begin()
    await cashier.sell()
    (payment,) = await cashier.replica.rows(Payment)
    async with cashier.replica.work(CASHIER) as work:
        whose = (payment.method_id, "Efectivo", TenderKind.CASH)
        await add_tip(work, payment.check_id, work.ids.new(), 500, *whose, payment_id=payment.id)
    await meet(cashier, other)
    await other.replace_payment(payment.id, "Visa")
    await meet(cashier, other)
    there, here = await cashier.report(), await other.report()
    assert [(each.name, each.expected_minor) for each in there.counted] == [("", 0), ("Visa", CEVICHE + 500)]
    assert [each.expected_minor for each in here.counted] == [0]


async def test_a_wrong_method_found_after_the_z_comes_late_in_that_session(cashier: Cashier) -> None:
    await cashier.begin()
    await cashier.sell()
    await cashier.count(CEVICHE)
    first = await cashier.close()
    (payment,) = await cashier.replica.rows(Payment)
    await cashier.begin()
    await cashier.replace_payment(payment.id, "Visa")
    report = await cashier.report()
    assert report.methods == ()
    assert [(each.session_id, each.name, each.amount_minor) for each in report.late] == [
        (first.z.session_id, "", -CEVICHE),
        (first.z.session_id, "Visa", CEVICHE),
    ]


async def test_the_rows_of_a_mixed_day_explain_what_the_methods_come_to(cashier: Cashier) -> None:
    await cashier.begin()
    await cashier.sell()
    await cashier.sell("Visa")
    refunded = await cashier.sell("Visa")
    line = next(line for line in await cashier.receipt_lines() if line.check_id == refunded)
    await cashier.refund(refunded, {line.id: 500})
    ran, gift, cheap, waiting = [await ordered(cashier) for _table in range(4)]
    await cashier.walk_out(ran, stops_cooking=False)
    await cashier.discount((await cashier.check(gift)).id, is_comp=True, reason="Reclamo")
    await cashier.pay((await cashier.check(gift)).id, 0)
    await cashier.discount((await cashier.check(cheap)).id, amount_minor=250, reason="Amigo")
    await cashier.pay((await cashier.check(cheap)).id, 4_000)
    await cashier.pay((await cashier.check(waiting)).id, 1_000)
    report = await cashier.report()
    sales = report.sales
    assert (sales.discount_minor, sales.comp_minor) == (CEVICHE + 250, CEVICHE)
    assert (sales.losses, sales.lost_minor, report.refunded_minor) == (1, 4_250, 2_125)
    assert sales.total_minor == sales.gross_minor - sales.discount_minor == 5 * CEVICHE - 250
    assert report.elsewhere_minor == 1_000, "paid of a bill that has no receipt yet"
    by_method = sum(each.amount_minor - each.refunds_minor for each in report.methods)
    asked = sales.total_minor + sales.rounding_minor - sales.lost_minor - report.refunded_minor
    assert by_method == report.taken_minor == asked + report.elsewhere_minor
    rows = [row for section in WORDS.session(report) for row in section]
    said = {row.name: row.value for row in rows}
    assert said["Descuentos"] == "-S/ 2.50"
    assert said["Cortesías"] == "-S/ 42.50"
    assert said["No pagado (pérdidas): 1"] == "-S/ 42.50"
    assert said["COBRADO"] == format_minor(by_method, SOLES)


async def ordered(cashier: Cashier) -> UUID:
    order = await cashier.open()
    await cashier.add(order)
    await cashier.send(order)
    return order


class TestExpected:
    """What should be there, from the sums of methods."""

    DOLLARS = MethodSum(UUID(int=1), "Dólares", TenderKind.CASH, SOLES, "USD", payments=1, amount_minor=4_250)

    def due(self, *methods: MethodSum) -> dict[tuple[UUID | None, str], int]:
        return {key: each.amount_minor for key, each in expected(methods, (), SOLES).items()}

    def test_other_money_lies_in_its_own_purse_and_its_change_is_the_houses(self) -> None:
        paid = self.DOLLARS._replace(given_minor=2_000, change_minor=3_150)
        assert self.due(paid) == {(None, SOLES): -3_150, (None, "USD"): 2_000}

    def test_taken_back_nothing_is_left_of_it(self) -> None:
        undone = self.DOLLARS._replace(corrections=1, corrections_minor=4_250)
        assert self.due(undone) == {(None, SOLES): 0, (None, "USD"): 0}

    def test_change_of_a_voucher_is_cash(self) -> None:
        voucher = MethodSum(UUID(int=2), "Vale", TenderKind.VOUCHER, SOLES, payments=1, amount_minor=4_250)
        assert self.due(voucher._replace(change_minor=750)) == {(None, SOLES): -750, (UUID(int=2), SOLES): 5_000}

    def test_what_is_put_on_account_is_nowhere(self) -> None:
        assert self.due(MethodSum(UUID(int=3), "Cuenta", TenderKind.ACCOUNT, SOLES, amount_minor=900)) == {
            (None, SOLES): 0
        }
