"""What tenants bring."""

from __future__ import annotations

from collections.abc import Mapping

from cloud.edge.room import Group, Link, Room
from cloud.parts import Parts
from cloud.tenants.branch_pages import branch_page, close_on_page, closing_page, reopen_on_page, slug_on_page
from cloud.tenants.commands import Tenants
from cloud.tenants.pages import ORGANIZATION_PATH, code_on_page, language_on_page, organization_page, plan_on_page
from shared.kernel.permissions import Permission


def tenants(parts: Parts) -> Tenants:
    """The commands of tenants."""
    return Tenants(parts.database, parts.units, parts.audit, parts.hub.tell_organization)


def _provide(parts: Parts) -> Mapping[str, object]:
    return {"tenants": tenants(parts)}


ROOM = Room(
    "cloud.tenants",
    pages=(
        organization_page,
        plan_on_page,
        language_on_page,
        code_on_page,
        branch_page,
        slug_on_page,
        closing_page,
        close_on_page,
        reopen_on_page,
    ),
    has_templates=True,
    has_texts=True,
    links=(
        Link(
            ORGANIZATION_PATH,
            "tenants.title",
            group=Group.HOUSE,
            needs=(Permission.EDIT_BRANCH,),
            has_branch=False,
        ),
    ),
    provide=_provide,
)
