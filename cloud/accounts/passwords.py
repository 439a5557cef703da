"""Passwords of accounts: argon2id, computed in threads, a few at a time.

PINs of staff at devices are another thing (`shared/staff`).
"""

from __future__ import annotations

import asyncio
import os
import unicodedata
from collections.abc import Collection

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from cloud.accounts.common_passwords import is_common
from shared.kernel.errors import DomainError

SHORTEST_PASSWORD_CHARACTERS = 10
LONGEST_PASSWORD_CHARACTERS = 256
"""Longer input costs us time and buys nobody safety."""

_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
"""The first choice of OWASP's password storage sheet: 19 MiB, two passes, about 30 ms."""
_NOBODY = _HASHER.hash("nobody has this password")


class Passwords:
    """Hashes and checks passwords, in threads, a few at a time: one processor stays for everything else.

    Who is known from where they come has a turn of their own: strangers who guess make nobody else wait.
    """

    def __init__(self) -> None:
        self._turns = asyncio.Semaphore(max(1, (os.cpu_count() or 1) - 1))
        self._known_turns = asyncio.Semaphore(1)

    async def matches(self, stored: str | None, password: str, *, is_known: bool = False) -> bool:
        """Whether that is the password. It takes the same time when there is no account (`stored` is None).

        Args:
            is_known: they have logged in from there before.
        """
        async with self._known_turns if is_known else self._turns:
            return await asyncio.to_thread(_matches, stored or _NOBODY, password) and stored is not None

    async def hashed(self, password: str) -> str:
        """What to store for a password."""
        async with self._known_turns:
            return await asyncio.to_thread(_HASHER.hash, _normal(password))

    def outdated(self, stored: str) -> bool:
        """Whether a hash was made with weaker parameters than the present ones."""
        return _HASHER.check_needs_rehash(stored)


def refuse_weak(password: str, own_words: Collection[str] = ()) -> None:
    """Refuse a password that is short, or that a guesser tries early.

    Args:
        own_words: e-mail address and name of the person.

    Raises:
        DomainError: PASSWORD_SHORT (params: least), PASSWORD_COMMON.
    """
    if len(password) < SHORTEST_PASSWORD_CHARACTERS:
        raise DomainError("PASSWORD_SHORT", least=SHORTEST_PASSWORD_CHARACTERS)
    if is_common(password, own_words):
        raise DomainError("PASSWORD_COMMON")


def normal_email(email: str) -> str:
    """The one spelling under which an e-mail address is stored and looked up.

    Letters are made small and no others: `casefold` makes `ss` of `ß`, which is another domain with another owner.
    """
    return unicodedata.normalize("NFKC", email).strip().lower()


def _matches(stored: str, password: str) -> bool:
    try:
        return _HASHER.verify(stored, _normal(password))
    except (VerificationError, InvalidHashError):
        return False


def _normal(password: str) -> str:
    """The password in one Unicode form: keyboards encode one accent in several ways."""
    return unicodedata.normalize("NFKC", password)
