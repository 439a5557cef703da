"""Logging in: whose e-mail and password these are, and how often somebody may try. Nothing is opened here."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from cloud.accounts.passwords import Passwords, normal_email
from cloud.accounts.throttle import Allowance, Attempt, Throttle
from cloud.database.control_records import Account
from cloud.database.transaction import Database
from shared.kernel.errors import DomainError

BY_PERSON_AND_ADDRESS = Allowance("log-in of a person from an address", 5, timedelta(seconds=60))
BY_ADDRESS = Allowance("log-in from an address", 50, timedelta(seconds=6))
"""A restaurant's people share one address."""
BY_PERSON = Allowance("log-in of a person", 100, timedelta(seconds=30))
"""Against a guesser with many addresses. It does not count where that person has logged in before: no stranger locks
anybody out."""
BY_PERSON_AND_BROWSER = Allowance("log-in of a person in a browser of theirs", 5, timedelta(seconds=60))
PASS_LASTS = timedelta(hours=1)
"""So long the link holds that an operator gives to somebody whom a guesser keeps out."""
KNOWN_FOR = timedelta(days=365)
"""So long a browser or an address is known from which somebody has logged in."""


_PASS_BYTES = 24


class LogIn:
    """Logs people in.

    Args:
        database: opens its own transactions, since a failed attempt must be counted although nothing else is written.
    """

    def __init__(self, database: Database, passwords: Passwords, throttle: Throttle) -> None:
        self._database = database
        self._passwords = passwords
        self._throttle = throttle

    async def enter(self, email: str, password: str, address: str, browser: str = "", given: str = "") -> Account:
        """Whose e-mail and password these are.

        An unknown e-mail, a wrong password and a closed account give one error after the same time.

        Args:
            browser: what only this browser knows, and keeps; empty for programs.
            given: the pass of an operator's link, see `pass_for`.

        Raises:
            DomainError: WRONG_EMAIL_OR_PASSWORD, TOO_MANY_TRIES (params: seconds), LOG_IN_HELD (params: seconds): it is
                tried from many places, and works where the person has logged in before.
        """
        email = normal_email(email)
        places = _places(email, address, browser)
        own, is_known = await self._take(email, address, places, browser=browser, given=given)
        async with self._database.control() as session:
            account = await session.scalar(select(Account).where(Account.email == email))
        right = await self._passwords.matches(account.password_hash if account else None, password, is_known=is_known)
        if account is None or not right or account.closed_at is not None:
            raise DomainError("WRONG_EMAIL_OR_PASSWORD")
        await self._throttle.forgive([own])
        await self._throttle.remember(places, KNOWN_FOR)
        if self._passwords.outdated(account.password_hash):
            await self._rehash(account.id, password)
        return account

    async def remember(self, email: str, address: str, browser: str) -> None:
        """Remember where somebody has come in by other means than the password: a mailed link."""
        await self._throttle.remember(_places(normal_email(email), address, browser), KNOWN_FOR)

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

    async def _take(
        self, email: str, address: str, places: Sequence[str], *, browser: str, given: str
    ) -> tuple[Attempt, bool]:
        """Count a try by the rules of the place from which it comes.

        Returns what is forgiven when it succeeds, and whether the person is known there.
        """
        passes = [_pass_of(email, given)] if given else []
        known = await self._throttle.remembered([*places, *passes])
        if browser and places[-1] in known:
            own = Attempt(BY_PERSON_AND_BROWSER, f"{email}\0{browser}")
            await self._throttle.take([own])
            return own, True
        if known.intersection(passes):
            own = Attempt(BY_PERSON_AND_BROWSER, f"{email}\0{given}")
            await self._throttle.take([own])
            return own, True
        own = Attempt(BY_PERSON_AND_ADDRESS, f"{email}\0{address}")
        await self._throttle.take([own, Attempt(BY_ADDRESS, address)])
        if not known:
            try:
                await self._throttle.take([Attempt(BY_PERSON, email)])
            except DomainError as error:
                raise DomainError("LOG_IN_HELD", **error.params) from None
        return own, bool(known)

    async def _rehash(self, account_id: UUID, password: str) -> None:
        password_hash = await self._passwords.hashed(password)
        async with self._database.control() as session:
            account = await session.get_one(Account, account_id)
            account.password_hash = password_hash


def _places(email: str, address: str, browser: str) -> list[str]:
    return [f"address\0{email}\0{address}", *([f"browser\0{email}\0{browser}"] if browser else [])]


def _pass_of(email: str, given: str) -> str:
    return f"pass\0{email}\0{given}"
