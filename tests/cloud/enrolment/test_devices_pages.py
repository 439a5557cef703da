"""The pages of devices: the list and what it costs, enrolling several at once, naming, revoking; only one's own."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest
import sqlalchemy as sa
import zxingcpp
from litestar import Litestar
from litestar.testing import AsyncTestClient
from PIL import Image, ImageDraw

from cloud.accounts import sessions, standings
from cloud.accounts.guards import COOKIE
from cloud.accounts.identity import EnrolledDevice
from cloud.control.audit import Doer
from cloud.database.control_records import Pairing, Tier
from cloud.lookups import lookups
from cloud.parts import Parts
from cloud.tenants.room import tenants
from shared.kernel.permissions import SYSTEM, Role
from shared.kernel.records import SCHEMA_EPOCH
from shared.tenancy.records import Branch, Device, DeviceKind
from sync.messages import PROTOCOL_VERSION, Health, Hello, PrinterReport, Welcome
from tests.cloud.enrolment.devices import enrolled
from tests.cloud.page_tree import Tree

Client = AsyncTestClient[Litestar]
CODE = re.compile(r"[A-Z0-9]{4}-[A-Z0-9]{4}-[A-Z0-9]{4}")
PIXELS = 4


@pytest.fixture
async def manager(client: Client, tenant: Any, cookie: Any) -> Client:
    """The browser of the manager of the tenant's one branch."""
    client.headers["origin"] = "http://testserver.local"
    client.cookies.set(COOKIE, (await cookie(tenant, Role.BRANCH_MANAGER))["cookie"].partition("=")[2])
    return client


def names(page: Tree) -> list[str]:
    """The names in the list, from the links to devices."""
    return [text for text in page.words if text.startswith("Caja ")]


async def many_devices(parts: Parts, tenant: Any, count: int) -> None:
    async with parts.units.work(tenant.organization_id, SYSTEM, tenant.branch_id) as work:
        for number in range(count):
            work.add(
                Device(
                    organization_id=tenant.organization_id,
                    id=parts.ids.new(),
                    branch_id=tenant.branch_id,
                    name=f"Caja {number:03}",
                    kind=DeviceKind.TILL,
                    letter="A",
                )
            )


async def test_a_list_of_many_is_read_part_by_part_in_the_order_that_was_asked_for(
    manager: Client, parts: Parts, tenant: Any
) -> None:
    await many_devices(parts, tenant, 120)
    for sort, wanted in (("", range(120)), ("-name", range(119, -1, -1)), ("-contact", range(119, -1, -1))):
        found, address = [], f"/devices?sort={sort}"
        while address:
            page = Tree((await manager.get(address)).text)
            found += names(page)
            address = next((tag["href"] or "" for _, tag in page.tags if tag.get("rel") == "next"), "")
        if sort == "-contact":
            assert sorted(found, reverse=True) == [f"Caja {number:03}" for number in wanted]
        else:
            assert found == [f"Caja {number:03}" for number in wanted]
    sorted_by = {tag["aria-sort"] for _, tag in page.tags if "aria-sort" in tag}
    assert sorted_by == {"descending"}


