"""Takes over the PIN that a till set: into `staff`, from where it reaches the devices of all branches.

Only one that was set by right: by somebody who had it then in that branch (or whom somebody approved who had), for
somebody who works there and is no administrator. The judge asks people about the first; here they are asked about the
second. Otherwise a device in the wrong hands could give itself the PIN of whoever manages other branches.
"""

from __future__ import annotations

import logging
from typing import NamedTuple
from uuid import UUID

from cloud.database.transaction import Database
from cloud.replication.fold_worker import FoldWorker
from cloud.replication.judgements import CloudJudgements, Question
from cloud.replication.staff_rights import StaffRights
from cloud.replication.stream_owners import StreamOwners
from cloud.replication.units import CloudUnits
from shared.exceptions.rules import EventKind
from shared.kernel.permissions import SYSTEM, Permission, Role
from shared.kernel.rights import Act
from shared.staff.pin_setting import take_over_pin
from shared.staff.pin_stamps import SetPin, set_in_branch
from shared.staff.rules import WORK_EVERYWHERE
from sync.door import Door
from sync.feed import tell
from sync.log import effective_changes

_ROW = "SELECT branch_id, person_id, pin, stamps, knew FROM pin_changes WHERE organization_id = ? AND id = ?"
_APPROVERS = """
    SELECT approver_id, asker_id FROM approvals
    WHERE organization_id = ? AND of_row_id = ? AND of_table = 'pin_changes' AND permission = ?"""
_ROLE = "SELECT role FROM staff WHERE organization_id = ? AND id = ?"
SET_PIN = Act(frozenset({Permission.SET_PIN}))
WORKS_HERE = Act(frozenset(Permission))
logger = logging.getLogger(__name__)


class _Found(NamedTuple):
    """A PIN that is to be taken over."""

    person_id: UUID
    set_here: SetPin


class _Author(NamedTuple):
    """Who wrote a PIN: the person, the stream, and when."""

    actor: bytes | None
    stream: bytes
    stamp: int


class PinTakeOver:
    """See the module."""

    def __init__(self, database: Database, units: CloudUnits, fold_worker: FoldWorker) -> None:
        self._database = database
        self._units = units
        self._fold_worker = fold_worker

    async def take_over(self, organization_id: UUID, row: bytes) -> None:
        """Take over the PIN of a row of `pin_changes` as it is now. Doing it again changes nothing."""
        found = await self._database.through(organization_id, self._find, organization_id, row)
        if found is None:
            return
        async with self._units.work(organization_id, SYSTEM) as work:
            is_newer = await take_over_pin(work, found.person_id, found.set_here)
        if is_newer:
            self._fold_worker.tell(organization_id)

    def _find(self, door: Door, organization_id: UUID, row: bytes) -> _Found | None:
        """The PIN, if it was set by right; people are asked about one of an administrator or of somebody else."""
        organization = door.key(organization_id.bytes)
        rows = door.rows(_ROW, organization, door.key(row))
        if not rows:
            return None
        branch, person, pin, stamps, knew = rows[0]
        set_here = set_in_branch(pin, bytes(stamps), knew)
        written = _written(door, organization_id.bytes, row, set_here)
        approvers = door.rows(_APPROVERS, organization, door.key(row), Permission.SET_PIN.value)
        people = {each for each in (written.actor, person, *(each[0] for each in approvers)) if each is not None}
        rights = StaffRights(door, organization_id.bytes, people, {})

        def may(somebody: bytes | None) -> bool:
            return somebody is not None and rights.may(somebody, branch, SET_PIN, written.stamp)

        by_cloud = StreamOwners(organization_id.bytes).of(door, {written.stream})[written.stream]
        is_clouds = by_cloud.device == self._units.author(organization_id).device_id.bytes
        is_approved = any(
            asker == written.actor and approver != asker and may(approver) for approver, asker in approvers
        )
        if not (is_clouds or may(written.actor) or is_approved):
            logger.warning(
                "the PIN %s of %s was set without the right to and is not taken over", row.hex(), person.hex()
            )
            return None
        roles = door.rows(_ROLE, organization, door.key(person))
        is_administrator = not roles or Role(roles[0][0]) in WORK_EVERYWHERE
        if is_administrator or not rights.may(person, branch, WORKS_HERE, written.stamp):
            self._ask_people(door, organization_id, branch, person, written)
            return None
        return _Found(UUID(bytes=person), set_here)

    def _ask_people(self, door: Door, organization_id: UUID, branch: bytes, person: bytes, written: _Author) -> None:
        """Ask the people of the branch who set the PIN of somebody whose PIN is not set there."""
        question = Question(
            EventKind.WITHOUT_RIGHT,
            (UUID(bytes=person), "pin_of_another_branch", UUID(bytes=written.stream)),
            written.actor,
            written.stream,
            Permission.SET_PIN.value,
            {"table": "pin_changes", "row": person.hex()},
        )
        author = self._units.author(organization_id)
        judgements = CloudJudgements(author, StreamOwners(organization_id.bytes))
        tell(door, judgements.ask_once(door, [(branch, question)]), author.listeners)


def _written(door: Door, organization: bytes, row: bytes, set_here: SetPin) -> _Author:
    """Who said the PIN that holds, as the log says."""
    stamp, stream = set_here.said
    key = ("pin_changes", row)
    for of_stream, change in effective_changes(door, organization, [key]).get(key, ()):
        if change.stamp_in(of_stream) == set_here.said:
            return _Author(change.actor, of_stream, stamp)
    return _Author(None, stream, stamp)
