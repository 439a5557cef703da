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
    """A person whose page listens."""

    person: Person
    organization_id: UUID


class PageTokens:
    """Gives tokens and takes them back."""

    def __init__(self, database: Database, clock: Clock, random_bytes: Callable[[int], bytes] = os.urandom) -> None:
        self._database = database
        self._clock = clock
        self._random_bytes = random_bytes

    async def give(self, person: Person, organization_id: UUID) -> str:
        """A token for a page of that person. Those that nobody used in time are deleted, and the oldest of too many."""
        token, now = self._random_bytes(RANDOM_BYTES).hex(), self._clock.now()
        async with self._database.control() as session:
            forgotten = {"now": now, "account_id": person.account_id, "most": MOST_UNUSED - 1}
            await session.execute(_FORGET, forgotten)
            session.add(
                PageToken(
                    token_hash=_hash(token),
                    account_id=person.account_id,
                    role=person.role,
                    organization_id=organization_id,
                    branches=sorted(person.branches),
                    ends_at=now + LASTS,
                )
            )
        return token

    async def take(self, token: str) -> Listener | None:
        """Whose token it is. It is used up. None if it is no token, or was used, or is too old."""
        used = (
            sa.delete(PageToken)
            .where(PageToken.token_hash == _hash(token), PageToken.ends_at >= self._clock.now())
            .returning(PageToken.account_id, PageToken.role, PageToken.organization_id, PageToken.branches)
        )
        async with self._database.control() as session:
            found = (await session.execute(used)).one_or_none()
        if found is None:
            return None
        account_id, role, organization_id, branches = found
        return Listener(Person(account_id, role, organization_id, frozenset(branches)), organization_id)


def _hash(token: str) -> bytes:
    return sha256(token.encode()).digest()
