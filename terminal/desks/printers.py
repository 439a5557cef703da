"""What screens and the command line do about printers: add, change, switch off, try, say what prints where."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

import sqlalchemy as sa

from shared.kernel.errors import DomainError
from shared.kernel.instants import local_time
from shared.kernel.work import Work
from shared.printers import commands
from shared.printers.commands import Prints
from shared.printers.queries import PaperLook, RuleView, paper_look
from shared.printers.rules import Paper
from shared.printers.settings import PrinterSettings
from shared.tenancy.queries import devices_of_branch
from terminal.desks.part import Run
from terminal.papers.print_plan import Diverted
from terminal.printing.documents import TestDocument
from terminal.printing.faults import PrinterFault
from terminal.printing.queue import PrintJob, enqueue
from terminal.printing.records import State, print_job
from terminal.snapshots.keeping import Snapshots
from terminal.snapshots.sources import PRINTERS


class DeviceName(NamedTuple):
    """A device of the branch on which a printer can hang."""

    id: UUID
    name: str


class PrintRuleWanted(NamedTuple):
    """What a printer is to print: a document, of one station or of all, for this device alone or for the branch."""

    paper: Paper
    station_id: UUID | None = None
    only_here: bool = False


class PrintersDesk:
    """See the module. Made by the desk."""

    def __init__(self, desk: Snapshots, run: Run) -> None:
        self._desk = desk
        self._run = run

    async def put(self, settings: PrinterSettings, wanted: Sequence[PrintRuleWanted] | None = None) -> None:
        """Add or change a printer, and say what it prints. It replaces who printed that.

        Args:
            wanted: all that it is to print; None leaves its rules as they are.

        Raises:
            DomainError: see `put_printer` and `put_rule`.
        """
        here = self._desk.store.identity.device_id

        async def put(work: Work) -> None:
            await commands.put_printer(work, settings)
            if wanted is not None:
                prints = [Prints(paper, station, here if only_here else None) for paper, station, only_here in wanted]
                await commands.put_prints(work, settings.name, prints, device_id=here)

        await self._run(None, put, also=(PRINTERS,))

    async def switch(self, name: str, *, on: bool) -> None:
        """Switch a printer off or on.

        Raises:
            DomainError: see `switch_printer`.
        """

        async def switch(work: Work) -> None:
            await commands.switch_printer(work, name, on=on)

        await self._run(None, switch, also=(PRINTERS,))

    async def put_logo(self, image: bytes | None) -> None:
        """Say which picture stands at the head of papers; None: no picture.

        Raises:
            DomainError: see `commands.put_logo`.
        """

        async def put(work: Work) -> None:
            await commands.put_logo(work, image)

        await self._run(None, put)

    async def put_text(self, document: str, block: str, text: str) -> None:
        """Say how a block of a document reads; an empty text: as the program does.

        Raises:
            DomainError: see `put_template`.
        """

        async def put(work: Work) -> None:
            await commands.put_template(work, document, block, text)

        await self._run(None, put)

    async def look(self) -> PaperLook:
        """What the branch changes of its papers."""
        identity = self._desk.store.identity
        async with self._desk.store.reading(briefly=True) as connection:
            return await paper_look(connection, identity.organization_id, identity.branch_id)

    def rules_of(self, name: str) -> tuple[RuleView, ...]:
        """What a printer prints by the rules of the branch."""
        return tuple(rule for rule in self._desk.seen[PRINTERS].rules if rule.printer == name)

    def diverted(self, name: str) -> tuple[Diverted, ...]:
        """What a printer prints by the rules of the branch and not on this device, since `device.toml` goes first."""
        return self._desk.setup.diverted(self.rules_of(name), [each.id for each in self._desk.stations])

    async def devices(self) -> tuple[DeviceName, ...]:
        """The devices of the branch."""
        identity = self._desk.store.identity
        async with self._desk.store.reading(briefly=True) as connection:
            found = await devices_of_branch(connection, identity.organization_id, identity.branch_id)
        return tuple(DeviceName(each.id, each.name) for each in found)

    async def try_page(self, name: str) -> UUID:
        """Queue a test page of a printer. Returns the id of its job. It takes no right: it shows what is set.

        Raises:
            DomainError: PRINTER_UNKNOWN (params: name), PRINTER_IS_OFF (name).
        """
        settings = self._desk.setup.printers.get(name)
        if settings is None:
            known = name in self._desk.seen[PRINTERS].printers
            raise DomainError("PRINTER_IS_OFF" if known else "PRINTER_UNKNOWN", name=name)
        store, premises = self._desk.store, self._desk.premises
        document = TestDocument(
            language=self._desk.language,
            restaurant=premises.branch_name if premises is not None else "Comanda",
            printer=name,
            address=settings.address,
            printed_at=local_time(store.clock.now(), store.branch_context.zone).replace(tzinfo=None),
            currency=store.branch_context.currency,
        )
        job = PrintJob.of(document, printer=name, reference=store.ids.new(), revision=1, at=store.clock.now())
        await store.write(lambda connection: enqueue(connection, job))
        self._desk.wake_agent()
        return job.id

    async def what_became_of(self, job_id: UUID) -> tuple[State, PrinterFault | None]:
        """State and fault of a print job."""
        columns = print_job.c
        async with self._desk.store.reading(briefly=True) as connection:
            found = await connection.execute(sa.select(columns.state, columns.error).where(columns.id == job_id.bytes))
            state, error = found.one()
        return State(state), None if error is None else PrinterFault(error)
