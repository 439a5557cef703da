"""API keys: by which a program of others calls the API as itself, for as long as its maker may do what it does.

Only the hash of a key is stored. What a key is, is kept in memory and dropped by hints of its organization, as
`standings.py` does: who revokes one has it out at once here, and in the other processes as soon as the hint has come.
"""

from __future__ import annotations

import secrets
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from cloud.accounts import scopes as scope_rules
from cloud.accounts.sessions import hash_of
from cloud.accounts.standings import LINKED_SECONDS, UNLINKED_SECONDS
from cloud.control.audit import note
from cloud.control.plans import Feature, require_feature
from cloud.database.control_records import Account, ApiKey
from cloud.database.transaction import Database
from cloud.kernel.recent import Recent
from shared.kernel.errors import DomainError
from shared.kernel.ids import IdSource
from shared.kernel.instants import Clock
from shared.kernel.text import clean

BEGINNING = "comanda_"
"""By which people, and programs that look for lost secrets, know a key."""
SHOWN_CHARACTERS = len(BEGINNING) + 8
LONGEST_KEY_CHARACTERS = 120
MOST_KEYS = 100
"""Of an organization that hold: more are a loop that makes keys."""
MOST_ORGANIZATIONS = 5_000
NOTED_EVERY = timedelta(minutes=15)
"""So often at most "last used" is written."""
_SECRET_BYTES = 32
_ID_BYTES = 16


@dataclass(frozen=True, slots=True)
class KeySeen:
    """A key that holds."""

    id: UUID
    organization_id: UUID
    account_id: UUID
    name: str
    scopes: frozenset[str]
    branches: frozenset[UUID] | None
    ends_at: datetime | None
    token_hash: bytes


@dataclass(frozen=True, slots=True)
class MadeKey:
    """A new key. `token` is shown this once."""

    row: ApiKey
    token: str


@dataclass(frozen=True, slots=True)
class ListedKey:
    """A key as people see it. `made_by`: the e-mail of its maker."""

    id: UUID
    prefix: str
    name: str
    scopes: tuple[str, ...]
    branches: tuple[UUID, ...] | None
    made_at: datetime
    made_by: str
    ends_at: datetime | None
    used_at: datetime | None
    revoked_at: datetime | None


@dataclass(slots=True)
class _Kept:
    key: KeySeen | None
    read_at: float
    noted_at: datetime | None = None


