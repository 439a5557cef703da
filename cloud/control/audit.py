"""Notes what was done in the control plane, in the transaction that did it.

An event is written when its transaction commits, behind all else of it: the head of the chain, which is locked while
an event is added, is the last lock that anybody takes. Who noted first and wrote afterwards waited for somebody who did
it the other way round, and the database ended one of the two.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from cloud.database.audit_records import LONGEST_PLACE_CHARACTERS, AuditEvent
from cloud.database.tenant_records import LONGEST_REASON_CHARACTERS
from shared.kernel.instants import Clock
from shared.kernel.text import clean

LONGEST_ACTOR_CHARACTERS = 160
LONGEST_SUBJECT_CHARACTERS = 254
NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Doer:
    """Who does something.

    Attributes:
        account_id: None on the command line.
        via: `page`, `api`, `job`, `command` or `device`.
        place: the network address; empty: the server itself.
        may_all: an operator of the server, to whom plans and suspension are open.
    """

    name: str
    via: str
    account_id: UUID | None = None
    may_all: bool = False
    place: str = ""


_SERVER = Doer("", "job")
_NOTED = "noted_events"
"""Under which a session keeps what it writes as it commits."""
_DOING: ContextVar[Doer | None] = ContextVar("doing", default=None)


def doing(doer: Doer) -> None:
    """What this task does from now on is done for them."""
    _DOING.set(doer)


def doer_now() -> Doer:
    """For whom this task does what it does; the server's own work has no name."""
    return _DOING.get() or _SERVER


def note(
    session: AsyncSession,
    at: datetime,
    act: str,
    *,
    organization_id: UUID | None,
    subject_id: UUID | None,
    subject: str,
    reason: str = "",
    details: Mapping[str, Any] = NOTHING,
    doer: Doer | None = None,
) -> None:
    """Write an event. It is stored if, and only if, the caller's transaction is.

    Args:
        act: what was done, such as `branch.close`; its words stand in `audit/texts`.
        doer: None: whoever this task works for.
    """
    who = doer or doer_now()
    noted: list[AuditEvent] | None = session.info.get(_NOTED)
    if noted is None:
        noted = session.info[_NOTED] = []
        sa.event.listen(session.sync_session, "before_commit", _write)
        sa.event.listen(session.sync_session, "after_rollback", _forget)
    noted.append(
        AuditEvent(
            id=uuid4(),
            organization_id=organization_id,
            at=at,
            account_id=who.account_id,
            actor=clean(who.name, LONGEST_ACTOR_CHARACTERS),
            via=who.via,
            place=clean(who.place, LONGEST_PLACE_CHARACTERS),
            act=act,
            subject_id=subject_id,
            subject=clean(subject, LONGEST_SUBJECT_CHARACTERS),
            reason=clean(reason, LONGEST_REASON_CHARACTERS),
            details=dict(details),
        )
    )


def _write(session: Session) -> None:
    """Write what was noted: chain after chain in one order, whoever it is that commits."""
    noted: list[AuditEvent] = session.info[_NOTED]
    noted.sort(key=lambda each: str(each.organization_id or ""))
    session.add_all(noted)
    noted.clear()


def _forget(session: Session) -> None:
    session.info[_NOTED].clear()


class Audit:
    """Writes audit events at the time of a clock."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def now(self) -> datetime:
        """The present instant."""
        return self._clock.now()

    def note(self, session: AsyncSession, doer: Doer, act: str, **said: Any) -> None:
        """Write an event, see `note`."""
        note(session, self._clock.now(), act, doer=doer, **said)
