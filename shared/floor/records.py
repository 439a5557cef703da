"""Spaces and tables of a branch."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Mapped

from shared.kernel.columns import Flag, Key, Whole, Words
from shared.kernel.permissions import Permission
from shared.kernel.records import BranchRecord, belongs_to, register


class Space(BranchRecord):
    """A room, terrace or bar."""

    __tablename__ = "spaces"
    __writes__ = Permission.EDIT_FLOOR
    name: Mapped[str] = register(Words(120))
    position: Mapped[int] = register(Whole(), default=0)
    active: Mapped[bool] = register(Flag(), default=True)


class DiningTable(BranchRecord):
    """A table for guests."""

    __tablename__ = "dining_tables"
    __writes__ = Permission.EDIT_FLOOR
    __table_args__ = (belongs_to("space_id", "spaces"),)
    space_id: Mapped[UUID] = register(Key())
    name: Mapped[str] = register(Words(40))
    seats: Mapped[int] = register(Whole(), default=4)
    position: Mapped[int] = register(Whole(), default=0)
    active: Mapped[bool] = register(Flag(), default=True)
