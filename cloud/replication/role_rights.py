"""What the roles of an organization could do at the stamp of a change, as the organization said it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any, NamedTuple
from uuid import UUID

from cloud.replication.timelines import Histories, Timeline, timelines
from shared.kernel.permissions import Permission
from shared.kernel.rights import Act
from shared.kernel.stamps import written_at
from shared.staff.records import RoleRight
from shared.staff.rules import WITH_ALL_RIGHTS, RightSaid, RoleKey, rights_in
from sync.door import Door

TABLE = RoleRight.__tablename__
_SAID = """
    SELECT id, job, own_role_id, permission, is_given, is_limited, limit_minor, stamps FROM role_rights
    WHERE organization_id = ?
"""
_JOB: Any = RoleRight.__table__.c.job.type
_RIGHT: Any = RoleRight.__table__.c.permission.type


class _Said(NamedTuple):
    """What was said of one right of one role; of each the value None: nothing yet."""

    permission: Permission
    is_given: Timeline
    is_limited: Timeline
    limit_minor: Timeline

    def at(self, stamp: int) -> RightSaid | None:
        """What was said at a stamp."""
        is_given = self.is_given.at(stamp)
        if is_given is None:
            return None
        limit_minor = self.limit_minor.at(stamp) if self.is_limited.at(stamp) else None
        return RightSaid(self.permission, bool(is_given), limit_minor)


class RoleRightsThen:
    """The rights of roles: one statement, and one more if any was edited that is not known yet.

    Args:
        histories: see `timelines`.
    """

    def __init__(self, door: Door, organization: bytes, histories: Histories) -> None:
        self._door = door
        self._organization = organization
        self._histories = histories

    def may(self, role: RoleKey, act: Act, stamp: int) -> bool:
        """Whether a role had one of the rights that an act needs, for its amount."""
        return any(self._may(role, right, act.amount, stamp) for right in act.any_of)

    def ever(self, role: RoleKey, act: Act) -> bool | None:
        """The same, if it is so at whatever stamp; None if it depends on the stamp."""
        of_rights = {self._ever(role, right, act.amount) for right in act.any_of}
        if True in of_rights:
            return True
        return None if None in of_rights else False

    def _may(self, role: RoleKey, right: Permission, amount: int, stamp: int) -> bool:
        said = self._of_role(role, right)
        now = said.at(stamp) if said is not None else None
        return rights_in(role.job, [now] if now is not None else []).may(right, amount)

    def _ever(self, role: RoleKey, right: Permission, amount: int) -> bool | None:
        said = self._of_role(role, right)
        stamps = said.is_given.stamps if said is not None else ()
        found = {self._may(role, right, amount, stamp) for stamp in (-1, *stamps)}
        return found.pop() if len(found) == 1 else None

    def _of_role(self, role: RoleKey, right: Permission) -> _Said | None:
        return None if role.job in WITH_ALL_RIGHTS else self._said.get((role, right))

    @cached_property
    def _said(self) -> Mapping[tuple[RoleKey, Permission], _Said]:
        rows = self._door.rows(_SAID, self._door.key(self._organization))
        names = ("is_given", "is_limited", "limit_minor")
        known = timelines(
            self._door,
            self._organization,
            self._histories,
            [
                (
                    (TABLE, row[0]),
                    bytes(row[7]),
                    {"is_given": bool(row[4]), "is_limited": bool(row[5]), "limit_minor": row[6]},
                )
                for row in rows
            ],
        )
        found = {}
        for row in rows:
            own_role_id = UUID(bytes=row[2]) if row[2] is not None else None
            right = _RIGHT.from_wire(row[3])
            said = (_since(known[TABLE, row[0]][name], bytes(row[7]), name) for name in names)
            found[RoleKey(_JOB.from_wire(row[1]), own_role_id), right] = _Said(right, *said)
        return found


def _since(timeline: Timeline, stamps: bytes, name: str) -> Timeline:
    """The same, with nothing said before the row was created."""
    if timeline.stamps == (0,):  # never edited: it holds since it was created
        timeline = Timeline((written_at(stamps, name)[0],), timeline.values)
    return timeline.beginning_with(None)
