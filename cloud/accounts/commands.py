"""What people do with accounts: make one, log in."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from cloud.accounts.passwords import SHORTEST_PASSWORD_CHARACTERS, Passwords, normal_email
from cloud.accounts.throttle import Allowance, Attempt, Throttle
from cloud.accounts.tokens import Tokens
from cloud.database.control_records import Account
from cloud.database.transaction import ControlSession, Database
from shared.kernel.errors import DomainError
from shared.kernel.ids import IdSource
from shared.kernel.instants import Clock
from shared.kernel.permissions import Role
from shared.kernel.text import clean

BY_PERSON_AND_ADDRESS = Allowance("log-in of a person from an address", 5, timedelta(seconds=60))
BY_ADDRESS = Allowance("log-in from an address", 50, timedelta(seconds=6))
"""A restaurant's people share one address."""
BY_PERSON = Allowance("log-in of a person", 100, timedelta(seconds=30))
"""Against a guesser with many addresses. It does not count where that person has logged in before: no stranger locks
anybody out."""
BY_PERSON_AND_BROWSER = Allowance("log-in of a person in a browser of theirs", 5, timedelta(seconds=60))
PASS_LASTS = timedelta(hours=1)
"""So long the link holds that an operator gives to somebody whom a guesser keeps out."""
KNOWN_FOR = timedelta(days=90)
"""So long a browser or an address is known from which somebody has logged in."""


_PASS_BYTES = 24


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """Somebody who has logged in, with their token."""

    account: Account
    token: str
    expires_at: datetime


class LogIn:
    """Logs people in.

    Args:
        database: opens its own transactions, since a failed attempt must be counted although nothing else is written.
    """

    def __init__(self, database: Database, passwords: Passwords, tokens: Tokens, throttle: Throttle) -> None:
        self._database = database
        self._passwords = passwords
        self._tokens = tokens
        self._throttle = throttle

    async def enter(self, email: str, password: str, address: str, browser: str = "", given: str = "") -> LoggedIn:
        """Log somebody in. An unknown e-mail, a wrong password and a closed account give one error after the same time.

        Args:
            browser: what only this browser knows, and keeps; empty for programs.
            given: the pass of an operator's link, see `pass_for`.

        Raises:
            DomainError: WRONG_EMAIL_OR_PASSWORD, TOO_MANY_TRIES (params: seconds), LOG_IN_HELD (params: seconds): it is
                tried from many places, and works where the person has logged in before.
        """
        email = normal_email(email)
        places = [f"address\0{email}\0{address}", *([f"browser\0{email}\0{browser}"] if browser else [])]
        own = await self._take(email, address, places, browser=browser, given=given)
        async with self._database.control() as session:
            account = await session.scalar(select(Account).where(Account.email == email))
        right = await self._passwords.matches(account.password_hash if account else None, password)
        if account is None or not right or not account.active:
            raise DomainError("WRONG_EMAIL_OR_PASSWORD")
        await self._throttle.forgive([own])
        await self._throttle.remember(places, KNOWN_FOR)
        if self._passwords.outdated(account.password_hash):
            await self._rehash(account.id, password)
        branches = tuple(account.branches)
        token, expires_at = self._tokens.for_person(account.id, account.role, account.organization_id, branches)
        return LoggedIn(account, token, expires_at)

    async def pass_for(self, email: str) -> str:
        """Make a pass: with it that person may try from any place, for an hour. It does not replace the password.

        Raises:
            DomainError: ACCOUNT_UNKNOWN (params: email).
        """
        email, given = normal_email(email), secrets.token_urlsafe(_PASS_BYTES)
        async with self._database.control() as session:
            if await session.scalar(select(Account.id).where(Account.email == email)) is None:
                raise DomainError("ACCOUNT_UNKNOWN", email=email)
        await self._throttle.remember([_pass_of(email, given)], PASS_LASTS)
        return given

    async def _take(self, email: str, address: str, places: Sequence[str], *, browser: str, given: str) -> Attempt:
        """Count a try by the rules of the place from which it comes. Returns what is forgiven when it succeeds."""
        passes = [_pass_of(email, given)] if given else []
        known = await self._throttle.remembered([*places, *passes])
        if browser and places[-1] in known:
            own = Attempt(BY_PERSON_AND_BROWSER, f"{email}\0{browser}")
            await self._throttle.take([own])
            return own
        if known.intersection(passes):
            own = Attempt(BY_PERSON_AND_BROWSER, f"{email}\0{given}")
            await self._throttle.take([own])
            return own
        own = Attempt(BY_PERSON_AND_ADDRESS, f"{email}\0{address}")
        await self._throttle.take([own, Attempt(BY_ADDRESS, address)])
        if not known:
            try:
                await self._throttle.take([Attempt(BY_PERSON, email)])
            except DomainError as error:
                raise DomainError("LOG_IN_HELD", **error.params) from None
        return own

    async def _rehash(self, account_id: UUID, password: str) -> None:
        password_hash = await self._passwords.hashed(password)
        async with self._database.control() as session:
            account = await session.get_one(Account, account_id)
            account.password_hash = password_hash


def _pass_of(email: str, given: str) -> str:
    return f"pass\0{email}\0{given}"


async def create_account(
    session: ControlSession,
    passwords: Passwords,
    ids: IdSource,
    clock: Clock,
    *,
    email: str,
    name: str,
    password: str,
    role: Role,
    organization_id: UUID | None,
    branches: Sequence[UUID] = (),
) -> Account:
    """Make an account.

    Raises:
        DomainError: EMAIL_TAKEN, EMAIL_WRONG, PASSWORD_SHORT (params: least), ACCOUNT_NEEDS_ORGANIZATION.
    """
    email = normal_email(email)
    if "@" not in email[1:-1] or len(email) > 254 or any(character.isspace() for character in email):
        raise DomainError("EMAIL_WRONG")
    if len(password) < SHORTEST_PASSWORD_CHARACTERS:
        raise DomainError("PASSWORD_SHORT", least=SHORTEST_PASSWORD_CHARACTERS)
    if (role is Role.SUPER_ADMIN) != (organization_id is None):
        raise DomainError("ACCOUNT_NEEDS_ORGANIZATION")
    if await session.scalar(select(Account.id).where(Account.email == email)) is not None:
        raise DomainError("EMAIL_TAKEN")
    account = Account(
        id=ids.new(),
        email=email,
        name=clean(name),
        password_hash=await passwords.hashed(password),
        role=role,
        organization_id=organization_id,
        branches=list(branches),
        active=True,
        created_at=clock.now(),
    )
    session.add(account)
    await session.flush()
    return account
