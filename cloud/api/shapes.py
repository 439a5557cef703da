"""The schemas of what the API gives, made from its declarations. A client may ask for some fields only, so none but the
id is sure to be there.
"""

from __future__ import annotations

from functools import cache
from typing import Annotated, Any
from uuid import UUID

import msgspec

from cloud.api.resource import Field, Resource


class Tax(msgspec.Struct, kw_only=True):
    """A tax of a receipt or of one of its lines. Amounts in minor units."""

    name: str
    tax_minor: int
    included: bool
    rate_millionths: int = 0
    per_unit_minor: int = 0
    net_minor: int = 0


class ChosenModifier(msgspec.Struct, kw_only=True):
    """A modifier of a line; twice what was chosen twice."""

    name: str
    price_delta_minor: int = 0
    id: str = ""


class DiscountShare(msgspec.Struct, kw_only=True):
    """What a discount took off a line."""

    id: str
    amount_minor: int


@cache
def shape_of(resource: Resource) -> type[msgspec.Struct]:
    """The schema of one."""
    parts = [
        (part.name, list[_struct(part.one, part.fields)], msgspec.UNSET)  # type: ignore[misc]  # made just now
        for part in resource.parts
    ]
    return _struct(resource.schema, resource.fields, parts)


@cache
def page_of(resource: Resource) -> type[msgspec.Struct]:
    """The schema of a part of a list."""
    said = msgspec.Meta(description="ask with `after` for the next part; empty if this is the last")
    rows = list[shape_of(resource)]  # type: ignore[misc, valid-type]  # made just now
    fields = [(resource.name, rows), ("next", Annotated[str, said])]
    return msgspec.defstruct(f"{resource.schema}Page", fields, module=__name__)


def _struct(name: str, fields: tuple[Field, ...], more: list[Any] | None = None) -> type[msgspec.Struct]:
    made = [(each.name, _kind(each), msgspec.UNSET) for each in fields if each.is_shown]
    return msgspec.defstruct(name, [("id", UUID), *made, *(more or [])], kw_only=True, module=__name__)


def _kind(field: Field) -> Any:
    if not field.description:
        return field.kind
    return Annotated[field.kind, msgspec.Meta(description=field.description)]
