"""2,000 devices on live sockets of one server: how soon all of a room have a sale, what a socket and what waiting cost.

The server is a real `comanda-cloud serve --with-worker`, PostgreSQL and the devices are processes of their own. A sale
is one order pushed over HTTP by a till beside 500 that wait; what is measured ends when the last of them has the frame.
Its yardstick is the same with three in the room. Devices ping as devices do.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
from branch_books import add_house

from cloud.composition import assemble
from cloud.control.commands import create_organization
from cloud.database.control_records import DeviceKey, Pairing
from cloud.database.embedded import EmbeddedServer, throwaway_server
from cloud.database.engine import create_engine
from cloud.database.migrate import migrate
from cloud.database.roles import APP_ROLE, create_database
from cloud.database.transaction import Database
from cloud.parts import Parts
from cloud.settings import read_settings
from shared.kernel.permissions import SYSTEM
from shared.tenancy.records import DeviceKind
from sync.messages import Ack
from tests.benchmarks.figures import Figure, load, milliseconds, processor_seconds, processor_seconds_of_family
from tests.cloud.replication.house import House
from tests.cloud.replication.tills import Till, enrol

FEW, ROOM, IDLE, ALL = 3, 500, 1_000, 2_000
BRANCHES = 30
"""Beside the one of the room."""
PUSHES = 11
BETWEEN_SECONDS = 1.0
IDLE_SECONDS = 20.0
MOST_SECONDS = 0.2
MOST_CORE = 0.05
ENDS_WITHIN_SECONDS = 20.0
SECRET = "only-for-benchmarks-" * 4
ROOT = Path(__file__).parents[2]


@contextmanager
def serving(url: str, folder: Path, **more: str) -> Iterator[tuple[str, int]]:
    """A server on that database, with more settings: its address and its pid."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("COMANDA_")}
    said = {"DATABASE_URL": url, "SECRET": SECRET, "DATA_FOLDER": str(folder), "LANGUAGE": "en", **more}
    process = subprocess.Popen(
        [sys.executable, "-m", "cloud.cli", "serve", "--with-worker", "--port", str(port)],
        cwd=ROOT,
        env=kept | {f"COMANDA_{name}": value for name, value in said.items()},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stderr is not None
        lines = iter(process.stderr.readline, "")
        assert any("Listening on" in line for line in lines), "it does not serve"
        threading.Thread(target=process.stderr.read, daemon=True).start()  # a full pipe would stop it
        yield f"127.0.0.1:{port}", process.pid
    finally:
        process.terminate()
        try:
            process.wait(ENDS_WITHIN_SECONDS)
        except subprocess.TimeoutExpired:  # it waits for an answer that nobody reads any more
            process.kill()
            process.wait()


class Clients:
    """The process of the devices."""

    def __init__(self, address: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.benchmarks.socket_clients", address],
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, **what: Any) -> Any:
        """Say a line, and read the answer."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(what) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._process.wait()


async def enrolled(parts: Parts, organization_id: UUID, branch_id: UUID, count: int) -> list[str]:
    """Tokens of so many devices of a branch; they have keys, and no more of what an enrolment brings."""
    now, said = parts.clock.now(), {"organization_id": organization_id, "branch_id": branch_id, "name": "x"}
    ids = [uuid4() for _device in range(count)]
    async with parts.database.control() as session:
        for each in ids:
            pairing = Pairing(id=each, code_hash=each.bytes * 2, device_kind=DeviceKind.TILL, **said)
            pairing.created_at = pairing.expires_at = pairing.used_at = now
            session.add(pairing)
        await session.flush()
        for each in ids:
            key = DeviceKey(id=each, pairing_id=each, public_key=each.bytes * 2, kind=DeviceKind.TILL, **said)
            key.enrolled_at = now
            session.add(key)
    return [parts.tokens.for_device(each, organization_id, branch_id)[0] for each in ids]


async def sales(till: Till, clients: Clients, room: int, pid: int) -> tuple[list[float], float]:
    """Seconds from each push until all of the room have it; and what the server computes from one to the next."""
    seconds, used = [], processor_seconds(pid)
    for _push in range(PUSHES):
        till.order()
        begun = time.monotonic()
        hearing = asyncio.create_task(asyncio.to_thread(clients.ask, news=room))
        assert isinstance(await till.push(), Ack)
        heard = (await hearing)["heard"]
        seconds.append(max(heard) - begun)
        await asyncio.sleep(BETWEEN_SECONDS)
    return seconds[1:], (processor_seconds(pid) - used) / PUSHES  # the first one warms up


def memory_bytes(pid: int) -> int:
    """What a process holds."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * resource.getpagesize()


async def idle(pid: int, postgres: int) -> float:
    """The share of a core that server and PostgreSQL use while nothing happens."""
    used, begun = processor_seconds(pid) + processor_seconds_of_family(postgres), time.monotonic()
    await asyncio.sleep(IDLE_SECONDS)
    later = processor_seconds(pid) + processor_seconds_of_family(postgres)
    return (later - used) / (time.monotonic() - begun)


async def measure(server: EmbeddedServer, folder: Path) -> dict[str, Any]:
    """Fill the server with devices, step by step, and sell."""
    create_database(server.url(), "sockets")
    migrate(server.url("sockets"), server.app_password)
    url = server.url("sockets", APP_ROLE)
    database = Database(create_engine(url, name="benchmark"))
    parts = assemble(read_settings({}, secret=SECRET, data_folder=folder, database_url=url), database=database)
    organization_id = parts.ids.new()
    async with database.control() as session:
        now = parts.clock.now()
        await create_organization(session, organization_id=organization_id, slug="crowd", name="Crowd", now=now)
    house = House(parts, organization_id)
    async with parts.units.work(organization_id, SYSTEM) as work:
        add_house(work, organization_id)
    own = (await house.open("Centro")).branch_id
    others = [(await house.open(f"Local {at}")).branch_id for at in range(BRANCHES)]
    seen: dict[str, Any] = {}
    with serving(url, folder) as (address, pid):
        clients = Clients(address)
        try:
            async with httpx.AsyncClient(base_url=f"http://{address}", timeout=60.0) as http:
                till = await enrol(http, house, own, "Caja")
                near = await enrolled(parts, organization_id, own, ROOM)
                far = []
                for each in others:
                    far += await enrolled(parts, organization_id, each, (ALL - ROOM) // BRANCHES)

                async def opened(tokens: Sequence[str]) -> int:
                    return int((await asyncio.to_thread(clients.ask, open=list(tokens)))["open"])

                await opened(near[:FEW])
                seen["few"] = await sales(till, clients, FEW, pid)
                before = memory_bytes(pid)
                await opened([*near[FEW:], *far[: IDLE - ROOM]])
                await asyncio.sleep(5.0)
                seen["idle"] = await idle(pid, server.pid)
                begun = time.monotonic()
                seen["open"] = await opened(far[IDLE - ROOM :])
                seen["opening"] = (time.monotonic() - begun) / (ALL - IDLE)
                seen["memory"] = (memory_bytes(pid) - before) / (seen["open"] - FEW)
                await asyncio.sleep(3.0)
                seen["room"] = await sales(till, clients, ROOM, pid)
        finally:
            clients.close()
    await database.dispose()
    return seen


def figures() -> list[Figure]:
    """Measure, and hold against the goals."""
    with throwaway_server() as server, tempfile.TemporaryDirectory() as folder:
        seen = asyncio.run(measure(server, Path(folder)))
    (few, few_used), (room, room_used) = (seen["few"], seen["room"])
    few.sort()
    room.sort()
    ratio = room[len(room) // 2] / few[len(few) // 2]
    return [
        Figure(
            f"a sale until all {ROOM} of its room have it, {seen['open']:,} sockets open",
            f"{milliseconds(room)}, {room_used * 1e3:.0f} ms of the server's processor ({load()})",
            f"the same while {FEW} are open: {milliseconds(few)}, {few_used * 1e3:.0f} ms of its processor",
            ratio,
            f"under {MOST_SECONDS * 1e3:.0f} ms in the middle",
            room[len(room) // 2] < MOST_SECONDS,
        ),
        Figure(
            f"{seen['open']:,} sockets",
            f"{seen['memory'] / 1024:.0f} KiB of the server's memory each; {seen['opening'] * 1e3:.1f} ms to open one",
            "none: stated",
            1.0,
            "stated",
            seen["open"] == ALL,
        ),
        Figure(
            f"{IDLE:,} that only wait, and ping",
            f"{100 * seen['idle']:.1f} % of a core, server and PostgreSQL ({load()})",
            "none: nothing else runs",
            seen["idle"],
            f"under {100 * MOST_CORE:.0f} % of a core",
            seen["idle"] < MOST_CORE,
        ),
    ]
