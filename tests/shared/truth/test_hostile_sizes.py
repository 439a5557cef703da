"""Rows that are well formed and as large as can be: nothing honest waits because of them."""

from __future__ import annotations

from evening import ONE, Hands, meet
from streams import arrive, device, receipt, receipt_line

from shared.kernel.ids import derived_id
from shared.kernel.money import MAX_MINOR
from shared.orders.commands import first_check_id


async def test_a_discount_after_the_largest_receipt_is_folded_on_every_device(till: Hands, other: Hands) -> None:
    order = await till.open()
    check = first_check_id(order)
    line = await till.add(order, "cev", 2 * ONE)
    await meet(till, other)
    made, largest = derived_id("receipt", "hostile"), {"quantity_milli": MAX_MINOR, "unit_price_minor": MAX_MINOR}
    hostile = device(
        "hostile",
        [
            receipt(made, check, order, 100, 12, number="E-00000001"),
            receipt_line(derived_id("line", "hostile"), made, line, 100, check_id=check.bytes, **largest),
        ],
    )
    await arrive(till.replica, hostile)
    await other.discount(check, rate_millionths=500_000)
    await till.replica.pull(other.replica)
    await arrive(other.replica, hostile)
    assert not await till.replica.parked() + await other.replica.parked()
    assert await till.replica.sums() == await other.replica.sums()
