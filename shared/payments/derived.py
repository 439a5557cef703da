"""What payments derives from orders: the first check of each order."""

from __future__ import annotations

from uuid import UUID

from shared.kernel.derivations import Derivation
from shared.orders.commands import first_check_id
from shared.orders.records import Order
from shared.payments.records import Check


def first_check(order_id: UUID, organization_id: UUID, branch_id: UUID) -> Check:
    """The check that an order has from the start. Its id is computed from the order's: whoever makes it makes one."""
    return Check(
        organization_id=organization_id,
        branch_id=branch_id,
        id=first_check_id(order_id),
        order_id=order_id,
    )


DERIVATIONS = (Derivation(Order, Check, first_check),)
