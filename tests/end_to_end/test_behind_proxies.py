"""Two servers and a worker behind a real nginx and a real HAProxy, with their own ways to pass a request on.

Slow because eight programs run. Where a proxy is not installed, its tests say so.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import re
import shutil
import signal
import socket
import ssl
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec.structs import replace

from cloud.database.embedded import throwaway_server
from cloud.database.roles import create_database
from cloud.enrolment.commands import BY_ADDRESS
from sync.messages import Ack, AnyMessage, Mark, Pull, Push, Suffixes, signed_bytes
from terminal.syncing.link import CloudLink, LinkError
from terminal.syncing.live import LiveCarrier
from tests.cloud.enrolment.devices import asked_with
from tests.cloud.replication.house import Hand, end_of, order
from tests.end_to_end.cloud_programs import WAIT_SECONDS, Cloud, Program, cloud
from tests.faults.web import self_signed

PROXIES = Path(__file__).parents[2] / "packaging" / "proxies"
PASSWORD = "four walls and a roof"
EMAIL = "ana@el-faro.pe"
PLAIN_NGINX = """
upstream comanda { server 127.0.0.1:8701; server 127.0.0.1:8702; }
server {
    listen 443 ssl;
    ssl_certificate /etc/comanda/certificate.pem;
    ssl_certificate_key /etc/comanda/key.pem;
    location / { proxy_pass http://comanda; }
}
"""
"""As people write it: nginx passes on its own `Host`, and nothing of who calls."""
NGINX = """
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/nginx.log;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxied;
    fastcgi_temp_path {folder}/f;
    uwsgi_temp_path {folder}/u;
    scgi_temp_path {folder}/s;
    {site}
}}
"""
KINDS = ("nginx as it comes", "nginx", "haproxy")

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("proxies")]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@dataclass
class Site:
    """What runs behind the proxy, and where browsers find it.

    Attributes:
        ports: of the two servers.
        founded: what `create-organization` told.
    """

    folder: Path
    programs: Cloud
    port: int
    ports: list[int]
    founded: dict[str, Any]
    servers: list[Program] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"https://localhost:{self.port}"

    @property
    def authority(self) -> str:
        return str(self.folder / "certificate.pem")

    def code(self, name: str) -> str:
        """A pairing code for a till."""
        said = self.programs.run(
            *("create-pairing-code", name, "--organization", self.founded["slug"]),
            *("--branch", str(self.branch_id), "--kind", "till"),
        )
        found = re.search(r"(\w{4}-){2}\w{4}", said)
        assert found is not None, said
        return found[0]

    @property
    def branch_id(self) -> UUID:
        return UUID(self.founded["branches"]["main"]["id"])

    def begin_servers(self) -> None:
        """Begin the servers that do not run."""
        for number, port in enumerate(self.ports):
            if number == len(self.servers):
                self.servers.append(self._serve(port))
            elif self.servers[number].process.poll() is not None:
                self.servers[number] = self._serve(port)
        for server in self.servers:
            server.wait_for("Listening on")

    def _serve(self, port: int) -> Program:
        return self.programs.begin("serve", "--port", str(port))


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    folder = Path(tempfile.mkdtemp(prefix="comanda-test-"))
    folder.chmod(0o755)
    port = free_port()
    with throwaway_server() as server:
        create_database(server.url(), "comanda")
        settings = {
            "environment": "production",
            "database_url": server.url("comanda", "comanda_app"),
            "database_owner_url": server.url("comanda"),
            "secret": "the-secret-of-the-server-" * 2,
            "public_url": f"https://localhost:{port}",
            "trusted_proxies": "127.0.0.1/32",
        }
        with cloud(folder, **settings) as programs:
            programs.run("migrate")
            words = ("create-organization", "El Faro", "--country", "PE", "--currency", "PEN", "--zone", "America/Lima")
            founded = json.loads(programs.run(*words, "--json"))
            role = ("--role", "organization_admin", "--organization", founded["slug"])
            programs.run("create-account", EMAIL, "--name", "Ana", *role, given=PASSWORD)
            _context, certificate = self_signed(folder)
            with certificate.open("ab") as both:  # as HAProxy wants it
                both.write((folder / "key.pem").read_bytes())
            site = Site(folder, programs, port, [free_port(), free_port()], founded)
            site.begin_servers()
            programs.begin("worker").wait_for("Working")
            yield site
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=KINDS)
def behind(request: pytest.FixtureRequest, site: Site) -> Iterator[Site]:
    """The site behind one proxy, on the public address."""
    name = request.param.partition(" ")[0]
    path = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if path is None:
        pytest.skip(f"{name} is not installed: its way to pass requests on is not tried here")
    site.begin_servers()
    proxy = Program([path, *_configured(request.param, site)], site.folder / "proxy.log")
    try:
        _wait_for(site, proxy)
        yield site
    finally:
        proxy.end()


def _configured(kind: str, site: Site) -> list[str]:
    if kind == "haproxy":
        config, words = (PROXIES / "haproxy.cfg").read_text(), ["-f"]
        config = config.replace("bind :443", f"bind 127.0.0.1:{site.port}")
    else:
        config = PLAIN_NGINX if kind != "nginx" else (PROXIES / "nginx.conf").read_text()
        config = config.replace("listen 443", f"listen 127.0.0.1:{site.port}")
        config, words = NGINX.format(folder=site.folder, site=config), ["-c"]
    config = config.replace("listen 80;", f"listen 127.0.0.1:{free_port()};")
    config = config.replace("bind :80\n", f"bind 127.0.0.1:{free_port()}\n")
    for here, there in (
        (":8701", f":{site.ports[0]}"),
        (":8702", f":{site.ports[1]}"),
        ("/etc/comanda", str(site.folder)),
    ):
        assert here in config
        config = config.replace(here, there)
    path = site.folder / "proxy.conf"
    path.write_text(config)
    return [*words, str(path)]


def _wait_for(site: Site, proxy: Program) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while True:
        try:
            if httpx.get(f"{site.url}/health", verify=_trusting(site)).status_code == 200:
                return
        except httpx.TransportError:
            assert proxy.process.poll() is None, proxy.said
        assert time.monotonic() < deadline, proxy.said
        time.sleep(0.1)


def _trusting(site: Site) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=site.authority)


@asynccontextmanager
async def browser(site: Site, address: str = "127.0.0.1") -> AsyncIterator[httpx.AsyncClient]:
    """Somebody's browser, which calls from an address of this machine."""
    transport = httpx.AsyncHTTPTransport(verify=_trusting(site), local_address=address)
    async with httpx.AsyncClient(transport=transport, base_url=site.url) as client:
        client.headers.update({"accept": "text/html", "accept-language": "en", "origin": site.url})
        yield client


