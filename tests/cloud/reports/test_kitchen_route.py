"""GET /api/v1/reports/kitchen: times by dish, station, hour, day and branch, of who may see them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from branch_books import noon
from litestar import Litestar
from litestar.testing import AsyncTestClient

from shared.kernel.permissions import SYSTEM, Role
from shared.kernel.totals import Counted
from shared.kernel.work import Work
from shared.kitchen.noting import event_id
from shared.kitchen.records import KitchenEvent, KitchenEventKind, KitchenTicket, Station, TicketLine
from shared.orders.commands import first_check_id
from shared.orders.records import Order, OrderKind, OrderLine

Client = AsyncTestClient[Litestar]
Bearer = Callable[..., dict[str, str]]
TODAY, YESTERDAY = date(2026, 11, 23), date(2026, 11, 22)
MINUTE = timedelta(minutes=1)


def cook(work: Work, branch: UUID, station: UUID, dish: str, day: date, hour: int, minutes: int | None) -> None:
    """One dish of one order: sent, received after a minute (never: minutes None), and ready so many minutes later."""
    here = {"organization_id": work.organization_id, "branch_id": branch}
    order, line, ticket, sent = uuid4(), uuid4(), uuid4(), noon(day, hour)
    of = {"kind": OrderKind.TAKEOUT, "number": "A-1", "business_date": day}
    work.add(Order(**here, id=order, **of, currency="PEN", opened_at=sent))
    said = {"author": uuid4(), "item_id": uuid4(), "item_name": dish, "quantity_milli": 1_000, "unit_price_minor": 100}
    family = {"order_id": order, "root_id": line, "check_id": first_check_id(order), "added_at": sent}
    work.add(OrderLine(**here, id=line, **family, **said))
    fired = {"part": 1, "fired_at": sent, "local_hour": hour}
    work.add(KitchenTicket(**here, id=ticket, order_id=order, station_id=station, **fired, **of))
    told = {"root_id": line, "content_id": uuid4(), "station_id": station, "ticket_id": ticket, "item_name": dish}
    made = Counted(0, 0 if minutes is None else 1_000)
    work.add(TicketLine(**here, id=uuid4(), **told, told_milli=1_000, made=made))
    if minutes is None:
        return
    times = {KitchenEventKind.RECEIVED: sent + MINUTE, KitchenEventKind.READY: sent + (1 + minutes) * MINUTE}
    for kind, at in times.items():
        named = {"ticket_id": ticket, "station_id": station, "device_id": uuid4()}
        late = 600 if kind is KitchenEventKind.READY else None
        work.add(KitchenEvent(**here, id=event_id(ticket, kind, 0), **named, kind=kind, at=at, late_seconds=late))


@pytest.fixture
async def kitchens(new_chain: Any) -> Any:
    """Two branches: three dishes of today in one, two of them late, one nobody received; one of yesterday elsewhere."""
    chain = await new_chain("la-olla")
    await chain.open("Playa")
    centro, playa = chain.branches["Centro"], chain.branches["Playa"]
    async with chain.parts.units.work(chain.organization_id, SYSTEM) as work:
        ids = {}
        for name in ("Cocina", "Barra"):
            ids[name] = work.add(Station(organization_id=work.organization_id, id=uuid4(), name=name)).id
        cook(work, centro, ids["Cocina"], "Lomo saltado", TODAY, 13, 12)
        cook(work, centro, ids["Cocina"], "Lomo saltado", TODAY, 20, 10)
        cook(work, centro, ids["Barra"], "Pisco sour", TODAY, 13, 2)
        cook(work, centro, ids["Barra"], "Pisco sour", TODAY, 14, None)
        cook(work, playa, ids["Cocina"], "Causa", YESTERDAY, 13, 4)
    return chain


@pytest.fixture
def ask(client: Client, bearer: Bearer) -> Callable[..., Any]:
    async def ask(chain: Any, *, role: Role = Role.ORGANIZATION_ADMIN, status: int = 200, **query: str) -> Any:
        answer = await client.get("/api/v1/reports/kitchen", params=query, headers=bearer(chain.tenant, role))
        assert answer.status_code == status, answer.text
        return answer.json()

    return ask


async def test_times_add_up_by_whatever_they_are_grouped(kitchens: Any, ask: Any) -> None:
    both = {"from": "2026-11-22", "to": "2026-11-23"}
    expected = {
        "dish": [("Lomo saltado", 2, 660, 2), ("Causa", 1, 240, 0), ("Pisco sour", 1, 120, 0)],
        "station": [("Cocina", 3, 520, 2), ("Barra", 1, 120, 0)],
        "hour": [("13", 3, 360, 1), ("20", 1, 600, 1)],
        "day": [("2026-11-22", 1, 240, 0), ("2026-11-23", 3, 480, 2)],
        "branch": [("Centro", 3, 480, 2), ("Playa", 1, 240, 0)],
    }
    for by, groups in expected.items():
        report = await ask(kitchens, by=by, **both)
        found = [(each["name"], each["dishes"], each["mean_seconds"], each["late"]) for each in report["groups"]]
        assert found == groups, by
        assert sum(each["seconds"] for each in report["groups"]) == report["total"]["seconds"] == 1_680
        assert (report["total"]["dishes"], report["unreceived"], report["forgotten"]) == (4, 1, 0)
        assert 180 <= report["total"]["median_seconds"] <= 300 < 720 <= report["total"]["p90_seconds"] <= 900
        assert report["more"] is False


async def test_one_branch_one_day_and_only_who_may_see_reports(kitchens: Any, ask: Any) -> None:
    branch = str(kitchens.branches["Playa"])
    report = await ask(kitchens, **{"from": "2026-11-22", "to": "2026-11-22", "branch": branch})
    assert [each["name"] for each in report["groups"]] == ["Causa"]
    await ask(kitchens, role=Role.WAITER, status=403)
    await ask(kitchens, status=400, **{"from": "2025-10-01", "to": "2026-11-22"})
