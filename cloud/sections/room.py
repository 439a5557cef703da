"""What the sections bring."""

from __future__ import annotations

from collections.abc import Mapping

from cloud.edge.room import Group, Link, Room
from cloud.parts import Parts
from cloud.sections.commands import Sections
from cloud.sections.pages import SECTIONS_PATH, give_tables, sections_page
from shared.kernel.permissions import Permission


def _provide(parts: Parts) -> Mapping[str, object]:
    return {"sections": Sections(parts.units, parts.fold_worker.tell)}


ROOM = Room(
    "cloud.sections",
    pages=(sections_page, give_tables),
    has_templates=True,
    has_texts=True,
    links=(Link(SECTIONS_PATH, "sections.title", group=Group.HOUSE, needs=(Permission.EDIT_FLOOR,)),),
    provide=_provide,
)
