"""The API of printers: who sees and changes them, that the devices of the branch learn of it, and what is refused."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import pytest

from shared.kernel.permissions import SYSTEM, Role
from shared.kitchen.commands import add_station
from tests.cloud.exceptions.conftest import Bearer, Client
from tests.cloud.reports.conftest import Chain, new_chain

__all__ = ["new_chain"]

NETWORK = {"address": "tcp://192.168.1.50:9100", "columns": 48, "page": "PC858"}


@pytest.fixture
async def chain(new_chain: Callable[[str], Awaitable[Chain]]) -> Chain:
    return await new_chain("el-faro")


@pytest.fixture
def put(client: Client, bearer: Bearer, chain: Chain) -> Callable[..., Any]:
    """`await put(name, settings, prints, status)`: the answer to a change."""

    async def send(name: str, settings: dict[str, Any], status: int = 200, **more: Any) -> Any:
        branch = more.pop("branch", chain.branches["Centro"])
        headers = bearer(chain.tenant, role=more.pop("role", Role.ORGANIZATION_ADMIN))
        said = {"settings": settings, **more}
        answer = await client.put(f"/api/v1/branches/{branch}/printers/{name}", json=said, headers=headers)
        assert answer.status_code == status, answer.text
        return answer.json()

    return send


async def listed(client: Client, headers: dict[str, str], branch: object, status: int = 200) -> Any:
    answer = await client.get(f"/api/v1/branches/{branch}/printers", headers=headers)
    assert answer.status_code == status, answer.text
    return answer.json()


async def test_a_printer_is_added_changed_and_listed_with_what_it_prints(
    put: Any, client: Client, bearer: Bearer, chain: Chain
) -> None:
    async with chain.parts.units.work(chain.organization_id, SYSTEM) as work:
        station = await add_station(work, "Barra")
        key = str(station.id)
    prints = [{"document": "receipt"}, {"document": "kitchen", "station_id": key}]
    made = await put("cocina", NETWORK, prints=prints)
    assert (made["settings"]["columns"], made["settings"]["page_number"]) == (48, 19)
    again = await put("cocina", NETWORK, prints=prints[:1])
    assert [each["document"] for each in again["prints"]] == ["receipt"]
    off = await put("cocina", {**NETWORK, "is_active": False})
    assert [each["document"] for each in off["prints"]] == ["receipt"]
    (shown,) = (await listed(client, bearer(chain.tenant), chain.branches["Centro"]))["printers"]
    assert shown == off
    assert shown["settings"]["is_active"] is False


@pytest.mark.parametrize(
    ("name", "said", "code"),
    [
        ("La%20Cocina", NETWORK, "PRINTER_NAME_WRONG"),
        ("cocina", {}, "PRINTER_ADDRESS_MISSING"),
        ("cocina", {"address": 7}, "PRINTER_ADDRESS_MISSING"),
        ("cocina", {**NETWORK, "columns": 40}, "PRINTER_COLUMNS_WRONG"),
        ("cocina", {**NETWORK, "page": ["PC850"]}, "PRINTER_WORD_UNKNOWN"),
        ("cocina", {**NETWORK, "device_id": 7}, "PRINTER_WORD_UNKNOWN"),
        ("cocina", {**NETWORK, "is_active": "yes"}, "PRINTER_WORD_UNKNOWN"),
        ("cocina", {**NETWORK, "profile": "x" * 33}, "PRINTER_WORD_UNKNOWN"),
        ("cocina", {**NETWORK, "cut": {}}, "PRINTER_WORD_UNKNOWN"),
        ("cocina", {**NETWORK, "feed_lines": 1.5}, "PRINTER_NUMBER_WRONG"),
        ("cocina", {"address": "usb://04b8:0e15"}, "PRINTER_NEEDS_ITS_DEVICE"),
    ],
)
async def test_what_no_printer_can_be_is_refused(put: Any, name: str, said: dict[str, Any], code: str) -> None:
    assert (await put(name, said, 400))["code"] == code


async def test_only_who_may_set_up_printers_of_this_branch(
    put: Any, client: Client, bearer: Bearer, chain: Chain
) -> None:
    assert (await put("cocina", NETWORK, 403, role=Role.CASHIER))["code"] == "NOT_PERMITTED"
    assert (await put("cocina", NETWORK, 404, branch=uuid4()))["code"] == "BRANCH_UNKNOWN"
    assert (await listed(client, bearer(chain.tenant), uuid4(), 404))["code"] == "BRANCH_UNKNOWN"
    assert (await listed(client, bearer(chain.tenant), chain.branches["Centro"]))["printers"] == []
