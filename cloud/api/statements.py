"""The statements of the API's lists: one for a part of a list and one for each kind of rows in it, for any number of
rows and branches.

A list of branches goes by the index of each branch for the first keys, so that neither old branches nor those of others
are read; the rows of the keys that remain are read then, in the same statement.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from cloud.api.resource import Field, Of, Part, Resource, Row
from cloud.database.transaction import ReadSession
from shared.kernel.columns import Key

MOST_PARTS = 2_000
"""Rows of one kind in one row of a list: an order has some tens of lines."""
_BRANCH = sa.column("branch", Key())


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows are wanted.

    Attributes:
        branches: None: of the whole organization.
        names: of the fields and parts; None: all.
        behind: the id and the value of the sort of the row before them.
    """

    organization_id: UUID
    branches: Sequence[UUID] | None
    filters: Mapping[str, Any]
    names: frozenset[str] | None = None
    behind: tuple[UUID, Any] | None = None
    most: int = 0


async def rows_of(read: ReadSession, resource: Resource, wanted: Wanted) -> list[Row]:
    """A part of a list, in its order, without the rows that belong to its rows."""
    fields = fields_wanted(resource, wanted.names)
    conditions = _conditions(resource, wanted)
    if resource.of is not Of.BRANCH or wanted.branches is None or len(wanted.branches) == 1:
        if resource.of is Of.BRANCH and wanted.branches is not None:
            conditions.append(resource.columns.branch_id == wanted.branches[0])
        statement = _page(resource, _selected(resource, fields), conditions, wanted)
    else:
        statement = _of_branches(resource, fields, conditions, wanted)
    return [_row(each, fields) for each in (await read.execute(statement)).all()]


async def row_of(read: ReadSession, resource: Resource, wanted: Wanted, row_id: UUID) -> Row | None:
    """One row; None if there is none, or none that the caller sees."""
    fields = fields_wanted(resource, wanted.names)
    conditions = [*_conditions(resource, wanted), resource.columns.id == row_id]
    if resource.of is Of.BRANCH and wanted.branches is not None:
        conditions.append(resource.columns.branch_id == _any(wanted.branches))
    found = (await read.execute(_selected(resource, fields).where(*conditions))).first()
    return None if found is None else _row(found, fields)


async def add_parts(read: ReadSession, resource: Resource, rows: Sequence[Row], wanted: Wanted) -> None:
    """Read what belongs to some rows, and put it into them."""
    for part in resource.parts:
        if wanted.names is None or part.name in wanted.names:
            found = await _parts(read, part, [row["id"] for row in rows], wanted.organization_id)
            for row in rows:
                row[part.name] = found.get(row["id"], [])


def fields_wanted(resource: Resource, names: frozenset[str] | None) -> tuple[Field, ...]:
    """The fields to read. One that is worked out may need any other, so all are read for it."""
    if names is None or any(each.column is None and each.name in names for each in resource.fields):
        return resource.fields
    return tuple(each for each in resource.fields if each.name in names)


async def _parts(read: ReadSession, part: Part, ids: Sequence[UUID], organization_id: UUID) -> Mapping[UUID, list[Row]]:
    columns = part.record.__table__.c
    shown = [each.column.label(each.name) for each in part.fields if each.column is not None]
    statement = sa.select(part.of.label("_of"), columns.id, *shown).select_from(part.record.__table__)
    for table, condition in part.beside:
        statement = statement.outerjoin(table, condition)
    conditions = [columns.organization_id == organization_id, part.of == _any(ids)]
    if part.only is not None:
        conditions.append(part.only)
    order = [*part.order, columns.id]
    found: defaultdict[UUID, list[Row]] = defaultdict(list)
    for each in (await read.execute(statement.where(*conditions).order_by(*order))).all():
        row = _row(each, part.fields)
        if part.finish is not None:
            part.finish(row)
        found[each[0]].append(row)
    return found


def _conditions(resource: Resource, wanted: Wanted) -> list[sa.ColumnElement[bool]]:
    columns = resource.columns
    conditions: list[sa.ColumnElement[bool]] = [columns.organization_id == wanted.organization_id]
    if resource.only is not None:
        conditions.append(resource.only)
    if resource.of is Of.SOME and wanted.branches is not None:
        assert resource.seen_in is not None
        conditions.append(resource.seen_in(_any(wanted.branches)))
    given = wanted.filters
    conditions += [each.condition(given[each.name]) for each in resource.filters if each.name in given]
    if wanted.behind is not None:
        row_id, value = wanted.behind
        if resource.sort is None:
            conditions.append(columns.id > row_id)
        else:
            begin = sa.tuple_(sa.literal(value, resource.sort.column.type), sa.literal(row_id, Key()))
            conditions.append(sa.tuple_(resource.sort.column, columns.id) < begin)
    return conditions


def _of_branches(
    resource: Resource, fields: Sequence[Field], conditions: Sequence[sa.ColumnElement[bool]], wanted: Wanted
) -> sa.Select[Any]:
    """The first keys of each branch by its index, the first of those, and their rows."""
    assert wanted.branches is not None
    columns = resource.columns
    ids = sa.literal(list(wanted.branches), sa.ARRAY(Key()))
    branches = sa.func.unnest(ids).table_valued(_BRANCH).render_derived(name="branches")
    keys = sa.select(columns.id, *_sorted_by(resource)).where(columns.branch_id == branches.c.branch)
    each = _page(resource, keys, conditions, wanted).lateral("keys")
    order = [each.c.id] if resource.sort is None else [each.c.sorted_by.desc(), each.c.id.desc()]
    all_keys = sa.select(each.c.id).select_from(branches.join(each, sa.true()))
    first = all_keys.order_by(*order).limit(wanted.most).subquery()
    rows = _selected(resource, fields).where(
        columns.organization_id == wanted.organization_id, columns.id.in_(sa.select(first.c.id))
    )
    return rows.order_by(*_order(resource))


def _page(
    resource: Resource, statement: sa.Select[Any], conditions: Sequence[sa.ColumnElement[bool]], wanted: Wanted
) -> sa.Select[Any]:
    return statement.where(*conditions).order_by(*_order(resource)).limit(wanted.most)


def _order(resource: Resource) -> list[sa.ColumnElement[Any]]:
    columns = resource.columns
    return [columns.id] if resource.sort is None else [resource.sort.column.desc(), columns.id.desc()]


def _selected(resource: Resource, fields: Sequence[Field]) -> sa.Select[Any]:
    shown = [each.column.label(each.name) for each in fields if each.column is not None]
    statement = sa.select(resource.columns.id, *_sorted_by(resource), *shown).select_from(resource.record.__table__)
    for table, condition in resource.beside:
        statement = statement.outerjoin(table, condition)
    return statement


def _sorted_by(resource: Resource) -> list[sa.ColumnElement[Any]]:
    return [] if resource.sort is None else [resource.sort.column.label("sorted_by")]


def _row(found: Any, fields: Sequence[Field]) -> Row:
    held = found._mapping
    row: Row = {"id": held["id"]}
    if "sorted_by" in held:
        row["sorted_by"] = held["sorted_by"]
    for each in fields:
        if each.column is not None:
            value = held[each.name]
            row[each.name] = each.shown(value) if each.shown is not None and value is not None else value
    return row


def _any(ids: Sequence[UUID]) -> Any:
    """Any number of ids is one parameter, so that the statement is prepared once."""
    return sa.any_(sa.literal(list(ids), sa.ARRAY(Key())))
