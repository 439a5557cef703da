"""Sums that every replica keeps for itself: their tables, and how each follows from the rows of another table.

A table of sums is local: it is never replicated and has no merge policy, since each replica computes it from the rows
that it has. Every row of it is a pure sum, so that any order of arrival, any batches, and taking a row back lead to
the same figures.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from shared.kernel.columns import Key
from shared.kernel.records import NAMING

sums_metadata = sa.MetaData(naming_convention=NAMING)
"""The tables of sums of all domains."""


class WideWhole(sa.TypeDecorator[int]):
    """A whole number wider than any one amount: up to 38 digits on PostgreSQL, 64 bits on SQLite.

    A sum that could not be written would refuse the sale itself. The server adds up what hostile devices send, too; a
    till would need 9,000 sales of the largest amount in an hour.
    """

    impl = sa.Numeric(38, 0)
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> Any:
        """The native type of the dialect."""
        return dialect.type_descriptor(sa.BigInteger() if dialect.name == "sqlite" else sa.Numeric(38, 0))

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> int | None:
        """What the driver gives to an integer."""
        return None if value is None else int(value)


def sums_table(name: str, keys: dict[str, sa.types.TypeEngine[Any]], amounts: tuple[str, ...]) -> sa.Table:
    """A table of sums: organization and keys are its primary key, all amounts are sums."""
    return sa.Table(
        name,
        sums_metadata,
        sa.Column("organization_id", Key(), primary_key=True),
        *(sa.Column(key, kind, primary_key=True) for key, kind in keys.items()),
        *(sa.Column(amount, WideWhole(), nullable=False) for amount in amounts),
    )


@dataclass(frozen=True, slots=True)
class Sum:
    """How a table of sums follows from another table.

    Attributes:
        table: the sums. A row that counts no source row is removed.
        source: whose rows are summed. It has a column for each key and amount, under the same name.
        counts: the column of `table` that counts source rows.
    """

    table: sa.Table
    source: sa.Table
    counts: str

    def __post_init__(self) -> None:
        missing = {column.name for column in self.table.columns} - {self.counts} - set(self.source.columns.keys())
        assert not missing, f"{self.source.name} has no {missing}"

    @property
    def keys(self) -> tuple[str, ...]:
        """What the sums are told apart by, besides the organization."""
        return tuple(
            column.name for column in self.table.columns if column.primary_key and column.name != "organization_id"
        )

    @property
    def amounts(self) -> tuple[str, ...]:
        """What is summed up, besides the count."""
        return tuple(
            column.name for column in self.table.columns if not column.primary_key and column.name != self.counts
        )
