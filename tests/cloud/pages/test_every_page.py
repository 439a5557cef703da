"""What holds for each page that there is, read from the route table, in a real browser: widths, lights, axe-core."""

from __future__ import annotations

import asyncio
import base64
import importlib.util
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar
from litestar.routes import HTTPRoute

from cloud.accounts.guards import COOKIE
from cloud.database.control_records import Account
from cloud.guests.cards import cards_of
from cloud.guests.doors import Doors
from cloud.parts import Parts
from shared.floor.commands import add_space, add_table
from shared.kernel.permissions import SYSTEM, Role
from shared.tenancy.records import Organization
from tests.cloud.live.browser import CHROMIUM, Browser, browser
from tests.cloud.live.sockets import Served

WIDTHS = (320, 360, 1280)
NARROW = 700
LIGHTS = ("light", "dark")
NO_PAGES = ("/api/", "/schema", "/static/", "/g-static/", "/health", "/favicon.ico", "/robots.txt", "/audit/export")
AXE = importlib.util.find_spec("axe_playwright_python")
"""Carries axe-core; nothing else of the package is used, and it is not imported."""
GRAVE = ("serious", "critical")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="needs a Chromium, which is not installed here"),
    pytest.mark.skipif(AXE is None, reason="needs axe-core, which comes with the extra dev"),
]


def pages_of(app: Litestar) -> list[str]:
    """The addresses of pages without parameters."""
    routes = (route for route in app.routes if isinstance(route, HTTPRoute) and "GET" in route.methods)
    plain = (route.path for route in routes if not route.path_parameters)
    return sorted(path for path in plain if not path.startswith(NO_PAGES))


def pages_with_ids(chain: Any) -> list[str]:
    """Addresses of pages about one thing."""
    device = f"/devices/{chain.tills['Centro'].device_id}"
    return [device, f"{device}/revocation", "/devices?q=nothing+is+called+so"]


async def pages_of_guests(chain: Any, parts: Parts) -> list[str]:
    """The menu of a table, its cart, and where a code is typed."""
    organization_id = chain.tenant.organization_id
    branch_id = next(branch.id for branch in (await parts.houses.of(organization_id)).branches)
    doors = Doors(parts.database, parts.units, parts.houses)
    async with parts.units.work(organization_id, SYSTEM, branch_id) as work:
        space = await add_space(work, branch_id, "Terraza")
        await add_table(work, branch_id, space.id, "T9")
    cards = await cards_of(parts.database, doors, SYSTEM, organization_id, branch_id, "")
    return [cards[0].url, f"{cards[0].url}/table", cards[0].typed_url]


@pytest.fixture
async def tab(served: Served, chain: Any, parts: Parts, cookie: Any, tmp_path: Path) -> AsyncIterator[Browser]:
    """A browser in which an administrator of the chain has logged in."""
    async with parts.database.control() as session:
        account = await session.get_one(Account, chain.tenant.accounts[Role.ORGANIZATION_ADMIN])
        account.name = "Rosa Quispe \u05d0\u05d1"
    async with parts.units.work(chain.organization_id, SYSTEM) as work:
        key = {"organization_id": chain.organization_id, "id": chain.organization_id}
        work.add(Organization(**key, name="El Faro de la Bahía", country="PE", currency="PEN"))
    async with browser(tmp_path / "profile") as tab:
        held = await cookie(chain.tenant, Role.ORGANIZATION_ADMIN)
        token = held["cookie"].partition("=")[2]
        await tab.call("Network.enable")
        await tab.call("Network.setCookie", name=COOKIE, value=token, url=f"http://{served.address}", httpOnly=True)
        yield tab


async def opened(tab: Browser, url: str) -> None:
    """Open a page whole."""
    await tab.open("about:blank")
    await tab.until("location.href === 'about:blank'")
    await tab.open(url)
    await tab.until("document.readyState === 'complete' && document.querySelector('main') !== null")


async def resized(tab: Browser, width: int, light: str) -> None:
    """Show the page in a window of that width, by a system of that light."""
    size = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < NARROW}
    await tab.call("Emulation.setDeviceMetricsOverride", **size)
    await tab.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": light}])


async def picture(tab: Browser, file: Path) -> None:
    """Keep how the whole page looks."""
    taken = await tab.call("Page.captureScreenshot", captureBeyondViewport=True)
    await asyncio.to_thread(_kept, file, base64.b64decode(taken["data"]))


def _kept(file: Path, content: bytes) -> None:
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(content)


async def test_every_page_fits_every_width_in_both_lights_and_axe_finds_nothing_grave(
    served: Served, app: Litestar, tab: Browser, chain: Any, parts: Parts, tmp_path: Path
) -> None:
    """Slow: a real browser opens each page, and shows it at three widths in two lights."""
    wrong: list[tuple[str, str, object]] = []
    for path in [*pages_of(app), *pages_with_ids(chain), *await pages_of_guests(chain, parts)]:
        await opened(tab, f"http://{served.address}{path}")
        for light in LIGHTS:
            for width in WIDTHS:
                await resized(tab, width, light)
                name = f"{path.strip('/').replace('/', '-') or 'home'}-{width}-{light}"
                await picture(tab, tmp_path / "looks" / f"{name}.png")
                if await tab.value("document.documentElement.scrollWidth > innerWidth"):
                    wrong.append((path, light, f"wider than {width}"))
            wrong += [(path, light, found) for found in await grave(tab)]
    assert wrong == []


