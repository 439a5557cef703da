"""Spaces and tables of a branch, where they stand, and who serves them."""

from __future__ import annotations

from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Mapped

from shared.kernel.columns import Choice, Flag, Key, Listed, Whole, Words
from shared.kernel.declared import RowRule
from shared.kernel.permissions import Permission
from shared.kernel.records import BranchRecord, belongs_to, ledger, register

MOST_CELLS = 400
"""Width and height of a plan at most: more cells than the widest screen draws."""


class TableShape(StrEnum):
    """How a table looks on the plan."""

    SQUARE = "square"
    ROUND = "round"
    BAR = "bar"


class Space(BranchRecord):
    """A room, terrace or bar."""

    __tablename__ = "spaces"
    __writes__ = Permission.EDIT_FLOOR
    name: Mapped[str] = register(Words(120))
    position: Mapped[int] = register(Whole(), default=0)
    active: Mapped[bool] = register(Flag(), default=True)


def is_place(value: Any) -> bool:
    """Whether a list is the place of a table on a plan: left, top, width and height in cells; or nothing: no place."""
    if value == []:
        return True
    if not isinstance(value, list) or len(value) != 4 or not all(type(each) is int for each in value):
        return False
    left, top, width, height = value
    return bool(min(left, top) >= 0 < min(width, height) and max(left + width, top + height) <= MOST_CELLS)


class DiningTable(BranchRecord):
    """A table for guests.

    `place`: left, top, width and height on the plan of its space, in cells; empty: it has none. One value, so that two
    people who rearrange a room at once never tear it. `out_of_service`: nobody is to be seated there.
    """

    __tablename__ = "dining_tables"
    __writes__ = Permission.EDIT_FLOOR
    __rules__ = (RowRule("its place is on a plan", ("place",), is_place),)
    __table_args__ = (belongs_to("space_id", "spaces"),)
    space_id: Mapped[UUID] = register(Key())
    name: Mapped[str] = register(Words(40))
    seats: Mapped[int] = register(Whole(), default=4)
    position: Mapped[int] = register(Whole(), default=0)
    place: Mapped[list[int]] = register(Listed(), default=list)
    shape: Mapped[TableShape] = register(Choice(TableShape, fallback=TableShape.SQUARE), default=TableShape.SQUARE)
    out_of_service: Mapped[bool] = register(Flag(), default=False, by=Permission.TAKE_ORDER)
    active: Mapped[bool] = register(Flag(), default=True)


class Section(BranchRecord):
    """Who serves a table: its section. The id follows from the table, so that a table has one.

    `person_id`: None: whoever comes.
    """

    __tablename__ = "sections"
    __writes__ = Permission.EDIT_FLOOR
    __table_args__ = (belongs_to("table_id", "dining_tables"),)
    table_id: Mapped[UUID] = ledger(Key())
    person_id: Mapped[UUID | None] = register(Key(), nullable=True)
