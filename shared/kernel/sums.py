"""Declared sums: tables that every replica computes for itself from the rows of another table.

A table of sums is local: it is never replicated and has no merge policy, since each replica computes it from the rows
that it has. Every row of it is a pure sum, so that the figures are the same for any order of arrival and any batches,
and after a row was voided.
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

    A sum that cannot be written would stop the sale itself. The server also adds up what hostile devices send; on a
    till 64 bits hold 9,000 sales of the largest amount in an hour.
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
    """Make a table of sums: organization and keys are its primary key, all amounts are sums."""
    return sa.Table(
        name,
        sums_metadata,
        sa.Column("organization_id", Key(), primary_key=True),
        *(sa.Column(key, kind, primary_key=True) for key, kind in keys.items()),
        *(sa.Column(amount, WideWhole(), nullable=False) for amount in amounts),
    )


@dataclass(frozen=True, slots=True)
class Sum:
    """Declares a table of sums over another table.

    Attributes:
        table: the table of sums. A row of it that counts no source row is removed.
        source: the table whose rows are summed. It has a column for each key and amount, under the same name.
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
        """The key columns besides the organization."""
        return tuple(
            column.name for column in self.table.columns if column.primary_key and column.name != "organization_id"
        )

    @property
    def amounts(self) -> tuple[str, ...]:
        """The summed columns besides the count."""
        return tuple(
            column.name for column in self.table.columns if not column.primary_key and column.name != self.counts
        )
