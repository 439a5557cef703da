"""Log-ins that were refused, for the audit: counted as they happen, and noted by a worker some minutes later.

Each costs one statement, the same whether there is such an account or not, so that nobody learns it by the clock. What
is noted is bounded: an account has one event an hour for each act, with the number of tries; all tries at addresses
that nobody has are one event of the operators'. What the throttle refuses without looking at it is not counted.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from cloud.accounts.memberships import workplaces_of
from cloud.control.audit import Doer, doer_now, note
from cloud.database.audit_records import LONGEST_PLACE_CHARACTERS
from cloud.database.control_records import Account, RefusedLogIn
from cloud.database.transaction import ControlSession, Database
from shared.kernel.instants import Clock
from shared.kernel.text import clean

NOBODY = UUID(int=0)
"""In the place of an account: nobody has the e-mail address that was given."""
NOTED_EVERY = timedelta(hours=1)
AT_ONCE = 200
"""Accounts of one transaction."""
OF_NOBODY, OF_STRANGER, AT_THEIR_PLACE = "account.refused_nobody", "account.refused", "account.refused_there"
WRONG_CODE = "account.code_refused"
"""The password was right."""
_COUNT = sa.text(
    """
    insert into control.refused_log_in as held (account_id, act, tries, first_at, last_at, via, place)
    values (:account, :act, 1, :now, :now, :via, :place)
    on conflict (account_id, act) do update set
        tries = held.tries + 1, last_at = :now, via = :via, place = :place,
        first_at = case when held.tries = 0 then :now else held.first_at end"""
)


class Refusals:
    """Counts refused log-ins, and notes them."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def password(self, account_id: UUID | None, *, is_known: bool) -> None:
        """Count a wrong password.

        Args:
            account_id: None: there is no such account.
            is_known: it came from where the person has been.
        """
        act = OF_NOBODY if account_id is None else AT_THEIR_PLACE if is_known else OF_STRANGER
        await self._count(account_id or NOBODY, act)

    async def code(self, account_id: UUID) -> None:
        """Count a wrong one-time code."""
        await self._count(account_id, WRONG_CODE)

    async def note(self) -> None:
        """Note what was counted of whom nothing was noted for an hour, and forget what has long been noted."""
        while await self._note_some() == AT_ONCE:
            pass

    async def _count(self, account_id: UUID, act: str) -> None:
        asked = doer_now()
        said = {
            "account": account_id,
            "act": act,
            "now": self._clock.now(),
            "via": asked.via,
            "place": clean(asked.place, LONGEST_PLACE_CHARACTERS),
        }
        async with self._database.control() as session:
            await session.execute(_COUNT, said)

    async def _note_some(self) -> int:
        now = self._clock.now()
        at = RefusedLogIn.noted_at  # one that lies ahead was written by a wrong clock
        long_noted = sa.or_(at.is_(None), at <= now - NOTED_EVERY, at > now + NOTED_EVERY)
        async with self._database.control() as session:
            some = sa.select(RefusedLogIn).where(long_noted).order_by(RefusedLogIn.account_id, RefusedLogIn.act)
            found = (await session.scalars(some.limit(AT_ONCE).with_for_update(skip_locked=True))).all()
            for each in found:
                if each.tries == 0:
                    await session.delete(each)
                    continue
                await _note(session, each, now)
                each.tries, each.noted_at = 0, now
        return len(found)


async def _note(session: ControlSession, counted: RefusedLogIn, now: datetime) -> None:
    account = await session.get(Account, counted.account_id)
    if account is None or account.is_operator:
        houses: list[UUID | None] = [None]
    else:
        houses = [each.organization_id for each in await workplaces_of(session, account.id)]
    details = {
        "tries": counted.tries,
        "first_at": f"{counted.first_at:%Y-%m-%dT%H:%M:%SZ}",
        "last_at": f"{counted.last_at:%Y-%m-%dT%H:%M:%SZ}",
    }
    for house in houses:
        note(
            session,
            now,
            counted.act,
            organization_id=house,
            subject_id=account.id if account is not None else None,
            subject=account.email if account is not None else "",
            details=details,
            doer=Doer("", counted.via, place=counted.place),
        )