async def test_what_the_list_costs_does_not_grow_with_its_rows(
    manager: Client,
    parts: Parts,
    tenant: Any,
    counting: Callable[..., AbstractContextManager[Any]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for module in (sessions, standings, lookups):  # who asks, and their house, are known: a busy machine is slow
        monkeypatch.setattr(module, "UNLINKED_SECONDS", 3_600.0)
    counted = []
    for more in (1, 60):
        await many_devices(parts, tenant, more)
        await manager.get("/devices")
        with counting(parts.database.reader) as statements:
            assert (await manager.get("/devices")).status_code == 200
        counted.append(statements.count)
    assert counted[0] == counted[1] <= 6


async def test_the_filter_and_a_wrong_one(manager: Client, parts: Parts, tenant: Any) -> None:
    await enrolled(parts, tenant, DeviceKind.TILL, "Caja 1")
    await enrolled(parts, tenant, DeviceKind.KITCHEN, "Parrilla", address="192.0.2.2")
    assert "Parrilla" not in Tree((await manager.get("/devices?q=caja")).text).text
    kitchen = Tree((await manager.get("/devices?kind=kitchen")).text)
    assert "Parrilla" in kitchen.text
    assert names(kitchen) == []
    assert "No device with this filter" in Tree((await manager.get("/devices?q=%25")).text).text
    never = base64.urlsafe_b64encode(f"{uuid4()}\n0001-01-01T00:00:00+14:00".encode()).decode()
    naive = base64.urlsafe_b64encode(f"{uuid4()}\n2026-01-01T00:00:00".encode()).decode()
    beyond = (f"sort=contact&after={never}", f"sort=contact&after={naive}")
    for wrong in ("branch=quito", "after=x", "after=AAAA", *beyond):
        page = await manager.get(f"/devices?{wrong}")
        assert page.status_code == 400
        assert names(Tree(page.text)) == ["Caja 1"]


async def test_eight_devices_get_codes_at_once_and_each_can_be_typed_or_scanned(
    manager: Client, parts: Parts, tenant: Any
) -> None:
    wanted = [f"Caja {number}" for number in range(1, 9)]
    answer = await manager.post("/devices/new", data={"kind": "till", "names": "\n".join(wanted)})
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    codes = re.findall(rf"enroll http://testserver.local ({CODE.pattern}) ", f"{Tree(answer.text).text} ")
    assert len(set(codes)) == 8
    assert scanned(answer.text) == codes
    waiting = Tree((await manager.get("/devices")).text)
    assert names(waiting) == wanted
    assert not set(CODE.findall(waiting.text))


def scanned(html: str) -> list[str]:
    """What a scanner reads from the codes of a page."""
    texts = []
    for size, path in re.findall(r'viewBox="0 0 (\d+) \d+".*?<path d="([^"]+)"', html, re.DOTALL):
        image = Image.new("L", (int(size) * PIXELS, int(size) * PIXELS), 255)
        for x, y in re.findall(r"M(\d+) (\d+)h1v1h-1z", path):
            left, top = int(x) * PIXELS, int(y) * PIXELS
            ImageDraw.Draw(image).rectangle((left, top, left + PIXELS - 1, top + PIXELS - 1), 0)
        texts += [found.text for found in zxingcpp.read_barcodes(image)]
    return texts


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"kind": "till", "names": " \n "}, "Give a name."),
        ({"kind": "till", "names": "\n".join("123456789")}, "Up to 8 at once; these are 9."),
        ({"kind": "cloud", "names": "Caja 1"}, "Choose what the devices are for."),
        ({"kind": "till", "names": "Caja 1", "branch": "quito"}, "There is no such branch here."),
    ],
    ids=["no name", "too many", "no kind", "no branch"],
)
async def test_what_is_wrong_stands_beside_its_field_and_what_was_typed_stays(
    manager: Client, parts: Parts, tenant: Any, given: dict[str, str], sentence: str
) -> None:
    async with parts.units.work(tenant.organization_id, SYSTEM) as work:
        key = {"organization_id": tenant.organization_id, "id": parts.ids.new()}
        work.add(Branch(**key, name="Playa", zone="America/Lima"))
    answer = await manager.post("/devices/new", data=given)
    assert answer.status_code == 400
    page = Tree(answer.text)
    wrong = [tag for _, tag in page.tags if tag.get("aria-invalid") == "true"]
    assert [(tag["aria-describedby"] or "").split()[-1] for tag in wrong] == [f"{tag['id']}-error" for tag in wrong]
    assert sentence in page.text
    assert given["names"].strip() in answer.text


async def test_a_device_is_named_anew_and_its_row_says_so_to_all(manager: Client, parts: Parts, tenant: Any) -> None:
    device, _key = await enrolled(parts, tenant, DeviceKind.TILL, "Caja 1")
    path = f"/devices/{device.device_id}"
    empty = await manager.post(path, data={"name": "  "})
    assert empty.status_code == 400
    renamed = await manager.post(path, data={"name": "Caja <b>sur</b>"})
    assert renamed.url.path == path
    assert "Caja <b>sur</b>" in Tree(renamed.text).text
    async with parts.database.read(tenant.organization_id) as read:
        row = await read.get(Device, (tenant.organization_id, device.device_id))
        assert row is not None
        assert row.name == "Caja <b>sur</b>"


