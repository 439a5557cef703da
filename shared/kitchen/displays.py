"""Asking the displays of a branch whether they stand, answering for one, and reading who answered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from shared.kernel.ids import derived_id
from shared.kernel.permissions import Permission
from shared.kernel.work import Work
from shared.kitchen.display_records import DisplayAnswer, DisplayTrial

ANSWERED_WITHIN = timedelta(minutes=2)
"""An older question is answered no more: who asked has gone."""


@dataclass(frozen=True, slots=True)
class AnswerView:
    """What a display answered."""

    device_id: UUID
    station_id: UUID | None
    tickets: int


async def ask_displays(work: Work) -> UUID:
    """Ask all displays of the branch. Returns the trial.

    Raises:
        DomainError: NOT_PERMITTED.
    """
    may = any(map(work.actor.may, (Permission.TAKE_ORDER, Permission.WORK_KITCHEN, Permission.MANAGE_PRINTERS)))
    if not may and not work.actor.may(Permission.SEE_REPORTS):
        work.require(Permission.WORK_DRAWER)
    trial = DisplayTrial(
        organization_id=work.organization_id,
        branch_id=work.branch_id,
        id=work.ids.new(),
        device_id=work.place.device_id,
        asked_at=work.now,
    )
    return work.add(trial).id


async def answer_trial(work: Work, trial_id: UUID, station_id: UUID | None, tickets: int) -> bool:
    """Answer for the display of this device, once. Returns whether it is the first answer.

    Raises:
        DomainError: NOT_PERMITTED.
    """
    work.require(Permission.WORK_KITCHEN)
    device = work.place.device_id
    key = derived_id("display answer", trial_id, device, *([] if station_id is None else [station_id]))
    if await work.session.get(DisplayAnswer, (work.organization_id, key)) is not None:
        return False
    work.add(
        DisplayAnswer(
            organization_id=work.organization_id,
            branch_id=work.branch_id,
            id=key,
            trial_id=trial_id,
            device_id=device,
            station_id=station_id,
            tickets=tickets,
            answered_at=work.now,
        )
    )
    return True


async def newest_trial(
    reader: AsyncConnection | AsyncSession, organization_id: UUID, branch_id: UUID, now: datetime
) -> UUID | None:
    """The question that displays have to answer now; None: nobody asks."""
    of = DisplayTrial.__table__.c
    found: UUID | None = await reader.scalar(
        sa.select(of.id)
        .where(
            of.organization_id == organization_id,
            of.branch_id == branch_id,
            of.asked_at > now - ANSWERED_WITHIN,
        )
        .order_by(of.asked_at.desc(), of.id.desc())
        .limit(1)
    )
    return found


async def answers(
    reader: AsyncConnection | AsyncSession, organization_id: UUID, trial_id: UUID
) -> tuple[AnswerView, ...]:
    """Who answered a question."""
    of = DisplayAnswer.__table__.c
    rows = await reader.execute(
        sa.select(of.device_id, of.station_id, of.tickets)
        .where(of.organization_id == organization_id, of.trial_id == trial_id)
        .order_by(of.id)
    )
    return tuple(AnswerView(*row) for row in rows)