async def test_codes_of_devices_fit_every_width(served: Served, tab: Browser, tmp_path: Path) -> None:
    """Slow: a real browser fills in the form for new devices, first wrongly."""
    wrong: list[tuple[str, int, object]] = []
    await opened(tab, f"http://{served.address}/devices/new?branch=centro")
    for name, typed in (("wrong", ""), ("codes", "Caja 1\\nBarra\\nCocina caliente y fría")):
        await tab.value(f"document.getElementById('names').value = '{typed}'")
        await tab.value("document.querySelector('main form').submit()")
        await tab.until("document.querySelector('.notice') !== null && document.readyState === 'complete'")
        for width in WIDTHS:
            await resized(tab, width, "light")
            await picture(tab, tmp_path / "looks" / f"{name}-{width}.png")
            if await tab.value("document.documentElement.scrollWidth > innerWidth"):
                wrong.append((name, width, "wider than the window"))
            wrong += [(name, width, found) for found in await grave(tab)]
    assert wrong == []
    assert await tab.value("document.querySelectorAll('.code').length") == 3


async def test_the_way_in_of_a_super_admin_fits_every_width(
    served: Served, tab: Browser, chain: Any, cookie: Any, tmp_path: Path
) -> None:
    """Slow: a real browser chooses a restaurant, gives a reason, and reads on a page that it is visiting."""
    token = (await cookie(chain.tenant, Role.SUPER_ADMIN))["cookie"].partition("=")[2]
    await tab.call("Network.setCookie", name=COOKIE, value=token, url=f"http://{served.address}", httpOnly=True)
    wrong: list[tuple[str, int, object]] = []
    await opened(tab, f"http://{served.address}/organization")
    for name, onward in (
        ("choose", "document.querySelector('main a.button').click()"),
        ("why", "document.querySelector('main form').submit()"),
        ("nothing", "reason.value = 'Solicitud 4711: los totales no cuadran'; reason.form.submit()"),
        ("inside", ""),
    ):
        await tab.until("document.readyState === 'complete' && document.querySelector('main') !== null")
        for width in WIDTHS:
            await resized(tab, width, "light")
            await picture(tab, tmp_path / "looks" / f"visit-{name}-{width}.png")
            if await tab.value("document.documentElement.scrollWidth > innerWidth"):
                wrong.append((name, width, "wider than the window"))
            wrong += [(name, width, found) for found in await grave(tab)]
        here = await tab.value("location.href + document.title + document.querySelectorAll('.error').length")
        if onward:
            await tab.value(onward)
            await tab.until(
                "location.href + document.title + document.querySelectorAll('.error').length !== " + json.dumps(here)
            )
    assert wrong == []
    assert await tab.value("document.querySelector('.visit') !== null")


async def test_menus_fit_every_width(served: Served, tab: Browser, tmp_path: Path) -> None:
    """Slow: a real browser starts."""
    wrong: list[tuple[str, int, object]] = []
    await opened(tab, f"http://{served.address}/reports/sales")
    for width in WIDTHS:
        await resized(tab, width, "light")
        for menu in ("navigation", "places", "account"):
            opener = f"document.querySelector('[popovertarget={menu}]')"
            if not await tab.value(f"{opener}.checkVisibility()"):
                assert await tab.value(f"document.getElementById('{menu}').checkVisibility()"), "it is open by itself"
                continue
            await tab.value(f"{opener}.click()")
            await picture(tab, tmp_path / "looks" / f"{menu}-{width}.png")
            box = f"document.getElementById('{menu}').getBoundingClientRect()"
            if not await tab.value(f"{box}.width > 100 && {box}.left >= 0 && {box}.right <= innerWidth"):
                wrong.append((menu, width, "beyond the window"))
            wrong += [(menu, width, found) for found in await grave(tab)]
            await tab.value(f"document.getElementById('{menu}').hidePopover()")
    assert wrong == []


async def grave(tab: Browser) -> list[str]:
    """What axe-core finds on the page that is shown, of what keeps people out."""
    assert AXE is not None
    assert AXE.origin is not None
    await tab.value(Path(AXE.origin).with_name("axe.min.js").read_text(encoding="utf-8"))
    found = await tab.value(
        "axe.run().then(({violations}) => JSON.stringify(violations.map("
        "({id, impact, nodes}) => [id, impact, nodes.map(({html}) => html.slice(0, 160))])))"
    )
    return [f"{rule}: {nodes}" for rule, impact, nodes in json.loads(found) if impact in GRAVE]
