"""Log-in sessions: a browser in which somebody is logged in, known by an opaque cookie of which only the hash is kept.

One ends 12 hours after it was last used, 30 days after it was made, when the person logs out here or everywhere, and
when their password or second factor changes. A program has tokens instead (`refreshing.py`).
"""

from __future__ import annotations

import secrets
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from cloud.accounts.own_events import note_own_in
from cloud.database.control_records import Account, LogInSession
from cloud.database.transaction import ControlSession, Database
from cloud.kernel.recent import Recent
from shared.kernel.ids import IdSource
from shared.kernel.instants import Clock
from shared.kernel.text import clean

IDLE = timedelta(hours=12)
LONGEST = timedelta(days=30)
NOTED_EVERY = timedelta(minutes=1)
"""So exactly it is noted when a session was used: more often each page would write."""
KEPT_SECONDS, UNLINKED_SECONDS = 10.0, 0.8
"""So long a session is believed without reading it again, with hints of other processes and without."""
MOST_KEPT = 20_000
MOST_OF_ACCOUNT = 100
"""Sessions of one account; with more the oldest ends. A person has a handful of browsers."""
LONGEST_NAME_CHARACTERS = 200
LONGEST_ADDRESS_CHARACTERS = 60
_TOKEN_BYTES = 32
_LONGEST_TOKEN = 64


@dataclass(frozen=True, slots=True)
class SessionSeen:
    """A session that holds.

    Attributes:
        organization_id: the one that the person has chosen.
        awaits_code: the second factor is still missing: it opens nothing but the page that asks for it.
    """

    id: UUID
    token_hash: bytes
    account_id: UUID
    account_version: int
    organization_id: UUID | None
    made_at: datetime
    seen_at: datetime
    proved_at: datetime
    awaits_code: bool
    address: str
    browser: str
    is_operator: bool


