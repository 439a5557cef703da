"""What the API lists and gives, declared over a table: which fields, under which names, to whom, in which order.

    SPACES = Resource("spaces", "space", Space, area=Area.FLOOR, fields=fields_of(Space, "branch_id name position"))

`routes.py` makes two operations of each, `statements.py` its statements, and `shapes.py` its schemas. Fields that a
declaration names keep their name and type: made clients hold them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import Any, Literal
from uuid import UUID

import sqlalchemy as sa

from cloud.accounts.identity import Person
from cloud.database.transaction import ReadSession
from cloud.edge.operation import Area
from cloud.kernel.instants import instant_of
from shared.kernel.columns import Choice, Day, Flag, Instant, Key, Listed, Whole, Words
from shared.kernel.instants import Clock
from shared.kernel.permissions import Permission
from shared.kernel.records import Base
from shared.kernel.sealed import KeyWrapping
from shared.kernel.states import Lattice
from shared.kernel.totals import Tally

Row = dict[str, Any]
"""Fields of a row by their public names, before they are shown."""
Beside = tuple[tuple[Any, sa.ColumnElement[bool]], ...]
"""Tables that a statement joins, each with the condition."""
_UNITS = {
    "_minor": "in minor units of the currency",
    "_milli": "in thousandths",
    "_millionths": "in millionths",
    "_bytes": "in bytes",
}


@dataclass(frozen=True, slots=True)
class Field:
    """A field of what is shown.

    Attributes:
        column: None for one that is worked out (`Resource.finish`).
        kind: its type in the schema.
        shown: the value as it is shown, of that of the column.
        is_shown: False for one that is only read, for what is worked out.
    """

    name: str
    column: sa.ColumnElement[Any] | None
    kind: Any
    description: str = ""
    shown: Callable[[Any], Any] | None = None
    is_shown: bool = True


def _as_it_is(value: Any) -> Any:
    return value


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list can be narrowed by.

    Attributes:
        name: in the address.
        condition: on the columns of the table, for a value.
        read: the value out of the address, as far as its type does not say it. Raises ValueError.
        format: what the schema says of its form.
    """

    name: str
    kind: Any
    condition: Callable[[Any], sa.ColumnElement[bool]]
    description: str = ""
    read: Callable[[Any], Any] = _as_it_is
    format: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """Rows that belong to each row of a list, and stand in it under a name: the lines of an order.

    They are read with one statement, however many rows the list has.

    Attributes:
        one: the name of their schema.
        of: the column that names the row they belong to.
        fields: without that column.
        beside: what the statement joins, and on which condition, for fields of other tables.
        order: besides by id.
    """

    name: str
    one: str
    record: type[Base]
    of: sa.ColumnElement[Any]
    fields: tuple[Field, ...]
    beside: Beside = ()
    order: tuple[sa.ColumnElement[Any], ...] = ()
    only: sa.ColumnElement[bool] | None = None
    finish: Callable[[Row], None] | None = None


class Of(Enum):
    """Whose the rows are, and so who sees which."""

    ORGANIZATION = "organization"
    """All that have the right see all of them."""
    BRANCH = "branch"
    """Whoever sees the branch."""
    SOME = "some"
    """As `Resource.seen_in` says."""


@dataclass(frozen=True, slots=True)
class Sort:
    """What a list is sorted by before the id: never null, with an index of the branch that begins with it."""

    column: sa.ColumnElement[Any]

    @property
    def kind(self) -> type[date]:
        """The type of its values."""
        kind: type[date] = _kind_of(self.column.type)[0]
        return kind


@dataclass(frozen=True, slots=True)
class Finishing:
    """What is at hand to finish rows with.

    Attributes:
        wrapping: with which the keys of sealed fields are stored.
    """

    read: ReadSession
    organization_id: UUID
    person: Person
    wrapping: KeyWrapping
    clock: Clock


