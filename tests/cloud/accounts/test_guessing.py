"""A hundred guesses at once, from a hundred addresses, at one account: counted, not timed (`make bench`: `guesses`)."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from cloud.accounts import passwords
from cloud.accounts.commands import BY_PERSON, LogIn
from cloud.parts import Parts
from shared.kernel.errors import DomainError
from shared.kernel.permissions import Role
from tests.cloud.conftest import PASSWORD, Tenant

GUESSES = 100
REFUSALS = frozenset({"WRONG_EMAIL_OR_PASSWORD", "TOO_MANY_TRIES", "LOG_IN_HELD"})


async def test_an_owner_in_a_browser_of_theirs_waits_for_none_of_the_strangers(
    parts: Parts, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    email = tenant.emails[Role.BRANCH_MANAGER]
    log_in = LogIn(parts.database, parts.passwords, parts.throttle, parts.refusals)
    await log_in.enter(email, PASSWORD, "203.0.113.7", "browser of the office")
    computed: list[str] = []
    begun = asyncio.Event()
    real, loop = passwords._matches, asyncio.get_running_loop()

    def counted(stored: str, password: str) -> bool:
        loop.call_soon_threadsafe(begun.set)
        is_right = real(stored, password)
        computed.append(password)
        return is_right

    monkeypatch.setattr(passwords, "_matches", counted)

    async def guess(number: int) -> str:
        with pytest.raises(DomainError) as refused:
            await log_in.enter(email, f"guess {number}", f"198.51.100.{number}")
        return refused.value.code

    async def guesses() -> list[Any]:
        return await asyncio.gather(*(guess(number) for number in range(GUESSES)))

    strangers = asyncio.create_task(guesses())
    await begun.wait()
    entered = await log_in.enter(email, PASSWORD, "192.0.2.99", "browser of the office")
    codes = await strangers
    assert entered.email == email
    assert set(codes) <= REFUSALS
    assert codes.count("WRONG_EMAIL_OR_PASSWORD") == len(computed) - 1
    assert computed.index(PASSWORD) < GUESSES / 2, "before them went those while it was looked up who is known"


async def test_the_next_hundred_are_refused_without_computing_a_password_and_the_owner_is_not(
    parts: Parts, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    email = tenant.emails[Role.BRANCH_MANAGER]
    log_in = LogIn(parts.database, parts.passwords, parts.throttle, parts.refusals)
    await log_in.enter(email, PASSWORD, "203.0.113.7", "browser of the office")
    computed: list[str] = []

    def counted(_stored: str, password: str) -> bool:
        computed.append(password)
        return False

    with monkeypatch.context() as patch:
        patch.setattr(passwords, "_matches", counted)
        for block in ("198.51.100", "198.51.101"):
            for number in range(GUESSES):
                with pytest.raises(DomainError):
                    await log_in.enter(email, "a guess", f"{block}.{number}")
    assert len(computed) == BY_PERSON.tries - 1, "of one account from everywhere; the owner's first place took one"
    assert await log_in.enter(email, PASSWORD, "192.0.2.99", "browser of the office")
    assert await log_in.enter(email, PASSWORD, "203.0.113.7")
