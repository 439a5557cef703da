"""A branch whose guests order by phone, and phones that read its pages as a browser without script does."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from html import unescape
from typing import Any
from uuid import UUID

import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient

from cloud.parts import Parts
from shared.guests.accepting import accept, refuse
from shared.guests.codes_of_tables import codes_of_tables, issue_code
from shared.guests.queries import waiting_for_staff
from shared.guests.settings import set_taking
from shared.kernel.permissions import SYSTEM
from shared.kitchen.commands import add_station
from shared.menu.records import Item
from tests.cloud.orders.conftest import Shop, new_shop, shop

__all__ = ["new_shop", "shop"]


@dataclass
class Branch:
    """The branch, with a door and a code for its table, and a device that is in contact."""

    shop: Shop
    parts: Parts
    door: str
    code: str

    @property
    def path(self) -> str:
        return f"/g/{self.door}/{self.code}"

    def work(self) -> Any:
        return self.parts.units.work(self.shop.tenant.organization_id, SYSTEM, self.shop.tenant.branch_id)

    async def takes(self, **said: Any) -> None:
        async with self.work() as work:
            await set_taking(work, **said)

    async def waiting(self) -> list[Any]:
        async with self.parts.database.read(self.shop.tenant.organization_id) as read:
            whose = self.shop.tenant.organization_id, self.shop.tenant.branch_id
            return await waiting_for_staff(read, *whose, self.parts.clock.now(), self.parts.wrapping)

    async def accept(self) -> UUID:
        """Staff accept what waits, one after the other. Returns the table's order."""
        found = await self.waiting()
        for each in found:
            async with self.work() as work:
                await accept(work, each.id)
        order_id: UUID = found[0].order_id
        return order_id

    async def refuse(self, reason: str) -> None:
        found = await self.waiting()
        async with self.work() as work:
            for each in found:
                await refuse(work, each.id, reason)


@dataclass
class Phone:
    """A browser without script."""

    client: AsyncTestClient[Litestar]
    branch: Branch
    cookies: dict[str, str] = field(default_factory=dict)
    language: str = "es"

    async def get(self, path: str = "", **headers: str) -> Any:
        return self._kept(await self.client.get(self.branch.path + path, headers=self._headers() | headers))

    async def post(self, path: str, **form: Any) -> Any:
        headers = self._headers() | {"origin": "http://testserver.local", "host": "testserver.local"}
        answer = await self.client.post(self.branch.path + path, data=form, headers=headers, follow_redirects=False)
        return self._kept(answer)

    async def table(self) -> str:
        """The page of the table, as text with its marks."""
        answer = await self.get("/table")
        assert answer.status_code == 200, answer.text
        return unescape(answer.text)

    async def put(self, dish: str, *modifiers: str, pieces: int = 1, notes: str = "") -> Any:
        shop = self.branch.shop
        form: dict[str, Any] = {"item": str(shop.items[dish]), "pieces": str(pieces), "notes": notes}
        for at, name in enumerate(modifiers):
            form[f"m-{at}"] = str(shop.modifiers[name])
        answer = await self.post("/add", **form)
        assert answer.status_code == 303, answer.text
        return answer

    async def order(self, name: str = "") -> Any:
        """Press the button of the page that is read now."""
        shown = re.findall(r'name="(line-[0-9a-f-]{36})" value="(\d+)"', await self.table())
        return await self.post("/order", name=name, **dict(shown))

    def _headers(self) -> dict[str, str]:
        said = {"accept": "text/html", "accept-language": self.language}
        if self.cookies:
            said["cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return said

    def _kept(self, answer: Any) -> Any:
        for raw in answer.headers.get_list("set-cookie"):
            name, _, value = raw.partition(";")[0].partition("=")
            assert "Path=/g" in raw, raw
            self.cookies[name] = value.strip('"')
        self.client.cookies.clear()
        return answer


@pytest.fixture
async def branch(parts: Parts, shop: Shop) -> AsyncIterator[Branch]:
    tenant = shop.tenant
    async with parts.units.work(tenant.organization_id, SYSTEM) as work:
        kitchen = await add_station(work, "Cocina")
        for item_id in shop.items.values():
            (await work.get(Item, item_id)).station_id = kitchen.id
    door = await parts_doors(parts).of_branch(tenant.organization_id, tenant.branch_id)
    async with parts.units.work(tenant.organization_id, SYSTEM, tenant.branch_id) as work:
        await issue_code(work, shop.table)
    async with parts.database.read(tenant.organization_id) as read:
        code = (await codes_of_tables(read, tenant.organization_id, tenant.branch_id))[shop.table]
    from cloud.realtime.hub import Room

    with parts.hub.waiting([Room(tenant.organization_id, tenant.branch_id)], lambda _hint: False, is_device=True):
        yield Branch(shop, parts, door.name, code)


def parts_doors(parts: Parts) -> Any:
    from cloud.guests.doors import Doors

    return Doors(parts.database, parts.units, parts.houses)


@pytest.fixture
def phone(client: AsyncTestClient[Litestar], branch: Branch) -> Callable[[], Phone]:
    return lambda: Phone(client, branch)


NewPhone = Callable[[], Phone]
Waits = Callable[[], Awaitable[None]]
