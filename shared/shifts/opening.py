"""Opening a shift at what is counted in the drawer, also after a sale has opened its session."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple
from uuid import UUID

from shared.drawers.commands import Cash, OpenedSession, moment, open_session
from shared.drawers.records import DrawerSession
from shared.kernel.work import Work
from shared.shifts.queries import expected_now
from shared.shifts.rules import Purse


class OpenedShift(NamedTuple):
    """A session that was opened at a count, and what was missing of what it had taken before, by currency."""

    opened: OpenedSession
    missing_minor: Mapping[str, int]


async def open_shift(
    work: Work, session_id: UUID, drawer_id: UUID | None = None, counted: Sequence[Cash] = ()
) -> OpenedShift:
    """Open a session of this device at what lies in the drawer now.

    If a sale opened it today, what it took lies there too and is no part of the float. What is missing of it is found
    again when the session is counted.

    Args:
        counted: cash in the drawer by currency; nothing is a float of 0.

    Raises:
        DomainError: those of `open_session`.
    """
    due = await _taken_before(work)
    floats, missing = [], {}
    for cash in counted:
        taken = due.get(cash.currency, 0)
        before = cash.total_minor - taken
        if not taken or cash.total_minor < 0:
            floats.append(cash)
            continue
        floats.append(replace(cash, amount_minor=max(0, before), pieces={}))
        if before < 0:
            missing[cash.currency] = -before
    return OpenedShift(await open_session(work, session_id, drawer_id, floats), missing)


async def _taken_before(work: Work) -> dict[str, int]:
    """Cash by currency that the session should hold which a sale opened and nobody counted yet."""
    at = await moment(work)
    if at.session_id is None or (await work.get(DrawerSession, at.session_id)).declared:
        return {}
    place = work.place
    due = await expected_now(work.session, work.organization_id, at.session_id, place.device_id, place.currency)
    return {purse.currency: amount for purse, amount in due.items() if purse == Purse(None, purse.currency)}
