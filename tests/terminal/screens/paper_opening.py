"""What is tried before opening, on paper: it finds what a test says."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from terminal.printing.faults import PrinterFault
from terminal.printing.transports.base import Readiness, Report
from terminal.supervision.before_opening import Check, Outcome, Subject, Told

BAD_MORNING = (
    Check(Subject.PRINTER, Outcome.FAULT, "cocina", report=Report(Readiness.FAULT, PrinterFault.PAPER_OUT)),
    Check(Subject.PRINTER, Outcome.CANNOT_TELL, "bar", report=Report(Readiness.CANNOT_TELL)),
    Check(Subject.PRINTER, Outcome.FINE, "caja", report=Report(Readiness.READY)),
    Check(Subject.PAPERS, Outcome.FINE, code="before_opening.no_papers_wait"),
    Check(Subject.DUTY, Outcome.FINE, code="before_opening.duty_here"),
    Check(
        Subject.CLOUD,
        Outcome.SEE_TO_IT,
        code="CLOUD_UNREACHABLE",
        params={"url": "https://comanda.saboresdelrimac.pe"},
    ),
    Check(Subject.CLOCK, Outcome.SEE_TO_IT, code="before_opening.clock_behind", params={"minutes": 47}),
    Check(Subject.DISK, Outcome.FINE, code="before_opening.disk", params={"megabytes": "12 340"}),
    Check(Subject.STORE, Outcome.FINE, code="before_opening.store"),
    Check(Subject.BOOT, Outcome.SEE_TO_IT, code="at_boot.phrase", params={"name": "COMANDA_SEAL"}),
)


@dataclass
class PaperOpening:
    """Tells what it was given, at once; while `held`, only that it tries."""

    checks: Sequence[Check] = BAD_MORNING
    runs: int = 0
    gate: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.gate.set()

    async def run(self, told: Told) -> None:
        self.runs += 1
        told(tuple(Check(each.subject, Outcome.TRYING, each.name) for each in self.checks))
        await self.gate.wait()
        told(tuple(self.checks))
