"""A page of 50 of 100,000 rows by the API: receipts and orders with their lines, one caller.

The rows are of four branches and a year, 100,000 of each kind with three lines each. Pages are asked for from the
front, from the middle, of one branch and of one day. The yardstick is a request that reads nothing.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from statistics import median, quantiles
from typing import Any
from uuid import UUID

import httpx
import psycopg
from psycopg import sql

from cloud.api import orders, payments
from cloud.api.resource import Resource
from cloud.app import create_app
from cloud.composition import assemble
from cloud.control.commands import create_organization
from cloud.database.embedded import EmbeddedServer, throwaway_server
from cloud.database.engine import create_engine
from cloud.database.migrate import migrate
from cloud.database.roles import APP_ROLE, create_database
from cloud.database.transaction import Database
from cloud.settings import read_settings
from shared.kernel.permissions import SYSTEM
from shared.tenancy.records import Branch
from tests.benchmarks.figures import Figure, load
from tests.cloud.api import rows
from tests.cloud.conftest import administrator

ROWS, BRANCHES, DAYS, LINES = 100_000, 4, 366, 3
TIMES, WARM = 200, 20
MOST_SECONDS = 0.015
PAGES: Mapping[str, str] = {
    "receipts, the first page": "/api/v1/receipts?limit=50",
    "receipts, a page in the middle": "/api/v1/receipts?limit=50&after={receipts}",
    "receipts of one branch, a page in the middle": "/api/v1/receipts?limit=50&branch={branch}&after={of_branch}",
    "receipts of one day": "/api/v1/receipts?limit=50&from=2026-03-01&to=2026-03-01",
    "orders with lines, the first page": "/api/v1/orders?limit=50",
    "orders that are open": "/api/v1/orders?limit=50&open=true",
}
_MANY = """
    insert into {table} ({names})
    select {values} from {table} t cross join generate_series(1, {rows}) n where t.organization_id = {organization}
