"""Branches in which something waits for a person: events, and a bill for which too much came in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4, uuid5

import pytest
from branch_books import CARD, CASH, CASHIER, CEVICHE, Sale, noon
from litestar import Litestar
from litestar.testing import AsyncTestClient

from shared.exceptions.commands import note_event
from shared.exceptions.rules import EventKind
from shared.kernel.permissions import SYSTEM, Role
from shared.staff.commands import assign
from shared.tenancy.records import Organization
from tests.cloud.reports.conftest import Chain, new_chain

__all__ = ["new_chain"]

Bearer = Callable[..., dict[str, str]]
Client = AsyncTestClient[Litestar]
TODAY = date(2026, 11, 23)


async def note(chain: Chain, branch: str, kind: EventKind, **said: Any) -> UUID:
    """Write an event of a branch, or let it grow."""
    async with chain.parts.units.work(chain.organization_id, SYSTEM, chain.branches[branch]) as work:
        event = await note_event(work, kind, branch, device_id=chain.tills[branch].device_id, **said)
        return event.id


async def overpay(chain: Chain, branch: str, amount_minor: int) -> None:
    """A bill is paid, and then more money is taken for it."""
    sale = Sale(noon(TODAY), ((CEVICHE, 1_000),), CARD)
    chain.sell(branch, sale)
    chain.tills[branch].write(
        [
            (
                "payments",
                uuid4(),
                {
                    "check_id": uuid5(sale.receipt_id, "check"),
                    "method_id": CASH,
                    "method_name": "Efectivo",
                    "kind": "cash",
                    "currency": "PEN",
                    "amount_minor": amount_minor,
                    "tendered_minor": amount_minor,
                    "number": "A-P00000099",
                    "taken_at": datetime(2026, 11, 23, 18, tzinfo=UTC),
                    "business_date": TODAY,
                    "local_hour": 13,
                },
            )
        ]
    )
    await chain.settle()


@pytest.fixture
async def chain(new_chain: Callable[[str], Awaitable[Chain]]) -> Chain:
    """Two branches: in Centro money to give back and an act without the right, in Playa a wrong clock."""
    chain = await new_chain("el-faro")
    await chain.open("Playa")
    async with chain.parts.units.work(chain.organization_id, SYSTEM) as work:
        key = chain.organization_id
        work.add(Organization(organization_id=key, id=key, name="El Faro", country="PE", currency="PEN"))
        for branch_id in chain.branches.values():
            await assign(work, CASHIER, branch_id)
    await overpay(chain, "Centro", 4_250)
    said = {"table": "refunds", "row": UUID(int=7).hex, "number": "A-R00000001"}
    await note(chain, "Centro", EventKind.WITHOUT_RIGHT, reason="refund", amount_minor=4_250, details=[said])
    await note(chain, "Playa", EventKind.CLOCK_WRONG, details=[{"minutes": 90}])
    return chain


@pytest.fixture
def listed(client: Client, bearer: Bearer) -> Callable[..., Any]:
    """`await listed(chain, kind="clock_wrong")`: what the API says to an organization admin (or `role`)."""

    async def ask(chain: Chain, *, role: Role = Role.ORGANIZATION_ADMIN, status: int = 200, **query: Any) -> Any:
        answer = await client.get("/api/v1/exceptions", params=query, headers=bearer(chain.tenant, role))
        assert answer.status_code == status, answer.text
        return answer.json()

    return ask