class Sessions:
    """Opens, finds and ends sessions.

    Args:
        told: called with an account of which something has changed, so that all processes drop what they kept.
        is_linked: whether hints of other processes come in.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        ids: IdSource,
        told: Callable[[UUID], None],
        is_linked: Callable[[], bool],
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._clock = clock
        self._ids = ids
        self._told = told
        self._is_linked = is_linked
        self._seconds = seconds
        self._kept: Recent[bytes, tuple[float, SessionSeen]] = Recent(MOST_KEPT)
        self._forgotten = 0

    async def open(
        self,
        account: Account,
        organization_id: UUID | None,
        *,
        address: str,
        browser: str,
        awaits_code: bool,
    ) -> str:
        """Open a session. Returns what its cookie holds."""
        token, now = secrets.token_urlsafe(_TOKEN_BYTES), self._clock.now()
        async with self._database.control() as session:
            session.add(
                LogInSession(
                    id=self._ids.new(),
                    token_hash=hash_of(token),
                    account_id=account.id,
                    account_version=account.version,
                    organization_id=organization_id,
                    made_at=now,
                    seen_at=now,
                    proved_at=now,
                    awaits_code=awaits_code,
                    address=address[:LONGEST_ADDRESS_CHARACTERS],
                    browser=clean(browser, LONGEST_NAME_CHARACTERS),
                )
            )
            if not awaits_code:
                note_own_in(session, now, account, organization_id, "account.log_in")
            await session.flush()
            await session.execute(_END_OLDEST, {"account": account.id, "now": now, "most": MOST_OF_ACCOUNT})
        return token

    async def admit(self, seen: SessionSeen) -> None:
        """Open all that a session opens whose second factor was missing."""
        now = self._clock.now()
        async with self._database.control() as session:
            account = await session.get_one(Account, seen.account_id)
            opened = sa.update(LogInSession).where(LogInSession.id == seen.id)
            await session.execute(opened.values(awaits_code=False, proved_at=now))
            note_own_in(session, now, account, seen.organization_id, "account.log_in")
        self._told(seen.account_id)

    async def choose(self, seen: SessionSeen, organization_id: UUID) -> None:
        """Show another organization from now on. For its people that is a log-in; a visit is noted by itself."""
        async with self._database.control() as session:
            chosen = sa.update(LogInSession).where(LogInSession.id == seen.id)
            await session.execute(chosen.values(organization_id=organization_id))
            if not seen.is_operator and seen.organization_id != organization_id:
                account = await session.get_one(Account, seen.account_id)
                note_own_in(session, self._clock.now(), account, organization_id, "account.log_in")
        self._told(seen.account_id)

    async def of(self, token: str, *, is_use: bool = True) -> SessionSeen | None:
        """The session of a cookie, if it holds now.

        Args:
            is_use: whether it counts as used. What a page does by itself does not.
        """
        return await self.by_hash(hash_of(token), is_use=is_use) if len(token) <= _LONGEST_TOKEN else None

    async def by_hash(self, token_hash: bytes, *, is_use: bool = False) -> SessionSeen | None:
        """The session of the hash of a cookie, if it holds now."""
        lasts = KEPT_SECONDS if self._is_linked() else UNLINKED_SECONDS
        kept, now, forgotten = self._kept.get(token_hash), self._clock.now(), self._forgotten
        if kept is None or self._seconds() - kept[0] >= lasts:
            seen = await self._read(token_hash)
            if seen is None:
                self._kept.forget(token_hash)
                return None
        else:
            seen = kept[1]
        if not _holds(seen, now):
            return None
        if is_use and now - seen.seen_at >= NOTED_EVERY:
            seen = await self._note_use(seen, now)
        if (kept is None or kept[1] is not seen) and self._forgotten == forgotten:  # no hint came meanwhile
            self._kept.put(token_hash, (self._seconds(), seen))
        return seen

    async def open_sessions(self, account_id: UUID) -> list[SessionSeen]:
        """The sessions of an account that hold, the newest use first."""
        now = self._clock.now()
        async with self._database.control() as session:
            rows = await session.execute(
                _COLUMNS.where(
                    LogInSession.account_id == account_id,
                    LogInSession.ended_at.is_(None),
                    LogInSession.seen_at > now - IDLE,
                    LogInSession.made_at > now - LONGEST,
                ).order_by(LogInSession.seen_at.desc(), LogInSession.id)
            )
            return [_seen(row) for row in rows]

    async def change(self, seen: SessionSeen, **values: object) -> None:
        """Change a session: the chosen organization, that its person has proved who they are."""
        async with self._database.control() as session:
            await session.execute(sa.update(LogInSession).where(LogInSession.id == seen.id).values(**values))
        self._told(seen.account_id)

    async def end(self, account_id: UUID, session_id: UUID | None = None) -> None:
        """End a session of an account, or all of them. Its sockets are closed."""
        which = LogInSession.account_id == account_id
        if session_id is not None:
            which = sa.and_(which, LogInSession.id == session_id)
        now = self._clock.now()
        async with self._database.control() as session:
            open_ones = sa.update(LogInSession).where(which, LogInSession.ended_at.is_(None))
            ended = await session.execute(
                open_ones.values(ended_at=now).returning(LogInSession.organization_id, LogInSession.awaits_code)
            )
            account = await session.get_one(Account, account_id)
            for house, count in Counter(row.organization_id for row in ended if not row.awaits_code).items():
                note_own_in(session, now, account, house, "account.log_out", {"sessions": count})
        self._told(account_id)

    async def end_token(self, token: str) -> None:
        """End the session of a cookie, if there is one."""
        seen = await self.of(token, is_use=False)
        if seen is not None:
            await self.end(seen.account_id, seen.id)

    def forget(self, account_id: UUID) -> None:
        """Read the sessions of an account anew when they are next used."""
        self._forgotten += 1
        for token_hash in self._kept:
            kept = self._kept.get(token_hash)
            if kept is not None and kept[1].account_id == account_id:
                self._kept.forget(token_hash)

    def forget_all(self) -> None:
        """Read all sessions anew: hints may have been lost."""
        self._forgotten += 1
        self._kept.clear()

    async def _read(self, token_hash: bytes) -> SessionSeen | None:
        async with self._database.control() as session:
            row = (
                await session.execute(
                    _COLUMNS.where(LogInSession.token_hash == token_hash, LogInSession.ended_at.is_(None))
                )
            ).first()
        return _seen(row) if row is not None else None

    async def _note_use(self, seen: SessionSeen, now: datetime) -> SessionSeen:
        async with self._database.control() as session:
            await session.execute(
                sa.update(LogInSession)
                .where(LogInSession.id == seen.id, LogInSession.seen_at < now)
                .values(seen_at=now)
            )
        return replace(seen, seen_at=now)


async def end_sessions(session: ControlSession, account_id: UUID, now: datetime, except_id: UUID | None = None) -> None:
    """End all sessions of an account but one, in a transaction of the caller, who tells of it after the commit."""
    which = [LogInSession.account_id == account_id, LogInSession.ended_at.is_(None)]
    if except_id is not None:
        which.append(LogInSession.id != except_id)
    await session.execute(sa.update(LogInSession).where(*which).values(ended_at=now))


def hash_of(token: str) -> bytes:
    """By which a token with enough chance in it is found: it needs no key and no slowness."""
    return sha256(token.encode()).digest()


def _holds(seen: SessionSeen, now: datetime) -> bool:
    """Whether it is neither idle nor too old. One that lies far ahead was made while the clock was wrong."""
    return abs(now - seen.seen_at) < IDLE and -IDLE < now - seen.made_at < LONGEST


def _seen(row: Any) -> SessionSeen:
    return SessionSeen(*row)


_COLUMNS = sa.select(
    LogInSession.id,
    LogInSession.token_hash,
    LogInSession.account_id,
    LogInSession.account_version,
    LogInSession.organization_id,
    LogInSession.made_at,
    LogInSession.seen_at,
    LogInSession.proved_at,
    LogInSession.awaits_code,
    LogInSession.address,
    LogInSession.browser,
    Account.is_operator,
).join_from(
    LogInSession,
    Account,
    sa.and_(
        Account.id == LogInSession.account_id,
        Account.version == LogInSession.account_version,
        Account.closed_at.is_(None),
    ),
)
_END_OLDEST = sa.text(
    """
    update control.log_in_session set ended_at = :now where id in (
        select id from control.log_in_session where account_id = :account and ended_at is null
        order by seen_at desc, id desc offset :most
    )"""
)
