"""GET /api/v1/branches/{id}/menu/export and POST /api/v1/branches/{id}/menu/import."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any, Literal
from uuid import UUID

from litestar import Request
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, SkipValidation
from litestar.response import Stream
from pydantic import ValidationError

from cloud.accounts.branches import chosen
from cloud.accounts.identity import Person
from cloud.bulk import sheets
from cloud.bulk.commands import MenuImport
from cloud.bulk.schemas import COLUMNS, MOST_ROWS, ImportDone, ImportWanted, ProblemOfRow, RowWanted
from cloud.database.transaction import ReadSession
from cloud.edge.operation import Again, Area, Example, LimitGroup, command, query
from cloud.edge.problem import texts_of
from cloud.lookups.houses import Houses
from shared.kernel.errors import DomainError
from shared.kernel.permissions import Permission
from shared.menu.importing import DishRow, RowProblem
from shared.menu.queries import load_menu
from shared.menu.rules import Menu

Caller = NamedDependency[SkipValidation[Person]]
Organization = NamedDependency[UUID]
_EXAMPLE = Example({"rows": [{"code": "lom", "price_minor": 4_100}], "dry_run": True})


@query(
    "export_menu",
    "/branches/{branch_id:uuid}/menu/export",
    area=Area.MENU,
    limit=LimitGroup.BULK,
    summary="The menu of a branch as a sheet",
    problems="BRANCH_UNKNOWN",
)
async def export_menu(
    branch_id: FromPath[UUID],
    person: Caller,
    organization_id: Organization,
    houses: NamedDependency[SkipValidation[Houses]],
    read: NamedDependency[SkipValidation[ReadSession]],
    form: FromQuery[Literal["csv", "json"]] = "csv",
) -> Stream:
    """Give what the branch sells, row by row, as `import_menu` takes it. No cell of the CSV is a formula."""
    chosen((await houses.of(organization_id, read)).seen_by(person), branch_id)
    menu = await load_menu(read, organization_id, branch_id)
    lines = sheets.written(COLUMNS, _rows(menu)) if form == "csv" else _as_json(_rows(menu))
    kind = "text/csv; charset=utf-8" if form == "csv" else "application/json"
    return Stream(lines, media_type=kind, headers={"Content-Disposition": f'attachment; filename="menu.{form}"'})


@command(
    "import_menu",
    "POST /branches/{branch_id:uuid}/menu/import",
    area=Area.MENU,
    rights=(Permission.SET_PRICE, Permission.ADD_DISH),
    again=Again.KEY_FOR_A_DAY,
    limit=LimitGroup.BULK,
    summary="Set prices and add dishes of a branch, many at once",
    example=_EXAMPLE,
    problems="ABOVE_LIMIT BRANCH_UNKNOWN IDEMPOTENCY_KEY_BUSY IDEMPOTENCY_KEY_REUSED IDEMPOTENCY_KEY_WRONG SHEET_WRONG",
)
async def import_menu(
    request: Request[Any, Any, Any],
    branch_id: FromPath[UUID],
    data: JSONBody[ImportWanted],
    person: Caller,
    organization_id: Organization,
    houses: NamedDependency[SkipValidation[Houses]],
    menu_import: NamedDependency[SkipValidation[MenuImport]],
) -> ImportDone:
    """Set prices of items that there are, and add those that there are not as dishes of the branch: all or nothing.

    What is wrong is said row by row. A dry run says the same and changes nothing.
    """
    chosen((await houses.of(organization_id)).seen_by(person), branch_id)
    rows, problems = _read(data)
    plan, is_done = await menu_import.carry_out(
        organization_id, person, branch_id, rows, dry_run=data.dry_run or bool(problems)
    )
    texts = texts_of(request)
    wrong = sorted((*problems, *plan.problems), key=lambda each: each.row)
    return ImportDone(
        is_done=is_done,
        prices=len(plan.prices),
        dishes=len(plan.dishes),
        same=plan.same,
        problems=[ProblemOfRow(row=w.row, field=w.field, code=w.code, detail=texts(w.code)) for w in wrong],
    )


def _read(data: ImportWanted) -> tuple[list[DishRow], list[RowProblem]]:
    """The rows of a request; what cannot be read of a sheet is a problem of its row.

    Raises:
        DomainError: SHEET_WRONG (params: most, columns).
    """
    if not data.csv:
        return [_row(number, row) for number, row in enumerate(data.rows, 1)], []
    refused = DomainError("SHEET_WRONG", most=MOST_ROWS, columns=", ".join(COLUMNS))
    try:
        cells = sheets.read(data.csv)
    except ValueError:
        raise refused from None
    if data.rows or len(cells) > MOST_ROWS or any(set(row) - set(COLUMNS) for row in cells[:1]):
        raise refused
    rows, problems = list[DishRow](), list[RowProblem]()
    for number, row in enumerate(cells, 1):
        try:
            given = {name: cell for name, cell in row.items() if cell.strip()}
            rows.append(_row(number, RowWanted.model_validate(given)))
        except ValidationError as error:
            field = str(error.errors()[0]["loc"][0]) if error.errors()[0]["loc"] else ""
            problems.append(RowProblem(number, field, "CELL_UNREADABLE"))
    return rows, problems


def _row(number: int, row: RowWanted) -> DishRow:
    return DishRow(number, row.id, row.code, row.name, row.category, row.price_minor)


def _rows(menu: Menu) -> Iterator[dict[str, object]]:
    for item in menu.items.values():
        yield {
            "id": item.id,
            "code": item.code,
            "name": item.name,
            "category": item.category_name,
            "price_minor": item.price_minor,
        }


def _as_json(rows: Iterable[dict[str, object]]) -> Iterator[str]:
    before = '{"rows": ['
    for row in rows:
        yield before + json.dumps(row, ensure_ascii=False, default=str)
        before = ",\n"
    yield "]}" if before == ",\n" else '{"rows": []}'
