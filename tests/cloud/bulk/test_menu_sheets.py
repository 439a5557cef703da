"""The menu as a sheet: out without formulas, in as prices and dishes of the branch, all or nothing, said row by row."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient

from cloud.bulk import sheets
from cloud.parts import Parts
from shared.kernel.permissions import SYSTEM
from shared.menu.at_the_branch import hide_item
from shared.menu.queries import load_menu
from tests.cloud.orders.conftest import Shop, new_shop, shop

__all__ = ["new_shop", "shop"]
Client = AsyncTestClient[Litestar]


async def menu_of(parts: Parts, shop: Shop) -> dict[str, int]:
    async with parts.database.read(shop.tenant.organization_id) as read:
        menu = await load_menu(read, shop.tenant.organization_id, shop.tenant.branch_id)
    return {item.name: item.price_minor for item in menu.items.values()}


@pytest.mark.parametrize("text", ["=1+1", "+51 999", "-2", "@x", "\tx", "'quoted'", "plain, with comma", 'say "x"', ""])
def test_a_text_comes_back_from_a_sheet_as_it_was_and_is_no_formula(text: str) -> None:
    sheet = "".join(sheets.written(("name", "n"), [{"name": text, "n": -5}]))
    (row,) = list(csv.DictReader(io.StringIO(sheet)))
    assert not row["name"].startswith(("=", "+", "-", "@", "\t"))
    assert sheets.read(sheet) == [{"name": text, "n": "-5"}]


async def test_a_sheet_of_a_thousand_rows_goes_in_once_and_out_again(
    client: Client, parts: Parts, shop: Shop, bearer: Any
) -> None:
    path, headers = shop.path.replace("/orders", "/menu"), bearer(shop.tenant)
    new = [{"code": f"n{at}", "name": f"Plato {at}", "category": "platos", "price_minor": 1_000} for at in range(998)]
    formula = {"name": "=HOY()", "category": "Platos", "price_minor": 500}
    rows = [{"id": str(shop.items["Lomo"]), "price_minor": 4_100}, *new, formula]
    dry = await client.post(f"{path}/import", json={"rows": rows, "dry_run": True}, headers=headers)
    told = {"is_done": False, "prices": 1, "dishes": 999, "same": 0, "problems": []}
    assert (dry.status_code, dry.json()) == (200, told)
    assert await menu_of(parts, shop) == {"Lomo": 3_800, "Chicha": 900}
    done = await client.post(f"{path}/import", json={"rows": rows}, headers=headers | {"idempotency-key": "uno"})
    assert done.json() == {**told, "is_done": True}
    again = await client.post(f"{path}/import", json={"rows": rows}, headers=headers | {"idempotency-key": "uno"})
    assert again.json() == done.json()
    menu = await menu_of(parts, shop)
    assert (len(menu), menu["Lomo"], menu["=HOY()"]) == (1_001, 4_100, 500)

    sheet = (await client.get(f"{path}/export", headers=headers)).text
    assert "'=HOY()" in sheet
    as_json = (await client.get(f"{path}/export", params={"form": "json"}, headers=headers)).json()["rows"]
    assert {row["name"]: row["price_minor"] for row in as_json} == menu
    lines = sheet.splitlines(keepends=True)
    back = await client.post(f"{path}/import", json={"csv": "".join(lines[:900])}, headers=headers)
    assert back.json() == {"is_done": True, "prices": 0, "dishes": 0, "same": 899, "problems": []}


async def test_each_row_that_is_wrong_is_named_and_nothing_is_done(
    client: Client, parts: Parts, shop: Shop, bearer: Any
) -> None:
    path, headers = shop.path.replace("/orders", "/menu/import"), bearer(shop.tenant)
    sheet = (
        "code,name,category,price_minor\r\n"
        "a,Sopa,Platos,1200\r\nb,Guiso,Nada,900\r\nc,,Platos,900\r\na,Otra,Platos,1\r\nd,Arroz,Platos,mucho\r\n"
        ",lomo,Platos,3\r\ne,Pan,Platos,-1\r\n"
    )
    answer = await client.post(path, json={"csv": sheet}, headers=headers)
    assert answer.status_code == 200
    wrong = [(each["row"], each["field"], each["code"]) for each in answer.json()["problems"]]
    assert wrong == [
        (2, "category", "CATEGORY_UNKNOWN"),
        (3, "name", "NAME_MISSING"),
        (4, "code", "ROW_TWICE"),
        (5, "price_minor", "CELL_UNREADABLE"),
        (6, "name", "ROW_TWICE"),
        (7, "price_minor", "PRICE_NOT_SENSIBLE"),
    ]
    assert not answer.json()["is_done"]
    assert await menu_of(parts, shop) == {"Lomo": 3_800, "Chicha": 900}
    for csv_text in ("nonsense,columns\r\n1,2\r\n", 'code,name\r\n"open', "code\r\n1,2\r\n"):
        refused = await client.post(path, json={"csv": csv_text}, headers=headers)
        assert (refused.status_code, refused.json()["code"]) == (400, "SHEET_WRONG"), csv_text
    by_key = await client.post(path, json={"rows": []}, headers=shop.program)
    assert by_key.json()["code"] == "KEY_LACKS_SCOPE"


async def test_a_dish_that_was_imported_and_taken_off_comes_back(
    client: Client, parts: Parts, shop: Shop, bearer: Any
) -> None:
    path, headers = shop.path.replace("/orders", "/menu/import"), bearer(shop.tenant)
    rows = {"rows": [{"code": "sop", "name": "Sopa", "category": "Platos", "price_minor": 1_200}]}
    assert (await client.post(path, json=rows, headers=headers)).json()["dishes"] == 1
    async with parts.database.read(shop.tenant.organization_id) as read:
        menu = await load_menu(read, shop.tenant.organization_id, shop.tenant.branch_id)
    async with parts.units.work(shop.tenant.organization_id, SYSTEM, shop.tenant.branch_id) as work:
        await hide_item(work, menu.by_code["sop"].id)
    assert "Sopa" not in await menu_of(parts, shop)
    assert (await client.post(path, json=rows, headers=headers)).json()["is_done"]
    assert (await menu_of(parts, shop))["Sopa"] == 1_200