async def test_revoking_asks_first_and_then_says_what_was_done(manager: Client, parts: Parts, tenant: Any) -> None:
    device, _key = await enrolled(parts, tenant, DeviceKind.TILL, "Caja 1")
    path = f"/devices/{device.device_id}/revocation"
    asked = Tree((await manager.get(path)).text)
    assert "Revoke Caja 1?" in asked.text
    done = await manager.post(path)
    assert (done.url.path, parse_qs(urlsplit(str(done.url)).query)) == (
        "/devices",
        {"revoked": [str(device.device_id)]},
    )
    assert "Caja 1 is revoked." in Tree(done.text).text
    assert "✕ revoked a moment ago" in Tree((await manager.get("/devices?state=revoked")).text).text
    assert (await manager.get(path)).status_code == 404


async def test_no_link_makes_the_page_say_what_it_likes(manager: Client, parts: Parts, tenant: Any) -> None:
    device, _key = await enrolled(parts, tenant, DeviceKind.TILL, "Caja 1")
    for said in ("Call 555 0100 now", str(device.device_id), str(uuid4()), "%00"):
        page = await manager.get("/devices", params={"revoked": said})
        said_there = Tree(page.text).text
        assert ("is revoked." in said_there, "555" in said_there) == (False, False), said


async def test_where_the_plan_is_full_what_was_typed_stays(manager: Client, parts: Parts, tenant: Any) -> None:
    await tenants(parts).set_plan(Doer("root", "command", may_all=True), tenant.organization_id, Tier.FREE)
    typed = "\n".join(f"Caja {number}" for number in range(1, 5))
    answer = await manager.post("/devices/new", data={"kind": "waiter", "names": typed})
    assert (answer.status_code, "3 devices" in answer.text, typed in answer.text) == (403, True, True)
    assert '<option value="waiter" selected>' in answer.text
    async with parts.database.control() as session:
        assert (
            await session.scalar(sa.select(sa.func.count()).where(Pairing.organization_id == tenant.organization_id))
            == 0
        ), "all or none"


async def test_of_many_branches_one_is_found_by_what_is_typed(
    client: Client, parts: Parts, tenant: Any, cookie: Any
) -> None:
    async with parts.units.work(tenant.organization_id, SYSTEM) as work:
        for number in range(100):
            key = {"organization_id": tenant.organization_id, "id": parts.ids.new()}
            work.add(Branch(**key, name="Gemela" if number < 2 else f"Sucursal {number}", zone="America/Lima"))
    client.headers["origin"] = "http://testserver.local"
    client.cookies.set(COOKIE, (await cookie(tenant))["cookie"].partition("=")[2])
    page = await client.get("/devices/new")
    assert ('<input id="branch" name="branch" type="text"' in page.text, '<select id="branch' in page.text) == (
        True,
        False,
    )
    assert '<option value="Sucursal 77">sucursal-77</option>' in page.text
    twins = re.findall(r'<option value="([^"]+)">Gemela</option>', page.text)
    assert len(twins) == 2, "who shares a name is told apart by the id"
    for typed in ("sucursal 77", "Sucursal 77", "sucursal-77", twins[0]):
        given = await client.post("/devices/new", data={"kind": "till", "names": "Caja", "branch": typed})
        assert ("comanda enroll" in given.text, given.status_code) == (True, 200), typed
    wrong = await client.post("/devices/new", data={"kind": "till", "names": "Caja", "branch": "Gemela"})
    assert (wrong.status_code, 'value="Gemela"' in wrong.text) == (400, True)
    device, _key = await enrolled(parts, tenant, DeviceKind.TILL)
    path = f"/devices/{device.device_id}/moving"
    astray = await client.post(path, data={"branch": "Sucursal 777"})
    assert (astray.status_code, 'value="Sucursal 777"' in astray.text) == (404, True)
    assert "comanda move" in (await client.post(path, data={"branch": "sucursal 78"})).text