@dataclass
class Device:
    """A till that was enrolled through the proxy."""

    carrier: LiveCarrier
    hand: Hand
    key: Ed25519PrivateKey

    def order(self) -> Push:
        self.hand.say(order(uuid4(), self.hand.branch_id))
        frame = self.hand.take()
        return Push(replace(frame, signature=self.key.sign(signed_bytes(frame.key.id, frame.last, end_of(frame)))))

    async def told(self, message: AnyMessage) -> AnyMessage:
        """Send a message as a device does, until it is answered: a server that is gone is nobody's loss."""
        deadline = time.monotonic() + WAIT_SECONDS
        while True:
            try:
                return await self.carrier.exchange(message)
            except LinkError:
                assert time.monotonic() < deadline
                await asyncio.sleep(0.2)


@asynccontextmanager
async def enrolled(site: Site, name: str) -> AsyncIterator[Device]:
    code, key = site.code(name), Ed25519PrivateKey.generate()
    door = CloudLink(site.url, authority=site.authority)
    try:
        known = await door.enrol(code, "till", name, key)
    finally:
        await door.close()
    carrier = LiveCarrier(CloudLink(site.url, known.device_id, key, site.authority), random.random)
    try:
        yield Device(carrier, Hand(known.organization_id, known.branch_id, known.device_id), key)
    finally:
        await carrier.close()


