"""A restaurant with a row of everything that the API gives, in each of two branches, and another one beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import psycopg
import pytest

from cloud.api.resource import Resource
from cloud.api.room import RESOURCES
from cloud.parts import Parts
from shared.kernel.permissions import SYSTEM, Role
from shared.tenancy.records import Branch, Organization
from tests.cloud.api import rows
from tests.cloud.conftest import Postgres, Tenant

FOUNDED = ("branches", "staff")
"""Resources of which every house has some."""


@dataclass
class World:
    """Who is asked, and who asks.

    Attributes:
        ids: of one row of each resource in the first branch of the house.
        given: the same by the parameters of paths.
        words: what stands in the texts of the house's first branch, of its second one, and of the other house.
    """

    house: Tenant
    other: Tenant
    branch_id: UUID
    second_id: UUID
    ids: dict[str, UUID] = field(default_factory=dict)
    given: dict[str, UUID] = field(default_factory=dict)
    words: tuple[str, str, str] = ("W1", "W2", "W3")


@pytest.fixture
def owner(postgres: Postgres, common_database: str) -> Iterator[psycopg.Connection[Any]]:
    """Writes whatever it likes."""
    with psycopg.connect(postgres.owner_url(common_database), autocommit=True) as connection:
        connection.execute("set session_replication_role = replica")
        yield connection


@pytest.fixture
async def world(parts: Parts, new_tenant: Any, owner: psycopg.Connection[Any]) -> World:
    house, other = await new_tenant("el-faro"), await new_tenant("la-mar")
    second_id = parts.ids.new()
    async with parts.units.work(house.organization_id, SYSTEM) as work:
        work.add(Branch(organization_id=house.organization_id, id=second_id, name="W2", zone="America/Lima"))
    made = World(house, other, house.branch_id, second_id)
    for number, resource in enumerate(RESOURCES):
        if resource.name not in FOUNDED:
            made.ids[resource.name] = write_each(owner, made, resource, number * 10)
    for tenant, word in ((house, "W1"), (other, "W3")):
        row = rows.values(Organization.__table__, 0, word)  # type: ignore[arg-type]
        key = tenant.organization_id
        rows.insert(owner, Organization.__table__, [row | {"organization_id": key, "id": key}])  # type: ignore[arg-type]
    made.ids |= {"branches": made.branch_id, "staff": house.staff[Role.WAITER]}
    made.given = {f"{resource.one}_id": made.ids[resource.name] for resource in RESOURCES}
    return made


@pytest.fixture
def write(owner: psycopg.Connection[Any], world: World) -> Callable[[str, int], UUID]:
    """Write a row in each place: `write("receipts", 1_000)`. The higher its number, the newer it is."""

    def one(name: str, number: int) -> UUID:
        return write_each(owner, world, next(each for each in RESOURCES if each.name == name), number)

    return one


def write_each(connection: psycopg.Connection[Any], world: World, resource: Resource, number: int) -> UUID:
    """A row of a resource and of its parts in each place; the id of that in the first branch."""
    places = (
        (world.house.organization_id, world.branch_id),
        (world.house.organization_id, world.second_id),
        (world.other.organization_id, world.other.branch_id),
    )
    ids: list[UUID] = []
    for at, ((organization_id, branch_id), word) in enumerate(zip(places, world.words, strict=True)):
        given = {"organization_id": organization_id, "branch_id": branch_id}
        row = rows.row_for(resource, number + at, word, **given)
        rows.insert(connection, resource.record.__table__, [row])  # type: ignore[arg-type]
        for part in resource.parts:
            table: Any = part.record.__table__
            of: Any = part.of
            if table is not resource.record.__table__:
                key = rows.values(table, 100_000 + number + at, word, **given) | {of.key: row["id"]}
                rows.insert(connection, table, [key])
        ids.append(row["id"])
    return ids[0]
