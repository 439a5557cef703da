"""Settling an exception of a branch by a note, from the cloud."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from cloud.accounts.identity import Person
from cloud.database.transaction import Database
from cloud.kernel.unavailable import Unavailable
from cloud.replication.fold_transactions import FoldedElsewhere
from cloud.replication.fold_worker import FoldWorker
from cloud.replication.units import CloudUnits
from cloud.replication.voiding import Asked
from shared.books.settling import present_exception, settle_exception
from shared.exceptions.queries import settlement_of
from shared.exceptions.records import Settlement
from shared.kernel.errors import DomainError, NotPermitted
from shared.kernel.permissions import Permission
from shared.kernel.text import MAX_NOTE_CHARACTERS, clean


class ExceptionSettling:
    """Settles exceptions: in the branch's scope, so that its devices learn of it by sync."""

    def __init__(self, database: Database, units: CloudUnits, fold_worker: FoldWorker) -> None:
        self._database = database
        self._units = units
        self._fold_worker = fold_worker

    async def settle(
        self, organization_id: UUID, person: Person, branch_ids: Collection[UUID], exception: UUID, note: str
    ) -> Settlement:
        """Settle an exception of one of these branches up to its size now. The same request again changes nothing.

        Args:
            branch_ids: those that the person may see.

        Raises:
            DomainError: those of `shared.books.settling.settle_exception`.
        """
        actor = person.actor()
        async with self._database.write(organization_id) as session:
            branch_id = (await present_exception(session, organization_id, exception, branch_ids)).branch_id
            try:
                async with self._units.on(session, organization_id, actor, branch_id) as work:
                    settled = await settle_exception(work, exception, note)
            except DomainError as error:
                earlier = await settlement_of(session, organization_id, exception)
                if error.code != "SETTLED_ALREADY" or earlier is None or not _is_again(earlier, person, note):
                    raise
                return earlier
        self._fold_worker.tell(organization_id)
        return settled

    async def void_edits(
        self, organization_id: UUID, person: Person, branch_ids: Collection[UUID], exception: UUID, note: str
    ) -> None:
        """Void the edits that a wrong clock stamped, and settle their event and those about them: all or nothing.

        Raises:
            DomainError: NOT_PERMITTED, NOT_FOUND, NOTHING_TO_VOID, NOTE_MISSING, DATABASE_UNAVAILABLE (others fold all
                the time).
        """
        said = clean(note, MAX_NOTE_CHARACTERS)
        if not said:
            raise DomainError("NOTE_MISSING")
        actor = person.actor()
        if not actor.may(Permission.SETTLE_EXCEPTIONS):
            raise NotPermitted(Permission.SETTLE_EXCEPTIONS)
        async with self._database.read(organization_id) as read:
            await present_exception(read, organization_id, exception, branch_ids)
        try:
            await self._fold_worker.void_edits(organization_id, Asked(exception, branch_ids, actor, said))
        except FoldedElsewhere:
            raise Unavailable from None


def _is_again(settled: Settlement, person: Person, note: str) -> bool:
    """Whether the same person has settled it with the same note: a request whose answer was lost."""
    actor = person.actor()
    is_theirs = (settled.settled_by, settled.settled_by_name) == (actor.staff_id, actor.name)
    return is_theirs and settled.note == clean(note, MAX_NOTE_CHARACTERS)
