"""Reading the roles of an organization: what each may do, and who has it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from cloud.database.transaction import ReadSession
from shared.kernel.errors import DomainError
from shared.kernel.ids import derived_id
from shared.kernel.permissions import Permission, Rights, Role
from shared.kernel.text import clean
from shared.staff.queries import said_of_roles
from shared.staff.records import OwnRole, StaffMember
from shared.staff.rules import JOBS, WITH_ALL_RIGHTS, RoleKey, rights_in

MOST_NAMED = 3
"""People whom a row of the list names. The page of a role names more."""
MOST_ON_PAGE = 200
SHOWN_JOBS = (Role.ORGANIZATION_ADMIN, *JOBS)
GROUPS: Sequence[tuple[str, Sequence[Permission]]] = (
    (
        "roles.group.orders",
        (
            Permission.TAKE_ORDER,
            Permission.SEND_ORDER,
            Permission.CANCEL_ORDER,
            Permission.VOID_SENT_LINE,
            Permission.SET_OPEN_PRICE,
            Permission.OVERRIDE_PRICE,
            Permission.GIVE_DISCOUNT,
        ),
    ),
    (
        "roles.group.money",
        (
            Permission.TAKE_PAYMENT,
            Permission.REFUND,
            Permission.CORRECT_PAYMENT,
            Permission.WRITE_OFF,
            Permission.CHARGE_ACCOUNT,
            Permission.SET_RATE,
        ),
    ),
    (
        "roles.group.drawer",
        (
            Permission.WORK_DRAWER,
            Permission.SEE_DRAWER,
            Permission.CASH_OUT,
            Permission.SAFE_DROP,
            Permission.OPEN_WITHOUT_SALE,
            Permission.CLOSE_WITH_DIFFERENCE,
            Permission.CLOSE_DAY,
        ),
    ),
    ("roles.group.kitchen", (Permission.WORK_KITCHEN, Permission.SET_AVAILABILITY, Permission.LOG_SAFETY)),
    (
        "roles.group.house",
        (
            Permission.EDIT_MENU,
            Permission.SET_PRICE,
            Permission.ADD_DISH,
            Permission.EDIT_FLOOR,
            Permission.EDIT_BRANCH,
            Permission.SEE_REPORTS,
            Permission.SETTLE_EXCEPTIONS,
        ),
    ),
    (
        "roles.group.people",
        (Permission.EDIT_STAFF, Permission.SET_PIN, Permission.EDIT_HOURS, Permission.FORGET_PERSON),
    ),
    ("roles.group.devices", (Permission.ENROL_DEVICE, Permission.MANAGE_PRINTERS, Permission.MANAGE_KEYS)),
)
"""All rights that a role may have, as people look for them, with the key of the name of each group."""


@dataclass(frozen=True, slots=True)
class RoleSeen:
    """A role.

    Attributes:
        name: of one of the organization's own; empty: the program's words for the job.
        people: ids and names of the first who have it.
        count: of how many.
    """

    role: RoleKey
    name: str
    rights: Rights
    people: Sequence[tuple[UUID, str]]
    count: int

    @property
    def id(self) -> UUID:
        """By which its page is reached."""
        return self.role.own_role_id or job_id(self.role.job)

    @property
    def is_fixed(self) -> bool:
        """Whether it may do everything, and nothing is taken from it."""
        return self.role.job in WITH_ALL_RIGHTS


async def roles_of(read: ReadSession, organization_id: UUID, *, named: int = MOST_NAMED) -> list[RoleSeen]:
    """The roles of an organization: those of the program, then its own by name. Takes three statements.

    Args:
        named: how many of the people who have it are named.
    """
    own = (await read.execute(_OWN.where(OwnRole.organization_id == organization_id))).all()
    said = await said_of_roles(await read.connection(), organization_id)
    have = await _people(read, organization_id, named)
    keys = [*((RoleKey(job), "") for job in SHOWN_JOBS), *((RoleKey(row.job, row.id), clean(row.name)) for row in own)]
    return [RoleSeen(key, name, rights_in(key.job, said.get(key, ())), *have.get(key, ((), 0))) for key, name in keys]


def job_id(job: Role) -> UUID:
    """By which the page of one of the program's roles is reached."""
    return derived_id("role", job)


async def role_called(read: ReadSession, organization_id: UUID, role_id: UUID) -> RoleSeen:
    """The role of a page.

    Raises:
        DomainError: ROLE_UNKNOWN.
    """
    found = [each for each in await roles_of(read, organization_id, named=MOST_ON_PAGE) if each.id == role_id]
    if not found:
        raise DomainError("ROLE_UNKNOWN")
    return found[0]


async def _people(
    read: ReadSession, organization_id: UUID, named: int
) -> dict[RoleKey, tuple[Sequence[tuple[UUID, str]], int]]:
    of_role: dict[str, Any] = {"partition_by": (StaffMember.role, StaffMember.own_role_id)}
    numbered = (
        sa.select(
            StaffMember.id,
            StaffMember.name,
            StaffMember.role,
            StaffMember.own_role_id,
            sa.func.count().over(**of_role).label("have_it"),
            sa.func.row_number().over(**of_role, order_by=(StaffMember.name, StaffMember.id)).label("number"),
        )
        .where(StaffMember.organization_id == organization_id, StaffMember.active)
        .subquery()
    )
    rows = await read.execute(sa.select(numbered).where(numbered.c.number <= named).order_by(numbered.c.number))
    found: dict[RoleKey, tuple[list[tuple[UUID, str]], int]] = {}
    for row in rows:
        people, _ = found.setdefault(RoleKey(row.role, row.own_role_id), ([], row.have_it))
        people.append((row.id, clean(row.name)))
    return {key: (people, count) for key, (people, count) in found.items()}


_OWN = sa.select(OwnRole.id, OwnRole.name, OwnRole.job).where(OwnRole.active).order_by(OwnRole.name, OwnRole.id)