"""


def fill(connection: psycopg.Connection[Any], resource: Resource, organization_id: UUID, branches: list[UUID]) -> None:
    """Write rows of a resource with their lines, out of one of each."""
    lines = next(part for part in resource.parts if part.name == "lines")
    given = {"organization_id": organization_id, "branch_id": branches[0]}
    row = rows.row_for(resource, 1, "Uno", **given)
    line: Any = lines.record.__table__
    of: Any = lines.of
    table: Any = resource.record.__table__
    rows.insert(connection, table, [row])
    rows.insert(connection, line, [rows.values(line, 1, "Uno", **given) | {of.key: row["id"]}])
    branch = sql.SQL("({})[1 + n % {}]").format(_array(branches), sql.Literal(BRANCHES))
    day = sql.SQL("date '2026-01-01' + (n / {})::int").format(sql.Literal(ROWS // DAYS))
    _many(connection, table, organization_id, {"id": _id("n"), "branch_id": branch, "business_date": day})
    its = {"id": _id("n + 5000000"), of.key: _id(f"1 + n / {LINES}"), "branch_id": branch, "business_date": day}
    _many(connection, line, organization_id, its, ROWS * LINES)


def _many(
    connection: psycopg.Connection[Any],
    table: Any,
    organization_id: UUID,
    others: Mapping[str, sql.Composable],
    count: int = ROWS,
) -> None:
    names = [column.name for column in table.columns if column.computed is None]
    values = [others.get(name, sql.Identifier("t", name)) for name in names]
    connection.execute(
        sql.SQL(_MANY).format(
            table=sql.Identifier(table.name),
            names=sql.SQL(", ").join(map(sql.Identifier, names)),
            values=sql.SQL(", ").join(values),
            rows=sql.Literal(count),
            organization=sql.Literal(organization_id),
        )
    )


def _id(number: str) -> sql.Composable:
    """An id that grows with a number, as UUIDv7 do with time."""
    return sql.SQL("lpad(to_hex((100000000000 + {})::bigint), 32, '0')::uuid".replace("{}", number))


def _array(ids: list[UUID]) -> sql.Composable:
    return sql.SQL("array[{}]::uuid[]").format(sql.SQL(", ").join(map(sql.Literal, ids)))


async def measure(server: EmbeddedServer, folder: Path) -> tuple[dict[str, list[tuple[float, float]]], list[float]]:
    """Seconds of each page, and of a request that reads nothing, in turns."""
    name = "api_lists"
    create_database(server.url(), name)
    migrate(server.url(name), server.app_password)
    url = server.url(name, APP_ROLE)
    settings = read_settings({}, secret="only-for-benchmarks-" * 4, data_folder=folder, database_url=url, api_limits=0)
    parts = assemble(settings, database=Database(create_engine(url, name="benchmark")))
    organization_id, branches = parts.ids.new(), [parts.ids.new() for _ in range(BRANCHES)]
    async with parts.database.control() as session:
        await create_organization(
            session, organization_id=organization_id, slug="big", name="Big", now=parts.clock.now()
        )
    async with parts.units.work(organization_id, SYSTEM) as work:
        for branch_id in branches:
            work.add(Branch(organization_id=organization_id, id=branch_id, name="Local", zone="America/Lima"))
    token, _ = await administrator(parts, organization_id)
    with psycopg.connect(server.url(name), autocommit=True) as connection:
        connection.execute("set session_replication_role = replica")
        for resource in (payments.RECEIPTS, orders.ORDERS):
            fill(connection, resource, organization_id, branches)
        connection.execute("vacuum analyze")
    transport = httpx.ASGITransport(create_app(parts))  # type: ignore[arg-type]  # its events are typed more narrowly
    async with httpx.AsyncClient(
        transport=transport, base_url="http://api", headers={"authorization": f"Bearer {token}"}
    ) as client:
        middle = await _middle(client, "/api/v1/receipts?limit=100")
        of_branch = await _middle(client, f"/api/v1/receipts?limit=100&branch={branches[1]}")
        given = {"receipts": middle, "of_branch": of_branch, "branch": branches[1]}
        pages = {name: path.format(**given) for name, path in PAGES.items()}
        taken: dict[str, list[tuple[float, float]]] = {name: [] for name in pages}
        nothing = []
        for turn in range(WARM + TIMES):
            for page, path in pages.items():
                seconds = await _timed(client, path)
                if turn >= WARM:
                    taken[page].append(seconds)
            seconds = await _timed(client, "/api/v1/session")
            if turn >= WARM:
                nothing.append(seconds[0])
    await parts.database.dispose()
    return taken, nothing


async def _middle(client: httpx.AsyncClient, path: str) -> str:
    """The cursor behind some thousands of rows."""
    after = ""
    for _part in range(50):
        after = (await client.get(f"{path}&fields=id&after={after}")).json()["next"]
    return after


async def _timed(client: httpx.AsyncClient, path: str) -> tuple[float, float]:
    """Seconds of a request, and of them those of the processor, without PostgreSQL."""
    begun, used = time.perf_counter(), time.process_time()
    answer = await client.get(path)
    seconds, processor = time.perf_counter() - begun, time.process_time() - used
    assert answer.status_code == 200, (path, answer.text)
    return seconds, processor


def figures() -> list[Figure]:
    """Measure, and hold against the goal."""
    with throwaway_server() as server, tempfile.TemporaryDirectory() as folder:
        taken, nothing = asyncio.run(measure(server, Path(folder)))
    found = []
    for name, both in taken.items():
        seconds, processor = zip(*both, strict=True)
        most = quantiles(seconds, n=20)[-1]
        found.append(
            Figure(
                f"{name}: 95th percentile of 50 of {ROWS:,}",
                f"{most * 1e3:.1f} ms, median {median(seconds) * 1e3:.1f} ms, of it the program"
                f" {median(processor) * 1e3:.1f} ms of the processor ({load()})",
                f"a request that reads nothing: 95th percentile {quantiles(nothing, n=20)[-1] * 1e3:.1f} ms",
                most / quantiles(nothing, n=20)[-1],
                f"at most {MOST_SECONDS * 1e3:.0f} ms",
                most <= MOST_SECONDS,
            )
        )
    return found
