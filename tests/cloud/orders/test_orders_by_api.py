"""Orders by API: at the prices of the house, open and unsent, each once, and on the tills of the branch."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from litestar import Litestar
from litestar.testing import AsyncTestClient

from cloud.composition import assemble
from cloud.database.control_records import IdempotencyKey
from cloud.orders.commands import OrderPlacing
from cloud.orders.schemas import OrderWanted
from cloud.parts import Parts
from cloud.settings import Settings
from shared.kernel.errors import DomainError
from shared.kernel.permissions import SYSTEM, Role
from shared.menu.availability import set_out
from shared.orders.contacts import contact_of
from shared.orders.records import Order, OrderLine, OrderSource
from sync.change import decode
from sync.records import changes
from tests.cloud.orders.conftest import Shop

Client = AsyncTestClient[Litestar]


def wanted(shop: Shop, **more: Any) -> dict[str, Any]:
    line = {
        "item_id": str(shop.items["Lomo"]),
        "quantity_milli": 2_000,
        "modifier_ids": [str(shop.modifiers["huevo"])],
        "notes": "sin cebolla",
    }
    return {"kind": "takeout", "lines": [line, {"item_id": str(shop.items["Chicha"])}], **more}


@pytest.fixture
def place(client: Client, shop: Shop) -> Callable[..., Any]:
    """`await place(body, key, status)`: the answer."""

    async def placed(body: dict[str, Any], key: str, status: int = 201, path: str = "") -> Any:
        headers = shop.program | {"idempotency-key": key}
        answer = await client.post(path or shop.path, json=body, headers=headers)
        assert answer.status_code == status, answer.text
        return answer

    return placed


async def orders_of(parts: Parts, shop: Shop) -> list[Order]:
    async with parts.database.read(shop.tenant.organization_id) as read:
        return list(await read.scalars(sa.select(Order).order_by(Order.number)))


async def test_an_order_is_open_at_the_prices_of_the_house_sealed_and_read_back_with_its_state(
    client: Client, parts: Parts, shop: Shop, place: Any
) -> None:
    contact = {"name": "Nora Quispe", "phone": "999 111 222", "address": "Jr. Unión 300"}
    answer = await place(wanted(shop, kind="delivery", contact=contact, notes="timbre 2"), "uno")
    order = answer.json()
    assert order["number"] == "API-1"
    lomo, chicha = sorted(order["lines"], key=lambda line: -line["price_minor"])
    assert (lomo["unit_price_minor"], lomo["price_minor"]) == (4_100, 8_200)
    assert (chicha["item_name"], chicha["quantity_milli"], chicha["price_minor"]) == ("Chicha", 1_000, 900)

    shown = (await client.get(answer.headers["location"], headers=shop.program)).json()
    assert (shown["state"], shown["source"], shown["taken_by"]) == ("pending", "api", "Rappi")
    assert (shown["due_minor"], shown["is_paid"]) == (9_100, False)
    assert {line["to_send_milli"] for line in shown["lines"]} == {2_000, 1_000}
    next_order = await place(wanted(shop, kind="dine_in", table_id=str(shop.table), guests=2), "dos")
    assert next_order.json()["number"] == "API-2"

    (row, _other) = await orders_of(parts, shop)
    assert (row.source, row.opened_by, row.server_name) == (OrderSource.API, None, "Rappi")
    async with parts.database.read(shop.tenant.organization_id) as read:
        noted = await contact_of(read, shop.tenant.organization_id, row.id, parts.wrapping)
        assert noted is not None
        assert (noted.name, noted.address) == ("Nora Quispe", "Jr. Unión 300")
        raw = await read.execute(sa.select(changes.c.body))
        written = [bytes(change.body) for change in raw]
    assert not any(b"Quispe" in body for body in written)
    actors = {decode(body).actor for body in written if decode(body).row == row.id.bytes}
    assert actors == {shop.key_id.bytes}


async def test_what_is_no_order_is_refused_with_the_line_that_is_wrong_and_writes_nothing(
    client: Client, parts: Parts, shop: Shop, place: Any
) -> None:
    async with parts.units.work(shop.tenant.organization_id, SYSTEM, shop.tenant.branch_id) as work:
        await set_out(work, shop.items["Chicha"])
    sold_out = (await place(wanted(shop), "a", 409)).json()
    assert (sold_out["code"], sold_out["params"]["line"]) == ("ITEM_SOLD_OUT", 2)
    first = wanted(shop)["lines"][:1]
    unknown = [{"item_id": str(uuid4())}]
    twice = [{**first[0], "modifier_ids": [str(shop.modifiers["huevo"])] * 3}]
    for lines, status, code in (
        (unknown, 404, "NOT_FOUND"),
        (twice, 409, "TOO_MANY_MODIFIERS"),
        ([{**first[0], "unit_price_minor": 1}], 201, ""),
    ):
        answer = await place({"kind": "takeout", "lines": lines}, f"b{code}", status)
        assert answer.json().get("code", "") == code
    assert answer.json()["lines"][0]["unit_price_minor"] == 4_100  # nobody brings a price
    assert (await place({"kind": "takeout", "lines": []}, "c", 400)).json()["code"] == "INVALID_REQUEST"
    elsewhere = f"/api/v1/branches/{uuid4()}/orders"
    assert (await place(wanted(shop), "d", 404, elsewhere)).json()["code"] == "BRANCH_UNKNOWN"
    without = await client.post(shop.path, json=wanted(shop), headers=shop.program)
    assert (without.status_code, without.json()["code"]) == (400, "INVALID_REQUEST")
    assert len(await orders_of(parts, shop)) == 1


async def test_the_same_request_is_one_order_also_at_once_over_processes_and_after_a_restore(
    client: Client, parts: Parts, shop: Shop, place: Any, settings: Settings, new_shop: Any, bearer: Any
) -> None:
    first = await place(wanted(shop), "uno")
    again = await place(wanted(shop), "uno")
    assert again.json() == first.json()
    assert (first.headers.get("idempotency-replayed"), again.headers["idempotency-replayed"]) == (None, "true")
    other = await place(wanted(shop, notes="otra"), "uno", 422)
    assert other.json()["code"] == "IDEMPOTENCY_KEY_REUSED"
    manager = {**bearer(shop.tenant, Role.BRANCH_MANAGER), "idempotency-key": "uno"}
    theirs = await client.post(shop.path, json=wanted(shop), headers=manager)
    assert (theirs.status_code, theirs.json()["id"] == first.json()["id"]) == (201, False)

    processes = [parts, assemble(settings, database=parts.database, clock=parts.clock)]
    placings = [OrderPlacing(each.database, each.units, each.fold_worker, each.clock) for each in processes]
    person = await _person(parts, shop)
    placed = OrderWanted.model_validate(wanted(shop)).placed()
    made = await asyncio.gather(
        *(
            placings[at % 2].place(shop.tenant.organization_id, person, shop.tenant.branch_id, "tres", b"body", placed)
            for at in range(6)
        )
    )
    assert len({each.order.id for each in made}) == 1
    assert [each.is_new for each in made].count(True) == 1
    with pytest.raises(DomainError) as reused:
        await placings[1].place(shop.tenant.organization_id, person, shop.tenant.branch_id, "tres", b"else", placed)
    assert reused.value.code == "IDEMPOTENCY_KEY_REUSED"

    async with parts.database.write(shop.tenant.organization_id) as session:  # as a restore loses what no device had
        await session.execute(sa.delete(IdempotencyKey))
    restored = await place(wanted(shop), "uno")
    assert restored.json() == first.json()
    assert len(await orders_of(parts, shop)) == 3
    async with parts.database.read(shop.tenant.organization_id) as read:
        assert await read.scalar(sa.select(sa.func.count()).select_from(OrderLine)) == 6


async def test_nobody_reads_or_places_orders_of_another_branch_or_tenant(
    client: Client, shop: Shop, new_shop: Any, place: Any
) -> None:
    order = (await place(wanted(shop), "uno")).json()
    other: Shop = await new_shop("la-boya")
    foreign = await client.get(f"{other.path}/{order['id']}", headers=other.program)
    missing = await client.get(f"{other.path}/{UUID(int=1)}", headers=other.program)
    assert (foreign.status_code, foreign.json()["code"]) == (404, "NOT_FOUND")
    assert missing.json()["code"] == "NOT_FOUND"
    placed = await client.post(shop.path, json=wanted(shop), headers=other.program | {"idempotency-key": "x"})
    assert placed.json()["code"] == "BRANCH_UNKNOWN"
    items = await client.post(other.path, json=wanted(shop), headers=other.program | {"idempotency-key": "y"})
    assert items.json()["code"] == "NOT_FOUND"


async def _person(parts: Parts, shop: Shop) -> Any:
    from cloud.accounts.identity import Person

    key = await parts.api_keys.of(shop.program["authorization"].partition(" ")[2])
    assert key is not None
    standing = await parts.standings.of(key.account_id, key.organization_id)
    assert standing is not None
    return Person.of(key.account_id, key.organization_id, standing, key=key)
