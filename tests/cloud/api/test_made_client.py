"""A client that was made from the document alone reads what there is: openapi-python-client knows nothing of us."""

from __future__ import annotations

import asyncio
import importlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cloud.app import create_app
from cloud.parts import Parts
from shared.kernel.permissions import Role
from tests.cloud.serving import beside

MAKER = "openapi_python_client"
SETTINGS = """
post_hooks: []
content_type_overrides:
  application/vnd.comanda.sync: application/octet-stream
"""
pytest.importorskip(MAKER)


@pytest.fixture
def made(parts: Parts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The package of a client, made from the document of this program."""
    document = tmp_path / "openapi.json"
    document.write_text(json.dumps(create_app(parts).openapi_schema.to_schema()))
    name = "comanda_made_client"
    settings = tmp_path / "settings.yml"
    settings.write_text(SETTINGS)
    command = [sys.executable, "-m", MAKER, "generate", "--path", str(document), "--output-path", str(tmp_path / name)]
    done = subprocess.run(
        [*command, "--meta", "none", "--config", str(settings)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "WARNING" not in done.stdout + done.stderr  # else it would leave something out
    monkeypatch.syspath_prepend(str(tmp_path))
    yield name
    for module in [each for each in sys.modules if each.partition(".")[0] == name]:
        del sys.modules[module]


@pytest.mark.slow  # it makes some hundred files
async def test_a_client_made_from_the_document_reads_what_there_is(
    made: str, world: Any, parts: Parts, bearer: Any
) -> None:
    client_module = importlib.import_module(f"{made}.client")
    token = bearer(world.house, Role.ORGANIZATION_ADMIN)["authorization"].removeprefix("Bearer ")

    def call(name: str, *given: Any, **query: Any) -> Any:
        area, _, operation = name.partition(".")
        module = importlib.import_module(f"{made}.api.{area}.{operation}")
        return module.sync(*given, client=client, **query)

    def read() -> None:
        house = call("organization.get_organization")
        assert (house.id, house.name) == (world.house.organization_id, "W1")
        orders, after = [], ""
        while True:
            page = call("orders.list_orders", limit=1, after=after)
            orders += page.orders
            after = page.next_
            if not after:
                break
        assert {order.table_name for order in orders} == {"W1", "W2"}
        order = call("orders.get_order", world.ids["orders"])
        assert order.id == world.ids["orders"]
        assert [line.item_name for line in order.lines] == ["W1"]
        receipts = call("payments.list_receipts", branch=world.second_id).receipts
        assert {receipt.branch_id for receipt in receipts} == {world.second_id}
        missing = call("orders.get_order", world.ids["receipts"])
        assert (missing.code, missing.status) == ("NOT_FOUND", 404)

    async with beside(create_app(parts)) as (host, port):
        client = client_module.AuthenticatedClient(base_url=f"http://{host}:{port}", token=token)
        await asyncio.to_thread(read)
