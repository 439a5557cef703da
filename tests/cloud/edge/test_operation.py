"""What follows from the declaration of an operation."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import date
from typing import Any

import pytest
from litestar import Litestar, Router, get
from litestar.exceptions import ImproperlyConfiguredException
from litestar.params import FromQuery
from litestar.testing import AsyncTestClient

from cloud.accounts.guards import anyone
from cloud.app import API_PATH, create_app
from cloud.edge.operation import Again, Area, Kind, Operation, Retired, Who, command, operation_of, query
from cloud.parts import Parts
from shared.kernel.errors import DomainError

GONE = Retired(date(2026, 1, 1), date(2027, 6, 30), instead="list_news")
SAID = {"deprecation": "@1767225600", "sunset": "Wed, 30 Jun 2027 00:00:00 GMT"}


@query("get_old_news", "/old-news", area=Area.REPORTS, summary="Old news", retired=GONE)
async def old_news(wanted: FromQuery[str] = "") -> dict[str, str]:
    if wanted:
        raise DomainError("NOT_FOUND")
    return {}


@get("/undeclared", guards=[anyone])
async def undeclared() -> None:
    return None


@pytest.fixture
async def client(parts: Parts) -> AsyncIterator[AsyncTestClient[Litestar]]:
    app = create_app(parts, [Router(API_PATH, route_handlers=[old_news])])
    async with AsyncTestClient(app, raise_server_exceptions=False) as client:
        yield client


def operations(app: Litestar) -> Iterator[Operation]:
    """All that an app declares."""
    for route in app.routes:
        for handler in getattr(route, "route_handlers", ()):
            if declared := operation_of(handler):
                yield declared


def test_a_route_of_the_api_that_declares_nothing_does_not_start(parts: Parts) -> None:
    with pytest.raises(ImproperlyConfiguredException, match="/api/v1/undeclared is no operation"):
        create_app(parts, [Router(API_PATH, route_handlers=[undeclared])])


def test_every_operation_is_called_by_a_name_of_its_own(app: Litestar) -> None:
    names = [declared.name for declared in operations(app)]
    assert len(names) == len(set(names)) > 10


def test_what_only_reads_is_a_query_and_a_key_needs_a_scope(app: Litestar) -> None:
    for declared in operations(app):
        assert (declared.method == "GET") == (declared.kind is Kind.QUERY), declared.name
        half = "read" if declared.kind is Kind.QUERY else "write"
        assert declared.scope in ("", f"{declared.area}:{half}"), declared.name
        assert declared.is_for_keys <= (declared.who is Who.PERSON), declared.name


async def test_a_retired_operation_says_so_in_each_answer(
    client: AsyncTestClient[Litestar], tenant: Any, bearer: Any
) -> None:
    good, refused = [
        await client.get("/api/v1/old-news", params=params, headers=bearer(tenant)) for params in ({}, {"wanted": "x"})
    ]
    strange = await client.get("/api/v1/old-news")
    assert [answer.status_code for answer in (good, refused, strange)] == [200, 404, 401]
    for answer in (good, refused, strange):
        assert {name: answer.headers[name] for name in SAID} == SAID
    document = (await client.get("/schema/openapi.json")).json()
    shown = document["paths"]["/api/v1/old-news"]["get"]
    assert shown["deprecated"] is True
    assert set(shown["responses"]["200"]["headers"]) == {"Deprecation", "Sunset"}


def test_nothing_is_retired_with_less_than_a_year_of_notice() -> None:
    with pytest.raises(ValueError, match="within a year"):
        Retired(date(2026, 1, 1), date(2026, 12, 31))


def test_no_key_opens_what_a_device_or_anybody_asks_for() -> None:
    @command("try_it", "POST /tries", area=Area.SYNC, who=Who.DEVICE, again=Again.SAME, summary="Try it")
    async def try_it() -> None:
        return None

    declared = operation_of(try_it)
    assert declared is not None
    assert (declared.scope, declared.is_for_keys) == ("", False)
