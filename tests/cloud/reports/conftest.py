"""A chain of restaurants with known sales, folded by the server's own fold worker."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from branch_books import CARD, CASH, CEVICHE, CHICHA, LOMO, YAPE, Pen, Sale, add_branch, add_house, add_till, noon

from cloud.parts import Parts
from shared.kernel.permissions import SYSTEM

TODAY = date(2026, 11, 23)
YESTERDAY = date(2026, 11, 22)


@dataclass
class Chain:
    """A tenant with more branches, a till in each, and what was sold."""

    tenant: Any
    parts: Parts
    branches: dict[str, UUID] = field(default_factory=dict)
    tills: dict[str, Pen] = field(default_factory=dict)
    sold: dict[str, list[Sale]] = field(default_factory=dict)

    @property
    def organization_id(self) -> UUID:
        return UUID(str(self.tenant.organization_id))

    def sell(self, branch: str, sale: Sale) -> None:
        self.tills[branch].sell(sale)
        self.sold[branch].append(sale)

    async def open(self, name: str, zone: str = "America/Lima", branch_id: UUID | None = None) -> None:
        """A branch with a till; the one that the tenant has already is named by its id."""
        async with self.parts.units.work(self.organization_id, SYSTEM) as work:
            branch_id = branch_id or add_branch(work, self.organization_id, name, zone)
            self.tills[name] = add_till(work, self.organization_id, branch_id, f"Caja de {name}")
        self.branches[name], self.sold[name] = branch_id, []

    async def settle(self) -> None:
        """Bring all that was written to the cloud, and fold it."""
        await self.send()
        await self.parts.fold_worker.fold_all(self.organization_id)

    async def send(self) -> None:
        """Bring all that was written to the cloud."""
        async with self.parts.database.write(self.organization_id) as session:
            for till in self.tills.values():
                if till.frame().bodies:
                    await till.send(session, self.parts.clock.milliseconds())


@pytest.fixture
def new_chain(parts: Parts, new_tenant: Any) -> Callable[[str], Awaitable[Chain]]:
    """Makes a chain with one branch `Centro` that has sold nothing: `await new_chain("el-faro")`."""

    async def make(slug: str) -> Chain:
        chain = Chain(await new_tenant(slug), parts)
        async with parts.units.work(chain.organization_id, SYSTEM) as work:
            add_house(work, chain.organization_id)
        await chain.open("Centro", branch_id=chain.tenant.branch_id)
        return chain

    return make


@pytest.fixture
async def chain(new_chain: Any) -> Chain:
    """Three branches in two zones and two currencies, with sales of two days."""
    chain: Chain = await new_chain("el-faro")
    await chain.open("Playa")
    await chain.open("Madrid", "Europe/Madrid")
    for hour, method in ((13, CASH), (13, CARD), (20, YAPE)):
        chain.sell("Centro", Sale(noon(TODAY, hour), ((LOMO, 2_000), (CHICHA, 1_000)), method))
    chain.sell("Centro", Sale(noon(YESTERDAY, 14), ((CEVICHE, 1_500),), CASH, rounding_minor=-4, discount_minor=300))
    chain.sell("Playa", Sale(noon(TODAY, 15), ((CEVICHE, 1_000), (CHICHA, 3_000)), CASH))
    madrid = noon(TODAY, 14, zone="Europe/Madrid")
    chain.sell("Madrid", Sale(madrid, ((CEVICHE, 1_000),), CARD, currency="EUR", zone="Europe/Madrid"))
    await chain.settle()
    return chain
