"""An older program: tables, fields and words of today that it does not declare yet, and the step that brings them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.schema import CreateIndex, CreateTable

from shared.kernel.columns import Choice
from shared.records import metadata
from sync.tables import FieldSpec, TableSpec, specs

DIALECT: Any = sa.create_engine("sqlite://").dialect
Fields = Mapping[str, Collection[str]]
"""By table, some of its fields."""
Words = Mapping[tuple[str, str], Collection[str]]
"""By table and field, some of its words."""


def older_metadata(
    tables: Collection[str] = (), fields: Fields | None = None, words: Words | None = None
) -> sa.MetaData:
    """The declarations without these tables, fields and words. References to them are gone, too."""
    older = sa.MetaData(naming_convention=metadata.naming_convention)
    for table in metadata.sorted_tables:
        if table.name not in tables:
            _copy(table, older, frozenset((fields or {}).get(table.name, ())), words or {}, tables)
    return older


def older_tables(
    tables: Collection[str] = (), fields: Fields | None = None, words: Words | None = None
) -> Mapping[str, TableSpec]:
    """The replicated tables of such a program."""
    return specs(older_metadata(tables, fields, words))


def upgrading_step(older: sa.MetaData) -> list[str]:
    """The statements that bring a file of an older program to today's tables: they only add."""
    step = []
    for table in metadata.sorted_tables:
        before = older.tables.get(table.name)
        if before is None:
            step.append(str(CreateTable(table).compile(dialect=DIALECT)))
            step += [str(CreateIndex(index).compile(dialect=DIALECT)) for index in table.indexes]
            continue
        spec = specs(metadata)[table.name]
        step += [_adds(spec, spec.fields[name]) for name in spec.names if name not in before.columns]
    return step


def older_file(older: sa.MetaData) -> list[str]:
    """The statements that make the replicated tables of an older program."""
    made: list[str] = []
    engine = sa.create_mock_engine(
        "sqlite://", lambda each, *_args, **_more: made.append(str(each.compile(dialect=DIALECT)))
    )
    older.create_all(engine, checkfirst=False)
    return made


def _copy(table: sa.Table, into: sa.MetaData, without: frozenset[str], words: Words, gone: Collection[str]) -> None:
    columns = [column for column in table.columns if column.name not in without]
    kept = {column.name for column in columns}
    assert len(kept) == len(table.columns) - len(without), f"{table.name} has no such fields: {set(without)}"
    references = [
        sa.ForeignKeyConstraint(
            [column.name for column in each.columns],
            [f"{each.referred_table.name}.{element.column.name}" for element in each.elements],
            deferrable=True,
            initially="DEFERRED",
        )
        for each in table.foreign_key_constraints
        if each.referred_table.name not in gone and kept.issuperset(column.name for column in each.columns)
    ]
    indexes = [
        sa.Index(index.name, *[column.name for column in index.columns], unique=index.unique)
        for index in table.indexes
        if kept.issuperset(column.name for column in index.columns)
    ]
    copies = [_column(column, words.get((table.name, column.name), ())) for column in columns]
    said = dict(table.info)
    said["rules"] = tuple(each for each in said["rules"] if kept.issuperset(each.fields))
    said["told"] = tuple(each for each in said["told"] if each in kept)
    sa.Table(table.name, into, *copies, *references, *indexes, info=said)


def _column(column: sa.Column[Any], without: Collection[str]) -> sa.Column[Any]:
    kind: Any = column.type
    if without:
        fewer = StrEnum(kind.kind.__name__, {each.name: str(each) for each in kind.kind if str(each) not in without})
        kind = Choice(fewer, fallback=None if kind.fallback is None else fewer(str(kind.fallback)))
    default = column.default.arg if column.default is not None else None
    argument = (lambda: default(None)) if callable(default) else default
    return sa.Column(
        column.name,
        kind,
        primary_key=column.primary_key,
        nullable=column.nullable,
        default=argument,
        info=dict(column.info),
    )


def _adds(table: TableSpec, field: FieldSpec) -> str:
    kind = field.column.type.compile(dialect=DIALECT)
    needed = "" if field.nullable else f" DEFAULT {_literal(field)} NOT NULL"
    return f'ALTER TABLE "{table.name}" ADD COLUMN "{field.name}" {kind}{needed}'


def _literal(field: FieldSpec) -> str:
    value = field.wire.to_wire(field.default())
    assert value is not None, f"{field.name} is needed and has no default: a step cannot add it"
    return f"'{value}'" if isinstance(value, str) else str(int(value))
