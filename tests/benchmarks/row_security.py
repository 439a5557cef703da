"""What row-level security costs: the sales report and a pull as the app's role, and as a role that bypasses it.

One tenant sells, and its rows are copied to many others, so that the tables are as large as a server's. The two roles
take turns, call by call, on the same rows; the figure is the middle of the ratios of the pairs.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from pathlib import Path
from statistics import median
from uuid import UUID

import psycopg
from branch_books import add_house
from psycopg import sql
from sqlalchemy.engine import make_url

from cloud.accounts.identity import EnrolledDevice
from cloud.composition import assemble
from cloud.control.commands import create_organization
from cloud.database.embedded import EmbeddedServer, throwaway_server
from cloud.database.engine import create_engine
from cloud.database.migrate import migrate
from cloud.database.roles import APP_ROLE, create_database
from cloud.database.transaction import Database
from cloud.parts import Parts
from cloud.reports.freshness import freshness
from cloud.reports.period import Period
from cloud.reports.queries import sales_by, totals
from cloud.settings import read_settings
from shared.kernel.permissions import SYSTEM
from shared.records import metadata
from shared.sales.queries import By
from sync.messages import Mark, Pull, Suffixes
from tests.benchmarks.figures import Figure, load, milliseconds
from tests.cloud.replication.house import House, end_of, lunch
from tests.cloud.replication.tills import enrol

BRANCHES, SALES, OTHERS = 3, 100, 60
PAIRS, WARM = 60, 10
MOST_RATIO = 1.15
BYPASSING, PASSWORD = "bypassing", "only-for-benchmarks"
SEES = {"the app's role": APP_ROLE, "a role that bypasses it": BYPASSING}
Call = Callable[[Parts], Awaitable[object]]


def copy_to_others(url: str, organization_id: UUID) -> None:
    """Give the rows of one tenant to others, too."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("set session_replication_role = replica")
        others_table = "create temp table others as select gen_random_uuid() as id from generate_series(1, {})"
        connection.execute(sql.SQL(others_table).format(sql.Literal(OTHERS)))
        for table in metadata.sorted_tables:
            names = [column.name for column in table.columns if column.computed is None]
            others = [
                sql.SQL("others.id") if name == "organization_id" else sql.Identifier("t", name) for name in names
            ]
            copy = "insert into {table} ({names}) select {others} from {table} as t cross join others"
            connection.execute(
                sql.SQL(copy + " where t.organization_id = {organization}").format(
                    table=sql.Identifier(table.name),
                    names=sql.SQL(", ").join(map(sql.Identifier, names)),
                    others=sql.SQL(", ").join(others),
                    organization=organization_id,
                )
            )
        connection.execute("vacuum analyze")


def bypassing(server: EmbeddedServer, name: str) -> str:
    """The address of the database for a role with the app's grants that sees all tenants."""
    with psycopg.connect(server.url(name), autocommit=True) as connection:
        role = "create role {} login bypassrls password {} in role {}"
        connection.execute(
            sql.SQL(role).format(sql.Identifier(BYPASSING), sql.Literal(PASSWORD), sql.Identifier(APP_ROLE))
        )
    url = make_url(server.url(name, APP_ROLE)).set(username=BYPASSING, password=PASSWORD)
    return url.render_as_string(hide_password=False)


async def sold(parts: Parts) -> tuple[House, EnrolledDevice]:
    """A tenant that has sold in several branches, with a device that may ask."""
    organization_id = parts.ids.new()
    async with parts.database.control() as session:
        now = parts.clock.now()
        await create_organization(session, organization_id=organization_id, slug="sold", name="Sold", now=now)
    house = House(parts, organization_id)
    async with parts.units.work(organization_id, SYSTEM) as work:
        add_house(work, organization_id)
    for branch in range(BRANCHES):
        till = await house.open(f"Local {branch}")
        for _sale in range(SALES):
            till.sell(lunch())
    await house.fold()
    first = next(iter(house.hands.values()))
    asking = await enrol(None, house, first.branch_id, "Caja 2")  # type: ignore[arg-type]  # it speaks no HTTP here
    return house, EnrolledDevice(asking.hand.device_id, organization_id, first.branch_id)


def report(organization_id: UUID, day: date) -> Call:
    """What the sales report reads."""
    period = Period(day - timedelta(days=6), day + timedelta(days=1))

    async def read(parts: Parts) -> object:
        async with parts.database.read(organization_id) as session:
            branches = (await parts.houses.of(organization_id, session)).branches
            found = [await totals(session, organization_id, [branch.id for branch in branches], period)]
            groups = [await sales_by(session, organization_id, list(branches), period, by) for by in By]
            assert found[0], "nothing was sold"
            return found, groups, await freshness(session, organization_id, branches)

    return read


def pull(device: EnrolledDevice, *held: Mark) -> Call:
    """A pull of a device, which holds all or nothing."""

    async def ask(parts: Parts) -> object:
        answer = await parts.responder.reply(device, Pull(list(held), 0))
        assert isinstance(answer, Suffixes)
        assert bool(answer.digests) is bool(held)
        return answer

    return ask


async def pairs(call: Call, roles: dict[str, Parts]) -> dict[str, list[float]]:
    """Seconds of each call, in turns: who is first changes from pair to pair."""
    taken: dict[str, list[float]] = {name: [] for name in roles}
    for pair in range(WARM + PAIRS):
        for name in list(roles) if pair % 2 else reversed(list(roles)):
            begun = time.perf_counter()
            await call(roles[name])
            taken[name].append(time.perf_counter() - begun)
    return {name: seconds[WARM:] for name, seconds in taken.items()}


async def measure(server: EmbeddedServer, folder: Path) -> dict[str, dict[str, list[float]]]:
    """Call in pairs."""
    name = "row_security"
    create_database(server.url(), name)
    migrate(server.url(name), server.app_password)
    urls = {APP_ROLE: server.url(name, APP_ROLE), BYPASSING: bypassing(server, name)}
    settings = read_settings({}, secret="only-for-benchmarks-" * 4, data_folder=folder, database_url=urls[APP_ROLE])
    roles = {
        name: assemble(settings, database=Database(create_engine(urls[role], name="benchmark")))
        for name, role in SEES.items()
    }
    try:
        parts = next(iter(roles.values()))
        house, device = await sold(parts)
        copy_to_others(server.url(name), house.organization_id)
        day = lunch().business_date
        everything = await parts.responder.reply(device, Pull([], 0))
        assert isinstance(everything, Suffixes)
        held = [Mark(frame.key.id.bytes, frame.last, end_of(frame)) for frame in everything.frames]
        return {
            "the sales report": await pairs(report(house.organization_id, day), roles),
            "a pull of a device that lacks everything": await pairs(pull(device), roles),
            "a pull of a device that has everything": await pairs(pull(device, *held), roles),
        }
    finally:
        for each in roles.values():
            await each.database.dispose()


def figures() -> list[Figure]:
    """Measure, and hold against the goal."""
    with throwaway_server() as server, tempfile.TemporaryDirectory() as folder:
        seen = asyncio.run(measure(server, Path(folder)))
    found = []
    for what, taken in seen.items():
        secured, free = taken.values()
        ratio = median(one / other for one, other in zip(secured, free, strict=True))
        found.append(
            Figure(
                f"{what}, under row-level security among {OTHERS} tenants",
                f"{milliseconds(secured)} ({load()})",
                f"the same by a role that bypasses it: {milliseconds(free)}",
                ratio,
                f"at most {MOST_RATIO} times",
                ratio <= MOST_RATIO,
            )
        )
    return found
