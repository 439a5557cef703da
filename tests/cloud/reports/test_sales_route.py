"""GET /api/v1/reports/sales: who sees what, and that everything adds up."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from branch_books import CARD, CHICHA, LOMO, Dish, Sale, add_till, noon
from litestar import Litestar
from litestar.testing import AsyncTestClient

from cloud.reports.period import MOST_DAYS
from shared.kernel.permissions import SYSTEM, Role
from shared.staff.commands import assignment_id
from shared.staff.records import Assignment

Client = AsyncTestClient[Litestar]
Bearer = Callable[..., dict[str, str]]
TODAY = date(2026, 11, 23)
BOTH_DAYS = {"from": "2026-11-22", "to": "2026-11-23"}
EVERY_BY = ("branch", "day", "hour", "item", "method", "category")


@pytest.fixture
def ask(client: Client, bearer: Bearer) -> Callable[..., Any]:
    """`await ask(chain, by="item")`: the report as an organization admin (or `role`) sees it."""

    async def ask(chain: Any, *, role: Role = Role.ORGANIZATION_ADMIN, status: int = 200, **query: str) -> Any:
        wanted = {**BOTH_DAYS, **query}
        answer = await client.get("/api/v1/reports/sales", params=wanted, headers=bearer(chain.tenant, role))
        assert answer.status_code == status, answer.text
        return answer.json()

    return ask


async def test_each_branch_has_its_takings_in_its_currency(chain: Any, ask: Any) -> None:
    report = await ask(chain)
    found = {(each["name"], each["currency"]): (each["checks"], each["total_minor"]) for each in report["groups"]}
    assert found == {
        ("Centro", "PEN"): (4, 3 * 8_500 + 6_000),
        ("Playa", "PEN"): (1, 6_900),
        ("Madrid", "EUR"): (1, 4_200),
    }
    assert {each["key"] for each in report["groups"]} == {str(each) for each in chain.branches.values()}
    nothing = dict.fromkeys(("service_minor", "refunded_minor", "lost_minor", "tips_minor"), 0)
    assert report["totals"] == [
        {
            "currency": "EUR", "checks": 1, "total_minor": 4_200, "tax_minor": 641,
            "discount_minor": 0, "rounding_minor": 0, **nothing,
        },
        {
            "currency": "PEN", "checks": 5, "total_minor": 38_400, "tax_minor": 5_860,
            "discount_minor": 300, "rounding_minor": -4, **nothing,
        },
    ]  # fmt: skip


@pytest.mark.parametrize("by", EVERY_BY)
async def test_every_grouping_adds_up_to_the_same(chain: Any, ask: Any, by: str) -> None:
    report = await ask(chain, by=by)
    assert report["more"] is False
    for total in report["totals"]:
        groups = [each for each in report["groups"] if each["currency"] == total["currency"]]
        expected = total["total_minor"] + (total["rounding_minor"] if by == "method" else 0)
        assert sum(each["total_minor"] for each in groups) == expected
        for name in ("tax_minor", "discount_minor", "checks"):
            values = [each[name] for each in groups]
            assert values == [None] * len(values) or sum(values) == total[name]


async def test_items_and_methods_tell_quantities_and_payments(chain: Any, ask: Any) -> None:
    items = {each["name"]: each for each in (await ask(chain, by="item"))["groups"] if each["currency"] == "PEN"}
    assert items["Lomo saltado"]["quantity_milli"] == 6_000
    assert items["Chicha morada"]["quantity_milli"] == 6_000
    assert items["Ceviche"]["quantity_milli"] == 2_500
    assert (items["Ceviche"]["gross_minor"], items["Ceviche"]["discount_minor"]) == (10_500, 300)
    methods = {each["name"]: each["payments"] for each in (await ask(chain, by="method"))["groups"]}
    assert methods == {"Efectivo": 3, "Tarjeta": 1, "Yape": 1}


async def test_an_item_has_its_newest_name_and_its_old_sales(chain: Any, ask: Any) -> None:
    renamed = replace(LOMO, name="Lomo de la casa", category="Clásicos")
    chain.sell("Centro", Sale(noon(TODAY, 21), ((renamed, 1_000),)))
    await chain.settle()
    items = {each["key"]: each for each in (await ask(chain, by="item"))["groups"]}
    assert items[str(LOMO.item_id)]["name"] == "Lomo de la casa"
    assert items[str(LOMO.item_id)]["quantity_milli"] == 7_000
    categories = {each["key"]: each["quantity_milli"] for each in (await ask(chain, by="category"))["groups"]}
    assert (categories["Fondos"], categories["Clásicos"]) == (6_000, 1_000)


async def test_after_midnight_still_is_the_business_day_before(chain: Any, ask: Any) -> None:
    late = noon(TODAY + timedelta(days=1), 1, 30)
    chain.sell("Playa", Sale(late, ((CHICHA, 1_000),)))
    chain.sell("Playa", Sale(noon(TODAY + timedelta(days=1), 4, 0), ((CHICHA, 2_000),)))
    await chain.settle()
    playa = str(chain.branches["Playa"])
    hours = (await ask(chain, by="hour", branch=playa))["groups"]
    assert [(each["key"], each["total_minor"]) for each in hours] == [("15", 6_900), ("01", 900)]
    days = (await ask(chain, by="day", branch=playa, to="2026-11-24"))["groups"]
    assert [(each["key"], each["total_minor"]) for each in days] == [("2026-11-23", 7_800), ("2026-11-24", 1_800)]


async def test_dates_are_those_of_each_branch(chain: Any, ask: Any) -> None:
    """Eleven at night in Lima is five in the morning of the next day in Madrid."""
    moment = noon(date(2026, 11, 21), 23)
    chain.sell("Centro", Sale(moment, ((CHICHA, 1_000),)))
    chain.sell("Madrid", Sale(moment, ((CHICHA, 1_000),), CARD, currency="EUR", zone="Europe/Madrid"))
    await chain.settle()
    of_day = await ask(chain, **{"from": "2026-11-21", "to": "2026-11-21"})
    assert [each["name"] for each in of_day["groups"]] == ["Centro"]
    next_day = await ask(chain, **{"from": "2026-11-22", "to": "2026-11-22"})
    assert ("Madrid", 900) in [(each["name"], each["total_minor"]) for each in next_day["groups"]]


async def test_without_dates_it_is_today(chain: Any, client: Client, bearer: Bearer) -> None:
    answer = await client.get("/api/v1/reports/sales", headers=bearer(chain.tenant))
    report = answer.json()
    assert (report["first_date"], report["last_date"], report["by"]) == ("2026-11-23", "2026-11-23", "branch")
    assert sum(each["checks"] for each in report["groups"]) == 5


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"from": "2026-11-23", "to": "2026-11-22"}, "PERIOD_BACKWARDS"),
        ({"from": "2025-10-19", "to": "2026-11-23"}, "PERIOD_TOO_LONG"),
        ({"from": "23/11/2026"}, "INVALID_REQUEST"),
        ({"from": "2026-02-30"}, "INVALID_REQUEST"),
        ({"to": "x' or 1=1"}, "INVALID_REQUEST"),
        ({"by": "waiter"}, "INVALID_REQUEST"),
        ({"branch": "1"}, "INVALID_REQUEST"),
    ],
)
async def test_a_question_that_makes_no_sense_is_refused(
    chain: Any, ask: Any, query: dict[str, str], code: str
) -> None:
    assert (await ask(chain, status=400, **query))["code"] == code


async def test_the_longest_period_is_allowed(chain: Any, ask: Any) -> None:
    first = TODAY - timedelta(days=MOST_DAYS - 1)
    assert len((await ask(chain, by="day", **{"from": first.isoformat()}))["groups"]) == 3


@pytest.mark.parametrize(
    ("role", "status"),
    [
        (Role.ORGANIZATION_ADMIN, 200),
        (Role.BRANCH_MANAGER, 200),
        (Role.CASHIER, 403),
        (Role.WAITER, 403),
        (Role.KITCHEN, 403),
    ],
)
async def test_a_role_sees_reports_or_does_not(chain: Any, ask: Any, role: Role, status: int) -> None:
    await ask(chain, role=role, status=status)


async def test_nobody_sees_a_report_without_a_token(client: Client) -> None:
    assert (await client.get("/api/v1/reports/sales")).status_code == 401


async def test_a_device_sees_no_report(chain: Any, client: Client) -> None:
    token, _ = chain.parts.tokens.for_device(uuid4(), chain.organization_id, chain.branches["Centro"])
    answer = await client.get("/api/v1/reports/sales", headers={"authorization": f"Bearer {token}"})
    assert answer.json()["code"] == "PEOPLE_ONLY"


@pytest.mark.parametrize("by", EVERY_BY)
async def test_a_manager_sees_their_own_branches_only(chain: Any, ask: Any, by: str) -> None:
    report = await ask(chain, role=Role.BRANCH_MANAGER, by=by)
    assert [each["name"] for each in report["branches"]] == ["Centro"]
    assert [total["checks"] for total in report["totals"]] == [4]
    assert sum(each["total_minor"] for each in report["groups"]) in (31_500, 31_496)


async def test_a_manager_of_no_branch_sees_nothing(chain: Any, client: Client, bearer: Bearer) -> None:
    tenant = chain.tenant
    async with chain.parts.units.work(chain.organization_id, SYSTEM) as work:
        key = assignment_id(tenant.staff[Role.BRANCH_MANAGER], tenant.branch_id)
        (await work.session.get_one(Assignment, (chain.organization_id, key))).active = False
    headers = bearer(tenant, Role.BRANCH_MANAGER)
    answer = await client.get("/api/v1/reports/sales", params=BOTH_DAYS, headers=headers)
    report = answer.json()
    assert (report["groups"], report["totals"], report["branches"]) == ([], [], [])


async def test_a_branch_of_others_is_unknown(chain: Any, ask: Any, new_chain: Any) -> None:
    other = await new_chain("otro")
    for wanted in (chain.branches["Playa"], other.branches["Centro"], uuid4()):
        problem = await ask(chain, role=Role.BRANCH_MANAGER, status=404, branch=str(wanted))
        assert problem["code"] == "BRANCH_UNKNOWN"
    only = await ask(chain, branch=str(chain.branches["Playa"]))
    assert [each["name"] for each in only["groups"]] == ["Playa"]


async def test_another_tenant_sees_none_of_it(chain: Any, ask: Any, new_chain: Any) -> None:
    other = await new_chain("otro")
    other.sell("Centro", Sale(noon(TODAY), ((CHICHA, 1_000),)))
    await other.settle()
    for by in EVERY_BY:
        assert [each["total_minor"] for each in (await ask(other, by=by))["groups"]] == [900]
    assert [each["total_minor"] for each in (await ask(chain))["totals"]] == [4_200, 38_400]


async def test_a_super_admin_names_the_organization(chain: Any, client: Client, bearer: Bearer, parts: Any) -> None:
    headers = bearer(chain.tenant, Role.SUPER_ADMIN)
    await parts.visits.begin(chain.tenant.accounts[Role.SUPER_ADMIN], chain.organization_id, "Ticket 4711")
    refused = await client.get("/api/v1/reports/sales", params=BOTH_DAYS, headers=headers)
    assert refused.json()["code"] == "ORGANIZATION_MISSING"
    named = {**headers, "comanda-organization": str(chain.organization_id)}
    answer = await client.get("/api/v1/reports/sales", params=BOTH_DAYS, headers=named)
    assert len(answer.json()["groups"]) == 3


async def test_each_branch_says_how_fresh_it_is(chain: Any, ask: Any, clock: Any) -> None:
    first_contact = clock.now()
    clock.advance(timedelta(hours=2))
    chain.sell("Playa", Sale(noon(TODAY, 16), ((CHICHA, 1_000),)))
    await chain.send()
    ages = {each["name"]: each for each in (await ask(chain))["branches"]}
    assert ages["Centro"]["last_stored_at"] == first_contact.isoformat().replace("+00:00", "Z")
    assert ages["Centro"]["last_sale_at"] == noon(TODAY, 20).isoformat().replace("+00:00", "Z")
    assert ages["Centro"]["waiting_changes"] == 0
    assert ages["Playa"]["last_stored_at"] == clock.now().isoformat().replace("+00:00", "Z")
    assert ages["Playa"]["last_sale_at"] == noon(TODAY, 15).isoformat().replace("+00:00", "Z")
    assert ages["Playa"]["waiting_changes"] == 7
    assert [each["name"] for each in ages["Playa"]["devices"]] == ["Caja de Playa"]
    await chain.settle()
    assert {each["waiting_changes"] for each in (await ask(chain))["branches"]} == {0}


async def test_what_was_put_aside_is_counted_and_revoked_devices_are_not(chain: Any, ask: Any) -> None:
    async with chain.parts.units.work(chain.organization_id, SYSTEM) as work:
        revoked = add_till(work, chain.organization_id, chain.branches["Playa"], "Vieja", revoked=True)
    chain.tills["Vieja"], chain.sold["Vieja"] = revoked, []
    chain.sell("Vieja", Sale(noon(TODAY), ((CHICHA, 1_000),)))
    chain.tills["Playa"].derive(Sale(noon(TODAY), ((CHICHA, 1_000),)))  # its check never comes
    await chain.settle()
    ages = {each["name"]: each for each in (await ask(chain))["branches"]}
    assert ages["Playa"]["parked_transactions"] == 1
    assert [each["name"] for each in ages["Playa"]["devices"]] == ["Caja de Playa"]


@pytest.mark.parametrize("by", EVERY_BY)
async def test_more_rows_cost_no_more_statements(
    chain: Any, ask: Any, by: str, counting: Callable[..., AbstractContextManager[Any]]
) -> None:
    database = chain.parts.database
    chain.parts.hub.is_linked = True
    await ask(chain, by=by)  # who asks is known from then on
    with counting(database.reader) as few:
        small = await ask(chain, by=by)
    for branch in ("Norte", "Sur"):
        await chain.open(branch)
        for at in range(12):
            dish = Dish(f"Plato {branch} {at}", f"Categoría {at}", 1_000)
            chain.sell(branch, Sale(noon(TODAY - timedelta(days=at % 2), 8 + at), ((dish, 1_000),)))
    await chain.settle()
    await ask(chain, by=by)
    with counting(database.reader) as many:
        large = await ask(chain, by=by)
    assert few.count == many.count <= 7, many.seen
    assert len(large["branches"]) > len(small["branches"])
    if by not in ("day", "method"):
        assert len(large["groups"]) > len(small["groups"])
