"""Tokens with which pages open their live socket: for one use and half a minute, given to a person who is logged in.

The cookie that says who they are is no use on a socket: any site's page could open one with it, and no script sees it.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from uuid import UUID

import sqlalchemy as sa

from cloud.accounts.identity import Person
from cloud.accounts.sessions import Sessions
from cloud.accounts.standings import Standings
from cloud.database.control_records import PageToken
from cloud.database.transaction import Database
from shared.kernel.instants import Clock

LASTS = timedelta(seconds=30)
RANDOM_BYTES = 24
MOST_UNUSED = 40
"""Tokens that a person may have not used yet; with more than that the oldest do not count any more."""

_FORGET = sa.text(
    """
    DELETE FROM control.page_token WHERE ends_at < :now OR token_hash IN (
        SELECT token_hash FROM control.page_token WHERE account_id = :account_id
        ORDER BY ends_at DESC, token_hash OFFSET :most
    )"""
)


@dataclass(frozen=True, slots=True)
class Listener:
    """A person whose page listens.

    Attributes:
        session_hash: of the cookie of the page.
    """

    person: Person
    organization_id: UUID
    session_hash: bytes


class PageTokens:
    """Gives tokens and takes them back, and says whether who listens still may."""

    def __init__(
        self,
        database: Database,
        standings: Standings,
        sessions: Sessions,
        clock: Clock,
        random_bytes: Callable[[int], bytes] = os.urandom,
    ) -> None:
        self._database = database
        self._standings = standings
        self._sessions = sessions
        self._clock = clock
        self._random_bytes = random_bytes

    async def give(self, person: Person, organization_id: UUID, session_hash: bytes) -> str:
        """A token for a page of that person. Those that nobody used in time are deleted, and the oldest of too many."""
        token, now = self._random_bytes(RANDOM_BYTES).hex(), self._clock.now()
        async with self._database.control() as session:
            forgotten = {"now": now, "account_id": person.account_id, "most": MOST_UNUSED - 1}
            await session.execute(_FORGET, forgotten)
            session.add(
                PageToken(
                    token_hash=_hash(token),
                    account_id=person.account_id,
                    organization_id=organization_id,
                    session_hash=session_hash,
                    ends_at=now + LASTS,
                )
            )
        return token

    async def take(self, token: str) -> Listener | None:
        """Whose token it is. It is used up. None if it is no token, or was used, or is too old."""
        used = (
            sa.delete(PageToken)
            .where(PageToken.token_hash == _hash(token), PageToken.ends_at >= self._clock.now())
            .returning(PageToken.account_id, PageToken.organization_id, PageToken.session_hash)
        )
        async with self._database.control() as session:
            found = (await session.execute(used)).one_or_none()
        return await self._listener(*found) if found is not None else None

    async def may_listen(self, listener: Listener) -> bool:
        """Whether a person may still listen, and to the same branches: their session holds, and nobody moved them."""
        held = await self._listener(listener.person.account_id, listener.organization_id, listener.session_hash)
        return held == listener

    async def _listener(self, account_id: UUID, organization_id: UUID, session_hash: bytes) -> Listener | None:
        session = await self._sessions.by_hash(session_hash)
        if session is None or session.awaits_code:
            return None
        standing = await self._standings.of(account_id, None if session.is_operator else organization_id)
        if standing is None or standing.is_suspended or standing.is_closed:
            return None
        if standing.reopened_at is not None and session.made_at < standing.reopened_at:
            return None
        person = Person.of(account_id, organization_id, standing, session.id)
        if session.is_operator and person.visit(organization_id, self._clock.now()) is None:
            return None
        return Listener(person, organization_id, session_hash)


def _hash(token: str) -> bytes:
    return sha256(token.encode()).digest()
