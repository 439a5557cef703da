"""The frame: who sees which places, how a branch is found among many, and that a choice of reading stays."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient

from cloud.accounts import sessions, standings
from cloud.accounts.guards import COOKIE
from cloud.lookups import lookups
from cloud.parts import Parts
from shared.kernel.permissions import SYSTEM, Role
from shared.tenancy.records import Branch
from tests.cloud.page_tree import Tree

Client = AsyncTestClient[Litestar]
OURS = {"origin": "http://testserver.local"}


@pytest.fixture
def entered(client: Client, tenant: Any, cookie: Any) -> Callable[[Role], Awaitable[Client]]:
    """The browser of somebody with a role."""

    async def enter(role: Role) -> Client:
        client.headers.update(OURS)
        client.cookies.set(COOKIE, (await cookie(tenant, role))["cookie"].partition("=")[2])
        return client

    return enter


@pytest.fixture
async def many(parts: Parts, tenant: Any) -> int:
    """A house of 400 branches."""
    async with parts.units.work(tenant.organization_id, SYSTEM) as work:
        for number in range(1, 400):
            key = {"organization_id": tenant.organization_id, "id": parts.ids.new()}
            work.add(Branch(**key, name=f"Ñuñoa {number}", zone="America/Lima"))
    return 400


def links(page: Tree) -> list[str]:
    return [attributes["href"] or "" for tag, attributes in page.tags if tag == "a"]


@pytest.mark.parametrize(
    ("role", "places"),
    [
        (Role.ORGANIZATION_ADMIN, {"/reports/sales", "/exceptions"}),
        (Role.BRANCH_MANAGER, {"/reports/sales", "/exceptions"}),
        (Role.WAITER, set()),
    ],
)
async def test_navigation_has_what_the_reader_may_open(entered: Any, role: Role, places: set[str]) -> None:
    page = Tree((await (await entered(role)).get("/choose-branch?next=/login")).text)
    assert {link for link in links(page) if link in {"/reports/sales", "/exceptions"}} == places


async def test_a_branch_is_found_by_a_few_letters_and_stays_chosen_from_page_to_page(entered: Any, many: int) -> None:
    browser = await entered(Role.ORGANIZATION_ADMIN)
    sales = Tree((await browser.get("/reports/sales?from=2026-11-01")).text)
    assert f"Search {many} branches" in sales.text
    found = Tree((await browser.get("/choose-branch", params={"next": "/reports/sales", "q": "nunoa 39"})).text)
    assert "/reports/sales?branch=nunoa-399" in links(found)
    assert "/reports/sales?branch=nunoa-40" not in links(found)
    wanted = {"next": "/reports/sales?from=2026-11-01", "q": "nunoa-117"}
    chosen = await browser.get("/choose-branch", params=wanted)
    assert chosen.url.path == "/reports/sales"
    assert dict(chosen.url.params) == {"from": "2026-11-01", "branch": "nunoa-117"}
    assert "/exceptions?branch=nunoa-117" in links(Tree(chosen.text))
    none = await browser.get("/choose-branch", params={"q": "quito"})
    assert "No branch is called “quito”" in Tree(none.text).text


async def test_the_frame_costs_one_statement_however_many_branches_there_are(
    entered: Any,
    many: int,
    parts: Parts,
    counting: Callable[..., AbstractContextManager[Any]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for module in (sessions, standings, lookups):  # who asks, and their house, are known: a busy machine is slow
        monkeypatch.setattr(module, "UNLINKED_SECONDS", 3_600.0)
    browser = await entered(Role.ORGANIZATION_ADMIN)
    await browser.get("/choose-branch")
    with counting(parts.database.reader) as statements:
        assert (await browser.get("/choose-branch", params={"q": "nunoa"})).status_code == 200
    reads = [each for each in statements.seen if "set_config" not in each]
    assert len(reads) == 1, reads


async def test_a_manager_finds_no_branch_of_others(entered: Any, many: int) -> None:
    page = Tree((await (await entered(Role.BRANCH_MANAGER)).get("/choose-branch", params={"q": "nunoa"})).text)
    assert "nunoa" not in " ".join(links(page))


async def test_language_and_light_stay_as_they_were_chosen(client: Client) -> None:
    client.headers.update(OURS)
    chosen = await client.post("/preferences", data={"language": "es", "next": "/login?next=/exceptions"})
    assert str(chosen.url.path) == "/login"
    assert Tree(chosen.text).tags[0] == ("html", {"lang": "es"})
    dark = await client.post("/preferences", data={"light": "dark"})
    assert Tree(dark.text).tags[0] == ("html", {"lang": "es", "data-light": "dark"})
    again = await client.post("/preferences", data={"language": "", "light": ""})
    assert Tree(again.text).tags[0] == ("html", {"lang": "en"})


async def test_another_site_chooses_nothing(client: Client) -> None:
    refused = await client.post("/preferences", data={"language": "es"}, headers={"origin": "https://evil.example"})
    assert refused.status_code == 403
    assert "set-cookie" not in refused.headers
