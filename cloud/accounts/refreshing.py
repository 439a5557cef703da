"""How a program stays logged in: a refresh token for once, which gives the next one and an access token of 15 minutes.

The tokens that follow from one log-in are a family. Who uses one that was used before has stolen it, or has lost it to
a thief: the family ends, in a transaction of its own, since the request is refused. Only the one before the newest is
taken again for half a minute after it was used first: the answer may have been lost on the way, or is slow, and the
program asks twice. It gets the same answer, since the next token follows from the one before it under a key of ours.
"""

from __future__ import annotations

import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

import sqlalchemy as sa

from cloud.accounts.own_events import note_own_in
from cloud.accounts.sessions import LONGEST_ADDRESS_CHARACTERS, LONGEST_NAME_CHARACTERS, hash_of
from cloud.accounts.standings import Standing, Standings
from cloud.accounts.tokens import Tokens
from cloud.database.control_records import Account, RefreshFamily
from cloud.database.transaction import ControlSession, Database
from shared.kernel.errors import DomainError
from shared.kernel.ids import IdSource
from shared.kernel.instants import Clock
from shared.kernel.text import clean

IDLE = timedelta(days=14)
LONGEST = timedelta(days=90)
LOST_ANSWER = timedelta(seconds=30)
LONGEST_REFRESH_CHARACTERS = 100
_SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class Given:
    """What a program gets.

    Attributes:
        refresh_token: for once.
        refresh_ends_at: if it is not used before.
    """

    token: str
    ends_at: datetime
    refresh_token: str
    refresh_ends_at: datetime
    account_id: UUID
    organization_id: UUID | None
    standing: Standing


