"""What the staff of an organization may do, at the stamp of a change: role, its rights, activity and assignment.

The stations of the kitchen are actors, too: their displays need no PIN, and may do what a station may.

Most people never change their role, so that the merged rows say all. Of the others the log says what held when.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from cloud.replication.role_rights import RoleRightsThen
from cloud.replication.timelines import Histories, Timeline, timelines
from shared.kernel.permissions import STATION_PERMISSIONS, Role
from shared.kernel.rights import Act
from shared.staff.records import Assignment, StaffMember
from shared.staff.rules import WORK_EVERYWHERE, RoleKey
from sync.door import Door

STAFF, ASSIGNMENTS = StaffMember.__tablename__, Assignment.__tablename__
_ROLE: Any = StaffMember.__table__.c.role.type
_STAFF = "SELECT id, role, active, stamps, own_role_id FROM staff WHERE organization_id = ? AND id {keys}"
_ASSIGNMENTS = """
    SELECT id, active, stamps, staff_id, branch_id FROM staff_assignments WHERE organization_id = ? AND staff_id {keys}
"""
_STATIONS = "SELECT id FROM stations WHERE organization_id = ? AND id {keys}"


class Person(NamedTuple):
    """A member of staff.

    Attributes:
        assignments: by branch, whether they work there.
    """

    role: Timeline
    own_role: Timeline
    active: Timeline
    assignments: Mapping[bytes, Sequence[Timeline]]

    @property
    def never_changed(self) -> bool:
        """Whether all that was ever said of them still holds."""
        of_branches = (each for some in self.assignments.values() for each in some)
        return all(len(each.values) == 1 for each in (self.role, self.own_role, self.active, *of_branches))

    def role_at(self, branch: bytes, stamp: int) -> RoleKey | None:
        """In which role they worked in a branch; None if they did not."""
        role: Role = _ROLE.from_wire(self.role.at(stamp))
        works = role in WORK_EVERYWHERE or any(each.at(stamp) for each in self.assignments.get(branch, ()))
        if not (works and self.active.at(stamp)):
            return None
        own_role = self.own_role.at(stamp)
        return RoleKey(role, UUID(bytes=own_role) if own_role is not None else None)


class StaffRights:
    """The rights of the people who wrote a batch: two statements, and one for what the house says of roles.

    Args:
        histories: see `timelines`.
    """

    def __init__(self, door: Door, organization: bytes, people: Collection[bytes], histories: Histories) -> None:
        self._door = door
        self._organization = organization
        self._histories = histories
        self._of_roles = RoleRightsThen(door, organization, histories)
        self.people = self._read(people)
        others = sorted(set(people) - self.people.keys())
        found = door.among(_STATIONS, others, door.key(organization)) if others else ()
        self.stations = frozenset(row[0] for row in found)

    def may(self, person: bytes, branch: bytes, act: Act, stamp: int) -> bool:
        """Whether somebody had one of the rights that an act needs, for its amount."""
        if person in self.stations:
            return not act.any_of.isdisjoint(STATION_PERMISSIONS)
        known = self.people.get(person)
        role = known.role_at(branch, stamp) if known is not None else None
        return role is not None and self._of_roles.may(role, act, stamp)

    def ever(self, person: bytes, branch: bytes, act: Act) -> bool | None:
        """The same, if it is so at whatever stamp; None if it depends on the stamp."""
        known = self.people.get(person)
        if known is None:
            return self.may(person, branch, act, 0)
        if not known.never_changed:
            return None
        role = known.role_at(branch, 0)
        return self._of_roles.ever(role, act) if role is not None else False

    def _read(self, people: Collection[bytes]) -> Mapping[bytes, Person]:
        organization = self._door.key(self._organization)
        staff = self._door.among(_STAFF, sorted(people), organization)
        assigned = self._door.among(_ASSIGNMENTS, sorted(people), organization)
        known = timelines(
            self._door,
            self._organization,
            self._histories,
            [
                *(((STAFF, row[0]), bytes(row[3]), _of_person(row)) for row in staff),
                *(((ASSIGNMENTS, row[0]), bytes(row[2]), {"active": bool(row[1])}) for row in assigned),
            ],
            nullable=("own_role_id",),
        )
        of_branches: defaultdict[bytes, defaultdict[bytes, list[Timeline]]] = defaultdict(lambda: defaultdict(list))
        for row in assigned:
            of_branches[row[3]][row[4]].append(known[ASSIGNMENTS, row[0]]["active"])
        return {row[0]: Person(**_read_person(known[STAFF, row[0]]), assignments=of_branches[row[0]]) for row in staff}


def _of_person(row: Sequence[Any]) -> Mapping[str, Any]:
    """The registers of a member of staff as they are now; a role of the organization's own as 16 bytes, if any."""
    return {"role": row[1], "active": bool(row[2]), "own_role_id": row[4]}


def _read_person(known: Mapping[str, Timeline]) -> dict[str, Timeline]:
    own = known["own_role_id"]
    # Whoever was taken on in one of the program's roles has named none of the organization's own since the first stamp.
    own_role = own if len(own.values) == 1 else own.beginning_with(None)
    return {"role": known["role"], "active": known["active"], "own_role": own_role}
