"""The organization itself, and what its roles may do."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

import msgspec
import sqlalchemy as sa
from litestar import Response
from litestar.di import NamedDependency
from litestar.params import HeaderParameter, SkipValidation

from cloud.api.answers import answer
from cloud.api.routes import UNCHANGED, tagged
from cloud.database.transaction import ReadSession
from cloud.edge.operation import Area, Reach, query
from shared.kernel.errors import DomainError
from shared.kernel.permissions import Permission, Rights, Role
from shared.kernel.text import clean
from shared.staff.queries import said_of_roles
from shared.staff.records import OwnRole
from shared.staff.rules import JOBS, RoleKey, rights_in
from shared.tenancy.records import Organization

_Read = NamedDependency[SkipValidation[ReadSession]]
_Tag = Annotated[str | None, HeaderParameter(name="If-None-Match", description="`ETag` of an answer that is at hand")]


class OrganizationShown(msgspec.Struct, kw_only=True):
    """An organization."""

    id: UUID
    name: str
    legal_name: str
    tax_number: str
    country: str
    currency: str
    language: str


class RoleShown(msgspec.Struct, kw_only=True):
    """What somebody in a role may do, and up to which amounts (minor units of the organization's currency).

    Attributes:
        role: the role, or the job on which one of the organization's own builds.
        own_role_id: the role of the organization's own; null: it is the program's.
        name: of the organization's own; empty for the program's.
    """

    role: Role
    own_role_id: UUID | None
    name: str
    permissions: list[str]
    limits_minor: dict[str, int]


class RolesShown(msgspec.Struct, kw_only=True):
    """All roles."""

    roles: list[RoleShown]


@query(
    "get_organization",
    "/organization",
    area=Area.ORGANIZATION,
    reach=Reach.ORGANIZATION,
    summary="The organization",
    problems="NOT_FOUND",
    document=tagged,
    responses=UNCHANGED,
)
async def organization(
    organization_id: NamedDependency[UUID], read: _Read, if_none_match: _Tag = None
) -> Response[OrganizationShown]:
    """Give the organization of the caller."""
    names = [each.name for each in msgspec.structs.fields(OrganizationShown)]
    columns: Any = Organization.__table__.c
    wanted = sa.select(*(columns[name] for name in names)).where(
        columns.organization_id == organization_id, columns.id == organization_id
    )
    row = (await read.execute(wanted)).first()
    if row is None:
        raise DomainError("NOT_FOUND")
    return answer(OrganizationShown(**row._mapping), if_none_match)


@query(
    "list_roles",
    "/roles",
    area=Area.STAFF,
    rights=Permission.EDIT_HOURS,
    reach=Reach.ORGANIZATION,
    summary="Roles",
    document=tagged,
    responses=UNCHANGED,
)
async def roles(
    organization_id: NamedDependency[UUID], read: _Read, if_none_match: _Tag = None
) -> Response[RolesShown]:
    """Give the roles with what each may do: those of the program, then the organization's own."""
    own = sa.select(OwnRole.id, OwnRole.name, OwnRole.job).where(
        OwnRole.organization_id == organization_id, OwnRole.active
    )
    keys = [(RoleKey(job), "") for job in (Role.ORGANIZATION_ADMIN, *JOBS)]
    keys += [(RoleKey(row.job, row.id), clean(row.name)) for row in await read.execute(own.order_by(OwnRole.id))]
    said = await said_of_roles(await read.connection(), organization_id)
    shown = [_shown(key, name, rights_in(key.job, said.get(key, ()))) for key, name in keys]
    return answer(RolesShown(roles=shown), if_none_match)


def _shown(key: RoleKey, name: str, rights: Rights) -> RoleShown:
    limits = {permission.value: amount for permission, amount in sorted(rights.limits.items())}
    return RoleShown(
        role=key.job,
        own_role_id=key.own_role_id,
        name=name,
        permissions=sorted(rights.permissions),
        limits_minor=limits,
    )
