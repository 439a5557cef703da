"""What the roles bring."""

from __future__ import annotations

from collections.abc import Mapping

from cloud.edge.room import Group, Link, Room
from cloud.parts import Parts
from cloud.roles.commands import Roles
from cloud.roles.pages import ROLES_PATH, add_role, change_role, retire_role, role_page, roles_page
from shared.kernel.permissions import Permission


def _provide(parts: Parts) -> Mapping[str, object]:
    return {"roles": Roles(parts.units, parts.ids, parts.fold_worker.tell)}


ROOM = Room(
    "cloud.roles",
    pages=(roles_page, add_role, role_page, change_role, retire_role),
    has_templates=True,
    has_texts=True,
    links=(Link(ROLES_PATH, "roles.title", group=Group.PEOPLE, needs=(Permission.EDIT_STAFF,)),),
    provide=_provide,
)
