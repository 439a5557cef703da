"""The record base: tenant first in every key, and one merge policy declared on every replicated column.

A domain's `records.py` builds on `Record` (of the organization) or `BranchRecord`, and declares each column with
`ledger(...)`, `register(...)` or `state(...)`. What the policies do is in `sync/merge.py`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, ClassVar, cast
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, MappedColumn, mapped_column

from shared.kernel.columns import Key, Lattice, Rank
from shared.kernel.permissions import Permission

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
        __writes__: the permission that the author of a change needs.
        __derived__: whether its rows follow from a fact, with ids computed from it. Whoever may write the fact may
            create them; of several creations the one with the lowest stamp stands.
    """

    __abstract__ = True
    __scope__: ClassVar[Scope] = Scope.ORGANIZATION
    __writes__: ClassVar[Permission]
    __derived__: ClassVar[bool] = False

    organization_id: Mapped[UUID] = mapped_column(Key(), primary_key=True, sort_order=-30)
    id: Mapped[UUID] = mapped_column(Key(), primary_key=True, sort_order=-20)
    stamps: Mapped[bytes] = mapped_column(sa.LargeBinary, default=b"", sort_order=100)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "__tablename__" in cls.__dict__:
            info = {"scope": cls.__scope__, "writes": cls.__writes__, "derived": cls.__derived__}
            cast("sa.Table", cls.__table__).info.update(info)


class BranchRecord(Record):
    """A replicated row of one branch."""

    __abstract__ = True
    __scope__ = Scope.BRANCH

    branch_id: Mapped[UUID] = mapped_column(Key(), info={"merge": Merge.LEDGER}, sort_order=-10)


def ledger(kind: Any, *, nullable: bool = False, **options: Any) -> MappedColumn[Any]:
    """A field written once, with its row."""
    return mapped_column(kind, nullable=nullable, info={"merge": Merge.LEDGER}, **options)


def register(kind: Any, *, nullable: bool = False, **options: Any) -> MappedColumn[Any]:
    """A field whose newest stamp wins."""
    return mapped_column(kind, nullable=nullable, info={"merge": Merge.REGISTER}, **options)


def state(kind: type[Rank], **options: Any) -> MappedColumn[Any]:
    """A field whose higher (round, rank) wins."""
    return mapped_column(Lattice(kind), nullable=False, info={"merge": Merge.STATE}, **options)


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
