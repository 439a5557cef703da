"""What the people of an organization bring."""

from __future__ import annotations

from collections.abc import Mapping

from cloud.edge.room import Group, Link, Room
from cloud.members.commands import Members
from cloud.members.pages import (
    PEOPLE_PATH,
    add_member,
    change_member,
    invite_member,
    member_page,
    new_member_page,
    people_page,
    set_access,
    set_at_work,
)
from cloud.parts import Parts
from shared.kernel.permissions import Permission


def _provide(parts: Parts) -> Mapping[str, object]:
    members = Members(
        parts.database,
        parts.units,
        parts.links,
        parts.ids,
        parts.clock,
        parts.tell_account,
        parts.fold_worker.tell,
        parts.audit,
    )
    return {"members": members}


ROOM = Room(
    "cloud.members",
    pages=(
        people_page,
        new_member_page,
        add_member,
        member_page,
        change_member,
        invite_member,
        set_access,
        set_at_work,
    ),
    has_templates=True,
    has_texts=True,
    links=(Link(PEOPLE_PATH, "people.title", group=Group.PEOPLE, needs=(Permission.EDIT_STAFF,)),),
    provide=_provide,
)
