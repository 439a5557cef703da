"""A bill in sevenths with cards, one of them declined: what was paid stays paid, and the papers add up to the whole."""

from __future__ import annotations

from shared.payments.records import Payment, Receipt
from tests.faults.till_on_disk import TillOnDisk
from tests.terminal.screens.test_bills import playing

ORDERED = "1\n2*cev\nchi\n2*pan\n"
"""Two ceviches, a chicha, and two breads with 10 % on them: 104.33."""


async def test_seven_friends_pay_with_cards_and_the_fourth_is_declined(till: TillOnDisk) -> None:
    async with playing(till, ORDERED) as played:
        (order,) = played.desk.orders.values()
        whole = order.checks[0].bill
        assert whole.total_minor == 10_433
        screen = await played.play("<f9><f7>7")
        assert "parte 1 de 7" in screen
        for part in (2, 3, 4):
            await played.play("v")
            screen = await played.enter(2)
            assert f"parte {part} de 7" in screen
            assert ("Del pedido falta" in screen, "Vuelto S/ 0.00 ·" in screen) == (True, False), (
                "the rest, at each step"
            )
        await played.play("v")
        assert "parte 5 de 7" in await played.enter(2), "the third friend paid for two"
        screen = await played.play("v<f2>")
        assert "Mesa 1" in screen, "the card is declined: nothing was noted, and the screen is left"
        paid = sum(row.amount_minor for row in await played.rows(Payment))
        assert played.dues == [10_433 - paid]
    async with playing(till, "1\n<f9>") as played:
        assert played.dues == [10_433 - paid], "a restart forgets no payment"
        await played.play("<f7>3")
        for _part in range(2):
            await played.play("v")
            await played.enter(2)
        await played.play("v")
        await played.enter(1)
        receipts = await played.rows(Receipt)
        assert sorted(row.total_minor for row in receipts) == [1_490] * 4 + [1_491] * 3
        assert sum(row.tax_minor for row in receipts) == whole.tax_minor
        assert sum(row.net_minor for row in receipts) == whole.net_minor
        assert len(await played.papers()) == 7
