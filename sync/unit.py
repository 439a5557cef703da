"""The unit of work on any replica: open a session, run a command, commit rows and change log together.

The caller brings the session (a device under its write lock, a server with its tenant set) and owns the retry; a
commit that raised may still have happened (DESIGN 3), so ids exist before the command starts.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from shared.kernel.ids import IdSource
from shared.kernel.permissions import Actor
from shared.kernel.work import BranchContext, Numbers, Work
from sync.author import Author
from sync.capture import Capture
from sync.writing import CommittedUnit


class Unit:
    """A unit of work in progress; `written` is set once it is committed.

    `attempted` is set before that: if the commit raises, the log says whether it happened.
    """

    def __init__(self, work: Work) -> None:
        self.work = work
        self.attempted: CommittedUnit | None = None
        self.written: CommittedUnit | None = None


@asynccontextmanager
async def unit_of_work(
    session: AsyncSession,
    author: Author,
    actor: Actor,
    place: BranchContext,
    ids: IdSource,
    numbers: Numbers,
    *,
    commit: bool = True,
) -> AsyncIterator[Unit]:
    """Run the block as one unit of work on `session`.

    Args:
        commit: end the session's transaction here; otherwise whoever began it does.
    """
    stream = author.stream_for(place.branch_id)
    work = Work(session, actor, place, ids, author.clock.now(), numbers, stream.id, author.wrapping)
    capture = Capture(session.sync_session, author, work)
    unit = Unit(work)
    try:
        yield unit
        await session.run_sync(_finish, unit, capture, commit)
        unit.written = unit.attempted
    except BaseException:
        if commit:
            await session.rollback()
        raise
    finally:
        capture.detach()


def _finish(session: Session, unit: Unit, capture: Capture, commit: bool) -> None:
    """Write rows, feed and log and commit in one step: each switch to the asynchronous side takes time from a tap.

    The records leave the session before the commit: one that raises makes the session forget what its records say,
    and may have happened all the same. Then the caller reads what the command returned.
    """
    if commit:
        capture.flush_last()
    else:
        session.flush()
    unit.work.refuse_what_lacks()
    unit.attempted = capture.finish()
    if commit:
        session.expunge_all()
        session.commit()
