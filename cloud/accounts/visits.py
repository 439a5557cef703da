"""Visits: a super admin is in a tenant for an hour, for a reason that stands in its audit; and never else.

Their standing holds the visits that are open (`standings.py`), so that pages, programs and sockets ask nothing more.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa

from cloud.accounts.own_events import named
from cloud.control.audit import note
from cloud.database.control_records import Account, ControlOrganization, Visit
from cloud.database.transaction import Database
from shared.kernel.errors import DomainError
from shared.kernel.ids import IdSource
from shared.kernel.instants import Clock
from shared.kernel.text import clean

LASTS = timedelta(hours=1)
LEAST_REASON_CHARACTERS = 4
LONGEST_REASON_CHARACTERS = 200


class Visits:
    """Begins and ends visits.

    Args:
        told: called with the account of which something has changed, so that all processes drop what they kept.
    """

    def __init__(self, database: Database, clock: Clock, ids: IdSource, told: Callable[[UUID], None]) -> None:
        self._database = database
        self._clock = clock
        self._ids = ids
        self._told = told

    async def begin(self, account_id: UUID, organization_id: UUID, reason: str) -> Visit:
        """Enter an organization for an hour. One that is open there already ends by this.

        Raises:
            DomainError: REASON_MISSING; ORGANIZATION_UNKNOWN (params: slug); NOT_PERMITTED, to whom is no super
                admin (any more); SECOND_FACTOR_MISSING: the organization demands one of its administrators.
        """
        why = clean(reason, LONGEST_REASON_CHARACTERS)
        if len(why) < LEAST_REASON_CHARACTERS:
            raise DomainError("REASON_MISSING")
        now = self._clock.now()
        async with self._database.control() as session:
            account = await session.get(Account, account_id, with_for_update=True)
            if account is None or not account.is_operator or account.closed_at is not None:
                raise DomainError("NOT_PERMITTED", permission="visit")  # also where there is no such organization
            organization = await session.get(ControlOrganization, organization_id)
            if organization is None:
                raise DomainError("ORGANIZATION_UNKNOWN", slug=organization_id)
            demanded_from = organization.admins_need_code_from
            if demanded_from is not None and demanded_from <= now and account.totp_sealed is None:
                raise DomainError("SECOND_FACTOR_MISSING")
            await session.execute(_END, {"account": account_id, "organization": organization_id, "now": now})
            visit = Visit(
                id=self._ids.new(),
                account_id=account_id,
                organization_id=organization_id,
                reason=why,
                began_at=now,
                ends_at=now + LASTS,
            )
            session.add(visit)
            note(
                session,
                now,
                "visit.begin",
                organization_id=organization_id,
                subject_id=account_id,
                subject=account.email,
                reason=why,
                details={"until": visit.ends_at.isoformat()},
                doer=named(account),
            )
        self._told(account_id)
        return visit

    async def end(self, account_id: UUID, organization_id: UUID) -> None:
        """Leave an organization. Nothing, if no visit is open."""
        now = self._clock.now()
        async with self._database.control() as session:
            ended = await session.execute(_END, {"account": account_id, "organization": organization_id, "now": now})
            if ended.first() is None:
                return
            account = await session.get_one(Account, account_id)
            note(
                session,
                now,
                "visit.end",
                organization_id=organization_id,
                subject_id=account_id,
                subject=account.email,
                doer=named(account),
            )
        self._told(account_id)


_END = (
    sa.update(Visit)
    .where(
        Visit.account_id == sa.bindparam("account"),
        Visit.organization_id == sa.bindparam("organization"),
        Visit.ended_at.is_(None),
        Visit.ends_at > sa.bindparam("now"),
    )
    .values(ended_at=sa.bindparam("now"))
    .returning(Visit.id)
)
