"""What somebody changes of their own account: language and password; and how they prove anew who they are."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from cloud.accounts.opening import checked_account, end_what_was_given
from cloud.accounts.own_events import note_own
from cloud.accounts.passwords import Passwords, refuse_weak
from cloud.accounts.sessions import SessionSeen
from cloud.accounts.throttle import Allowance, Attempt, Throttle
from cloud.database.control_records import Account
from cloud.database.transaction import Database
from shared.kernel.errors import DomainError
from shared.kernel.instants import Clock
from shared.kernel.language import Language

BY_SESSION = Allowance("password of somebody who is logged in", 5, timedelta(seconds=60))
"""Of each session by itself: who sits at a browser that was left alone guesses no more than this."""


class OwnAccount:
    """Changes an account for its person."""

    def __init__(self, database: Database, passwords: Passwords, throttle: Throttle, clock: Clock) -> None:
        self._database = database
        self._passwords = passwords
        self._throttle = throttle
        self._clock = clock

    async def read(self, account_id: UUID) -> Account:
        """The account."""
        async with self._database.control() as session:
            return await session.get_one(Account, account_id)

    async def prove(self, account_id: UUID, session_id: UUID, password: str) -> None:
        """Check the password of somebody who is logged in.

        Raises:
            DomainError: PASSWORD_WRONG, TOO_MANY_TRIES (params: seconds).
        """
        attempt = Attempt(BY_SESSION, str(session_id))
        await self._throttle.take([attempt])
        account = await self.read(account_id)
        if not await self._passwords.matches(account.password_hash, password, is_known=True):
            raise DomainError("PASSWORD_WRONG")
        await self._throttle.forgive([attempt])

    async def set_language(self, account_id: UUID, language: Language | None) -> None:
        """Choose the language of pages and mails; None: as the browser says."""
        async with self._database.control() as session:
            account = await session.get_one(Account, account_id)
            account.language = language.value if language is not None else ""

    async def set_password(self, seen: SessionSeen, old: str, new: str) -> None:
        """Change the password in a session of theirs, and end every other session and all tokens.

        Raises:
            DomainError: NOT_SIGNED_IN (the session has ended meanwhile), PASSWORD_WRONG, TOO_MANY_TRIES (params:
                seconds), PASSWORD_SHORT (params: least), PASSWORD_COMMON.
        """
        await self.prove(seen.account_id, seen.id, old)
        account = await self.read(seen.account_id)
        refuse_weak(new, (account.email, account.name))
        password_hash = await self._passwords.hashed(new)
        async with self._database.control() as session:
            account = await checked_account(session, seen.account_id, seen.account_version)
            account.password_hash = password_hash
            await end_what_was_given(session, account, self._clock.now(), seen.id)
            await note_own(session, self._clock.now(), account, "account.password")

    async def end_everywhere(self, account_id: UUID) -> None:
        """End all sessions and all tokens, also those of this browser."""
        async with self._database.control() as session:
            account = await session.get_one(Account, account_id, with_for_update=True)
            await end_what_was_given(session, account, self._clock.now())
            await note_own(session, self._clock.now(), account, "account.log_out_all")
