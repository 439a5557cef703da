"""The managers' page: what it shows, in which language, and that nothing people typed becomes markup."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from branch_books import CARD, CHICHA, LOMO, Dish, Sale, add_till, noon
from litestar import Litestar
from litestar.testing import AsyncTestClient

from cloud.pages.assets import SCRIPT_PATH
from cloud.reports.figures import ITEMS_AT_FIRST
from shared.kernel.permissions import SYSTEM, Role
from tests.cloud.page_tree import Tree

Client = AsyncTestClient[Litestar]
TODAY = date(2026, 11, 23)
BOTH_DAYS = {"from": "2026-11-22", "to": "2026-11-23"}
HOSTILE = '<script>alert("x")</script>\u202e&{{ 7 * 7 }}'


@pytest.fixture
def look(client: Client, cookie: Any) -> Callable[..., Any]:
    """`await look(chain)`: the page as a browser with a session cookie gets it."""

    held: dict[tuple[Any, Role], dict[str, str]] = {}

    async def look(
        chain: Any, *, role: Role = Role.ORGANIZATION_ADMIN, status: int = 200, language: str = "es", **query: str
    ) -> Tree:
        mine = (chain.organization_id, role)
        held[mine] = held.get(mine) or await cookie(chain.tenant, role)
        headers = {**held[mine], "accept-language": language}
        answer = await client.get("/reports/sales", params=query, headers=headers, follow_redirects=False)
        assert answer.status_code == status, answer.text
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["content-language"] == language
        return Tree(answer.text)

    return look


async def test_the_page_shows_the_figures(chain: Any, look: Any) -> None:
    page = await look(chain, **BOTH_DAYS)
    for shown in (
        "S/ 384.00",  # sold in soles
        "42,00 €",
        "S/ 315.00",  # Centro
        "Lomo saltado",
        "Efectivo",
        "22 nov – 23 nov 2026",
        "datos de hace un momento",
        "Redondeo de efectivo -S/ 0.04",
    ):
        assert shown in page.text
    assert page.text.index("Vendido · PEN") < page.text.index("Vendido · EUR")


async def test_it_speaks_the_readers_language(chain: Any, look: Any) -> None:
    page = await look(chain, language="en")
    assert page.tags[0] == ("html", {"lang": "en"})
    assert "Monday 23 Nov 2026" in page.text
    assert "data from a moment ago" in page.text
    spanish = await look(chain)
    assert spanish.tags[0] == ("html", {"lang": "es"})
    assert "lunes 23 nov 2026" in spanish.text
    for found in (page, spanish):
        assert not re.search(r"\b(?:reports|page|log_in)\.[a-z_]+", found.text)


async def test_names_of_people_and_devices_stay_text(chain: Any, look: Any) -> None:
    await chain.open(HOSTILE)
    async with chain.parts.units.work(chain.organization_id, SYSTEM) as work:
        chain.tills["lagging"] = add_till(work, chain.organization_id, chain.branches[HOSTILE], HOSTILE)
    chain.sold["lagging"] = []
    chain.sell("lagging", Sale(noon(TODAY), ((Dish(HOSTILE, HOSTILE, 500), 1_000),), method_name=HOSTILE[:40]))
    chain.sell(HOSTILE, Sale(noon(TODAY), ((CHICHA, 1_000),), currency="<i>"))
    await chain.settle()
    page = await look(chain, items="all")
    assert [attributes["src"] for tag, attributes in page.tags if tag == "script"] == [SCRIPT_PATH]
    assert "i" not in [tag for tag, _ in page.tags]
    assert page.text.count('<script>alert("x")</script>&{{ 7 * 7 }}') >= 2
    assert "\u202e" not in page.text
    assert "900 <i>" in page.text


async def test_nothing_on_the_page_needs_what_the_policy_forbids(chain: Any, look: Any) -> None:
    page = await look(chain, **BOTH_DAYS)
    for tag, attributes in page.tags:
        assert tag not in ("style", "iframe")
        assert tag != "script" or attributes["src"] == SCRIPT_PATH
        assert "style" not in attributes
        assert not [name for name in attributes if name.startswith("on")]
        for name in ("href", "src", "action"):
            assert (attributes.get(name) or "/").startswith(("/", "#"))


async def test_every_field_has_a_label(chain: Any, look: Any) -> None:
    page = await look(chain)
    labelled = {attributes["for"] for tag, attributes in page.tags if tag == "label"}
    fields = {
        attributes["id"]
        for tag, attributes in page.tags
        if tag in ("input", "select") and attributes.get("type") != "hidden"
    }
    assert labelled == fields == {"from", "to", "place-q"}


async def test_a_manager_sees_and_chooses_their_own_branches_only(chain: Any, look: Any) -> None:
    page = await look(chain, role=Role.BRANCH_MANAGER, **BOTH_DAYS)
    assert "Centro" in page.text
    assert "Playa" not in page.text
    assert "Madrid" not in page.text
    refused = await look(chain, role=Role.BRANCH_MANAGER, status=400, branch=str(chain.branches["Playa"]))
    assert "Aquí no existe esa sucursal." in refused.text
    assert "Playa" not in refused.text


async def test_one_branch_can_be_chosen(chain: Any, look: Any) -> None:
    playa = str(chain.branches["Playa"])
    page = await look(chain, branch=playa, **BOTH_DAYS)
    assert "S/ 69.00" in page.text
    assert "S/ 315.00" not in page.text
    again = [attributes["value"] for tag, attributes in page.tags if attributes.get("name") == "branch"]
    assert again == ["playa"]
    assert (await look(chain, branch="playa", **BOTH_DAYS)).words == page.words


async def test_without_sales_it_says_so_and_still_how_fresh_each_branch_is(new_chain: Any, look: Any) -> None:
    page = await look(await new_chain("nuevo"))
    assert "Sin ventas en este período" in page.text
    assert "Centro ○ todavía sin datos" in page.text


async def test_a_silent_branch_and_what_waits_are_named(chain: Any, look: Any, clock: Any) -> None:
    async with chain.parts.units.work(chain.organization_id, SYSTEM) as work:
        chain.tills["second"] = add_till(work, chain.organization_id, chain.branches["Playa"], "Caja 2")
    chain.sold["second"] = []
    clock.advance(timedelta(hours=30))
    chain.sell("second", Sale(noon(TODAY), ((CHICHA, 1_000),)))
    await chain.send()
    page = await look(chain, **BOTH_DAYS)
    assert "Centro ▲ datos de hace 30 h" in page.text
    assert "Playa ● datos de hace un momento" in page.text
    assert "7 cambios recibidos y aún por sumar" in page.text
    assert "Caja de Playa: sin datos nuevos desde hace 30 h" in page.text


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"from": "2026-11-23", "to": "2026-11-01"}, "El período termina antes de empezar"),
        ({"from": "2020-01-01", "to": "2026-11-01"}, "como máximo 400 días"),
        ({"from": "<b>yesterday</b>"}, "Eso no es una fecha"),
        ({"branch": "nowhere"}, "Aquí no existe esa sucursal."),
    ],
)
async def test_a_question_that_makes_no_sense_is_answered_in_words(
    chain: Any, look: Any, query: dict[str, str], sentence: str
) -> None:
    page = await look(chain, status=400, **query)
    assert sentence in page.text
    assert "b" not in [tag for tag, _ in page.tags]


async def test_many_items_are_shown_on_demand(chain: Any, look: Any) -> None:
    for at in range(ITEMS_AT_FIRST):
        chain.sell("Playa", Sale(noon(TODAY), ((Dish(f"Plato {at:02}", "Fondos", 100 + at), 1_000),)))
    await chain.settle()
    few = await look(chain)
    assert "Ver 3 productos más" in few.text
    assert "Plato 00" not in few.text
    (onward,) = [attributes["href"] for tag, attributes in few.tags if "items=all" in (attributes.get("href") or "")]
    assert onward == "/reports/sales?from=2026-11-23&to=2026-11-23&items=all"
    assert "Plato 00" in (await look(chain, items="all")).text


@pytest.mark.parametrize("days", [1, 2, 45, 46, 400])
async def test_charts_have_a_column_a_day_or_a_week(chain: Any, look: Any, days: int) -> None:
    first = TODAY - timedelta(days=days - 1)
    page = await look(chain, branch=str(chain.branches["Centro"]), **{"from": first.isoformat(), "to": "2026-11-23"})
    columns = [attributes for tag, attributes in page.tags if attributes.get("class") == "column"]
    weeks = len({max(first, on - timedelta(days=on.weekday())) for on in _days(first)})
    assert len(columns) == 8 + {1: 0, 2: 2, 45: 45}.get(days, weeks)
    assert all(0 <= int(str(column["height"])) <= 110 for column in columns)
    assert ("Por semana" in page.text) == (days > 45)


def _days(first: date) -> list[date]:
    return [first + timedelta(days=at) for at in range((TODAY - first).days + 1)]


async def test_hours_follow_the_business_day(chain: Any, look: Any) -> None:
    chain.sell("Playa", Sale(noon(TODAY + timedelta(days=1), 1), ((LOMO, 1_000),)))
    chain.sell("Playa", Sale(noon(TODAY, 23), ((LOMO, 1_000),)))
    await chain.settle()
    text = (await look(chain, branch=str(chain.branches["Playa"]))).text
    assert text.index("De 15:00 a 16:00") < text.index("De 23:00 a 00:00") < text.index("De 01:00 a 02:00")
    assert "De 02:00 a 03:00" not in text


async def test_more_rows_cost_no_more_statements(
    chain: Any, look: Any, counting: Callable[..., AbstractContextManager[Any]]
) -> None:
    chain.parts.hub.is_linked = True
    await look(chain, **BOTH_DAYS)  # who asks is known from then on
    with counting(chain.parts.database.reader) as few:
        await look(chain, **BOTH_DAYS)
    for branch in ("Norte", "Sur"):
        await chain.open(branch)
        for at in range(8):
            dish = replace(Dish(f"Plato {branch} {at}", "Fondos", 1_000))
            chain.sell(branch, Sale(noon(TODAY, 8 + at), ((dish, 1_000),), CARD, currency=("PEN", "USD")[at % 2]))
    await chain.settle()
    await look(chain, **BOTH_DAYS)
    with counting(chain.parts.database.reader) as many:
        await look(chain, **BOTH_DAYS)
    assert few.count == many.count <= 12, many.seen


async def test_a_role_without_reports_is_told_in_words(chain: Any, look: Any) -> None:
    page = await look(chain, role=Role.WAITER, status=403)
    assert "Tu rol no tiene páginas aquí" in page.text
    assert "Salir" in page.text


async def test_whoever_is_not_signed_in_is_sent_to_log_in_and_back(client: Client) -> None:
    answer = await client.get("/reports/sales", params={"from": "2026-11-01"}, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (
        303,
        "/login?next=%2Freports%2Fsales%3Ffrom%3D2026-11-01",
    )
    home = await client.get("/", follow_redirects=False)
    assert (home.status_code, home.headers["location"]) == (303, "/reports/sales")
