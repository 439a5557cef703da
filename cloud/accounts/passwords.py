"""Passwords of accounts: argon2id, computed in threads, a few at a time.

PINs of staff at devices are another thing (`shared/staff`).
"""

from __future__ import annotations

import asyncio
import os
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST_PASSWORD_CHARACTERS = 10
LONGEST_PASSWORD_CHARACTERS = 256
"""Longer input costs us time and buys nobody safety."""

_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
"""The first choice of OWASP's password storage sheet: 19 MiB, two passes, about 30 ms."""
_NOBODY = _HASHER.hash("nobody has this password")


class Passwords:
    """Hashes and checks passwords. At most one computation per processor runs at a time; the others wait."""

    def __init__(self) -> None:
        self._turns = asyncio.Semaphore(os.cpu_count() or 1)

    async def matches(self, stored: str | None, password: str) -> bool:
        """Whether that is the password. It takes the same time when there is no account (`stored` is None)."""
        async with self._turns:
            return await asyncio.to_thread(_matches, stored or _NOBODY, password) and stored is not None

    async def hashed(self, password: str) -> str:
        """What to store for a password."""
        async with self._turns:
            return await asyncio.to_thread(_HASHER.hash, _normal(password))

    def outdated(self, stored: str) -> bool:
        """Whether a hash was made with weaker parameters than the present ones."""
        return _HASHER.check_needs_rehash(stored)


def normal_email(email: str) -> str:
    """The one spelling under which an e-mail address is stored and looked up."""
    return unicodedata.normalize("NFKC", email).strip().casefold()


def _matches(stored: str, password: str) -> bool:
    try:
        return _HASHER.verify(stored, _normal(password))
    except (VerificationError, InvalidHashError):
        return False


def _normal(password: str) -> str:
    """The password in one Unicode form: keyboards encode one accent in several ways."""
    return unicodedata.normalize("NFKC", password)