async def test_another_branch_and_another_house_are_as_if_they_were_not(
    manager: Client, parts: Parts, tenant: Any, new_tenant: Callable[[str], Any]
) -> None:
    other = await new_tenant("la-rosa")
    foreign, _key = await enrolled(parts, other, DeviceKind.TILL, "Caja ajena")
    for path in (f"/devices/{foreign.device_id}", f"/devices/{foreign.device_id}/revocation"):
        for answer in (await manager.get(path), await manager.post(path, data={"name": "Mía"})):
            assert answer.status_code == 404
            assert "ajena" not in answer.text
    assert "ajena" not in (await manager.get("/devices")).text


async def test_a_waiter_has_no_devices(client: Client, tenant: Any, cookie: Any) -> None:
    client.cookies.set(COOKIE, (await cookie(tenant, Role.WAITER))["cookie"].partition("=")[2])
    for path in ("/devices", "/devices/new"):
        assert (await client.get(path)).status_code == 403


async def test_what_a_device_says_of_itself_stands_on_its_page_and_trouble_in_the_list(
    manager: Client, parts: Parts, tenant: Any, clock: Any
) -> None:
    device, _key = await enrolled(parts, tenant, DeviceKind.TILL, "Caja 1")
    known = EnrolledDevice(device.device_id, device.organization_id, device.branch_id)
    now_ms = clock.milliseconds()
    printers = [PrinterReport("Barra", 3, "PAPER_OUT"), PrinterReport("Cocina", 1), PrinterReport("<i>", 1, "<b>")]
    health = Health("1.2.3", 12, now_ms - 3_600_000, 300, printers)
    said = Hello(PROTOCOL_VERSION, SCHEMA_EPOCH, [], now_ms + 600_000, health)
    assert isinstance(await parts.responder.reply(known, said), Welcome)
    listed = Tree((await manager.get("/devices")).text).text
    for trouble in (
        "12 changes not sent, 1 h ago",
        "its clock is 10 min fast",
        "only 0.3 GB left on its disk",
        "Barra: no paper, 3 waiting",
        "<i>: <b>, 1 waiting",
    ):
        assert trouble in listed
    assert "Cocina:" not in listed
    page = Tree((await manager.get(f"/devices/{device.device_id}")).text).text
    assert "Version 1.2.3" in page
    clock.advance(timedelta(minutes=1))
    well = Hello(PROTOCOL_VERSION, SCHEMA_EPOCH, [], clock.milliseconds(), Health("1.2.4", disk_free_mb=90_000))
    await parts.responder.reply(known, well)
    page = Tree((await manager.get(f"/devices/{device.device_id}")).text).text
    for figure in ("Version 1.2.4", "Nothing waits", "Clock Right", "90.0 GB", "No printer holds paper back"):
        assert figure in page


@pytest.mark.parametrize("oldest_ms", [1, (1 << 63) - 1])
async def test_what_no_device_would_say_harms_nobody(
    manager: Client, parts: Parts, tenant: Any, oldest_ms: int
) -> None:
    device, _key = await enrolled(parts, tenant, DeviceKind.TILL, "Caja 1")
    known = EnrolledDevice(device.device_id, device.organization_id, device.branch_id)
    health = Health("\x00\u202e", (1 << 63) - 1, oldest_ms, 1 << 62, [PrinterReport("\x00", (1 << 63) - 1, "\x00")])
    said = Hello(PROTOCOL_VERSION, SCHEMA_EPOCH, [], (1 << 63) - 1, health)
    assert isinstance(await parts.responder.reply(known, said), Welcome)
    for path in ("/devices", f"/devices/{device.device_id}"):
        assert (await manager.get(path)).status_code == 200


async def test_a_device_that_says_hello_at_every_push_costs_a_row_a_minute(
    parts: Parts, tenant: Any, clock: Any, counting: Callable[..., AbstractContextManager[Any]]
) -> None:
    device, _key = await enrolled(parts, tenant, DeviceKind.TILL, "Caja 1")
    known = EnrolledDevice(device.device_id, device.organization_id, device.branch_id)
    with counting(parts.database.writer) as statements:
        for waiting in range(30):
            said = Hello(PROTOCOL_VERSION, SCHEMA_EPOCH, [], clock.milliseconds(), Health("1", waiting))
            await parts.responder.reply(known, said)
            clock.advance(timedelta(seconds=10))
    kept = [each for each in statements.seen if "device_health" in each]
    assert len(kept) == 2  # with nothing to send, a minute later with something, and not again within five
