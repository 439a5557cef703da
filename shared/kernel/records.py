"""The record base: tenant first in every key, and one merge policy declared on every replicated column.

A domain's `records.py` builds on `Record` (of the organization) or `BranchRecord`, and declares each column with
`ledger(...)`, `register(...)` or one of the states: `state(...)`, `total(...)`, `tally(...)`, `once(...)`. What the
policies do is in `sync/merge.py`. Rights and rules are declared here, too; `kernel/rights.py` reads them.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, ClassVar, cast
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, MappedColumn, mapped_column
from sqlalchemy.orm.attributes import flag_modified

from shared.kernel.columns import Key
from shared.kernel.declared import (
    AddsUpTo,
    Boundless,
    CloudsRows,
    ComboParts,
    Copied,
    Follows,
    LesserRight,
    ListPrice,
    Needs,
    OfferedModifiers,
    OneDevice,
    OneFact,
    OwnRows,
    Proposed,
    RowRule,
)
from shared.kernel.permissions import DeviceKind
from shared.kernel.rights import ALL_DEVICES, field_info
from shared.kernel.states import Lattice, Rank
from shared.kernel.totals import Counted, NewestKey, OnceTrue, Tally, Total

SCHEMA_EPOCH = 1
"""The number of the newest schema step (`terminal/store/steps`), raised with every change to replicated tables.
It travels with each change and in the handshake; whose is lower is told to update, and goes on working."""

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


# Secondary indexes do not begin with organization_id, but name it second. On a fresh database PostgreSQL would use an
# index that begins with it, and not the primary key, to check foreign keys, and read the whole tenant for each (120 us
# per row instead of 10). Without organization_id in the index SQLite would use the first column of the primary key and
# read the whole tenant, too: a till would get slower with every sale.


class Scope(StrEnum):
    """The devices that get a row: all of the organization, or those of one branch."""

    ORGANIZATION = "organization"
    BRANCH = "branch"


class Merge(StrEnum):
    """How two replicas agree on the value of a field (DESIGN 4)."""

    LEDGER = "ledger"
    REGISTER = "register"
    STATE = "state"


class Base(DeclarativeBase):
    """The one metadata of all shared records."""

    metadata = sa.MetaData(naming_convention=NAMING)


class Record(Base):
    """A replicated row of the organization: (organization, id) is its key everywhere.

    Class attributes:
        __scope__: which devices get it.
        __writes__: the right to create a row, and to edit fields that name no other. Of several any one is enough.
        __up_to__: the field that a limit of this right is held against when a row is created.
        __devices__: the kinds of device that may write it.
        __clouds__: the rows that only the cloud writes, though devices write others. Any other write of one is void.
        __lesser__: the rows that need another right than `__writes__`, without its limit.
        __own__: the rows that people write about themselves, which takes no right.
        __one_device__: the device that alone writes a row. If another does, people are asked.
        __one_fact__: the rows that two devices may each write, since their id follows from a fact.
        __whole__: whether the ledger fields of one creation stand together where two replicas made one row.
        __derived__: whether its rows follow from a fact, with ids computed from it: of several creations the one with
            the lowest stamp stands.
        __follows__: the rows that take no right of their own, because their id follows from what they say.
        __system__: whether the program writes its rows by itself, for whoever acts: that takes no right.
        __rules__: what holds for each row by itself. A row that breaks it is void.
        __adds_up_to__: the parent whose amounts the rows written with it add up to. If they do not, people are asked.
        __list_price__: the price that is copied from a list, and who may write another.
        __boundless__: the rows that nobody writes whose right has a limit.
        __copied__: a field that says what the row that another field names says. If it does not, people are asked.
        __combo_parts__, __offered__: what the menu offers in a combo, or to a dish. Of anything else people are asked.
        __proposed__: the rows that begin as a guest's order says them. Of others people are asked.
        __told__: the fields that tell people which row is meant, and about how much, when it is void or asked about.
    """

    __abstract__ = True
    __scope__: ClassVar[Scope] = Scope.ORGANIZATION
    __writes__: ClassVar[Needs]
    __up_to__: ClassVar[str | None] = None
    __devices__: ClassVar[frozenset[DeviceKind]] = ALL_DEVICES
    __clouds__: ClassVar[CloudsRows | None] = None
    __lesser__: ClassVar[LesserRight | None] = None
    __own__: ClassVar[OwnRows | None] = None
    __one_device__: ClassVar[OneDevice | None] = None
    __derived__: ClassVar[bool] = False
    __follows__: ClassVar[Follows | None] = None
    __one_fact__: ClassVar[OneFact | None] = None
    __whole__: ClassVar[bool] = False
    __system__: ClassVar[bool] = False
    __rules__: ClassVar[tuple[RowRule, ...]] = ()
    __adds_up_to__: ClassVar[AddsUpTo | None] = None
    __list_price__: ClassVar[ListPrice | None] = None
    __boundless__: ClassVar[Boundless | None] = None
    __copied__: ClassVar[Copied | None] = None
    __combo_parts__: ClassVar[ComboParts | None] = None
    __offered__: ClassVar[OfferedModifiers | None] = None
    __proposed__: ClassVar[Proposed | None] = None
    __told__: ClassVar[tuple[str, ...]] = ()

    organization_id: Mapped[UUID] = mapped_column(Key(), primary_key=True, sort_order=-30)
    id: Mapped[UUID] = mapped_column(Key(), primary_key=True, sort_order=-20)
    stamps: Mapped[bytes] = mapped_column(sa.LargeBinary, default=b"", sort_order=100)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "__tablename__" in cls.__dict__:
            info = {
                "scope": cls.__scope__,
                "writes": cls.__writes__,
                "up_to": cls.__up_to__,
                "devices": cls.__devices__,
                "clouds": cls.__clouds__,
                "lesser": cls.__lesser__,
                "own": cls.__own__,
                "one_device": cls.__one_device__,
                "derived": cls.__derived__,
                "follows": cls.__follows__,
                "one_fact": cls.__one_fact__,
                "whole": cls.__whole__,
                "system": cls.__system__,
                "rules": cls.__rules__,
                "told": cls.__told__,
                "adds_up_to": cls.__adds_up_to__,
                "list_price": cls.__list_price__,
                "boundless": cls.__boundless__,
                "copied": cls.__copied__,
                "combo_parts": cls.__combo_parts__,
                "offered": cls.__offered__,
                "proposed": cls.__proposed__,
            }
            cast("sa.Table", cls.__table__).info.update(info)


def say_whole(record: Record, **fields: Any) -> None:
    """Say some registers of a row together, those that stay as they are, too: of two devices that say them at once the
    newer word holds as a whole."""
    for name, value in fields.items():
        setattr(record, name, value)
        flag_modified(record, name)


class BranchRecord(Record):
    """A replicated row of one branch."""

    __abstract__ = True
    __scope__ = Scope.BRANCH

    branch_id: Mapped[UUID] = mapped_column(Key(), info={"merge": Merge.LEDGER}, sort_order=-10)


def ledger(
    kind: Any, *, nullable: bool = False, by: Needs | None = None, up_to: str | None = None, **options: Any
) -> MappedColumn[Any]:
    """A field written once, with its row.

    Args:
        by: the right to begin with another value than the default; else that of the row.
        up_to: the field that a limit of this right is held against, mostly this one.
    """
    info = {"merge": Merge.LEDGER, **field_info(by, up_to)}
    return mapped_column(kind, nullable=nullable, info=info, **options)


def register(
    kind: Any,
    *,
    nullable: bool = False,
    by: Needs | None = None,
    up_to: str | None = None,
    starts_free: bool = False,
    **options: Any,
) -> MappedColumn[Any]:
    """A field whose newest stamp wins.

    Args:
        by: the right to change it, and to begin with another value than the default; else that of the row.
        up_to: the field that a limit of this right is held against, mostly this one.
        starts_free: whether a row may begin with any value, though it has a default or may have none.
    """
    info = {"merge": Merge.REGISTER, "starts_free": starts_free, **field_info(by, up_to, None)}
    return mapped_column(kind, nullable=nullable, info=info, **options)


def state(kind: type[Rank], *, moves: Mapping[Any, Needs] | None = None, **options: Any) -> MappedColumn[Any]:
    """A field whose higher (round, rank) wins.

    Args:
        moves: the rights to reach a status, by status; to reach others takes that of the row.
    """
    info = {"merge": Merge.STATE, **field_info(None, None, moves)}
    return mapped_column(Lattice(kind), nullable=False, info=info, **options)


def total(*, by: Needs | None = None, counts: str | tuple[str, ...] = ()) -> MappedColumn[Any]:
    """A number that only grows from 0: the greatest wins.

    Args:
        by: the right to raise it; else that of the row.
        counts: the total of the same row that it never exceeds; of several, their sum. A change that says more waits
            for its cause.
    """
    return _growing(Total(), 0, by, counts)


def tally(*, by: Needs | None = None, counts: str | tuple[str, ...] = ()) -> MappedColumn[Any]:
    """A `Counted`: a total that may begin anew in a later round. The greatest (round, total) wins.

    Args:
        by, counts: see `total`.
    """
    return _growing(Tally(), Counted(0, 0), by, counts)


def once(*, by: Needs | None = None) -> MappedColumn[Any]:
    """A no that becomes yes once, and stays so.

    Args:
        by: the right to say yes; else that of the row.
    """
    return _growing(OnceTrue(), False, by, ())


def newest() -> MappedColumn[Any]:
    """A reference that several devices may turn to other rows at once: the row with the greatest id wins."""
    return mapped_column(NewestKey(), nullable=False, info={"merge": Merge.STATE, **field_info(None, None)})


def _growing(kind: Any, default: Any, by: Needs | None, counts: str | tuple[str, ...]) -> MappedColumn[Any]:
    info = {"merge": Merge.STATE, "counts": (counts,) if isinstance(counts, str) else counts, **field_info(by, None)}
    return mapped_column(kind, nullable=False, default=default, info=info)


def belongs_to(column: str, table: str) -> sa.ForeignKeyConstraint:
    """A reference within the tenant: (organization_id, column) to another table's (organization_id, id).

    Checked at the commit: records have no relationships, so a flush may write a child before its parent.
    """
    return sa.ForeignKeyConstraint(
        ["organization_id", column],
        [f"{table}.organization_id", f"{table}.id"],
        deferrable=True,
        initially="DEFERRED",
    )
