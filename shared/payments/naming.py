"""What was taken off a bill and added for service, and how it is called, alike on screens and papers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from shared.kernel.language import Texts
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


async def adjusted_of(reader: Reader, organization_id: UUID, lines: Iterable[Any]) -> Adjusted:
    """What was taken off the lines of receipts, and added for service; at most two statements.

    Args:
        lines: rows with `discounts`, `adjusted_by` and `service_minor`.
    """
    given, service, known = Counter[UUID](), 0, set[UUID]()
    for line in lines:
        service += line.service_minor
        known |= {UUID(each) for each in line.adjusted_by}
        for each in filter(is_discount_share, line.discounts):
            given[UUID(each["id"])] += each["amount_minor"]
    discounts: Sequence[Any] = ()
    if given:
        of = Discount.__table__.c
        discounts = (
            await reader.execute(
                sa.select(of.id, of.kind, of.rate_millionths, of.reason)
                .where(of.organization_id == organization_id, of.id.in_(sorted(given)))
                .order_by(of.id)
            )
        ).all()
    return Adjusted(
        tuple(GivenOff(row.kind, row.rate_millionths, row.reason, given[row.id]) for row in discounts),
        await _service(reader, organization_id, known, service) if service else None,
    )


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
