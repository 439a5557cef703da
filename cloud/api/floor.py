"""Rooms, tables and reservations, as the API gives them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cloud.api.resource import Finishing, Of, Resource, Row, Sort, between, equal, field_of, fields_of
from cloud.edge.operation import Area
from shared.floor.records import DiningTable, Section, Space
from shared.kernel.permissions import Permission
from shared.kernel.sealed import NAME_BYTES, SealBroken, keys_named
from shared.reservations.commands import place_of
from shared.reservations.queries import FIELDS
from shared.reservations.records import Reservation

SEES_GUESTS = Permission.FORGET_PERSON
"""Who may read guests' names and phones by the hundred: who answers for them, and may have them forgotten."""
_space: Any = Space.__table__.c
_table: Any = DiningTable.__table__.c
_section: Any = Section.__table__.c
_booked: Any = Reservation.__table__.c
_SEALED_SAID = "missing without the right to it; null: none, or nobody can read it any more"


async def _open_sealed(at_hand: Finishing, rows: Sequence[Row]) -> None:
    """Say who the guests are, if the caller may know; one statement for all."""
    if not at_hand.person.may(SEES_GUESTS):
        for row in rows:
            for name in FIELDS:
                del row[name]
        return
    values = [row[name] for row in rows for name in FIELDS]
    keys = await keys_named(at_hand.read, at_hand.organization_id, values, at_hand.wrapping)
    for row in rows:
        for name in FIELDS:
            value = row[name]
            if value is not None:
                try:
                    place = place_of(at_hand.organization_id, row["id"], name)
                    row[name] = keys[value[:NAME_BYTES]].open(place, value)
                except (KeyError, SealBroken):
                    row[name] = None


SPACES = Resource(
    "spaces",
    "space",
    Space,
    area=Area.FLOOR,
    of=Of.BRANCH,
    fields=fields_of(Space, "branch_id name position active"),
    filters=(equal(_space.active),),
)
TABLES = Resource(
    "tables",
    "table",
    DiningTable,
    area=Area.FLOOR,
    of=Of.BRANCH,
    fields=fields_of(
        DiningTable,
        "branch_id space_id name seats position place shape out_of_service active",
        {"place": list[int]},
        {"place": "left, top, width and height on the plan, in cells; nothing: none"},
    ),
    filters=(equal(_table.space_id), equal(_table.active)),
)
SECTIONS = Resource(
    "sections",
    "section",
    Section,
    area=Area.FLOOR,
    of=Of.BRANCH,
    fields=fields_of(Section, "branch_id table_id person_id", said={"person_id": "who serves it; null: whoever comes"}),
    filters=(equal(_section.person_id),),
)
RESERVATIONS = Resource(
    "reservations",
    "reservation",
    Reservation,
    area=Area.RESERVATIONS,
    rights=Permission.TAKE_ORDER,
    of=Of.BRANCH,
    sort=Sort(_booked.day),
    fields=(
        *fields_of(
            Reservation,
            "branch_id kind day minute guests table_id status order_id made_at made_by",
            said={"minute": "after midnight, local time"},
        ),
        *(field_of(_booked[name], name, str, _SEALED_SAID) for name in FIELDS),
    ),
    filters=(*between(_booked.day, "day"), equal(_booked.kind), equal(_booked.table_id)),
    finish=_open_sealed,
    about="Give reservations and guests who wait, the latest day first.",
)

ALL = (SPACES, TABLES, SECTIONS, RESERVATIONS)
