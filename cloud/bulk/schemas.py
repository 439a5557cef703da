"""What the bulk operations take and give."""

from __future__ import annotations

from uuid import UUID

from pydantic import BaseModel, Field

from cloud.edge.body import Body
from shared.kernel.text import MAX_NAME_CHARACTERS

MOST_ROWS = 1_000
MOST_SHEET_CHARACTERS = 500_000
COLUMNS = ("id", "code", "name", "category", "price_minor")


class RowWanted(Body):
    """A dish: one that there is, by `id` or `code`, gets its price; another one is added to the branch."""

    id: UUID | None = None
    code: str = Field(default="", max_length=40)
    name: str = Field(default="", max_length=MAX_NAME_CHARACTERS)
    category: str = Field(default="", max_length=MAX_NAME_CHARACTERS, description="of a new dish, by its name")
    price_minor: int = Field(ge=-(2**53), le=2**53)


class ImportWanted(Body):
    """Rows, or a sheet with the same columns."""

    rows: list[RowWanted] = Field(default_factory=list, max_length=MOST_ROWS)
    csv: str = Field(default="", max_length=MOST_SHEET_CHARACTERS, description=f"columns: {', '.join(COLUMNS)}")
    dry_run: bool = Field(default=False, description="only say what would be done, and what is wrong")


class ProblemOfRow(BaseModel):
    """What is wrong with a row."""

    row: int = Field(description="from 1, without the names of columns")
    field: str
    code: str
    detail: str


class ImportDone(BaseModel):
    """What was done, or would be. With problems nothing is done."""

    is_done: bool
    prices: int = Field(description="items that cost something else now")
    dishes: int = Field(description="dishes that are new in the branch")
    same: int = Field(description="rows that change nothing")
    problems: list[ProblemOfRow]
