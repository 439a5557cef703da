"""Pages that listen on the live socket: tokens for one use, our own origin, the branches of the person; a browser."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from cloud.accounts.guards import COOKIE
from cloud.accounts.own_account import OwnAccount
from cloud.live import page_tokens, pages
from shared.kernel.permissions import Role
from sync.live import NEWS, READY, Close, PageOpening, come_back_seconds, opening_text
from tests.cloud.live.browser import CHROMIUM, browser
from tests.cloud.live.sockets import GENEROUS_SECONDS, Served, ended, until
from tests.cloud.replication.tills import Till, enrol


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "PAUSE_SECONDS", 0.0)
    monkeypatch.setattr(pages, "SLOW_FOLD_SECONDS", 3_600.0)


async def page_token(served: Served, http: Any, headers: dict[str, str]) -> str:
    answer = await http.post("/live/token", headers={"origin": f"http://{served.address}", **headers})
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    token: str = answer.json()["token"]
    return token


def opened(served: Served, origin: str | None = None) -> Any:
    return served.connect(additional_headers={"origin": origin or f"http://{served.address}"})


async def listens(connection: Any, token: str) -> None:
    await connection.send(opening_text(PageOpening(token)))
    async with asyncio.timeout(GENEROUS_SECONDS):
        assert await connection.recv() == READY


async def fold(served: Served, tenant: Any) -> None:
    await served.parts.fold_worker.fold_all(tenant.organization_id)


async def test_a_page_hears_that_something_was_sold_in_a_branch_of_its_person_and_in_no_other(
    served: Served, http: Any, house: Any, till: Till, tenant: Any, cookie: Any
) -> None:
    far = await enrol(http, house, house.other.branch_id, "Lejos")
    manager = await cookie(tenant, Role.BRANCH_MANAGER)
    everywhere = await cookie(tenant, Role.ORGANIZATION_ADMIN)
    async with opened(served) as one, opened(served) as all_of_them:
        await listens(one, await page_token(served, http, manager))
        await listens(all_of_them, await page_token(served, http, everywhere))
        far.order()
        await far.push()
        await fold(served, tenant)
        async with asyncio.timeout(GENEROUS_SECONDS):
            assert await all_of_them.recv() == NEWS
        till.order()
        await till.push()
        await fold(served, tenant)
        async with asyncio.timeout(GENEROUS_SECONDS):
            assert await one.recv() == NEWS
            assert await all_of_them.recv() == NEWS
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await one.recv()  # the other branch's would be a second one


@pytest.mark.parametrize("told", [True, False])
async def test_a_page_hears_of_a_sale_once_it_is_folded_and_looks_by_itself_if_no_worker_tells(
    served: Served, http: Any, till: Till, tenant: Any, cookie: Any, monkeypatch: pytest.MonkeyPatch, *, told: bool
) -> None:
    if not told:
        monkeypatch.setattr(pages, "SLOW_FOLD_SECONDS", 0.2)
    async with opened(served) as page:
        await listens(page, await page_token(served, http, await cookie(tenant, Role.BRANCH_MANAGER)))
        till.order()
        await till.push()
        if told:
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.2):
                    await page.recv()  # its figures are as before
            await fold(served, tenant)
        async with asyncio.timeout(GENEROUS_SECONDS):
            assert await page.recv() == NEWS


async def test_a_person_has_so_many_unused_tokens_and_the_oldest_make_room(
    served: Served, http: Any, tenant: Any, cookie: Any, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_tokens, "MOST_UNUSED", 2)
    manager, other = [await cookie(tenant, role) for role in (Role.BRANCH_MANAGER, Role.ORGANIZATION_ADMIN)]
    tokens = [await page_token(served, http, other)]
    for _page in range(3):
        clock.advance(timedelta(milliseconds=1))
        tokens.append(await page_token(served, http, manager))
    others, oldest, *counting = tokens
    for token in (others, *counting):
        async with opened(served) as connection:
            await listens(connection, token)
    async with opened(served) as connection:
        await connection.send(opening_text(PageOpening(oldest)))
        assert (await ended(connection))[0] == Close.TOKEN_REFUSED


async def test_a_token_of_a_page_opens_one_socket_within_half_a_minute(
    served: Served, http: Any, tenant: Any, cookie: Any, clock: Any
) -> None:
    headers = await cookie(tenant, Role.BRANCH_MANAGER)
    token, late = await page_token(served, http, headers), await page_token(served, http, headers)
    async with opened(served) as first:
        await listens(first, token)
        async with opened(served) as again:
            await again.send(opening_text(PageOpening(token)))
            assert (await ended(again))[0] == Close.TOKEN_REFUSED
    clock.advance(timedelta(seconds=31))
    for wrong in (late, "", "0" * 48, headers["cookie"].partition("=")[2], "\x00"):
        async with opened(served) as connection:
            await connection.send(opening_text(PageOpening(wrong)))
            assert (await ended(connection))[0] == Close.TOKEN_REFUSED, wrong


async def test_of_two_who_use_a_token_at_once_one_is_let_in(
    served: Served, http: Any, tenant: Any, cookie: Any
) -> None:
    token = await page_token(served, http, await cookie(tenant, Role.BRANCH_MANAGER))

    async def is_let_in() -> bool:
        async with opened(served) as connection:
            await connection.send(opening_text(PageOpening(token)))
            with suppress(ConnectionClosed):
                async with asyncio.timeout(GENEROUS_SECONDS):
                    return await connection.recv() == READY
        return False

    assert sum(await asyncio.gather(*(is_let_in() for _each in range(8)))) == 1


async def test_only_a_person_gets_a_token_and_only_on_our_own_page(
    served: Served, http: Any, till: Till, tenant: Any, cookie: Any
) -> None:
    ours = {"origin": f"http://{served.address}"}
    assert (await http.post("/live/token", headers=ours)).status_code == 401
    assert (await http.post("/live/token", headers={"authorization": f"Bearer {till.token}"})).status_code == 401
    mine = await cookie(tenant, Role.BRANCH_MANAGER)
    foreign = await http.post("/live/token", headers={**mine, "origin": "https://evil.example"})
    assert (foreign.status_code, foreign.json()["code"]) == (403, "FOREIGN_PAGE")
    token = await page_token(served, http, mine)
    with pytest.raises(InvalidStatus):
        async with opened(served, "https://evil.example"):
            pass
    async with served.connect() as nobodys:
        await nobodys.send(opening_text(PageOpening(token)))
        assert (await ended(nobodys))[0] == Close.TOKEN_REFUSED


async def test_a_page_that_talks_is_ended_and_one_whose_time_is_over_asks_for_another_token(
    served: Served, http: Any, tenant: Any, cookie: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    headers = await cookie(tenant, Role.BRANCH_MANAGER)
    async with opened(served) as talking:
        await listens(talking, await page_token(served, http, headers))
        await talking.send("more")
        assert (await ended(talking))[0] == Close.MESSAGE_WRONG
    monkeypatch.setattr(pages, "LIFETIME", timedelta(seconds=0.2))
    async with opened(served) as old:
        await listens(old, await page_token(served, http, headers))
        assert (await ended(old))[0] == Close.TOKEN_REFUSED


async def test_logging_out_closes_the_sockets_of_that_browser_and_of_no_other(
    served: Served, http: Any, tenant: Any, cookie: Any
) -> None:
    mine, other = [await cookie(tenant, Role.BRANCH_MANAGER) for _browser in range(2)]
    async with opened(served) as left, opened(served) as stays:
        await listens(left, await page_token(served, http, mine))
        await listens(stays, await page_token(served, http, other))
        await http.post("/logout", headers={**mine, "origin": f"http://{served.address}"})
        assert (await ended(left))[0] == Close.TOKEN_REFUSED
        async with asyncio.timeout(GENEROUS_SECONDS):
            assert await stays.recv() == NEWS
        await served.parts.sessions.end(tenant.accounts[Role.BRANCH_MANAGER])
        assert (await ended(stays))[0] == Close.TOKEN_REFUSED


async def test_logging_out_everywhere_closes_sockets_and_ends_unused_tokens(
    served: Served, http: Any, tenant: Any, cookie: Any
) -> None:
    account_id, browser_of = tenant.accounts[Role.BRANCH_MANAGER], await cookie(tenant, Role.BRANCH_MANAGER)
    parts = served.parts
    own = OwnAccount(parts.database, parts.passwords, parts.throttle, parts.clock)
    async with opened(served) as listening, opened(served) as late:
        await listens(listening, await page_token(served, http, browser_of))
        unused = await page_token(served, http, browser_of)
        await own.end_everywhere(account_id)
        parts.tell_account(account_id)
        assert (await ended(listening))[0] == Close.TOKEN_REFUSED
        await late.send(opening_text(PageOpening(unused)))
        assert (await ended(late))[0] == Close.TOKEN_REFUSED


async def test_pages_are_told_when_to_come_back_too(served: Served, http: Any, tenant: Any, cookie: Any) -> None:
    async with opened(served) as connection:
        await listens(connection, await page_token(served, http, await cookie(tenant, Role.BRANCH_MANAGER)))
        served.parts.hub.close()
        code, reason = await ended(connection)
        assert code == Close.RESTART
        assert come_back_seconds(reason) is not None


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="needs a Chromium, which is not installed here")
async def test_a_managers_page_renews_itself_in_a_browser(
    served: Served, http: Any, till: Till, tenant: Any, cookie: Any, tmp_path: Path
) -> None:
    """Slow: a real browser starts."""
    token = (await cookie(tenant, Role.BRANCH_MANAGER))["cookie"].partition("=")[2]
    async with browser(tmp_path / "profile") as tab:
        for path in ("/reports/sales", "/exceptions"):
            await tab.open(f"http://{served.address}{path}", (COOKIE, token))
            await tab.until("document.getElementById('live')?.dataset.open === ''")
            assert await tab.value("document.getElementById('live').hidden")
            await tab.value("document.querySelector('div[data-live]').textContent = 'old'")
            till.order()
            await till.push()
            await fold(served, tenant)
            await tab.until("document.querySelector('div[data-live]').textContent !== 'old'")
            await tab.until("!document.getElementById('live').hidden")
        places = served.parts.hub.places
        await tab.open("about:blank")
        await until(lambda: served.parts.hub.places < places)


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="needs a Chromium, which is not installed here")
async def test_what_somebody_types_stays_when_there_is_news(
    served: Served, http: Any, till: Till, tenant: Any, cookie: Any, tmp_path: Path
) -> None:
    """Slow: a real browser starts."""
    token = (await cookie(tenant, Role.BRANCH_MANAGER))["cookie"].partition("=")[2]
    async with browser(tmp_path / "profile") as tab:
        await tab.open(f"http://{served.address}/exceptions", (COOKIE, token))
        await tab.until("document.getElementById('live')?.dataset.open === ''")
        await tab.value("document.getElementById('list').innerHTML = '<form><input id=typed></form>'")
        await tab.value("document.getElementById('typed').value = 'a note'")
        till.order()
        await till.push()
        await fold(served, tenant)
        await tab.until("!document.getElementById('live').hidden")
        assert await tab.value("document.getElementById('typed').value") == "a note"
        assert await tab.value("document.querySelector('#live a') !== null")


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="needs a Chromium, which is not installed here")
async def test_renewing_a_page_moves_neither_the_focus_nor_what_is_read(
    served: Served, http: Any, till: Till, tenant: Any, cookie: Any, tmp_path: Path
) -> None:
    """Slow: a real browser starts."""
    token = (await cookie(tenant, Role.BRANCH_MANAGER))["cookie"].partition("=")[2]
    async with browser(tmp_path / "profile") as tab:
        await tab.open(f"http://{served.address}/reports/sales", (COOKIE, token))
        await tab.until("document.getElementById('live')?.dataset.open === ''")
        await tab.value(
            "document.getElementById('figures').innerHTML = '<p style=\"height: 3000px\">old</p>"
            '<p id=read>read</p><a href="/a">a</a><a href="/b" id=before>b</a><p style="height: 3000px"></p>\''
        )
        # What the server answers with from now on: the same, with more above it.
        await tab.value(
            "const ask = fetch; window.fetch = async (...asked) => asked[0] === location.href ? new Response("
            '\'<div id=figures data-live><p style="height: 4000px">new</p><p id=read>read</p><a href="/a">a</a>'
            '<a href="/b" id=before>b</a><p style="height: 3000px"></p></div>\') : ask(...asked)'
        )
        await tab.value("scrollTo(0, 2900); document.getElementById('before').focus({preventScroll: true})")
        stood = await tab.value("document.getElementById('read').getBoundingClientRect().top")
        till.order()
        await till.push()
        await fold(served, tenant)
        await tab.until("document.getElementById('figures').textContent.startsWith('new')")
        assert await tab.value("document.activeElement.id") == "before"
        assert abs(await tab.value("document.getElementById('read').getBoundingClientRect().top") - stood) < 2