class Refreshing:
    """Begins, turns and ends families.

    Args:
        key: under which the next token of a family follows from the one before it.
    """

    def __init__(
        self, database: Database, clock: Clock, ids: IdSource, tokens: Tokens, standings: Standings, key: bytes
    ) -> None:
        self._database = database
        self._clock = clock
        self._ids = ids
        self._tokens = tokens
        self._standings = standings
        self._key = key

    async def begin(self, account: Account, organization_id: UUID | None, *, address: str, program: str) -> Given:
        """Log a program in, at the version of the account whose password was checked.

        Raises:
            DomainError: NO_WORKPLACE: the account may do nothing there; WRONG_EMAIL_OR_PASSWORD: it has another
                password by now, another second factor, or was logged out everywhere.
        """
        standing = await self._standing_of(account, organization_id)
        now, family_id = self._clock.now(), self._ids.new()
        token = _token_of(family_id)
        async with self._database.control() as session:
            session.add(
                RefreshFamily(
                    id=family_id,
                    token_hash=hash_of(token),
                    account_id=account.id,
                    organization_id=organization_id,
                    account_version=account.version,
                    membership_version=standing.membership_version,
                    made_at=now,
                    turned_at=now,
                    address=address[:LONGEST_ADDRESS_CHARACTERS],
                    program=clean(program, LONGEST_NAME_CHARACTERS),
                )
            )
            note_own_in(session, now, account, organization_id, "account.log_in")
        return self._given(account.id, organization_id, standing, token, now, now)

    async def turn(self, token: str) -> Given:
        """Give the next tokens for a refresh token.

        Raises:
            DomainError: NOT_SIGNED_IN: it is none, or its family has ended, by this use of an old one, too.
        """
        family_id, now = _family_of(token), self._clock.now()
        if family_id is None:
            raise DomainError("NOT_SIGNED_IN")
        turned = self._next(family_id, token)
        async with self._database.control() as session:
            family = await session.get(RefreshFamily, family_id, with_for_update=True)
            if family is None or not _holds(family, now):
                raise DomainError("NOT_SIGNED_IN")
            used, following = hash_of(token), hash_of(turned)
            if secrets.compare_digest(used, family.token_hash):
                family.previous_hash, family.token_hash, family.turned_at = family.token_hash, following, now
            elif not (_is_again(family, used, now) and secrets.compare_digest(following, family.token_hash)):
                family.ended_at = now
                await _note(session, family, now, "account.token_reused")
            made_at, ended_at = family.made_at, family.ended_at
            account_id, organization_id = family.account_id, family.organization_id
            versions = (family.account_version, family.membership_version)
        standing = await self._standings.of(account_id, organization_id) if ended_at is None else None
        if standing is None or versions != (standing.account_version, standing.membership_version):
            raise DomainError("NOT_SIGNED_IN")
        return self._given(account_id, organization_id, standing, turned, made_at, now)

    async def end(self, token: str) -> None:
        """Log a program out. What is no token of ours ends nothing, and says nothing."""
        family_id = _family_of(token)
        if family_id is None:
            return
        async with self._database.control() as session:
            family = await session.get(RefreshFamily, family_id, with_for_update=True)
            if (
                family is not None
                and family.ended_at is None
                and hash_of(token) in (family.token_hash, family.previous_hash)
            ):
                family.ended_at = self._clock.now()
                await _note(session, family, family.ended_at, "account.log_out")

    async def programs_of(self, account_id: UUID) -> list[RefreshFamily]:
        """The families of an account that hold, the newest use first."""
        now = self._clock.now()
        async with self._database.control() as session:
            rows = await session.scalars(
                sa.select(RefreshFamily)
                .where(
                    RefreshFamily.account_id == account_id,
                    RefreshFamily.ended_at.is_(None),
                    RefreshFamily.turned_at > now - IDLE,
                    RefreshFamily.made_at > now - LONGEST,
                )
                .order_by(RefreshFamily.turned_at.desc(), RefreshFamily.id)
            )
            return list(rows)

    async def end_family(self, account_id: UUID, family_id: UUID) -> None:
        """End a family of an account. Its access token holds until it ends, 15 minutes at most."""
        async with self._database.control() as session:
            family = await session.get(RefreshFamily, family_id, with_for_update=True)
            if family is not None and family.account_id == account_id and family.ended_at is None:
                family.ended_at = self._clock.now()
                await _note(session, family, family.ended_at, "account.log_out")

    async def _standing_of(self, account: Account, organization_id: UUID | None) -> Standing:
        """What an account may do that was read just now: another version is one from before, or one from after."""
        standing = await self._standings.of(account.id, organization_id)
        if standing is None or standing.account_version != account.version:
            self._standings.forget_account(account.id)
            standing = await self._standings.of(account.id, organization_id)
        if standing is None:
            raise DomainError("NO_WORKPLACE")
        if standing.account_version != account.version:
            raise DomainError("WRONG_EMAIL_OR_PASSWORD")
        return standing

    def _next(self, family_id: UUID, token: str) -> str:
        """The token that follows from one: nobody computes it without the key."""
        return urlsafe_b64encode(family_id.bytes + hmac.digest(self._key, token.encode(), sha256)).decode()

    def _given(
        self,
        account_id: UUID,
        organization_id: UUID | None,
        standing: Standing,
        refresh_token: str,
        made_at: datetime,
        now: datetime,
    ) -> Given:
        versions = (standing.account_version, standing.membership_version)
        token, ends_at = self._tokens.for_person(
            account_id, standing.role, organization_id, standing.branches, versions
        )
        refresh_ends_at = min(now + IDLE, made_at + LONGEST)
        return Given(token, ends_at, refresh_token, refresh_ends_at, account_id, organization_id, standing)


async def _note(session: ControlSession, family: RefreshFamily, now: datetime, act: str) -> None:
    """Note what became of a program's log-in, by its name."""
    account = await session.get_one(Account, family.account_id)
    note_own_in(session, now, account, family.organization_id, act, {"program": family.program})


def _holds(family: RefreshFamily, now: datetime) -> bool:
    """Whether it goes on. What lies far ahead was made while the clock was wrong."""
    is_in_time = abs(now - family.turned_at) < IDLE and -IDLE < now - family.made_at < LONGEST
    return family.ended_at is None and is_in_time


def _is_again(family: RefreshFamily, used: bytes, now: datetime) -> bool:
    """Whether the token before the newest is used once more, while its answer may be on the way."""
    before = family.previous_hash
    return before is not None and secrets.compare_digest(used, before) and now - family.turned_at <= LOST_ANSWER


def _token_of(family_id: UUID) -> str:
    """The first token of a family. The family's id stands in each, so that an old token shows whose it was."""
    return urlsafe_b64encode(family_id.bytes + secrets.token_bytes(_SECRET_BYTES)).decode()


def _family_of(token: str) -> UUID | None:
    if len(token) > LONGEST_REFRESH_CHARACTERS:
        return None
    try:
        raw = urlsafe_b64decode(token.encode("ascii"))
        return UUID(bytes=raw[:16]) if len(raw) == 16 + _SECRET_BYTES else None
    except ValueError:
        return None
