"""The organization, its branches, people, roles and devices, as the API gives them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from cloud.api.resource import Of, Part, Resource, between, equal, field_of, fields_of
from cloud.edge.operation import Area
from shared.kernel.permissions import DeviceKind, Permission
from shared.staff.records import Assignment, StaffMember, TimeEntry
from shared.staff.rules import WORK_EVERYWHERE
from shared.tenancy.records import Branch, Device, Reason

_staff: Any = StaffMember.__table__.c
_assigned: Any = Assignment.__table__.c
_device: Any = Device.__table__.c
_entry: Any = TimeEntry.__table__.c
_reason: Any = Reason.__table__.c
_branch: Any = Branch.__table__.c


def _works_in(branches: Any) -> sa.ColumnElement[bool]:
    """Whether somebody works in some branches, or in all: administrators do."""
    here = sa.exists().where(
        _assigned.organization_id == _staff.organization_id,
        _assigned.staff_id == _staff.id,
        _assigned.branch_id == branches,
        _assigned.active,
    )
    return sa.or_(here, _staff.role.in_(sorted(WORK_EVERYWHERE)))


BRANCHES = Resource(
    "branches",
    "branch",
    Branch,
    area=Area.ORGANIZATION,
    of=Of.SOME,
    seen_in=lambda branches: _branch.id == branches,
    fields=fields_of(
        Branch,
        "name address zone cutoff_minutes cash_step_minor cash_rounding received_within_seconds",
        said={
            "zone": "of the IANA time zone database",
            "cutoff_minutes": "after midnight, when the business day ends",
        },
    ),
)
STAFF = Resource(
    "staff",
    "staff_member",
    StaffMember,
    area=Area.STAFF,
    rights=Permission.EDIT_HOURS,
    of=Of.SOME,
    seen_in=_works_in,
    fields=fields_of(
        StaffMember, "name role own_role_id active", said={"own_role_id": "the role of the organization's own"}
    ),
    filters=(equal(_staff.role), equal(_staff.active)),
    parts=(
        Part(
            "branches",
            "StaffBranch",
            Assignment,
            _assigned.staff_id,
            (field_of(_assigned.branch_id, "branch_id", UUID),),
            only=_assigned.active,
        ),
    ),
    about="Give the staff: who works in a branch that the caller sees, or everywhere. PINs are never given.",
)
TIME_ENTRIES = Resource(
    "time_entries",
    "time_entry",
    TimeEntry,
    area=Area.STAFF,
    rights=Permission.EDIT_HOURS,
    of=Of.BRANCH,
    fields=fields_of(
        TimeEntry,
        "branch_id person_id kind at typed_at business_date corrects_id reason",
        said={"corrects_id": "the entry in whose place this one stands, or that it ends"},
    ),
    filters=(*between(_entry.business_date, "business date"), equal(_entry.person_id)),
)
DEVICES = Resource(
    "devices",
    "device",
    Device,
    area=Area.DEVICES,
    rights=Permission.ENROL_DEVICE,
    of=Of.SOME,
    seen_in=lambda branches: _device.branch_id == branches,
    only=_device.kind != DeviceKind.CLOUD,
    fields=fields_of(Device, "branch_id name kind letter revoked"),
    filters=(equal(_device.kind), equal(_device.revoked)),
)
REASONS = Resource(
    "reasons",
    "reason",
    Reason,
    area=Area.ORGANIZATION,
    fields=fields_of(
        Reason,
        "kind text names position active",
        {"names": dict[str, str]},
        {"names": "by language"},
    ),
    filters=(equal(_reason.kind), equal(_reason.active)),
)

ALL = (BRANCHES, STAFF, TIME_ENTRIES, DEVICES, REASONS)
