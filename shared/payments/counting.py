"""Which receipt of a check counts which payment: told by the ids that receipts name, never by clocks.

Tills have clocks of their own. A payment counts on the receipt that names it (`Receipt.counts`), or that names the one
for which it stands (`Payment.replaces_id`). What no receipt names was noted, and waits for the next one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from shared.kernel.columns import Key
from shared.payments.records import Payment, Receipt
from shared.payments.refund_records import RefundPayment
from shared.payments.rules import ID_BYTES

Id = Any
"""A UUID or its sixteen bytes; all ids of one check are of one kind."""


class CountedPayment(NamedTuple):
    """A payment that was not taken back, as a row, and the receipt that counts it. None: it is only noted."""

    row: Any
    receipt_id: UUID | None


async def payments_of_check(
    reader: AsyncConnection | AsyncSession, organization_id: UUID, check_id: UUID
) -> tuple[CountedPayment, ...]:
    """All payments of a check that were not taken back, in the order of their ids; two statements."""
    given = {"organization": organization_id, "check": check_id}
    rows = (await reader.execute(_payments(), given)).all()
    if not rows:
        return ()
    receipts = {row.id: row.counts for row in await reader.execute(_receipts(), given)}
    counted = counted_by(receipts, {row.id: row.replaces_id for row in rows})
    return tuple(CountedPayment(row, counted.get(row.id)) for row in rows if not row.is_taken_back)


def counted_by(receipts: Mapping[Id, bytes | None], replaces: Mapping[Id, Id | None]) -> dict[Id, Id]:
    """The receipt that counts each payment; those that none counts are left out. Pure.

    Of two receipts that name one payment, since two tills made them at once, it counts on the first by its id.

    Args:
        receipts: what each receipt of the check names (`Receipt.counts`).
        replaces: of each payment of the check the one for which it stands.
    """
    named: dict[bytes, Id] = {}
    for receipt_id in sorted(receipts):
        for payment in _ids_in(receipts[receipt_id] or b""):
            named.setdefault(payment, receipt_id)
    found = {}
    for payment_id in replaces:
        counting = (named.get(_as_bytes(each)) for each in _stands_for(payment_id, replaces))
        receipt_id = next((each for each in counting if each is not None), None)
        if receipt_id is not None:
            found[payment_id] = receipt_id
    return found


def as_text(key: Id) -> str:
    """An id as lists of ids hold it."""
    return str(key if isinstance(key, UUID) else UUID(bytes=bytes(key)))


def _as_bytes(key: Id) -> bytes:
    return key.bytes if isinstance(key, UUID) else bytes(key)


def _ids_in(packed: bytes) -> list[bytes]:
    return [bytes(packed[at : at + ID_BYTES]) for at in range(0, len(packed), ID_BYTES)]


def _stands_for(payment_id: Id, replaces: Mapping[Id, Id | None]) -> Iterable[Id]:
    """A payment, the one that it replaces, the one that that replaces ..."""
    seen: set[Id] = set()
    each: Id | None = payment_id
    while each is not None and each not in seen:  # hostile payments may replace each other
        yield each
        seen.add(each)
        each = replaces.get(each)


@cache
def _payments() -> sa.Select[Any]:
    """Built once: building it takes longer than running it."""
    paid, back = Payment.__table__.c, RefundPayment.__table__.c
    organization, check = sa.bindparam("organization", type_=Key()), sa.bindparam("check", type_=Key())
    taken_back = sa.exists().where(
        back.organization_id == organization, back.check_id == check, back.payment_id == paid.id, back.correction
    )
    return (
        sa.select(*paid, taken_back.label("is_taken_back"))
        .where(paid.organization_id == organization, paid.check_id == check)
        .order_by(paid.id)
    )


@cache
def _receipts() -> sa.Select[Any]:
    of = Receipt.__table__.c
    organization, check = sa.bindparam("organization", type_=Key()), sa.bindparam("check", type_=Key())
    return sa.select(of.id, of.counts).where(of.organization_id == organization, of.check_id == check)
