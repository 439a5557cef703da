"""Telling at once that money of a closed session moved: its Z is final, and somebody must hear of it, however old.

The device of the session takes it up as late in its next Z (`shared/shifts/queries.py`), and says then how much it is.
"""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa

from shared.drawers.records import DrawerSession
from shared.exceptions.commands import note_event
from shared.exceptions.rules import EventKind
from shared.kernel.records import Base
from shared.kernel.work import Work

_REPORTS = "z_reports"


async def tell_after_close(work: Work, session_id: UUID | None, rows: int, amount_minor: int) -> None:
    """Note for a person that rows of a session changed, if it is closed.

    Args:
        rows, amount_minor: how many were added or taken back, and what they come to, without their sign.
    """
    session = await work.session.get(DrawerSession, (work.organization_id, session_id)) if session_id else None
    if session is None or not session.closed:
        return
    z = Base.metadata.tables[_REPORTS].c  # of a domain above this one
    report = (
        await work.session.execute(
            sa.select(z.id, z.number).where(z.organization_id == work.organization_id, z.session_id == session.id)
        )
    ).first()
    await note_event(
        work,
        EventKind.AFTER_THE_CLOSE,
        session.id,
        size=rows,
        amount_minor=amount_minor,
        subject_id=session.id,
        device_id=session.device_id,
        details=[{"table": _REPORTS, "row": str(report.id), "number": report.number}] if report is not None else [],
    )
