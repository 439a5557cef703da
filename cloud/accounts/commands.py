"""Logging in: whose e-mail and password these are, and how often somebody may try. Nothing is opened here."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import select, update

from cloud.accounts.passwords import Passwords, normal_email
from cloud.accounts.refusals import Refusals
from cloud.accounts.throttle import Allowance, Attempt, Throttle
from cloud.accounts.turns import Turns
from cloud.database.control_records import Account
from cloud.database.transaction import Database
from shared.kernel.errors import DomainError

BY_PERSON_AND_ADDRESS = Allowance("log-in of a person from an address", 5, timedelta(seconds=60))
BY_ADDRESS = Allowance("log-in from an address", 50, timedelta(seconds=6))
"""A restaurant's people share one address, with its guests: it does not count for those who have logged in there."""
BY_PERSON = Allowance("log-in of a person", 100, timedelta(seconds=30))
"""Against a guesser with many addresses. It does not count where that person has logged in before: no stranger locks
anybody out."""
BY_PERSON_AND_BROWSER = Allowance("log-in of a person in a browser of theirs", 5, timedelta(seconds=60))
PASS_LASTS = timedelta(hours=1)
"""So long the link holds that an operator gives to somebody whom a guesser keeps out."""
KNOWN_FOR = timedelta(days=365)
"""So long a browser or an address is known from which somebody has logged in."""


COUNTS_AT_ONCE = 2
"""Strangers of whom it is counted at a time how often they have tried: a matter of milliseconds each."""
STRANGERS_AT_ONCE = 2
"""Log-ins at a time from where the person has never been. More would take connections and processors from everybody."""
_PASS_BYTES = 24


@dataclass(frozen=True, slots=True)
class _Try:
    """A log-in that is tried.

    Attributes:
        known: places and passes of it by which the person is known; none: a stranger, or the person in a new place.
    """

    email: str
    password: str = field(repr=False)
    address: str
    browser: str
    given: str
    known: frozenset[str]


class LogIn:
    """Logs people in.

    Args:
        database: opens its own transactions, since a failed attempt must be counted although nothing else is written.
    """

    def __init__(self, database: Database, passwords: Passwords, throttle: Throttle, refusals: Refusals) -> None:
        self._refusals = refusals
        self._database = database
        self._passwords = passwords
        self._throttle = throttle
        self._counts = Turns(COUNTS_AT_ONCE)
        self._strangers = Turns(STRANGERS_AT_ONCE)

    async def enter(self, email: str, password: str, address: str, browser: str = "", given: str = "") -> Account:
        """Whose e-mail and password these are. What is opened for them holds for this version of the account alone.

        An unknown e-mail, a wrong password and a closed account give one error after the same time.

        Args:
            browser: what only this browser knows, and keeps; empty for programs.
            given: the pass of an operator's link, see `pass_for`.

        Raises:
            DomainError: WRONG_EMAIL_OR_PASSWORD, TOO_MANY_TRIES (params: seconds), LOG_IN_HELD (params: seconds): it is
                tried from many places, and works where the person has logged in before.
        """
        email = normal_email(email)
        passes = [_pass_of(email, given)] if given else []
        known = await self._throttle.remembered([*_places(email, address, browser), *passes])
        attempt = _Try(email, password, address, browser, given, known)
        if known:  # they wait for no stranger
            return await self._enter(attempt, await self._take(attempt))
        async with self._counts.of(address):
            own = await self._take(attempt)  # who has no try left keeps no turn from anybody
        async with self._strangers.of(address):
            return await self._enter(attempt, own)

    async def knows(self, email: str, browser: str) -> bool:
        """Whether somebody has come in with that browser before, with all that is asked of them."""
        place = _place_of_browser(normal_email(email), browser)
        return bool(browser) and place in await self._throttle.remembered([place])

    async def has_been(self, email: str, address: str, browser: str) -> bool:
        """Whether somebody has logged in from there before, by that address or with that browser."""
        return bool(await self._throttle.remembered(_places(normal_email(email), address, browser)))

    async def _enter(self, attempt: _Try, own: Attempt) -> Account:
        async with self._database.control() as session:
            account = await session.scalar(select(Account).where(Account.email == attempt.email))
        stored = account.password_hash if account else None
        right = await self._passwords.matches(stored, attempt.password, is_known=bool(attempt.known))
        if account is None or not right or account.closed_at is not None:
            await self._refusals.password(account.id if account else None, is_known=bool(attempt.known))
            raise DomainError("WRONG_EMAIL_OR_PASSWORD")
        await self._throttle.forgive([own])
        if account.totp_sealed is None:  # else the code comes first: see `remember`
            await self._throttle.remember(_places(attempt.email, attempt.address, attempt.browser), KNOWN_FOR)
        if self._passwords.outdated(account.password_hash):
            await self._rehash(account, attempt.password)
        return account

    async def remember(self, email: str, address: str, browser: str) -> None:
        """Remember where somebody has come in by more than the password: by a mailed link, or a second factor."""
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

    async def _take(self, attempt: _Try) -> Attempt:
        """Count a try by the rules of the place from which it comes. Returns what is forgiven when it succeeds."""
        email, browser, given = attempt.email, attempt.browser, attempt.given
        if browser and _place_of_browser(email, browser) in attempt.known:
            own = Attempt(BY_PERSON_AND_BROWSER, f"{email}\0{browser}")
            await self._throttle.take([own])
            return own
        if given and _pass_of(email, given) in attempt.known:
            own = Attempt(BY_PERSON_AND_BROWSER, f"{email}\0{given}")
            await self._throttle.take([own])
            return own
        own = Attempt(BY_PERSON_AND_ADDRESS, f"{email}\0{attempt.address}")
        by_address = [] if attempt.known else [Attempt(BY_ADDRESS, attempt.address)]
        await self._throttle.take([own, *by_address])
        if not attempt.known:
            try:
                await self._throttle.take([Attempt(BY_PERSON, email)])
            except DomainError as error:
                raise DomainError("LOG_IN_HELD", **error.params) from None
        return own

    async def _rehash(self, checked: Account, password: str) -> None:
        """Hash the password anew that was checked, unless it is another one by now."""
        password_hash = await self._passwords.hashed(password)
        is_same = (Account.id == checked.id, Account.password_hash == checked.password_hash)
        async with self._database.control() as session:
            await session.execute(update(Account).where(*is_same).values(password_hash=password_hash))


def _places(email: str, address: str, browser: str) -> list[str]:
    return [f"address\0{email}\0{address}", *([_place_of_browser(email, browser)] if browser else [])]


def _place_of_browser(email: str, browser: str) -> str:
    return f"browser\0{email}\0{browser}"


def _pass_of(email: str, given: str) -> str:
    return f"pass\0{email}\0{given}"
