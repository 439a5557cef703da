"""What was checked is what is written: whoever is thrown out between the two is out."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from argon2 import PasswordHasher
from httpx import ASGITransport, AsyncClient
from litestar import Litestar

from cloud.accounts import passwords
from cloud.accounts.commands import LogIn
from cloud.accounts.guards import COOKIE
from cloud.accounts.opening import close_account, reopen_account
from cloud.accounts.own_account import OwnAccount
from cloud.accounts.second_factor import STEP_SECONDS, code_of
from cloud.accounts.sessions import SessionSeen
from cloud.database.control_records import Account
from cloud.parts import Parts
from shared.kernel.errors import DomainError
from shared.kernel.permissions import Role
from tests.cloud.conftest import PASSWORD, Tenant

MANAGER = Role.BRANCH_MANAGER
NEW = "a new roof for the house"
THIEFS = "one that only the thief has"


class HeldCheck:
    """Holds the first check of a password when its answer is there, until it is let go. Later ones pass."""

    def __init__(self) -> None:
        self.is_there = threading.Event()
        self.go_on = threading.Event()
        self._real = passwords._matches

    def __call__(self, stored: str, password: str) -> bool:
        is_right = self._real(stored, password)
        if not self.is_there.is_set():
            self.is_there.set()
            assert self.go_on.wait(60)
        return is_right


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> HeldCheck:
    check = HeldCheck()
    monkeypatch.setattr(passwords, "_matches", check)
    return check


@pytest.fixture
async def caller(app: Litestar) -> AsyncIterator[AsyncClient]:
    """A program in the loop of the test, so that its request can be under way while something else is done."""
    async with AsyncClient(transport=ASGITransport(app), base_url="http://testserver.local") as caller:
        yield caller


@pytest.fixture
def own(parts: Parts) -> OwnAccount:
    """Their changes, as another process of the server makes them: no turn of the passwords is shared."""
    return OwnAccount(parts.database, passwords.Passwords(), parts.throttle, parts.clock)


@pytest.fixture
def begin_session(parts: Parts, tenant: Tenant, cookie: Any) -> Callable[[], Any]:
    async def begin() -> SessionSeen:
        seen = await parts.sessions.of((await cookie(tenant, MANAGER))["cookie"].removeprefix(f"{COOKIE}="))
        assert seen is not None
        return seen

    return begin


def code(parts: Parts, secret: bytes) -> str:
    return code_of(secret, int(parts.clock.now().timestamp()) // STEP_SECONDS)


async def _reset(parts: Parts, tenant: Tenant, _own: OwnAccount) -> None:
    await parts.links.reset(await parts.links.reset_link(tenant.emails[MANAGER]), NEW)


async def _log_out_everywhere(_parts: Parts, tenant: Tenant, own: OwnAccount) -> None:
    await own.end_everywhere(tenant.accounts[MANAGER])


async def _take_up_a_second_factor(parts: Parts, tenant: Tenant, _own: OwnAccount) -> None:
    offered = parts.second_factor.offer()
    await parts.second_factor.take_up(tenant.accounts[MANAGER], offered, code(parts, offered.secret), None)


async def _close_and_open_again(parts: Parts, tenant: Tenant, _own: OwnAccount) -> None:
    async with parts.database.control() as session:
        account = await session.get_one(Account, tenant.accounts[MANAGER])
        await close_account(session, account, parts.clock.now())
        await reopen_account(session, account)


@pytest.mark.parametrize(
    "throw_out",
    [_reset, _log_out_everywhere, _take_up_a_second_factor, _close_and_open_again],
    ids=lambda f: f.__name__,
)
async def test_who_logs_in_with_the_old_password_while_it_ends_is_not_in(
    caller: AsyncClient, parts: Parts, tenant: Tenant, own: OwnAccount, held: HeldCheck, throw_out: Any
) -> None:
    body = {"email": tenant.emails[MANAGER], "password": PASSWORD}
    thief = asyncio.create_task(caller.post("/api/v1/session", json=body))
    assert await asyncio.to_thread(held.is_there.wait, 60)
    await throw_out(parts, tenant, own)
    held.go_on.set()
    assert (await thief).status_code == 401
    parts.tell_account(tenant.accounts[MANAGER])
    if throw_out is _reset:
        again = await caller.post("/api/v1/session", json={**body, "password": NEW})
        assert again.status_code == 200, "the owner has the new one"
        bearer = {"authorization": f"Bearer {again.json()['token']}"}
        assert (await caller.get("/api/v1/session", headers=bearer)).status_code == 200


async def test_a_thief_in_an_old_session_changes_nothing_any_more_once_the_owner_has(
    parts: Parts, tenant: Tenant, own: OwnAccount, held: HeldCheck, begin_session: Any
) -> None:
    """The thief's requests have passed the door before the owner changes the password, and write after it."""
    mine, stolen = await begin_session(), await begin_session()
    thief = asyncio.create_task(own.set_password(stolen, PASSWORD, THIEFS))
    assert await asyncio.to_thread(held.is_there.wait, 60)
    await OwnAccount(parts.database, passwords.Passwords(), parts.throttle, parts.clock).set_password(
        mine, PASSWORD, NEW
    )
    held.go_on.set()
    with pytest.raises(DomainError, match="NOT_SIGNED_IN"):
        await thief
    offered = parts.second_factor.offer()
    with pytest.raises(DomainError, match="NOT_SIGNED_IN"):
        await parts.second_factor.take_up(stolen.account_id, offered, code(parts, offered.secret), stolen)
    with pytest.raises(DomainError, match="NOT_SIGNED_IN"):
        await parts.second_factor.new_recovery_codes(stolen.account_id, stolen)
    with pytest.raises(DomainError, match="NOT_SIGNED_IN"):
        await parts.second_factor.take_away(stolen.account_id, stolen)
    account = await own.read(tenant.accounts[MANAGER])
    assert await parts.passwords.matches(account.password_hash, NEW)
    assert account.totp_sealed is None


async def test_an_old_password_is_not_hashed_anew_over_the_new_one(
    parts: Parts, tenant: Tenant, own: OwnAccount, held: HeldCheck
) -> None:
    account_id, weak = tenant.accounts[MANAGER], PasswordHasher(time_cost=1, memory_cost=8_192, parallelism=1)
    async with parts.database.control() as session:
        (await session.get_one(Account, account_id)).password_hash = weak.hash(PASSWORD)
    log_in = LogIn(parts.database, passwords.Passwords(), parts.throttle, parts.refusals)
    entering = asyncio.create_task(log_in.enter(tenant.emails[MANAGER], PASSWORD, "192.0.2.1"))
    assert await asyncio.to_thread(held.is_there.wait, 60)
    await _reset(parts, tenant, own)
    held.go_on.set()
    await entering
    assert await parts.passwords.matches((await own.read(account_id)).password_hash, NEW)