async def test_people_and_devices_work_behind_a_proxy_also_when_a_server_dies(behind: Site, request: Any) -> None:
    async with browser(behind) as person, enrolled(behind, "Caja 1") as till, enrolled(behind, "Caja 2") as other:
        await _log_in(person)
        assert (await person.get("/reports/sales")).status_code == 200
        assert isinstance(await till.told(till.order()), Ack)
        held = await _caught_up(other)
        news = asyncio.create_task(_news(other, held, till.hand))
        await _until(lambda: _waits(other, request))
        sold = till.order()
        assert isinstance(await till.told(sold), Ack)
        held = await asyncio.wait_for(news, WAIT_SECONDS)
        is_live = "as it comes" not in request.node.callspec.id
        assert other.carrier.socket.is_open == is_live, "as it comes nginx lets no socket through: HTTP carries it"

        behind.servers[0].process.send_signal(signal.SIGKILL)
        behind.servers[0].process.wait()
        for _ in range(4):
            assert isinstance(await till.told(till.order()), Ack)
            assert (await person.get("/reports/sales")).status_code in {200, 502}
        await asyncio.wait_for(_news(other, held, till.hand), WAIT_SECONDS)
        await _until(lambda: _is_well(person))
        assert (await person.get("/reports/sales")).status_code == 200, "the session holds on the other server"


async def _log_in(person: httpx.AsyncClient) -> None:
    assert "password" in (await person.get("/login")).text
    entered = await person.post("/login", data={"email": EMAIL, "password": PASSWORD})
    assert entered.status_code == 303, entered.text
    cookie = entered.headers["set-cookie"]
    assert cookie.startswith("__Host-comanda_session=")
    assert "Secure" in cookie


async def _caught_up(device: Device) -> list[Mark]:
    """What a new device pulls, up to the end."""
    held: list[Mark] = []
    while True:
        answer = await device.told(Pull(held))
        assert isinstance(answer, Suffixes)
        if not answer.frames:
            return held
        held = _after(held, answer)


async def _news(device: Device, held: list[Mark], author: Hand) -> list[Mark]:
    """Wait for news of an author as a device does: it asks again when there is none, or the socket is refused.

    Returns what it holds then.
    """
    while True:
        answer = await device.told(Pull(held, 20_000))
        assert isinstance(answer, Suffixes)
        held = _after(held, answer)
        if author.key in {frame.key for frame in answer.frames}:
            return held


def _after(held: list[Mark], answer: Suffixes) -> list[Mark]:
    marks = {mark.stream: mark for mark in held}
    for frame in answer.frames:
        marks[frame.key.id.bytes] = Mark(frame.key.id.bytes, frame.last, end_of(frame))
    return list(marks.values())


async def _waits(device: Device, request: Any) -> bool:
    await asyncio.sleep(0.5)
    return device.carrier.socket.is_open or "as it comes" in request.node.callspec.id


async def _is_well(person: httpx.AsyncClient) -> bool:
    return (await person.get("/health")).status_code == 200


async def _until(holds: Callable[[], Awaitable[bool]]) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while not await holds():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.1)


async def test_callers_are_told_apart_by_their_own_addresses(behind: Site, request: Any) -> None:
    if "as it comes" in request.node.callspec.id:
        pytest.skip("as it comes nginx does not say who calls")
    last = KINDS.index(request.node.callspec.params["behind"])
    guesser, neighbour = f"127.0.{last}.2", f"127.0.{last}.3"
    async with browser(behind, guesser) as first, browser(behind, neighbour) as second:
        for number in range(BY_ADDRESS.tries):
            assert (await _guess(first, {"x-forwarded-for": f"203.0.113.{number}"})) == "PAIRING_CODE_UNKNOWN"
        assert await _guess(first) == "TOO_MANY_TRIES", "what a caller says of its own address counts for nothing"
        assert await _guess(first, {"x-forwarded-for": "203.0.113.99"}) == "TOO_MANY_TRIES"
        assert await _guess(second) == "PAIRING_CODE_UNKNOWN", "nobody else pays for it"


async def _guess(client: httpx.AsyncClient, headers: dict[str, str] | None = None) -> str:
    asked = {**asked_with(Ed25519PrivateKey.generate(), "AAAA-AAAA-AAAA"), "kind": "till", "name": ""}
    answer = await client.post("/api/v1/devices/enroll", json=asked, headers=headers)
    return str(answer.json()["code"])
