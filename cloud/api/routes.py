"""Makes the operations of a resource: its list, and one of it.

Their signatures are made, too, and Litestar reads routes and document from them as from any function's.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Annotated, Any, cast
from uuid import UUID

from litestar import Response
from litestar.di import NamedDependency
from litestar.exceptions import ValidationException
from litestar.handlers import HTTPRouteHandler
from litestar.openapi import spec
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, HeaderParameter, QueryParameter, SkipValidation

from cloud.accounts.branches import chosen
from cloud.accounts.identity import Person
from cloud.api.answers import answer
from cloud.api.cursors import Cursors
from cloud.api.resource import Finishing, Of, Resource, Row
from cloud.api.shapes import page_of, shape_of
from cloud.api.statements import Wanted, add_parts, row_of, rows_of
from cloud.database.transaction import ReadSession
from cloud.edge.operation import Reach, query
from cloud.lookups.houses import Houses
from shared.kernel.errors import DomainError
from shared.kernel.instants import Clock
from shared.kernel.sealed import KeyWrapping

AT_ONCE = 100
"""Rows of one answer at most."""
USUALLY = 50
LONGEST_FIELDS_CHARACTERS = 1_000
UNCHANGED = {304: ResponseSpec(None, generate_examples=False, description="the version that the request names")}
_TAG = Annotated[str | None, HeaderParameter(name="If-None-Match", description="`ETag` of an answer that is at hand")]
_FIELDS = Annotated[
    str,
    QueryParameter(
        max_length=LONGEST_FIELDS_CHARACTERS, description="names of the fields that are wanted, with commas between"
    ),
]
_CALLER: Mapping[str, Any] = {
    "person": NamedDependency[SkipValidation[Person]],
    "organization_id": NamedDependency[UUID],
    "houses": NamedDependency[SkipValidation[Houses]],
    "read": NamedDependency[SkipValidation[ReadSession]],
    "cursors": NamedDependency[SkipValidation[Cursors]],
    "wrapping": NamedDependency[SkipValidation[KeyWrapping]],
    "clock": NamedDependency[SkipValidation[Clock]],
}
_NONE = inspect.Parameter.empty


def list_of(resource: Resource) -> HTTPRouteHandler:
    """The operation that gives a list, part by part."""
    narrowed = {"from": "first", "to": "last"}  # no words of Python's own
    called = {each.name: narrowed.get(each.name, each.name) for each in resource.filters}
    given: dict[str, tuple[Any, Any]] = {name: (kind, _NONE) for name, kind in _CALLER.items()}
    if resource.of is not Of.ORGANIZATION:
        given["branch"] = (Annotated[UUID | None, QueryParameter(description="of this branch alone")], None)
    for each in resource.filters:
        form = {"format": each.format} if each.format else None
        parameter = QueryParameter(name=each.name, description=each.description or None, schema_extra=form)
        given[called[each.name]] = (Annotated[each.kind | None, parameter], None)
    given["fields"] = (_FIELDS, "")
    given["after"] = (Annotated[str, QueryParameter(description="`next` of the part before")], "")
    given["limit"] = (Annotated[int, QueryParameter(ge=1, le=AT_ONCE, description="rows of this answer")], USUALLY)
    given["if_none_match"] = (_TAG, None)

    async def listed(**values: Any) -> Response[Any]:
        filters = _filters(resource, {name: values[word] for name, word in called.items() if values[word] is not None})
        return await _list(resource, values, filters)

    operation = query(
        f"list_{resource.name}",
        resource.path,
        area=resource.area,
        rights=resource.rights,
        reach=_reach(resource),
        summary=resource.name.replace("_", " ").capitalize(),
        problems="FIELD_UNKNOWN CURSOR_WRONG" + (" BRANCH_UNKNOWN" if "branch" in given else ""),
        document=tagged,
        responses=UNCHANGED,
    )
    return operation(_signed(listed, given, page_of(resource), resource.about or f"Give the {_words(resource.name)}."))


def one_of(resource: Resource) -> HTTPRouteHandler:
    """The operation that gives one."""
    key = f"{resource.one}_id"
    given: dict[str, tuple[Any, Any]] = {
        key: (FromPath[UUID], _NONE),
        **{name: (kind, _NONE) for name, kind in _CALLER.items() if name != "cursors"},
        "fields": (_FIELDS, ""),
        "if_none_match": (_TAG, None),
    }

    async def got(**values: Any) -> Response[Any]:
        return await _one(resource, values, values[key])

    operation = query(
        f"get_{resource.one}",
        f"{resource.path}/{{{key}:uuid}}",
        area=resource.area,
        rights=resource.rights,
        reach=_reach(resource),
        summary=f"One of the {_words(resource.name)}",
        problems="FIELD_UNKNOWN NOT_FOUND",
        document=tagged,
        responses=UNCHANGED,
    )
    return operation(_signed(got, given, shape_of(resource), f"Give one of the {_words(resource.name)}."))


async def _list(resource: Resource, values: Mapping[str, Any], filters: Mapping[str, Any]) -> Response[Any]:
    person, organization_id, read = values["person"], values["organization_id"], values["read"]
    names = _names(resource, values["fields"])
    branches = await _branches(resource, values, values.get("branch"))
    cursors: Cursors = values["cursors"]
    about = {name: str(value) for name, value in filters.items()} | {"branch": str(values.get("branch"))}
    kind = None if resource.sort is None else resource.sort.kind
    behind = cursors.read(organization_id, resource.name, about, values["after"], kind) if values["after"] else None
    wanted = Wanted(organization_id, branches, filters, names, behind, values["limit"] + 1)
    rows = await rows_of(read, resource, wanted) if branches is None or branches else []
    shown = rows[: values["limit"]]
    following = ""
    if len(rows) > len(shown):
        following = cursors.of(organization_id, resource.name, about, shown[-1]["id"], shown[-1].get("sorted_by"))
    await _finish(resource, values, person, shown, wanted)
    return answer({resource.name: shown, "next": following}, values["if_none_match"])


async def _one(resource: Resource, values: Mapping[str, Any], row_id: UUID) -> Response[Any]:
    names = _names(resource, values["fields"])
    branches = await _branches(resource, values, None)
    wanted = Wanted(values["organization_id"], branches, {}, names)
    row = await row_of(values["read"], resource, wanted, row_id)
    if row is None:
        raise DomainError("NOT_FOUND")
    await _finish(resource, values, values["person"], [row], wanted)
    return answer(row, values["if_none_match"])


async def _finish(
    resource: Resource, values: Mapping[str, Any], person: Person, rows: list[Row], wanted: Wanted
) -> None:
    """Add what is in other tables and what is worked out, and leave what was not asked for."""
    await add_parts(values["read"], resource, rows, wanted)
    if resource.finish is not None:
        at_hand = Finishing(values["read"], values["organization_id"], person, values["wrapping"], values["clock"])
        await resource.finish(at_hand, rows)
    kept = {"id", *(resource.names if wanted.names is None else wanted.names)}
    for row in rows:
        for name in [name for name in row if name not in kept]:
            del row[name]


def _filters(resource: Resource, given: Mapping[str, Any]) -> dict[str, Any]:
    """The values of the filters that an address has.

    Raises:
        ValidationException: one is none.
    """
    read = {}
    for each in resource.filters:
        if each.name in given:
            try:
                read[each.name] = each.read(given[each.name])
            except ValueError:
                raise ValidationException(extra=[{"key": each.name, "message": "Invalid RFC3339 date-time"}]) from None
    return read


async def _branches(resource: Resource, values: Mapping[str, Any], branch: UUID | None) -> list[UUID] | None:
    """The branches that the caller sees, or the one that they chose; None where it does not matter.

    Raises:
        DomainError: BRANCH_UNKNOWN.
    """
    if resource.of is Of.ORGANIZATION:
        return None
    person: Person = values["person"]
    house = await values["houses"].of(values["organization_id"], values["read"])
    seen = house.seen_by(person)
    if branch is None and resource.of is Of.SOME and len(seen) == len(house.branches) and person.sees_everything:
        return None
    return [each.id for each in chosen(seen, branch)]


def _names(resource: Resource, fields: str) -> frozenset[str] | None:
    """The fields that are wanted; None: all.

    Raises:
        DomainError: FIELD_UNKNOWN (params: field, known).
    """
    if not fields:
        return None
    names = frozenset(each.strip() for each in fields.split(","))
    known = ("id", *resource.names)
    for name in sorted(names):
        if name not in known:
            raise DomainError("FIELD_UNKNOWN", field=name, known=", ".join(known))
    return names


def _signed(function: Any, given: Mapping[str, tuple[Any, Any]], shape: Any, said: str) -> Any:
    """A function with the signature of one that names all its parameters."""
    function.__signature__ = inspect.Signature(
        [
            inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=kind)
            for name, (kind, default) in given.items()
        ],
        return_annotation=Response[shape],
    )
    function.__annotations__ = {name: kind for name, (kind, _default) in given.items()} | {"return": Response[shape]}
    function.__doc__ = said
    return function


def tagged(shown: spec.Operation) -> None:
    """Say in the document which version an answer is."""
    kinds = {name: spec.OpenAPIHeader(schema=spec.Schema(type=spec.OpenAPIType.STRING)) for name in ("ETag",)}
    for status in ("200", "304"):
        told = (shown.responses or {}).get(status)
        if isinstance(told, spec.OpenAPIResponse):
            told.headers = {**(told.headers or {}), **cast("dict[str, Any]", kinds)}


def _reach(resource: Resource) -> Reach:
    return Reach.ORGANIZATION if resource.of is Of.ORGANIZATION else Reach.BRANCH


def _words(name: str) -> str:
    return name.replace("_", " ")
