"""Notes what was done in the control plane, in the transaction that did it."""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession

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
    session.add(
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
