"""Who may call what."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from litestar import Litestar, Router, get, post
from litestar.di import NamedDependency
from litestar.params import SkipValidation
from litestar.testing import AsyncTestClient

from cloud.accounts.guards import Guard, people
from cloud.accounts.identity import EnrolledDevice, Person
from cloud.app import create_app
from cloud.edge.operation import Again, Area, Who, command, query
from cloud.edge.room import Room
from cloud.parts import Parts
from cloud.rooms import ROOMS
from shared.kernel.permissions import Permission, Role

Bearer = Callable[..., dict[str, str]]
REPORTS, SYNC = "/api/v1/tests/reports", "/api/v1/tests/sync"


@get("/reports", guards=[people(Permission.SEE_REPORTS)])
async def see(
    person: NamedDependency[SkipValidation[Person]], organization_id: NamedDependency[UUID]
) -> dict[str, str]:
    return {"role": person.role, "organization": str(organization_id)}


@post("/reports", guards=[people(Permission.SEE_REPORTS)])
async def change() -> None:
    return None


@query("see_tests", "/tests/reports", area=Area.REPORTS, rights=Permission.SEE_REPORTS, summary="See")
async def see_as_program(
    person: NamedDependency[SkipValidation[Person]], organization_id: NamedDependency[UUID]
) -> dict[str, str]:
    """See."""
    return {"role": person.role, "organization": str(organization_id)}


@command("exchange_tests", "POST /tests/sync", area=Area.DEVICES, again=Again.SAME, who=Who.DEVICE, summary="Exchange")
async def exchange(device: NamedDependency[SkipValidation[EnrolledDevice]]) -> dict[str, str]:
    """Exchange."""
    return {"device": str(device.device_id)}


@pytest.fixture
async def guarded(parts: Parts) -> Any:
    room = Room("cloud.tests", routes=(see_as_program, exchange))
    app = create_app(parts, [Router("/test", route_handlers=[see, change])], rooms=(*ROOMS, room))
    async with AsyncTestClient(app, raise_server_exceptions=False) as client:
        yield client


def test_every_route_says_who_may_call_it(app: Litestar) -> None:
    unguarded = [
        f"{sorted(handler.http_methods)} {route.path}"
        for route in app.routes
        for handler in getattr(route, "route_handlers", [getattr(route, "route_handler", None)])
        if handler is not None
        and not route.path.startswith("/schema")
        and "OPTIONS" not in getattr(handler, "http_methods", ())
        and not any(isinstance(guard, Guard) for guard in getattr(handler, "guards", None) or ())
    ]
    assert unguarded == []
    assert len(app.routes) > 6


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
async def test_a_role_may_do_what_its_permissions_say(
    guarded: AsyncTestClient[Any], tenant: Any, bearer: Bearer, role: Role, status: int
) -> None:
    answer = await guarded.get(REPORTS, headers=bearer(tenant, role))
    assert answer.status_code == status
    if status == 200:
        assert answer.json() == {"role": role.value, "organization": str(tenant.organization_id)}
    else:
        assert answer.json()["params"] == {"permission": "see_reports"}


async def test_a_super_admin_says_whose_affairs_it_is(
    guarded: AsyncTestClient[Any], parts: Parts, tenant: Any, bearer: Bearer
) -> None:
    headers = bearer(tenant, Role.SUPER_ADMIN)
    assert (await guarded.get(REPORTS, headers=headers)).json()["code"] == "ORGANIZATION_MISSING"
    named = {**headers, "comanda-organization": str(tenant.organization_id)}
    assert (await guarded.get(REPORTS, headers=named)).json()["code"] == "VISIT_NEEDED"
    await parts.visits.begin(tenant.accounts[Role.SUPER_ADMIN], tenant.organization_id, "Ticket 4711")
    assert (await guarded.get(REPORTS, headers=named)).json()["organization"] == str(tenant.organization_id)


async def test_nobody_else_can_name_another_organization(
    guarded: AsyncTestClient[Any], tenant: Any, bearer: Bearer
) -> None:
    headers = {**bearer(tenant), "comanda-organization": str(uuid4())}
    assert (await guarded.get(REPORTS, headers=headers)).json()["organization"] == str(tenant.organization_id)


async def test_devices_and_people_are_told_apart(
    guarded: AsyncTestClient[Any], parts: Parts, tenant: Any, bearer: Bearer
) -> None:
    token, _ = parts.tokens.for_device(uuid4(), tenant.organization_id, tenant.branch_id)
    device = {"authorization": f"Bearer {token}"}
    assert (await guarded.post(SYNC, headers=device)).status_code == 200
    assert (await guarded.get(REPORTS, headers=device)).json()["code"] == "PEOPLE_ONLY"
    assert (await guarded.post(SYNC, headers=bearer(tenant))).json()["code"] == "DEVICES_ONLY"
    assert (await guarded.post(SYNC)).status_code == 401


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"origin": "http://testserver.local"}, 201),
        ({"sec-fetch-site": "same-origin"}, 201),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({}, 403),
    ],
)
async def test_a_cookie_changes_nothing_from_another_sites_page(
    guarded: AsyncTestClient[Any], tenant: Any, cookie: Any, headers: dict[str, str], status: int
) -> None:
    mine = await cookie(tenant)
    assert (await guarded.get("/test/reports", headers=mine)).status_code == 200
    answer = await guarded.post("/test/reports", headers={**mine, **headers})
    assert answer.status_code == status, answer.text


def test_a_manager_sees_their_branches_and_an_admin_all() -> None:
    mine, other = uuid4(), uuid4()
    manager = Person(uuid4(), Role.BRANCH_MANAGER, uuid4(), frozenset({mine}))
    admin = Person(uuid4(), Role.ORGANIZATION_ADMIN, uuid4(), frozenset())
    assert manager.sees_branch(mine)
    assert not manager.sees_branch(other)
    assert admin.sees_branch(other)
    assert manager.actor("Rosa").may(Permission.SEE_REPORTS)


async def test_a_token_opens_no_page_and_a_cookie_nothing_of_the_api(
    guarded: AsyncTestClient[Any], tenant: Any, bearer: Bearer, cookie: Any
) -> None:
    assert (await guarded.get("/test/reports", headers=bearer(tenant))).status_code == 401
    assert (await guarded.get(REPORTS, headers=await cookie(tenant))).status_code == 401