Finish = Callable[[Finishing, Sequence[Row]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Resource:
    """Something that the API lists and gives.

    Attributes:
        name: of many, as in its path with hyphens: `drawer_sessions`.
        one: the name of one; its id is `{one}_id`.
        schema: the name of its schema in the document.
        sort: None: by id alone. With one the newest come first.
        seen_in: the condition that a row is seen by somebody who sees some branches only, for `Of.SOME`.
        beside: what its statement joins, and on which condition, for fields of other tables.
        finish: works out what no column says; it may run statements, a fixed number.
        about: a sentence of the document.
    """

    name: str
    one: str
    record: type[Base]
    area: Area
    fields: tuple[Field, ...]
    rights: Permission | tuple[Permission, ...] = ()
    of: Of = Of.ORGANIZATION
    sort: Sort | None = None
    filters: tuple[Filter, ...] = ()
    parts: tuple[Part, ...] = ()
    beside: Beside = ()
    seen_in: Callable[[Any], sa.ColumnElement[bool]] | None = None
    only: sa.ColumnElement[bool] | None = None
    finish: Finish | None = None
    about: str = ""

    @property
    def path(self) -> str:
        """Below the version."""
        return "/" + self.name.replace("_", "-")

    @property
    def schema(self) -> str:
        """The name of one in the document: `DrawerSession`."""
        return "".join(word.capitalize() for word in self.one.split("_"))

    @property
    def columns(self) -> Any:
        """Those of its table."""
        return self.record.__table__.c

    @property
    def names(self) -> tuple[str, ...]:
        """What may be asked for with `fields`."""
        return (*(each.name for each in self.fields if each.is_shown), *(each.name for each in self.parts))


def fields_of(
    record: type[Base],
    names: str,
    kinds: Mapping[str, Any] | None = None,
    said: Mapping[str, str] | None = None,
) -> tuple[Field, ...]:
    """Fields that are called like their columns.

    Args:
        kinds: types of those whose column does not tell it: what is in a list.
        said: descriptions.
    """
    columns, kinds, said = record.__table__.c, kinds or {}, said or {}
    return tuple(field_of(columns[name], name, kinds.get(name), said.get(name, "")) for name in names.split())


def field_of(column: sa.ColumnElement[Any], name: str, kind: Any = None, said: str = "") -> Field:
    """A field of a column under a name."""
    plain, shown = (kind, None) if kind is not None else _kind_of(column.type)
    if getattr(column, "nullable", False):
        plain = plain | None
    unit = next((words for ending, words in _UNITS.items() if name.endswith(ending)), "")
    return Field(name, column, plain, "; ".join(filter(None, (said, unit))), shown)


def worked_out(name: str, kind: Any, said: str = "") -> Field:
    """A field that `finish` sets."""
    return Field(name, None, kind, said)


def equal(column: sa.Column[Any]) -> Filter:
    """A filter for rows that have just this value, under the name of its column."""
    return Filter(column.name, _kind_of(column.type)[0], lambda value: column == value)


def between(column: sa.ColumnElement[Any], said: str) -> tuple[Filter, Filter]:
    """Filters for rows from a day or instant, to one; both included."""
    read: Callable[[Any], Any] = _as_it_is
    kind, form = _kind_of(column.type)[0], ""
    if kind is datetime:  # as a datetime Litestar would take numbers, too, and times of no zone
        kind, form, read = str, "date-time", instant_of
    return (
        Filter("from", kind, lambda value: column >= value, f"{said}, from this one on", read, form),
        Filter("to", kind, lambda value: column <= value, f"{said}, up to this one", read, form),
    )


def _kind_of(column: Any) -> tuple[Any, Callable[[Any], Any] | None]:
    """The type of a column's values in the schema, and how they are shown."""
    if isinstance(column, Choice):
        return column.kind, None
    if isinstance(column, Lattice):
        return Literal[tuple(rank.name.lower() for rank in column.kind)], lambda standing: standing.status.name.lower()
    if isinstance(column, Tally):
        return int, lambda counted: counted.total
    kinds = ((Key, UUID), (Instant, datetime), (Day, date), (Flag, bool), (Whole, int), (Words, str))
    for kind, plain in kinds:
        if isinstance(column, kind):
            return plain, None
    if isinstance(column, Listed):
        return list[Any], None
    msg = f"no type for {column!r}"
    raise TypeError(msg)
