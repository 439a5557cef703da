"""What the core must know of a replicated table: its scope, its fields with their merge policies, its parents.

Compiled once from the metadata of the shared records; nothing here knows what a restaurant is. `Values` is the typed
row
of a table: decoding a change into it checks types, lengths and ranges in one pass of C, and fills in what an older
writer did not know. What msgspec cannot check is checked by column (`Wired.accepts_column`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple, TypedDict, cast

import msgspec
import sqlalchemy as sa

from shared.kernel.columns import Choice, Key, Wired
from shared.kernel.records import Merge, Scope
from shared.kernel.rights import TableRights, rights_of
from shared.kernel.states import Growing, Lattice
from shared.kernel.totals import Total

STAMPS = "stamps"
SYSTEM_COLUMNS = ("organization_id", "id", STAMPS)
_UNSENDABLE = "the row's stamps"
"""No column has this name, so that nothing that is sent means the stamps of a row. The fold sets them itself."""

Values = Any
"""A struct of one table's wire values by field name, with `stamps` (the packed stamps of the row) last."""


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


class Parent(NamedTuple):
    """A reference within the tenant."""

    field: str
    table: str


@dataclass(frozen=True, slots=True, eq=False)
class TableSpec:
    """A replicated table.

    Attributes:
        rights: what writing it takes, and what holds for each row.
        whole: of two creations of a row the ledger fields of one stand together.
        derived: its rows follow from facts; of several creations the one with the lowest stamp stands.
        names: the fields in the order of `Values`.
        policies: the merge policy of each field.
        defaults: wire values of fields that a writer who did not know them yet could not name.
        registers, states: names of the register and of the state fields.
        bounds: the totals that never exceed another total of their row, and which (of several, their sum).
        stamped: whether rows keep stamps: those of register fields, or of the creation of a derived row.
        checks: by field, whether a wire value can be stored (None: no).
        required: fields that every creation must name.
        values: the struct of a row.
        decode_exactly: the checked fields of a creation, as `Values`; refuses fields that this program does not know.
        decode_creation, decode_edit: the checked fields that this program knows, as `Values` or as a mapping.
        fingerprint: eight bytes that tell this version of the table from every other.
    """

    name: str
    table: sa.Table
    scope: Scope
    rights: TableRights
    derived: bool
    whole: bool
    fields: Mapping[str, FieldSpec]
    names: tuple[str, ...]
    policies: Mapping[str, Merge]
    parents: tuple[Parent, ...]
    defaults: Mapping[str, Any]
    registers: tuple[str, ...]
    states: tuple[str, ...]
    bounds: Mapping[str, tuple[str, ...]]
    stamped: bool
    checks: Mapping[str, Callable[[Any], bool]]
    required: frozenset[str]
    values: type[Any]
    decode_exactly: Callable[[bytes | msgspec.Raw], Values]
    decode_creation: Callable[[bytes | msgspec.Raw], Values]
    decode_edit: Callable[[bytes | msgspec.Raw], dict[str, Any]]
    fingerprint: bytes


@cache
def specs(metadata: sa.MetaData) -> Mapping[str, TableSpec]:
    """All replicated tables of a metadata by name, parents before children.

    Raises:
        TypeError: a column of a replicated table declares no merge policy, or its type has no wire form.
    """
    return {str(table.name): _spec(table) for table in metadata.sorted_tables if "scope" in table.info}


def program_fingerprint(tables: Mapping[str, TableSpec]) -> bytes:
    """Sixteen bytes that change whenever a replicated table does: a program that can fold what another could not."""
    parts = b"".join(name.encode() + tables[name].fingerprint for name in sorted(tables))
    return hashlib.blake2b(parts, digest_size=16).digest()


def _spec(table: sa.Table) -> TableSpec:
    # SQLAlchemy's names are a subclass of str that msgpack will not encode.
    fields = {str(column.name): _field(column) for column in table.columns if column.name not in SYSTEM_COLUMNS}
    defaults = {
        name: field.wire.to_wire(field.default()) for name, field in fields.items() if field.default() is not None
    }
    required = frozenset(name for name, field in fields.items() if not field.nullable and name not in defaults)
    names = tuple(sorted(fields, key=lambda name: name not in required))
    registers = tuple(name for name in names if fields[name].merge is Merge.REGISTER)
    derived = bool(table.info.get("derived"))
    bounds = {name: field.column.info["counts"] for name, field in fields.items() if field.column.info.get("counts")}
    counted = {of for some in bounds.values() for of in some}
    assert all(isinstance(fields[of].wire, Total) for of in counted), f"{table.name}: a total counts a total"
    values = _values(str(table.name), [fields[name] for name in names], defaults)
    kinds = {name: _kind(field) for name, field in fields.items()}
    edits = TypedDict(f"{table.name}_edit", kinds, total=False)  # type: ignore[misc]  # made of a declaration
    return TableSpec(
        name=str(table.name),
        table=table,
        scope=table.info["scope"],
        rights=_rights(table, defaults),
        derived=derived,
        whole=bool(table.info.get("whole")),
        fields=fields,
        names=names,
        policies={name: fields[name].merge for name in names},
        parents=tuple(_parents(table)),
        defaults=defaults,
        registers=registers,
        states=tuple(name for name in names if fields[name].merge is Merge.STATE),
        bounds=bounds,
        stamped=derived or bool(registers),
        checks={name: field.wire.accepts for name, field in fields.items()},
        required=required,
        values=values,
        decode_exactly=msgspec.msgpack.Decoder(values).decode,
        decode_creation=_lenient(values),
        decode_edit=cast("Any", msgspec.msgpack.Decoder(edits).decode),
        fingerprint=_fingerprint(table, [fields[name] for name in sorted(fields)], defaults),
    )