class ApiKeys:
    """Makes, finds and revokes keys.

    Args:
        told: tells all processes that something of an organization has changed.
        is_linked: whether hints of other processes come in.
        seconds: a clock that only goes forward.
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
        self._kept: Recent[UUID, dict[UUID, _Kept]] = Recent(MOST_ORGANIZATIONS)

    async def make(
        self,
        organization_id: UUID,
        account_id: UUID,
        *,
        name: str,
        scopes: Collection[str],
        branches: Collection[UUID] | None = None,
        ends_at: datetime | None = None,
    ) -> MadeKey:
        """Make a key of an account that works there.

        Args:
            branches: None: those of its maker, whichever they are.

        Raises:
            DomainError: NAME_MISSING, SCOPE_UNKNOWN, SCOPES_MISSING, KEY_ENDS_BEFORE, TOO_MANY_KEYS (params: most),
                PLAN_HAS_NOT.
        """
        named, now, key_id = clean(name, 120), self._clock.now(), self._ids.new()
        if not named:
            raise DomainError("NAME_MISSING")
        if ends_at is not None and ends_at <= now:
            raise DomainError("KEY_ENDS_BEFORE")
        token = _token_of(organization_id, key_id)
        row = ApiKey(
            id=key_id,
            token_hash=hash_of(token),
            prefix=token[:SHOWN_CHARACTERS],
            organization_id=organization_id,
            account_id=account_id,
            name=named,
            scopes=scope_rules.checked(scopes),
            branches=None if branches is None else sorted(str(each) for each in branches),
            made_at=now,
            ends_at=ends_at,
        )
        async with self._database.control() as session:
            holding = sa.select(sa.func.count()).where(
                ApiKey.organization_id == organization_id,
                ApiKey.revoked_at.is_(None),
                sa.or_(ApiKey.ends_at.is_(None), ApiKey.ends_at > now),
            )
            await require_feature(session, organization_id, Feature.API_KEYS)
            if (await session.scalar(holding) or 0) >= MOST_KEYS:
                raise DomainError("TOO_MANY_KEYS", most=MOST_KEYS)
            session.add(row)
            note(
                session,
                now,
                "key.create",
                organization_id=organization_id,
                subject_id=key_id,
                subject=named,
                details={"scopes": " ".join(row.scopes)},
            )
        return MadeKey(row, token)

    async def keys_of(self, organization_id: UUID) -> list[ListedKey]:
        """The keys of an organization: those that hold first, the newest first."""
        query = (
            sa.select(ApiKey, Account.email)
            .join(Account, Account.id == ApiKey.account_id)
            .where(ApiKey.organization_id == organization_id)
            .order_by(ApiKey.revoked_at.is_not(None), ApiKey.id.desc())
            .limit(2 * MOST_KEYS)
        )
        async with self._database.control() as session:
            return [_listed(row, email) for row, email in (await session.execute(query)).all()]

    async def revoke(self, organization_id: UUID, key_id: UUID) -> ListedKey:
        """Revoke a key for good. Revoking it again changes nothing.

        Raises:
            DomainError: KEY_UNKNOWN.
        """
        async with self._database.control() as session:
            row = await session.get(ApiKey, key_id, with_for_update=True)
            if row is None or row.organization_id != organization_id:
                raise DomainError("KEY_UNKNOWN")
            if row.revoked_at is None:
                row.revoked_at = self._clock.now()
                note(
                    session,
                    row.revoked_at,
                    "key.revoke",
                    organization_id=organization_id,
                    subject_id=key_id,
                    subject=row.name,
                )
            account = await session.get_one(Account, row.account_id)
            listed = _listed(row, account.email)
        self._told(organization_id)
        return listed

    async def of(self, token: str) -> KeySeen | None:
        """The key of a token, if it holds now."""
        named = _ids_of(token)
        if named is None:
            return None
        organization_id, key_id = named
        kept = self._kept.get(organization_id)
        if kept is None:
            kept = {}
            self._kept.put(organization_id, kept)
        lasts, started = LINKED_SECONDS if self._is_linked() else UNLINKED_SECONDS, self._seconds()
        found = kept.get(key_id)
        if found is None or started - found.read_at >= lasts:
            noted_at = found.noted_at if found is not None else None
            found = _Kept(await self._read(organization_id, key_id), started, noted_at)
            if found.key is not None:  # what is no key of theirs is not kept: anybody can make such ids up
                kept[key_id] = found
        key, now = found.key, self._clock.now()
        if key is None or not secrets.compare_digest(hash_of(token), key.token_hash):
            return None
        if key.ends_at is not None and key.ends_at <= now:
            return None
        await self._note_use(key, found, now)
        return key

    def forget_organization(self, organization_id: UUID) -> None:
        """Forget what is known of the keys of an organization."""
        self._kept.forget(organization_id)

    def forget_all(self) -> None:
        """Forget what is known of all keys: hints may have been lost."""
        self._kept.clear()

    async def _read(self, organization_id: UUID, key_id: UUID) -> KeySeen | None:
        holds = sa.select(ApiKey).where(
            ApiKey.id == key_id, ApiKey.organization_id == organization_id, ApiKey.revoked_at.is_(None)
        )
        async with self._database.control() as session:
            row = await session.scalar(holds)
        if row is None:
            return None
        branches = None if row.branches is None else frozenset(map(UUID, row.branches))
        return KeySeen(
            row.id,
            row.organization_id,
            row.account_id,
            row.name,
            frozenset(row.scopes),
            branches,
            row.ends_at,
            bytes(row.token_hash),
        )

    async def _note_use(self, key: KeySeen, found: _Kept, now: datetime) -> None:
        """Write when the key was used, unless somebody did lately."""
        if found.noted_at is not None and now - found.noted_at < NOTED_EVERY:
            return
        found.noted_at = now
        used_before = sa.or_(ApiKey.used_at.is_(None), ApiKey.used_at < now - NOTED_EVERY)
        async with self._database.control() as session:
            await session.execute(sa.update(ApiKey).where(ApiKey.id == key.id, used_before).values(used_at=now))


def is_key(token: str) -> bool:
    """Whether a bearer token says that it is an API key."""
    return token.startswith(BEGINNING)


def _token_of(organization_id: UUID, key_id: UUID) -> str:
    """A new key. Both ids stand in it, so that memory is asked before the database; the secret stands first."""
    raw = secrets.token_bytes(_SECRET_BYTES) + key_id.bytes + organization_id.bytes
    return BEGINNING + urlsafe_b64encode(raw).decode().rstrip("=")


def _ids_of(token: str) -> tuple[UUID, UUID] | None:
    if len(token) > LONGEST_KEY_CHARACTERS or not is_key(token):
        return None
    text = token.removeprefix(BEGINNING)
    try:
        raw = urlsafe_b64decode((text + "=" * (-len(text) % 4)).encode("ascii"))
    except ValueError:
        return None
    if len(raw) != _SECRET_BYTES + 2 * _ID_BYTES:
        return None
    return UUID(bytes=raw[_SECRET_BYTES + _ID_BYTES :]), UUID(bytes=raw[_SECRET_BYTES : _SECRET_BYTES + _ID_BYTES])


def _listed(row: ApiKey, email: str) -> ListedKey:
    return ListedKey(
        row.id,
        row.prefix,
        row.name,
        tuple(row.scopes),
        None if row.branches is None else tuple(map(UUID, row.branches)),
        row.made_at,
        email,
        row.ends_at,
        row.used_at,
        row.revoked_at,
    )
