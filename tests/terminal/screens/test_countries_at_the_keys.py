"""A till of other countries at its keys: cash with change, a split, a refund and a Z, in their coins and writing."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import NamedTuple

import pytest
import sqlalchemy as sa

from shared.countries.countries import cash_habit, country
from shared.countries.currencies import currency, format_minor
from shared.kernel.work import Work
from shared.menu.records import Item
from shared.payments.records import Payment, Receipt
from shared.payments.refund_records import Refund, RefundPayment
from shared.shifts.records import ZReport
from tests.faults.till_on_disk import copy_till, found_till
from tests.terminal.screens.test_shift_screen import at_the_keys
from tests.terminal.screens.two_tills import MANAGER

FEAST = 150_000


class There(NamedTuple):
    """A country, and what a dish of this price comes to there.

    Attributes:
        coins_minor: what the dish costs in cash.
        given, float_: as they are typed.
        feast: how 150,000 minor units are written.
    """

    code: str
    price_minor: int
    coins_minor: int
    given: str
    float_: str
    feast: str


COUNTRIES = [
    There("CL", 1_995, 1_990, "5000", "10000", "$ 150.000"),
    There("CH", 1_997, 1_995, "50", "100", "CHF 1'500.00"),
    There("KW", 3_333, 3_335, "5", "20", "KD 150.000"),
    There("JP", 1_234, 1_234, "5000", "10000", "¥ 150,000"),
]


def found(there: There, folder: Path) -> Path:
    """The folder of a till there: a ceviche at the price, and a chicha that is a feast."""
    money = country(there.code).currency

    async def prices(work: Work) -> None:
        for item in await work.session.scalars(sa.select(Item)):
            item.price_minor = {"Ceviche": there.price_minor, "Chicha morada": FEAST}.get(item.name, item.price_minor)

    asyncio.run(found_till(folder, prices, there.code, money, cash_habit(there.code, money)))
    return folder


@pytest.fixture(scope="module", params=COUNTRIES, ids=[there.code for there in COUNTRIES])
def founded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[There, Path]:
    there: There = request.param
    return there, found(there, tmp_path_factory.mktemp(there.code))


async def test_a_day_at_a_till_of_another_country(founded: tuple[There, Path], tmp_path: Path) -> None:
    there, folder = founded
    money = country(there.code).currency
    unit = currency(money).unit_minor
    given, float_ = int(there.given) * unit, int(there.float_) * unit
    rounding = there.coins_minor - there.price_minor
    async with at_the_keys(copy_till(folder, tmp_path / "till"), pin=MANAGER) as played:

        def asked() -> int:
            return played.app.screen._paying.asked_minor  # type: ignore[attr-defined]  # what the digits say

        assert format_minor(float_, money) in await played.keys(f"<ctrl+t>\n{there.float_}\n")
        # Cash with change.
        assert format_minor(there.price_minor, money) in await played.keys("<f2>1\ncev\n")
        await played.keys("<f9>")
        assert asked() == there.coins_minor
        await played.keys(f"{there.given}\n")
        assert format_minor(given - there.coins_minor, money) in await played.keys("\n"), "what came back"
        (receipt,) = await played.rows(Receipt)
        assert (receipt.total_minor, receipt.rounding_minor) == (there.price_minor, rounding)
        assert receipt.change_minor == given - there.coins_minor
        # A card pays to the last unit, and a feast is written as people write it.
        assert there.feast in await played.keys("2\nchi\n")
        await played.keys("<f9>v")
        assert asked() == FEAST
        await played.keys("\n")
        await played.keys("\n")
        for order in list(played.desk.orders):
            await played.desk.serve(order)
        # Two halves of two dishes, in cash.
        await played.keys("1\n2*cev\n<f9><f7>2")
        assert asked() == there.coins_minor
        for _press in range(5):
            await played.keys("\n")
        receipts = sorted(await played.rows(Receipt), key=lambda row: row.number)
        assert [row.total_minor for row in receipts] == [there.price_minor, FEAST, *[there.price_minor] * 2]
        assert [row.rounding_minor for row in receipts] == [rounding, 0, rounding, rounding]
        # All of the first is given back in the coins that came.
        await played.keys(f"<ctrl+f>{receipts[0].number}")
        await played.keys("<f6><f4>\n")
        await played.keys("1frío\n")
        (refund,) = await played.rows(Refund)
        (back,) = await played.rows(RefundPayment)
        assert (refund.total_minor, refund.paid_minor, refund.rounding_minor) == (
            there.price_minor,
            there.coins_minor,
            rounding,
        )
        assert back.paid_minor == there.coins_minor
        # The drawer holds what its coins make.
        cash = float_ + 2 * there.coins_minor
        assert sum(row.amount_minor for row in await played.rows(Payment)) == FEAST + 3 * there.coins_minor
        for _press in range(3):
            await played.keys("<escape>")
        await played.keys("<ctrl+t><f9>")
        whole, part = divmod(cash, unit)
        typed = f"{whole}.{part:0{currency(money).exponent}d}" if unit > 1 else str(whole)
        await played.keys(f"\n{typed}\n")
        await played.keys("\n")  # the cards are as expected
        assert "Turno cerrado" in await played.keys("\n")
        (z,) = await played.rows(ZReport)
        assert (z.difference_minor, z.checks, z.total_minor) == (0, 2, FEAST + 3 * there.price_minor)
        assert (z.rounding_minor, z.currency) == (3 * rounding, money)
        paper = (await played.papers())[-1]
        said = {row.name: row.value for section in paper.sections for row in section}
        assert format_minor(FEAST + 3 * there.price_minor, money) in said.values()