def _rights(table: sa.Table, defaults: Mapping[str, Any]) -> TableRights:
    rights = rights_of(table, defaults)
    for rule in rights.rules:
        policies = {table.c[name].info["merge"] for name in rule.fields}
        assert len(rule.fields) == 1 or policies == {Merge.LEDGER}, f"{table.name}: {rule.name} can be torn"
    return rights


def _kind(field: FieldSpec) -> Any:
    return field.wire.wire_type | None if field.nullable else field.wire.wire_type


def _values(name: str, fields: list[FieldSpec], defaults: Mapping[str, Any]) -> type[Any]:
    declared: list[Any] = []
    for field in fields:
        if field.name in defaults:
            declared.append((field.name, _kind(field), _default_of(defaults[field.name])))
        elif field.nullable:
            declared.append((field.name, _kind(field), None))
        else:
            declared.append((field.name, _kind(field)))
    declared.append((STAMPS, bytes, b""))
    return msgspec.defstruct(
        f"{name}_values", declared, gc=False, rename={STAMPS: _UNSENDABLE}, forbid_unknown_fields=True
    )


def _lenient(values: type[Any]) -> Callable[[bytes | msgspec.Raw], Values]:
    """A decoder of creations that leaves out fields which this program does not know."""
    exactly = msgspec.msgpack.Decoder(values).decode
    known = msgspec.defstruct(f"known_{values.__name__}", [], bases=(values,), gc=False, forbid_unknown_fields=False)
    leniently = msgspec.msgpack.Decoder(known).decode

    def decode(raw: bytes | msgspec.Raw) -> Values:
        try:
            return exactly(raw)
        except msgspec.ValidationError:
            return values(*msgspec.structs.astuple(leniently(raw)))

    return decode


def _default_of(value: Any) -> Any:
    if isinstance(value, (list, dict)):
        return msgspec.field(default_factory=lambda: msgspec.msgpack.decode(msgspec.msgpack.encode(value)))
    return value


def _fingerprint(table: sa.Table, fields: list[FieldSpec], defaults: Mapping[str, Any]) -> bytes:
    """Hash all that decides whether two programs make the same rows of the same log."""
    said = [
        [
            each.name,
            each.merge,
            type(each.wire).__name__,
            str(each.wire.wire_type),
            each.nullable,
            defaults.get(each.name),
            each.column.info.get("counts"),
        ]
        for each in fields
    ]
    ranks = [sorted(int(rank) for rank in each.wire.kind) for each in fields if isinstance(each.wire, Lattice)]
    words = [sorted(each.wire.words) for each in fields if isinstance(each.wire, Choice)]
    parents = [list(each) for each in _parents(table)]
    whole = msgspec.json.encode(
        [str(table.name), bool(table.info.get("derived")), said, ranks, words, parents], order="sorted"
    )
    return hashlib.blake2b(whole, digest_size=8).digest()


def _field(column: sa.Column[Any]) -> FieldSpec:
    merge = column.info.get("merge")
    if merge is None or not isinstance(column.type, Wired):
        msg = f"{column.table.name}.{column.name} declares no merge policy, or its type has no wire form"
        raise TypeError(msg)
    if (merge is Merge.STATE) != isinstance(column.type, Growing):
        msg = f"{column.table.name}.{column.name}: a state field has a type that grows, and only a state field has"
        raise TypeError(msg)
    return FieldSpec(str(column.name), merge, column.type, bool(column.nullable), column)


def _parents(table: sa.Table) -> list[Parent]:
    parents = []
    for constraint in table.foreign_key_constraints:
        own = [column.name for column in constraint.columns if column.name != "organization_id"]
        if len(own) != 1 or not isinstance(table.c[own[0]].type, Key):
            msg = f"{table.name}: a reference is (organization_id, one key)"
            raise TypeError(msg)
        parents.append(Parent(str(own[0]), str(constraint.referred_table.name)))
    return sorted(parents)
