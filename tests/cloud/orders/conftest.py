"""A branch with a menu, and a program that has a key for it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import pytest

from cloud.parts import Parts
from shared.floor.commands import add_space, add_table
from shared.kernel.permissions import SYSTEM, Role
from shared.menu.commands import add_category, add_item, add_modifier, add_modifier_group, link_modifier_group
from shared.taxes.commands import add_tax_category, add_tax_rate
from shared.tenancy.commands import found_organization
from tests.cloud.conftest import Tenant


@dataclass
class Shop:
    """A tenant with a menu, by name, and the headers of a program that may place orders."""

    tenant: Tenant
    items: dict[str, UUID] = field(default_factory=dict)
    modifiers: dict[str, UUID] = field(default_factory=dict)
    table: UUID = field(default_factory=uuid4)
    program: dict[str, str] = field(default_factory=dict)
    key_id: UUID = field(default_factory=uuid4)

    @property
    def path(self) -> str:
        return f"/api/v1/branches/{self.tenant.branch_id}/orders"


@pytest.fixture
def new_shop(parts: Parts, new_tenant: Any) -> Callable[[str], Awaitable[Shop]]:
    """`await new_shop("el-faro")`."""

    async def make(slug: str) -> Shop:
        tenant = await new_tenant(slug)
        shop = Shop(tenant)
        async with parts.units.work(tenant.organization_id, SYSTEM) as work:
            await found_organization(work, "El Faro", "PE", "PEN", tax_number="20123456789")
            space = await add_space(work, tenant.branch_id, "Salón")
            shop.table = (await add_table(work, tenant.branch_id, space.id, "7")).id
            igv = await add_tax_category(work, "IGV")
            await add_tax_rate(work, igv.id, "IGV", 180_000)
            dishes = await add_category(work, "Platos")
            extras = await add_modifier_group(work, "Extras", 0, 2)
            shop.modifiers["huevo"] = (await add_modifier(work, extras.id, "Huevo", 300)).id
            for name, price in (("Lomo", 3_800), ("Chicha", 900)):
                shop.items[name] = (await add_item(work, name, dishes.id, igv.id, price)).id
            await link_modifier_group(work, shop.items["Lomo"], extras.id)
        made = await parts.api_keys.make(
            tenant.organization_id,
            tenant.accounts[Role.ORGANIZATION_ADMIN],
            name="Rappi",
            scopes=["orders:write"],
        )
        shop.program, shop.key_id = {"authorization": f"Bearer {made.token}"}, made.row.id
        return shop

    return make


@pytest.fixture
async def shop(new_shop: Callable[[str], Awaitable[Shop]]) -> Shop:
    return await new_shop("el-faro")
