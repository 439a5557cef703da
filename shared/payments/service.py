"""Service charges by rule of the house: which hold for an order, and when those that are automatic are added.

An automatic rule is added once in the life of a check: when the first bill of it is asked for, that is with the first
pre-bill, when the payment is begun, or when it is split. So guests who come later count, and until then the check says
what the dishes cost. Its row derives its id from check and rule: two devices that ask at once add one. Lifted by hand,
it does not come back by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from shared.kernel.errors import DomainError
from shared.kernel.money import FULL_RATE
from shared.kernel.permissions import Permission
from shared.kernel.text import clean
from shared.kernel.work import Work
from shared.orders.records import Order, OrderKind
from shared.payments.adjusting import add_service_charge
from shared.payments.adjustment_records import ServiceCharge
from shared.payments.bill_records import ServiceRule
from shared.payments.pricing import split_of
from shared.payments.records import Check
from shared.truth.reading import sums_of_check

MAX_NAME_CHARACTERS = 40


@dataclass(frozen=True, slots=True)
class RuleView:
    """A service charge of the house. See `ServiceRule`."""

    id: UUID
    name: str
    rate_millionths: int
    taxed: bool
    kinds: frozenset[str]
    least_guests: int
    automatic: bool

    def holds_for(self, kind: OrderKind, guests: int) -> bool:
        """Whether it is added by itself to an order of this kind with so many guests."""
        return self.automatic and (not self.kinds or kind in self.kinds) and guests >= self.least_guests


async def service_rules(
    reader: AsyncConnection | AsyncSession, organization_id: UUID, branch_id: UUID
) -> list[RuleView]:
    """The rules of a branch, in the order of the house."""
    of = ServiceRule
    rows = await reader.execute(
        sa.select(of.id, of.name, of.rate_millionths, of.taxed, of.kinds, of.least_guests, of.automatic)
        .where(
            of.organization_id == organization_id, of.active, sa.or_(of.branch_id.is_(None), of.branch_id == branch_id)
        )
        .order_by(of.position, of.id)
    )
    return [RuleView(*row[:4], frozenset(row.kinds), row.least_guests, row.automatic) for row in rows]


async def add_service_rule(
    work: Work,
    name: str,
    rate_millionths: int,
    *,
    kinds: Iterable[OrderKind] = (),
    least_guests: int = 0,
    automatic: bool = True,
    taxed: bool = True,
    position: int = 0,
    branch_id: UUID | None = None,
    rule_id: UUID | None = None,
) -> ServiceRule:
    """A service charge of the house. Run on the cloud.

    Raises:
        DomainError: NOT_PERMITTED, NAME_MISSING, SERVICE_NOT_SENSIBLE.
    """
    work.require(Permission.EDIT_BRANCH)
    if not clean(name, MAX_NAME_CHARACTERS):
        raise DomainError("NAME_MISSING")
    if not 0 < rate_millionths <= FULL_RATE or least_guests < 0:
        raise DomainError("SERVICE_NOT_SENSIBLE")
    return work.add(
        ServiceRule(
            organization_id=work.organization_id,
            id=rule_id or work.ids.new(),
            branch_id=branch_id,
            name=clean(name, MAX_NAME_CHARACTERS),
            rate_millionths=rate_millionths,
            kinds=[str(kind) for kind in kinds],
            least_guests=least_guests,
            automatic=automatic,
            taxed=taxed,
            position=position,
        )
    )


async def begin_bill(work: Work, check_id: UUID) -> list[ServiceCharge]:
    """Add the automatic service charges of the house to a check of which no bill was asked for yet.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND.
    """
    rules = [rule for rule in await service_rules(work.session, work.organization_id, work.branch_id) if rule.automatic]
    if not rules:
        return []
    check = await work.get(Check, check_id)
    order = await work.get(Order, check.order_id)
    if (await sums_of_check(work, check_id)).receipts:
        return []
    decided = await _decided(work, check_id)
    return [
        await add_service_charge(work, check_id, rule.rate_millionths, rule.name, rule.id, taxed=rule.taxed)
        for rule in rules
        if rule.id not in decided and rule.holds_for(order.kind, order.guests)
    ]


async def _decided(work: Work, check_id: UUID) -> set[UUID | None]:
    """The rules that were added to a check of this split before, lifted or not."""
    checks = [each.id for each in await split_of(work, check_id)]
    of = ServiceCharge
    found: Sequence[UUID | None] = (
        await work.session.scalars(
            sa.select(of.rule_id).where(of.organization_id == work.organization_id, of.check_id.in_(checks))
        )
    ).all()
    return set(found)


async def add_service(work: Work, check_id: UUID, rule_id: UUID) -> ServiceCharge:
    """Add a service charge of the house by hand.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND.
    """
    rule = await work.get(ServiceRule, rule_id)
    return await add_service_charge(work, check_id, rule.rate_millionths, rule.name, rule.id, taxed=rule.taxed)
