"""The managers' page of exceptions: what it says, and that a plain form settles one."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from typing import Any
from uuid import UUID

import pytest

from cloud.exceptions.pages import MOST_SHOWN
from cloud.pages.assets import SCRIPT_PATH
from shared.exceptions.commands import note_event
from shared.exceptions.rules import EventKind
from shared.kernel.permissions import SYSTEM, Role
from tests.cloud.exceptions.conftest import Client, note
from tests.cloud.page_tree import Tree

HOSTILE = '<script>alert("x")</script>\u202e&{{ 7 * 7 }}'
OWN_PAGE = {"sec-fetch-site": "same-origin"}


class Browser:
    """A browser with the session cookie of somebody."""

    def __init__(self, client: Client, log_in: Callable[[], Awaitable[dict[str, str]]], language: str) -> None:
        self._client = client
        self._log_in = log_in
        self._language = language
        self._held: dict[str, str] = {}

    async def _headers(self) -> dict[str, str]:
        self._held = self._held or await self._log_in()
        return {**self._held, "accept-language": self._language}

    async def see(self, path: str = "/exceptions", status: int = 200) -> Tree:
        answer = await self._client.get(path, headers=await self._headers(), follow_redirects=False)
        assert answer.status_code == status, answer.text
        return Tree(answer.text)

    async def send(self, exception: str, form: dict[str, str], headers: dict[str, str] = OWN_PAGE) -> Any:
        return await self._client.post(
            f"/exceptions/{exception}", data=form, headers={**await self._headers(), **headers}, follow_redirects=False
        )


@pytest.fixture
def browser(client: Client, cookie: Any) -> Callable[..., Browser]:
    """`browser(chain, Role.WAITER)`: somebody of that role before the page."""

    def open_it(chain: Any, role: Role = Role.ORGANIZATION_ADMIN, language: str = "es") -> Browser:
        return Browser(client, lambda: cookie(chain.tenant, role), language)

    return open_it


async def id_of(listed: Any, chain: Any, kind: EventKind) -> str:
    (found,) = (await listed(chain, kind=kind.value))["exceptions"]
    return str(found["id"])


async def test_it_says_what_happened_where_and_what_to_do(chain: Any, browser: Any) -> None:
    page = await browser(chain).see()
    for shown in (
        "El Faro",
        "3 por resolver",
        "Pedido A0: entró más dinero que lo cobrado.",
        "Devuelve S/ 42.50.",
        "Devolver dinero",
        "permiso para devolver dinero (A-R00000001, S/ 42.50), en Caja de Centro.",
        "El reloj de Caja de Playa está mal por 90 min",
        "23 nov 13:00 · Centro",
        "23 nov 13:00 · Playa",
    ):
        assert shown in page.text
    english = await browser(chain, language="en").see()
    assert "3 to look at" in english.text
    for found in (page, english):
        assert not re.search(r"\b(?:exceptions|inbox|reports)\.[a-z_]+", found.text)


async def test_only_what_a_note_ends_has_a_form(chain: Any, browser: Any) -> None:
    page = await browser(chain).see()
    forms = [attributes["action"] for tag, attributes in page.tags if tag == "form" and attributes["method"] == "post"]
    assert len([action for action in forms if action.startswith("/exceptions/")]) == 2


async def test_the_filter_is_in_the_address_and_what_makes_no_sense_is_told(chain: Any, browser: Any) -> None:
    admin = browser(chain)
    of_playa = await admin.see(f"/exceptions?branch={chain.branches['Playa']}")
    assert "1 por resolver" in of_playa.text
    assert "Caja de Centro" not in of_playa.text
    of_kind = await admin.see("/exceptions?kind=without_right")
    assert "1 por resolver" in of_kind.text
    assert "Caja de Playa" not in of_kind.text
    for query in ("branch=nonsense", "kind=nonsense", "after=nonsense"):
        refused = await admin.see(f"/exceptions?{query}", status=400)
        assert "3 por resolver" in refused.text


async def test_a_note_settles_it_and_leads_back_to_the_filter(chain: Any, browser: Any, listed: Any) -> None:
    admin = browser(chain)
    clock = await id_of(listed, chain, EventKind.CLOCK_WRONG)
    answer = await admin.send(clock, {"note": "reloj corregido", "kind": "clock_wrong", "branch": ""})
    assert (answer.status_code, answer.headers["location"]) == (303, "/exceptions?kind=clock_wrong&settled=1")
    after = await admin.see(answer.headers["location"])
    assert "Cerrado con tu nota." in after.text
    assert "Nada con este filtro" in after.text
    assert (await listed(chain))["total"] == 2


async def test_what_cannot_be_settled_is_told_and_what_was_typed_stays(chain: Any, browser: Any, listed: Any) -> None:
    admin = browser(chain)
    clock = await id_of(listed, chain, EventKind.CLOCK_WRONG)
    answer = await admin.send(clock, {"note": "   "})
    assert answer.status_code == 400
    page = Tree(answer.text)
    assert "Escribe en una nota qué pasó con esto." in page.text
    values = [attributes.get("value") for tag, attributes in page.tags if tag == "input"]
    assert "   " in values
    assert (await listed(chain))["total"] == 3


async def test_only_edits_that_a_clock_stamped_can_be_voided(chain: Any, browser: Any, listed: Any) -> None:
    """Which ones the event names; where it names none there is no button, and the form is refused."""
    admin = browser(chain)
    clock = await id_of(listed, chain, EventKind.CLOCK_WRONG)
    assert "Anular esos cambios" not in (await admin.see()).text
    answer = await admin.send(clock, {"note": "x", "void": "true"})
    assert answer.status_code == 400
    assert "Aquí no hay cambios que se puedan anular" in Tree(answer.text).text
    assert (await listed(chain))["total"] == 3
    await note(chain, "Centro", EventKind.CLOCK_WRONG, details=[{"first": 1, "last": 1, "minutes": 90}])
    assert "Anular esos cambios y cerrar" in (await admin.see()).text


async def test_a_form_of_another_site_settles_nothing(chain: Any, browser: Any, listed: Any) -> None:
    clock = await id_of(listed, chain, EventKind.CLOCK_WRONG)
    answer = await browser(chain).send(clock, {"note": "x"}, {"origin": "https://evil.example"})
    assert answer.status_code == 403
    assert (await listed(chain))["total"] == 3


async def test_people_see_and_settle_what_is_theirs(chain: Any, browser: Any, listed: Any, client: Client) -> None:
    manager = browser(chain, Role.BRANCH_MANAGER)
    page = await manager.see()
    assert "2 por resolver" in page.text
    assert "Playa" not in page.text
    clock = await id_of(listed, chain, EventKind.CLOCK_WRONG)
    assert (await manager.send(clock, {"note": "x"})).status_code == 400
    await browser(chain, Role.WAITER).see(status=403)
    stranger = await client.get("/exceptions", follow_redirects=False)
    assert (stranger.status_code, stranger.headers["location"]) == (303, "/login?next=%2Fexceptions")
    assert (await listed(chain))["total"] == 3


async def test_names_that_people_typed_stay_text_and_nothing_needs_what_the_policy_forbids(
    chain: Any, browser: Any
) -> None:
    await chain.open(HOSTILE)
    said = {"table": "<i>", "row": UUID(int=9).hex, "number": HOSTILE}
    await note(chain, HOSTILE, EventKind.SUMS_DIFFER, details=[said])
    page = await browser(chain).see()
    for tag, attributes in page.tags:
        assert tag not in ("style", "iframe", "i")
        assert tag != "script" or attributes["src"] == SCRIPT_PATH
        assert "style" not in attributes
        assert not [name for name in attributes if name.startswith("on")]
        for name in ("href", "src", "action"):
            assert (attributes.get(name) or "/").startswith(("/", "#"))
    assert page.text.count('<script>alert("x")</script>&{{ 7 * 7 }}') >= 2
    assert "\u202e" not in page.text


async def test_every_field_has_a_label(chain: Any, browser: Any) -> None:
    page = await browser(chain).see()
    fields = [
        attributes for tag, attributes in page.tags if tag in ("input", "select") and attributes.get("type") != "hidden"
    ]
    labelled = [attributes["for"] for tag, attributes in page.tags if tag == "label"]
    assert sorted(labelled) == sorted(attributes["id"] for attributes in fields)
    assert len(set(labelled)) == len(labelled) == 4


async def test_more_than_a_page_is_shown_part_by_part(
    chain: Any, browser: Any, counting: Callable[..., AbstractContextManager[Any]]
) -> None:
    admin = browser(chain)
    chain.parts.hub.is_linked = True
    await admin.see()  # who asks is known from then on
    with counting(chain.parts.database.writer) as few:
        await admin.see()
    async with chain.parts.units.work(chain.organization_id, SYSTEM, chain.branches["Playa"]) as work:
        for number in range(MOST_SHOWN):
            await note_event(work, EventKind.VOIDED, number)
    await admin.see()
    with counting(chain.parts.database.writer) as many:
        first = await admin.see()
    assert many.count == few.count
    assert f"{MOST_SHOWN + 3} por resolver" in first.text
    shown = [attributes["id"] for tag, attributes in first.tags if tag == "article"]
    assert len(shown) == MOST_SHOWN
    (older,) = [attributes["href"] for tag, attributes in first.tags if "after=" in (attributes.get("href") or "")]
    second = await admin.see(older)
    rest = [attributes["id"] for tag, attributes in second.tags if tag == "article"]
    assert len(rest) == 3
    assert not set(rest) & set(shown)


async def test_where_nothing_waits_it_says_so(new_chain: Any, browser: Any) -> None:
    page = await browser(await new_chain("la-otra")).see()
    assert "No hay nada pendiente" in page.text
    assert "0 por resolver" in page.text
