"""Changing a printer of a branch from the cloud: in the branch's scope, so that its devices learn of it by sync."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from cloud.accounts.identity import Person
from cloud.database.transaction import Database
from cloud.replication.fold_worker import FoldWorker
from cloud.replication.units import CloudUnits
from shared.printers.commands import Prints, put_printer, put_prints
from shared.printers.queries import PrinterTable, printer_table
from shared.printers.settings import PrinterSettings


class PrinterSetup:
    """Writes printers and what they print."""

    def __init__(self, database: Database, units: CloudUnits, fold_worker: FoldWorker) -> None:
        self._database = database
        self._units = units
        self._fold_worker = fold_worker

    async def put(
        self,
        organization_id: UUID,
        person: Person,
        branch_id: UUID,
        settings: PrinterSettings,
        prints: Collection[Prints] | None,
    ) -> PrinterTable:
        """Add or change a printer, and say what it prints. The same again changes nothing.

        Raises:
            DomainError: those of `put_printer` and `put_prints`.
        """
        async with self._database.write(organization_id) as session:
            async with self._units.on(session, organization_id, person.actor(), branch_id) as work:
                await put_printer(work, settings, branch_id)
                if prints is not None:
                    await put_prints(work, settings.name, prints, branch_id=branch_id)
            table = await printer_table(session, organization_id, branch_id)
        self._fold_worker.tell(organization_id)
        return table
