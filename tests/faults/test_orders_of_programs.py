"""A program places an order by API with its key; a till of the branch shows it, and sends it to the kitchen."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from shared.books.queries import order_view
from shared.books.views import OrderState, OrderView
from shared.kernel.ids import Uuid7Source
from shared.kernel.permissions import Actor, Role
from shared.kernel.work import Work
from shared.kitchen.sending import send_order
from shared.orders.contacts import contact_of
from shared.orders.records import OrderSource
from terminal.clock import SystemClock
from terminal.store.store import Store
from tests.faults.served_cloud import PLAN, ServedCloud, enrolled, served_cloud
from tests.faults.test_menu_of_a_till import menu_there
from tests.faults.test_pin_of_a_till import syncing
from tests.faults.until import until

BOSS = "jefa@esquina.pe"
ACCOUNTS = [{"name": "Jefa", "email": BOSS, "role": "organization_admin", "password": "correct horse battery"}]


@pytest.mark.slow
async def test_an_order_by_api_is_on_the_till_with_its_contact_and_staff_send_it(tmp_path: Path) -> None:
    """Slow: a real server with a real PostgreSQL."""
    with served_cloud() as cloud:
        founded = await asyncio.to_thread(cloud.found, {**PLAN, "accounts": ACCOUNTS})
        folder, configuration = await enrolled(tmp_path / "caja", founded, cloud.url)
        identity, clock = configuration.identity, SystemClock()
        secrets = folder.secrets(identity.device_id)
        store = await Store.open(folder.database, secrets.database_key, identity, clock, Uuid7Source(clock, os.urandom))
        try:
            async with syncing(store, cloud.url, secrets.signer):
                await until(store.read_premises, "the till learns its branch")
                menu = await menu_there(cloud, identity)
                order = await asyncio.to_thread(placed, cloud, identity.branch_id, menu.by_code["lom"].id)
                order_id = UUID(order["id"])

                async def is_there() -> bool:
                    return await view_of(store, order_id) is not None

                await until(is_there, "the till has the order")
                shown = await view_of(store, order_id)
                assert shown is not None
                assert (shown.number, shown.source, shown.server_name) == ("API-1", OrderSource.API, "Rappi")
                assert (shown.state, shown.unsent, shown.due_minor) == (OrderState.PENDING, 1, 2 * 3_890)

                async def is_readable() -> bool:
                    async with store.reading() as connection:
                        wrapping = store.author.wrapping
                        noted = await contact_of(connection, identity.organization_id, order_id, wrapping)
                        return noted is not None and noted.texts == ("Nora", "999 111 222")

                await until(is_readable, "the till has the key of the contact")
                cashier = Actor.in_role(UUID(founded.staff_id), "Rosa", Role.CASHIER)

                async def send(work: Work) -> None:
                    await send_order(work, order_id)

                await store.run(cashier, send)

                async def is_sent() -> bool:
                    return bool((await asyncio.to_thread(read_back, cloud, order))["state"] == OrderState.CONFIRMED)

                await until(is_sent, "the program reads that it was sent")
        finally:
            await store.close()


def placed(cloud: ServedCloud, branch_id: UUID, item_id: UUID) -> dict[str, Any]:
    """A program gets a key of the operator, and places an order."""
    making = ("create-api-key", "Rappi", "--organization", "la-esquina", "--as", BOSS)
    made = json.loads(cloud.command(*making, "--scope", "orders:write", "--json"))
    wanted = {
        "kind": "takeout",
        "lines": [{"item_id": str(item_id), "quantity_milli": 2_000}],
        "contact": {"name": "Nora", "phone": "999 111 222"},
    }
    headers = {"authorization": f"Bearer {made['key']}"}
    path = f"{cloud.url}/api/v1/branches/{branch_id}/orders"
    answer = httpx.post(path, json=wanted, headers=headers | {"idempotency-key": "uno"})
    assert answer.status_code == 201, answer.text
    return {**answer.json(), "path": answer.headers["location"], "headers": headers}


def read_back(cloud: ServedCloud, order: dict[str, Any]) -> dict[str, Any]:
    answer = httpx.get(f"{cloud.url}{order['path']}", headers=order["headers"])
    assert answer.status_code == 200, answer.text
    read: dict[str, Any] = answer.json()
    return read


async def view_of(store: Store, order_id: UUID) -> OrderView | None:
    async with store.reading() as connection:
        return await order_view(connection, store.identity.organization_id, order_id, {})
