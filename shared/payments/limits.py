"""Limits of rights that give money away hold for a whole order: all its checks, and all that was given before.

To split a check, to lift a discount that a receipt gave, or to take a service charge off first frees nothing. What two
tills gave at once, each within its limit, stands; where it is too much together a person is asked (`beyond_discounts`,
`beyond_refunds`). Amounts in minor units.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

import sqlalchemy as sa

from shared.kernel.permissions import Permission
from shared.kernel.work import Work
from shared.payments.adjustment_records import Discount, DiscountSource, ServiceCharge
from shared.payments.bills import given_of
from shared.payments.counting import as_text
from shared.payments.pricing import due_of_check
from shared.payments.refund_records import Refund
from shared.truth.reading import RowsOfFamily, checks_of_order

T = TypeVar("T")


class TakenOff(NamedTuple):
    """What people took off an order.

    Attributes:
        amount_minor: by discounts that stand, by what receipts gave of others, and by taking service charges off.
        reserved_minor: this, with what rates may still take as the order grows.
        beside: what it counts, as text: discounts of people, and service charges that were taken off.
    """

    amount_minor: int
    reserved_minor: int
    beside: list[str]


async def taken_off(work: Work, order_id: UUID) -> TakenOff:
    """What people took off an order, as it stands in this unit of work."""
    checks = await checks_of_order(work, order_id)
    taken: Counter[UUID] = Counter()
    families: dict[UUID, RowsOfFamily] = {}
    for check_id in sorted(checks):
        due = await due_of_check(work, check_id)
        families |= due.rows
        for each in (part for line in due.bill.lines.values() for part in line.discounts):
            taken[each.id] += each.amount_minor
    taken.update({UUID(key): amount for key, amount in given_of(families.values()).items()})
    rows = await _of_people(work, checks, taken)
    charges = await _charges(work, checks)
    waived = waived_minor(charges)
    in_force = {row.id: max(taken[row.id], row.amount_minor or row.most_minor or 0) for row in rows if not row.lifted}
    return TakenOff(
        waived + sum(taken[row.id] for row in rows),
        waived + sum(in_force.get(row.id, taken[row.id]) for row in rows),
        sorted(str(row.id) for row in (*rows, *(each for each in charges if each.alone_minor))),
    )


async def given_back(work: Work, order_id: UUID) -> int:
    """What went back for an order before. A payment that was noted wrong went nowhere."""
    checks = await checks_of_order(work, order_id)
    went = sa.select(sa.func.coalesce(sa.func.sum(Refund.paid_minor), 0)).where(
        Refund.organization_id == work.organization_id, Refund.check_id.in_(checks), Refund.correction.is_(False)
    )
    return int((await work.session.execute(went)).scalar_one())


def limit_held(work: Work, permission: Permission, in_all_minor: int) -> int | None:
    """The limit that an amount was held against: that of who acts, or what was approved. None: there is none."""
    if not work.actor.may(permission, in_all_minor):
        return in_all_minor
    return work.actor.limits.get(permission)


def waived_minor(charges: Iterable[Any]) -> int:
    """What taking service charges off made some checks less. Pure.

    One that was added again counts no more, unless a receipt was made meanwhile. Of one that was taken off several
    times the greatest amount counts.
    """
    return sum(max(_forgone(row, rows) for row in rows) for rows in _alike(charges, lambda row: row))


def _alike(charges: Iterable[T], row_of: Callable[[T], Any]) -> Iterable[list[T]]:
    """Charges by check and rule: those that were added again after they had been taken off."""
    found: defaultdict[Any, list[T]] = defaultdict(list)
    for each in charges:
        row = row_of(each)
        found[row.check_id, row.rule_id or row.rate_millionths].append(each)
    return found.values()


def _forgone(row: Any, alike: Sequence[Any]) -> int:
    return 0 if _was_added_again(row, alike) else int(row.waived_minor)


def _was_added_again(row: Any, alike: Iterable[Any]) -> bool:
    """Whether a charge was taken off and added again, with no receipt in between."""
    again = (each for each in alike if each is not row and not each.lifted)
    return row.lifted and any(set(each.seen) <= set(row.lifted_after or ()) for each in again)


def beyond_discounts(discounts: Mapping[Any, Any], charges: Mapping[Any, Any]) -> int:
    """By how much people who knew nothing of each other took more off one order than all their limits allow. Pure.

    Args:
        discounts: all of the order, by id. Those that were lifted before a receipt gave any of them count no more.
        charges: its service charges, by id. Those that somebody took off count, unless they were added again.
    """
    held = {as_text(key): _Gift(row, row.worth_minor) for key, row in discounts.items() if _counts(row)}
    for of in _alike(charges.items(), lambda entry: entry[1]):
        rows = [row for _key, row in of]
        taken = ((key, row) for key, row in of if row.limit_minor is not None and not _was_added_again(row, rows))
        held |= {as_text(key): _Gift(row, row.alone_minor) for key, row in taken}
    held = {key: gift for key, gift in held.items() if gift.worth_minor}
    beyond = 0
    for key, gift in held.items():
        unknown = [each for other, each in held.items() if not _is_known(key, gift.row, other, each.row)]
        if unknown:
            in_all = gift.row.in_all_minor + sum(each.worth_minor for each in unknown)
            beyond = max(beyond, in_all - max(each.row.limit_minor for each in (gift, *unknown)))
    return beyond


class _Gift(NamedTuple):
    """What somebody took off: a discount, or a service charge; and what it was worth."""

    row: Any
    worth_minor: int


def _counts(discount: Any) -> bool:
    """Whether a discount is one of people that stands, or that a receipt gave."""
    is_gone = discount.lifted and not discount.lifted_after
    return discount.limit_minor is not None and discount.source == DiscountSource.HAND and not is_gone


def _is_known(key: str, row: Any, other_key: str, other: Any) -> bool:
    """Whether who took one off knew of the other, or they are one."""
    return other_key in (key, *row.beside) or key in other.beside


def beyond_refunds(refunds: Iterable[Any]) -> int:
    """By how much the refunds of one order go beyond all limits that they were held against, one by one. Pure."""
    held = [row for row in refunds if row.limit_minor is not None and not row.correction]
    paid: int = sum(row.paid_minor for row in held)
    return max(0, paid - max((row.limit_minor for row in held), default=0))


async def _of_people(work: Work, checks: Iterable[UUID], ids: Iterable[UUID]) -> Sequence[Discount]:
    """The discounts that people gave on some checks, lifted or not, and of some others those that people gave."""
    here = Discount.organization_id == work.organization_id, Discount.source == DiscountSource.HAND
    among = sa.or_(Discount.check_id.in_(sorted(checks)), Discount.id.in_(sorted(ids)))
    return (await work.session.scalars(sa.select(Discount).where(*here, among))).all()


async def _charges(work: Work, checks: Iterable[UUID]) -> Sequence[ServiceCharge]:
    here = ServiceCharge.organization_id == work.organization_id, ServiceCharge.check_id.in_(sorted(checks))
    return (await work.session.scalars(sa.select(ServiceCharge).where(*here))).all()
