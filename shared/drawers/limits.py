"""The limit of who takes cash out holds for a session, not for one act: to take it out in parts frees nothing."""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa

from shared.drawers.records import CashMovement
from shared.kernel.work import Work


class Way(StrEnum):
    """Where cash goes that is taken out of a drawer: out of the house, or to the safe or another drawer."""

    OUT = "out_minor"
    WITHIN = "taken_minor"


async def taken_out(work: Work, session_id: UUID, currency: str, way: Way = Way.OUT) -> int:
    """What who acts has taken out of a session before, in minor units of a currency."""
    await work.session.flush()  # it may be of this unit of work
    amount = CashMovement.out_minor if way is Way.OUT else CashMovement.taken_minor
    gone = sa.select(sa.func.coalesce(sa.func.sum(amount), 0)).where(
        CashMovement.organization_id == work.organization_id,
        CashMovement.session_id == session_id,
        CashMovement.currency == currency,
        CashMovement.moved_by == work.actor.staff_id,
    )
    return int((await work.session.execute(gone)).scalar_one())
