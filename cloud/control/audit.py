"""Notes what was done in the control plane, in the transaction that did it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from cloud.database.audit_records import LONGEST_PLACE_CHARACTERS, AuditEvent
from cloud.database.tenant_records import LONGEST_REASON_CHARACTERS
from shared.kernel.ids import IdSource
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


class Audit:
    """Writes audit events."""

    def __init__(self, ids: IdSource, clock: Clock) -> None:
        self._ids = ids
        self._clock = clock

    def now(self) -> datetime:
        """The present instant."""
        return self._clock.now()

    def note(
        self,
        session: AsyncSession,
        doer: Doer,
        act: str,
        *,
        organization_id: UUID | None,
        subject_id: UUID | None,
        subject: str,
        reason: str = "",
        details: Mapping[str, Any] = NOTHING,
    ) -> None:
        """Write an event. It is stored if, and only if, the caller's transaction is."""
        session.add(
            AuditEvent(
                id=self._ids.new(),
                organization_id=organization_id,
                at=self._clock.now(),
                account_id=doer.account_id,
                actor=clean(doer.name, LONGEST_ACTOR_CHARACTERS),
                via=doer.via,
                place=clean(doer.place, LONGEST_PLACE_CHARACTERS),
                act=act,
                subject_id=subject_id,
                subject=clean(subject, LONGEST_SUBJECT_CHARACTERS),
                reason=clean(reason, LONGEST_REASON_CHARACTERS),
                details=dict(details),
            )
        )
