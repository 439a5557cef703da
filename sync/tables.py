"""What the change log must know of a replicated table: its scope, its fields with their merge policies, its parents.

Derived once from the metadata of the shared records; nothing here knows what a restaurant is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

import sqlalchemy as sa

from shared.kernel.columns import Key, Lattice, Wired
from shared.kernel.permissions import Permission
from shared.kernel.records import Merge, Scope

SYSTEM_COLUMNS = ("organization_id", "id", "stamps")


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """A replicated column."""

    name: str
    merge: Merge
    wire: Wired
    nullable: bool
    column: sa.Column[Any]

    def default(self) -> Any:
        """The Python value that a new row gets if nobody said otherwise."""
        default = self.column.default
        if default is None:
            return None
        argument = cast("Any", default).arg
        return argument(None) if callable(argument) else argument


@dataclass(frozen=True, slots=True)
class TableSpec:
    """A replicated table.

    Attributes:
        parents: (field, table name) of each reference within the tenant.
        defaults: wire values of fields that a writer who did not know them yet could not name.
        registers: whether any field is a register, so that rows carry stamps.
        checks: by field, whether a wire value can be stored (None: no).
        required: fields that every creation must name.
    """

    name: str
    table: sa.Table
    scope: Scope
    writes: Permission
    fields: Mapping[str, FieldSpec]
    parents: tuple[tuple[str, str], ...]
    defaults: Mapping[str, Any]
    registers: bool
    checks: Mapping[str, Callable[[Any], bool]]
    required: frozenset[str]


@cache
def specs(metadata: sa.MetaData) -> Mapping[str, TableSpec]:
    """All replicated tables of a metadata by name, parents before children.

    Raises:
        TypeError: a column of a replicated table declares no merge policy, or its type has no wire form.
    """
    return {str(table.name): _spec(table) for table in metadata.sorted_tables if "scope" in table.info}


def _spec(table: sa.Table) -> TableSpec:
    # SQLAlchemy's names are a subclass of str that msgpack will not encode.
    fields = {str(column.name): _field(column) for column in table.columns if column.name not in SYSTEM_COLUMNS}
    defaults = {
        name: field.wire.to_wire(field.default()) for name, field in fields.items() if field.default() is not None
    }
    return TableSpec(
        name=str(table.name),
        table=table,
        scope=table.info["scope"],
        writes=table.info["writes"],
        fields=fields,
        parents=tuple(_parents(table)),
        defaults=defaults,
        registers=any(field.merge is Merge.REGISTER for field in fields.values()),
        checks={name: field.wire.accepts for name, field in fields.items()},
        required=frozenset(name for name, field in fields.items() if not field.nullable and name not in defaults),
    )


def _field(column: sa.Column[Any]) -> FieldSpec:
    merge = column.info.get("merge")
    if merge is None or not isinstance(column.type, Wired):
        msg = f"{column.table.name}.{column.name} declares no merge policy, or its type has no wire form"
        raise TypeError(msg)
    if (merge is Merge.STATE) != isinstance(column.type, Lattice):
        msg = f"{column.table.name}.{column.name}: a state field is a lattice, and only a state field is"
        raise TypeError(msg)
    return FieldSpec(str(column.name), merge, column.type, bool(column.nullable), column)


def _parents(table: sa.Table) -> list[tuple[str, str]]:
    parents = []
    for constraint in table.foreign_key_constraints:
        own = [column.name for column in constraint.columns if column.name != "organization_id"]
        if len(own) != 1 or not isinstance(table.c[own[0]].type, Key):
            msg = f"{table.name}: a reference is (organization_id, one key)"
            raise TypeError(msg)
        parents.append((str(own[0]), str(constraint.referred_table.name)))
    return sorted(parents)
