"""What goes back for one check stays within the limit of who gives it back, however often they press."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest
from restaurant import CASHIER, MANAGER, Replica, Village

from shared.kernel.errors import DomainError
from shared.kernel.permissions import Actor, Permission
from shared.kitchen.sending import send_order
from shared.orders.commands import add_line, first_check_id, open_order
from shared.orders.records import OrderKind
from shared.payments.commands import pay
from shared.payments.pricing import due_of_check
from shared.payments.refunding import refund
from shared.payments.rules import Tender, TenderKind
from shared.staff.approving import Approving

ORDER, LINE = UUID(int=1_000), UUID(int=1)
CHECK, RECEIPT = first_check_id(ORDER), UUID(int=2_000)
TWO_BREADS_MINOR = 740
"""And a little: a bread is 3.66 with its tax."""
LIMITED = replace(MANAGER, limits={Permission.REFUND: TWO_BREADS_MINOR})


@pytest.fixture
async def paid(till: Replica, village: Village) -> UUID:
    """The line of a receipt of six breads, paid by card."""
    async with till.work(CASHIER) as work:
        await open_order(work, ORDER, OrderKind.TAKEOUT)
        await add_line(work, ORDER, LINE, village.house.items["pan"], quantity_milli=6_000, check_id=CHECK)
    async with till.work(CASHIER) as work:
        await send_order(work, ORDER)
    async with till.work(CASHIER) as work:
        due = (await due_of_check(work, CHECK)).bill.total_minor
        card = Tender(village.house.methods["Visa"], "Visa", TenderKind.CARD, due)
        made = await pay(work, CHECK, RECEIPT, [card])
        return made.receipt_lines[0].id


async def give(till: Replica, line: UUID, press: int, actor: Actor = LIMITED, approver: Actor | None = None) -> int:
    async with till.work(actor) as work:
        if approver is not None:
            work.approver = Approving(approver)
        return (await refund(work, CHECK, UUID(int=900 + press), {line: 1_000}, None, "cold")).refund.paid_minor


async def test_refunds_of_one_check_share_the_limit(till: Replica, paid: UUID) -> None:
    given = sum([await give(till, paid, press) for press in (1, 2)])
    assert TWO_BREADS_MINOR - 20 < given <= TWO_BREADS_MINOR
    with pytest.raises(DomainError, match="ABOVE_LIMIT"):
        await give(till, paid, 3)
    assert await give(till, paid, 3, MANAGER)


async def test_one_more_above_the_limit_is_approved_with_all_that_went_back(till: Replica, paid: UUID) -> None:
    for press in (1, 2):
        await give(till, paid, press)
    with pytest.raises(DomainError, match="ABOVE_LIMIT"):
        await give(till, paid, 3, approver=LIMITED)
    assert await give(till, paid, 3, approver=MANAGER)
