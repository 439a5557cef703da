"""What was taken off a bill and added for service, and how it is called, alike on screens and papers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from shared.kernel.language import Texts
from shared.kernel.money import share
from shared.payments.adjustment_records import Discount, DiscountKind, ServiceCharge
from shared.payments.rules import is_discount_share
from shared.taxes.rules import tax_label

Reader = AsyncConnection | AsyncSession


@dataclass(frozen=True, slots=True)
class GivenOff:
    """What one discount took off a bill."""

    kind: DiscountKind
    rate_millionths: int
    reason: str
    amount_minor: int

    def name(self, texts: Texts) -> str:
        """As people read it."""
        return discount_name(self.kind, self.rate_millionths, self.reason, texts)


@dataclass(frozen=True, slots=True)
class Adjusted:
    """What was taken off a bill, and added for service.

    Attributes:
        service: name, rate and amount; None for none.
    """

    discounts: tuple[GivenOff, ...] = ()
    service: tuple[str, int, int] | None = None


def discount_name(kind: DiscountKind, rate_millionths: int, reason: str, texts: Texts) -> str:
    """`Descuento 10 % · cumpleaños`, `Cortesía · reclamo`."""
    name = texts(f"discount.{kind}")
    if kind is DiscountKind.RATE:
        name = tax_label(name, rate_millionths, 0)
    return f"{name} · {reason}" if reason else name


def service_name(name: str, rate_millionths: int, texts: Texts) -> str:
    """`Recargo al consumo 10 %`."""
    called = name or texts("service.unnamed")
    return tax_label(called, rate_millionths, 0) if rate_millionths else called


async def adjusted_of(reader: Reader, organization_id: UUID, lines: Collection[Any]) -> Adjusted:
    """What was taken off the lines of receipts, and added for service; at most two statements.

    Args:
        lines: rows with `discounts`, `adjusted_by` and `service_minor`.
    """
    service, known = 0, set[UUID]()
    for line in lines:
        service += line.service_minor
        known |= {UUID(each) for each in line.adjusted_by}
    return Adjusted(
        await given_off(reader, organization_id, lines),
        await _service(reader, organization_id, known, service) if service else None,
    )


async def given_off(reader: Reader, organization_id: UUID, lines: Iterable[Any]) -> tuple[GivenOff, ...]:
    """What each discount took off the lines of receipts; a statement if any did.

    Args:
        lines: rows with `discounts`.
    """
    given = Counter[UUID]()
    for line in lines:
        for each in filter(is_discount_share, line.discounts):
            given[UUID(each["id"])] += each["amount_minor"]
    return await _named(reader, organization_id, given)


async def not_given_back(
    reader: Reader, organization_id: UUID, lines: Iterable[tuple[int, Any]]
) -> tuple[GivenOff, ...]:
    """What a refund gives back less, since discounts had taken it off; a statement if any did.

    Args:
        lines: the discount of each refund line, with the row of its receipt line.
    """
    given = Counter[UUID]()
    for discount_minor, sold in lines:
        taken = [each for each in filter(is_discount_share, sold.discounts) if each["amount_minor"] > 0]
        parts = share(discount_minor, [each["amount_minor"] for each in taken]) if taken else ()
        for each, part in zip(taken, parts, strict=True):
            given[UUID(each["id"])] += part
    return await _named(reader, organization_id, given)


async def _named(reader: Reader, organization_id: UUID, given: Mapping[UUID, int]) -> tuple[GivenOff, ...]:
    if not given:
        return ()
    of = Discount.__table__.c
    rows = await reader.execute(
        sa.select(of.id, of.kind, of.rate_millionths, of.reason)
        .where(of.organization_id == organization_id, of.id.in_(sorted(given)))
        .order_by(of.id)
    )
    return tuple(GivenOff(row.kind, row.rate_millionths, row.reason, given[row.id]) for row in rows)


async def _service(
    reader: Reader, organization_id: UUID, known: Iterable[UUID], service_minor: int
) -> tuple[str, int, int]:
    """Of several service charges the greatest rate counted."""
    of = ServiceCharge.__table__.c
    row = (
        await reader.execute(
            sa.select(of.name, of.rate_millionths)
            .where(of.organization_id == organization_id, of.id.in_(sorted(known)))
            .order_by(of.rate_millionths.desc())
        )
    ).first()
    return (row.name, row.rate_millionths, service_minor) if row is not None else ("", 0, service_minor)
