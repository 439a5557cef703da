"""What the audit brings."""

from __future__ import annotations

from collections.abc import Mapping

from cloud.audit.exporting import Exporting
from cloud.audit.pages import AUDIT_PATH, audit_page, export_audit, person_page
from cloud.audit.routes import list_audit
from cloud.edge.room import Group, Link, Room
from cloud.parts import Parts
from shared.kernel.permissions import Permission


def _provide(parts: Parts) -> Mapping[str, object]:
    return {"exporting": Exporting(parts.database, parts.audit, parts.keys.frame_signing)}


ROOM = Room(
    "cloud.audit",
    routes=(list_audit,),
    pages=(audit_page, person_page, export_audit),
    has_templates=True,
    has_texts=True,
    links=(Link(AUDIT_PATH, "audit.title", group=Group.PEOPLE, needs=(Permission.EDIT_STAFF,)),),
    provide=_provide,
)
