"""A person's own profile: whole without script, and nothing of anybody else's."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient

from cloud.accounts.guards import COOKIE, PROOF_LASTS
from cloud.accounts.own_account import BY_SESSION
from cloud.accounts.second_factor import STEP_SECONDS, code_of
from cloud.parts import Parts
from shared.kernel.permissions import Role
from tests.cloud.conftest import PASSWORD, Tenant
from tests.cloud.page_tree import Tree

Client = AsyncTestClient[Litestar]
OURS = {"origin": "http://testserver.local"}
MANAGER = Role.BRANCH_MANAGER
NEW = "a new roof for the house"


@pytest.fixture
async def mine(client: Client, tenant: Tenant, cookie: Any) -> Client:
    """The browser of a manager."""
    client.headers.update(OURS)
    client.cookies.set(COOKIE, (await cookie(tenant, MANAGER))["cookie"].partition("=")[2])
    return client


async def is_in(client: Client, headers: dict[str, str]) -> bool:
    client.cookies.clear()
    return (await client.get("/profile", headers=headers, follow_redirects=False)).status_code == 200


async def test_it_shows_who_and_where_and_ends_one_session_of_ones_own(
    mine: Client, parts: Parts, tenant: Tenant, cookie: Any
) -> None:
    other, strangers = await cookie(tenant, MANAGER), await cookie(tenant, Role.WAITER)
    page = Tree((await mine.get("/profile")).text)
    assert tenant.emails[MANAGER] in page.text
    assert page.text.count("192.0.2.1") == 2, "this browser, and the other one"
    sessions = await parts.sessions.open_sessions(tenant.accounts[MANAGER])
    theirs = (await parts.sessions.open_sessions(tenant.accounts[Role.WAITER]))[0]
    for session_id in (theirs.id, uuid4()):
        assert (await mine.post(f"/profile/sessions/{session_id}/end")).url.path == "/profile"
    this = parts.sessions
    seen = await this.of(mine.cookies[COOKIE])
    assert seen is not None
    (ended,) = [each.id for each in sessions if each.id != seen.id]
    told = await mine.post(f"/profile/sessions/{ended}/end")
    assert "It is logged out." in told.text
    assert not await is_in(mine, other)
    assert await is_in(mine, strangers)


async def test_everywhere_is_everywhere(mine: Client, parts: Parts, tenant: Tenant, cookie: Any) -> None:
    other = await cookie(tenant, MANAGER)
    credentials = {"email": tenant.emails[MANAGER], "password": PASSWORD}
    program = (await mine.post("/api/v1/session", json=credentials)).json()
    assert "Programs" in (await mine.get("/profile")).text
    assert (await mine.post("/profile/sessions/end")).url.path == "/login"
    assert not await is_in(mine, other)
    turned = await mine.post("/api/v1/session/refresh", json={"refresh_token": program["refresh_token"]})
    assert turned.status_code == 401
    bearer = {"authorization": f"Bearer {program['token']}"}
    assert (await mine.get("/api/v1/session", headers=bearer)).status_code == 401


async def test_another_password_leaves_this_browser_logged_in_and_no_other(
    mine: Client, tenant: Tenant, cookie: Any
) -> None:
    other = await cookie(tenant, MANAGER)
    for old, new, told in (
        ("not it", NEW, "This is not your password."),
        (PASSWORD, "short", "at least 10 characters"),
        (PASSWORD, "password1234", "one of the first that anybody would try"),
    ):
        refused = await mine.post("/profile/password", data={"old": old, "new": new})
        assert (refused.status_code, told in refused.text, new in refused.text) == (400, True, False)
    done = await mine.post("/profile/password", data={"old": PASSWORD, "new": NEW})
    assert (done.url.path, "Your password is changed." in done.text) == ("/profile", True)
    assert (await mine.get("/profile", follow_redirects=False)).status_code == 200
    assert not await is_in(mine, other)
    for password, status in ((PASSWORD, 401), (NEW, 303)):
        form = {"email": tenant.emails[MANAGER], "password": password}
        assert (await mine.post("/login", data=form, follow_redirects=False)).status_code == status


async def test_who_sits_at_a_browser_that_was_left_alone_guesses_five_passwords(mine: Client) -> None:
    for _guess in range(BY_SESSION.tries):
        assert (await mine.post("/profile/password", data={"old": "a guess", "new": NEW})).status_code == 400
    refused = await mine.post("/profile/password", data={"old": PASSWORD, "new": NEW})
    assert (refused.status_code, bool(refused.headers["retry-after"])) == (429, True)


async def test_a_second_factor_is_set_up_used_and_turned_off(
    mine: Client, parts: Parts, tenant: Tenant, cookie: Any, clock: Any
) -> None:
    other = await cookie(tenant, MANAGER)
    offered = (await mine.get("/profile/second-factor")).text
    sealed = re.search(r'name="offer" value="([^"]+)"', offered)
    assert sealed is not None
    assert '<path d="M' in offered
    secret = parts.second_factor.opened_offer(tenant.accounts[MANAGER], sealed[1]).secret
    wrong = await mine.post("/profile/second-factor", data={"offer": sealed[1], "code": "000000"})
    assert (wrong.status_code, sealed[1] == "") == (401, False)
    code = code_of(secret, int(clock.now().timestamp()) // STEP_SECONDS)
    codes = await mine.post("/profile/second-factor", data={"offer": sealed[1], "code": code})
    shown = re.findall(r"<li><code>([a-z0-9]{5}-[a-z0-9]{5})</code>", codes.text)
    assert (codes.status_code, len(shown)) == (200, 10)
    assert "A second factor is on." in (await mine.get("/profile")).text
    clock.advance(PROOF_LASTS)
    asked = await mine.post("/profile/second-factor/remove")
    assert asked.url.path == "/profile/proof"
    assert "A second factor is on." in (await mine.get("/profile")).text
    code = code_of(secret, int(clock.now().timestamp()) // STEP_SECONDS)
    proved = await mine.post("/profile/proof", data={"password": code, "next": "/profile/second-factor"})
    assert proved.url.path == "/profile/second-factor"
    assert (await mine.post("/profile/second-factor/remove")).url.path == "/profile"
    assert "A second factor is on." not in (await mine.get("/profile")).text
    assert not await is_in(mine, other)


async def test_an_offer_of_somebody_elses_counts_for_nobody(mine: Client, parts: Parts, tenant: Tenant) -> None:
    offered = parts.second_factor.offer()
    foreign = parts.second_factor.sealed_offer(tenant.accounts[Role.WAITER], offered)
    for offer in (foreign, "x", "é", "A" * 60):
        refused = await mine.post("/profile/second-factor", data={"offer": offer, "code": "000000"})
        assert refused.status_code == 401


async def test_the_language_is_kept_for_the_next_browser(client: Client, tenant: Tenant, cookie: Any) -> None:
    client.headers.update(OURS)
    mine = await cookie(tenant, MANAGER)
    await client.post("/profile/language", data={"language": "es"}, headers=mine)
    client.cookies.clear()
    form = {"email": tenant.emails[MANAGER], "password": PASSWORD}
    entered = await client.post("/login", data=form)
    assert '<html lang="es"' in entered.text


@pytest.mark.parametrize("path", ["/profile", "/profile/password", "/profile/proof", "/profile/second-factor"])
async def test_nobody_sees_a_profile_without_logging_in(client: Client, path: str) -> None:
    answer = await client.get(path, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"].partition("?")[0]) == (303, "/login")


async def test_a_session_that_is_old_is_proved_anew_before_something_risky(mine: Client, clock: Any) -> None:
    clock.advance(PROOF_LASTS - timedelta(seconds=1))
    assert (await mine.get("/profile/second-factor")).url.path == "/profile/second-factor"
    clock.advance(timedelta(seconds=1))
    asked = await mine.get("/profile/second-factor")
    assert asked.url.path == "/profile/proof"
    wrong = await mine.post("/profile/proof", data={"password": "no", "next": "/profile/second-factor"})
    assert (wrong.status_code, "This is not your password." in wrong.text) == (400, True)
    proved = await mine.post("/profile/proof", data={"password": PASSWORD, "next": "/profile/second-factor"})
    assert proved.url.path == "/profile/second-factor"
