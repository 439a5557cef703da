"""Declared sums: tables that every replica computes for itself from the rows that it has.

A table of sums is local: it is never replicated and has no merge policy. Every row of it is a pure sum of shares: of
single rows (`Sum`), or of rows that are compared together (`Comparison`). So the figures are the same for any order of
arrival and any batches, and after a row was voided. Several declarations may add to one table. A row of sums that
counts nothing is removed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import sqlalchemy as sa

from shared.kernel.closing import Dating
from shared.kernel.columns import Key
from shared.kernel.records import NAMING, Record

sums_metadata = sa.MetaData(naming_convention=NAMING)
"""The tables of sums of all domains."""

Share = tuple[str, tuple[Any, ...], tuple[int, ...]]
"""The name of a table of sums, the key without the organization, and the amounts in the order of the table.

The first amount is the count, at least 1: what says nothing is no share. Keys are wire values."""
FamilyRows = Mapping[str, Mapping[bytes, Any]]
"""The rows of a family: typed wire values by the name of their table and their id. Every source is a key."""
ColumnOrRule = str | Callable[[Any], Any]
"""A column of the source, or a pure function of the wire values of its row."""


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
    """Make a table of sums: organization and keys are its primary key, all amounts are sums, the first one counts."""
    return sa.Table(
        name,
        sums_metadata,
        sa.Column("organization_id", Key(), primary_key=True),
        *(sa.Column(key, kind, primary_key=True) for key, kind in keys.items()),
        *(sa.Column(amount, WideWhole(), nullable=False) for amount in amounts),
    )


def keys_of(table: sa.Table) -> tuple[str, ...]:
    """The key columns of a table of sums besides the organization."""
    return tuple(str(each.name) for each in table.columns if each.primary_key and each.name != "organization_id")


def amounts_of(table: sa.Table) -> tuple[str, ...]:
    """The summed columns of a table of sums, the count first."""
    return tuple(str(each.name) for each in table.columns if not each.primary_key)


@dataclass(frozen=True, slots=True)
class Sum:
    """Declares what each row of a table adds to a table of sums. A row of which a key is None adds nothing.

    Attributes:
        table: the table of sums.
        source: the table whose rows are summed.
        counts: the first amount of `table`: it counts the rows.
        named: where the keys and amounts come from. Without it each has a column of its name in the source. With it
            this holds for keys that it does not name; amounts that it does not name get nothing from this source.
        edition: raised when a function in `named` says something else of the same rows: devices count anew then.
        dated: how the business dates of the rows are read; as they are, without it.
    """

    table: sa.Table
    source: sa.Table
    counts: str
    named: Mapping[str, ColumnOrRule] = field(default_factory=dict)
    edition: int = 1
    dated: Dating | None = None

    def __post_init__(self) -> None:
        assert amounts_of(self.table)[0] == self.counts, f"{self.table.name} counts in its first amount"
        known = set(self.source.columns.keys())
        wanted = [*self.key_columns, *(each for each in self.amount_columns if each is not None)]
        missing = {each for each in wanted if isinstance(each, str)} - known
        missing |= self.named.keys() - set(self.table.columns.keys())
        assert not missing, f"{self.source.name} has no {missing}"

    @property
    def reads(self) -> tuple[str, ...]:
        """The names of the tables whose rows it reads."""
        return (str(self.source.name),)

    @property
    def tables(self) -> tuple[sa.Table, ...]:
        """The tables of sums to which it adds."""
        return (self.table,)

    @property
    def key_columns(self) -> tuple[ColumnOrRule, ...]:
        """Where each key comes from."""
        return tuple(self.named.get(key, key) for key in keys_of(self.table))

    @property
    def amount_columns(self) -> tuple[ColumnOrRule | None, ...]:
        """Where each amount besides the count comes from; None: it gets nothing."""
        names = amounts_of(self.table)[1:]
        return tuple(self.named.get(name) for name in names) if self.named else names


@dataclass(frozen=True, slots=True)
class Comparison:
    """Declares what rows of several tables add together: those with one value in the column `group` are a family.

    A family is compared once a transaction or batch, as it was and as it is. Where every source refers to the first one
    by `group`, a family whose first row is new is compared without a look at the database. Each source needs an index
    that begins with `group`.

    Attributes:
        group: a column of ids that all sources have. Where the first has none, its own id is the value. A row without a
            value belongs to no family.
        sources: the records, parents first.
        tables: the tables of sums to which the shares go.
        shares: pure; the shares of the rows of one family, in whatever order the rows, and the keys within a document,
            come. It is not asked about a family without rows.
        edition: raised when `shares` says something else of the same rows: devices count anew then.
        dated: how the business dates of the rows are read; as they are, without it.
        rare: sources of which most families have no row.
        only_with_rare: sources whose rows are read only for families that have rows of `rare` ones; `shares` of others
            looks at none of them.
    """

    group: str
    sources: tuple[type[Record], ...]
    tables: tuple[sa.Table, ...]
    shares: Callable[[FamilyRows], Iterable[Share]]
    edition: int = 1
    dated: Dating | None = None
    rare: tuple[type[Record], ...] = ()
    only_with_rare: tuple[type[Record], ...] = ()

    def __post_init__(self) -> None:
        for at, record in enumerate(self.sources):
            table = cast("sa.Table", record.__table__)
            assert at == 0 or self.group in table.columns, f"{table.name} has no {self.group}"

    @property
    def reads(self) -> tuple[str, ...]:
        """The names of the tables whose rows it reads."""
        return tuple(each.__tablename__ for each in self.sources)


Declared = Sum | Comparison
