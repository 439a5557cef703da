"""What the staff of an organization may do, at the stamp of a change: role, activity and assignment, from the log.

The stations of the kitchen are actors, too: their displays need no PIN, and may do what a station may.

Most people never change their role, so that the merged rows say all. Of the others the log says what held when.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from shared.kernel.permissions import PERMISSIONS, STATION_PERMISSIONS, Limits, Permission, Role, may
from shared.kernel.rights import Act
from shared.staff.records import Assignment, RoleLimit, StaffMember
from shared.staff.rules import WORK_EVERYWHERE
from sync.door import Door
from sync.log import effective_changes
from sync.merge import edits_of

STAFF, ASSIGNMENTS = StaffMember.__tablename__, Assignment.__tablename__
_ROLE: Any = StaffMember.__table__.c.role.type
_STAFF = "SELECT id, role, active, stamps FROM staff WHERE organization_id = ? AND id {keys}"
_ASSIGNMENTS = """
    SELECT id, active, stamps, staff_id, branch_id FROM staff_assignments WHERE organization_id = ? AND staff_id {keys}
"""
_STATIONS = "SELECT id FROM stations WHERE organization_id = ? AND id {keys}"
_RIGHT: Any = RoleLimit.__table__.c.permission.type
_LIMITS = "SELECT role, permission, amount_minor, active FROM role_limits WHERE organization_id = ?"
RowKey = tuple[str, bytes]


class Timeline(NamedTuple):
    """The values of a register. Before the first stamp it has the first value."""

    stamps: Sequence[int]
    values: Sequence[Any]

    def at(self, stamp: int) -> Any:
        """The value at a stamp."""
        return self.values[max(bisect_right(self.stamps, stamp) - 1, 0)]


Histories = dict[tuple[RowKey, bytes], Mapping[str, Timeline]]


class Person(NamedTuple):
    """A member of staff.

    Attributes:
        assignments: by branch, whether they work there.
    """

    role: Timeline
    active: Timeline
    assignments: Mapping[bytes, Sequence[Timeline]]

    @property
    def never_changed(self) -> bool:
        """Whether all that was ever said of them still holds."""
        of_branches = (each for some in self.assignments.values() for each in some)
        return all(len(each.values) == 1 for each in (self.role, self.active, *of_branches))

    def role_at(self, branch: bytes, stamp: int) -> Role | None:
        """In which role they worked in a branch; None if they did not."""
        role: Role = _ROLE.from_wire(self.role.at(stamp))
        works = role in WORK_EVERYWHERE or any(each.at(stamp) for each in self.assignments.get(branch, ()))
        return role if works and self.active.at(stamp) else None


class StaffRights:
    """The rights of the people who wrote a batch: two statements, three if a right has a limit.

    Args:
        histories: see `timelines`.
    """

    def __init__(self, door: Door, organization: bytes, people: Collection[bytes], histories: Histories) -> None:
        self._door = door
        self._organization = organization
        self._histories = histories
        self._limits: Mapping[Role, Limits] | None = None
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
        if role is None:
            return False
        limits = self._limits_of(role) if act.amount else {}
        return any(may(PERMISSIONS[role], limits, right, act.amount) for right in act.any_of)

    def _limits_of(self, role: Role) -> Limits:
        if self._limits is None:
            found: defaultdict[Role, dict[Permission, int]] = defaultdict(dict)
            for name, permission, amount, is_active in self._door.rows(_LIMITS, self._door.key(self._organization)):
                if is_active:
                    found[_ROLE.from_wire(name)][_RIGHT.from_wire(permission)] = amount
            self._limits = found
        return self._limits.get(role, {})

    def _read(self, people: Collection[bytes]) -> Mapping[bytes, Person]:
        organization = self._door.key(self._organization)
        staff = self._door.among(_STAFF, sorted(people), organization)
        assigned = self._door.among(_ASSIGNMENTS, sorted(people), organization)
        known = timelines(
            self._door,
            self._organization,
            self._histories,
            [
                *(((STAFF, row[0]), bytes(row[3]), {"role": row[1], "active": bool(row[2])}) for row in staff),
                *(((ASSIGNMENTS, row[0]), bytes(row[2]), {"active": bool(row[1])}) for row in assigned),
            ],
        )
        of_branches: defaultdict[bytes, defaultdict[bytes, list[Timeline]]] = defaultdict(lambda: defaultdict(list))
        for row in assigned:
            of_branches[row[3]][row[4]].append(known[ASSIGNMENTS, row[0]]["active"])
        return {
            row[0]: Person(known[STAFF, row[0]]["role"], known[STAFF, row[0]]["active"], of_branches[row[0]])
            for row in staff
        }


def timelines(
    door: Door, organization: bytes, histories: Histories, rows: Iterable[tuple[RowKey, bytes, Mapping[str, Any]]]
) -> Mapping[RowKey, Mapping[str, Timeline]]:
    """The timeline of each register of these rows: from the log, where it was edited and is not known yet.

    Args:
        histories: timelines by row and its stamps, kept between batches.
        rows: with their stamps and present values.
    """
    found: dict[RowKey, Mapping[str, Timeline]] = {}
    unknown: dict[RowKey, tuple[bytes, Mapping[str, Any]]] = {}
    for key, stamps, values in rows:
        if edits_of(stamps).keys().isdisjoint(values):
            found[key] = {name: Timeline((0,), (value,)) for name, value in values.items()}
        elif (key, stamps) in histories:
            found[key] = histories[key, stamps]
        else:
            unknown[key] = stamps, values
    changes = effective_changes(door, organization, unknown.keys()) if unknown else {}
    for key, (stamps, values) in unknown.items():
        said = [(change.stamp_in(stream), msgspec.msgpack.decode(change.fields)) for stream, change in changes[key]]
        found[key] = {name: _timeline(said, name, now) for name, now in values.items()}
        histories[key, stamps] = found[key]
    return found


def _timeline(said: Iterable[tuple[tuple[int, bytes], Mapping[str, Any]]], name: str, now: Any) -> Timeline:
    """Of all that was said of a field; a creation that does not name it gave it the value that it has by default."""
    named = sorted((stamp, fields[name]) for stamp, fields in said if fields.get(name) is not None)
    if not named:
        return Timeline((0,), (now,))
    return Timeline([stamp for (stamp, _stream), _value in named], [value for _stamp, value in named])
