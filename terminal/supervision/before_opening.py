"""What is tried before the restaurant opens, without printing: printers, displays, cloud, clock, disk, keys.

Nothing is written but the question that each display answers with a row of its own.

Every try has an end, and tells what it found by itself: a printer that answers late keeps no other result back.
"""

from __future__ import annotations

import asyncio
import logging
import shutil
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from terminal.device import Configuration, DeviceFolder
from terminal.printing.faults import PrinterNotice
from terminal.printing.printers import printer_of
from terminal.printing.transports.base import Readiness, Report
from terminal.snapshots.state import CLOCK_TROUBLE_MS
from terminal.store.errors import StoreError
from terminal.supervision.boot import at_boot
from terminal.syncing.link import CloudLink, LinkError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from sqlalchemy.ext.asyncio import AsyncConnection

    from shared.printers.settings import PrinterSettings
    from terminal.desks.desk import Desk

PRINTER_SECONDS = 15.0
"""Longest try of a printer: connecting and asking, and perhaps waiting for a paper that comes out now."""
CLOUD_SECONDS = 10.0
LITTLE_ROOM_BYTES, NO_ROOM_BYTES = 1_000_000_000, 100_000_000
"""A till writes some megabytes a day; with a hundred left, whatever fills the disk stops it soon."""

logger = logging.getLogger(__name__)


class Subject(StrEnum):
    """What is tried. In the order in which it is shown."""

    PRINTER = "printer"
    DISPLAY = "display"
    PAPERS = "papers"
    DUTY = "duty"
    CLOUD = "cloud"
    CLOCK = "clock"
    DISK = "disk"
    STORE = "store"
    BOOT = "boot"


class Outcome(StrEnum):
    """What a try found."""

    TRYING = "trying"
    FINE = "fine"
    CANNOT_TELL = "cannot_tell"
    SEE_TO_IT = "see_to_it"
    """It works, and somebody should see to it."""
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the result.

    Attributes:
        name: of the printer or the display.
        code: of its sentence in `terminal/texts`; empty where `report` says it, and while it is tried.
        params: of its sentence; of a printer its address and its substitute.
        report: what a printer says.
    """

    subject: Subject
    outcome: Outcome
    name: str = ""
    code: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)
    report: Report | None = None


Told = Callable[[tuple[Check, ...]], None]
_OUTCOMES = {
    Readiness.READY: Outcome.FINE,
    Readiness.FAULT: Outcome.FAULT,
    Readiness.CANNOT_TELL: Outcome.CANNOT_TELL,
}


class BeforeOpening:
    """Tries everything for one device.

    Args:
        signer: the device's key, which proves to the cloud who asks.
    """

    def __init__(
        self, folder: DeviceFolder, configuration: Configuration, signer: Ed25519PrivateKey, desk: Desk
    ) -> None:
        self._folder = folder
        self._configuration = configuration
        self._signer = signer
        self._desk = desk

    async def run(self, told: Told) -> None:
        """Try everything at once.

        Args:
            told: called with all lines, first while all are tried, and then whenever one of them is known.
        """
        tries = self._tries()
        lines = [[Check(subject, Outcome.TRYING, name)] for subject, name, _try in tries]
        told(_flat(lines))

        async def run(at: int, subject: Subject, name: str, tried: Awaitable[list[Check]]) -> None:
            try:
                lines[at] = await tried
            except Exception:
                logger.exception("%s %s could not be tried", subject, name)
                lines[at] = [Check(subject, Outcome.CANNOT_TELL, name, "before_opening.not_tried")]
            told(_flat(lines))

        async with asyncio.TaskGroup() as group:
            for at, (subject, name, tried) in enumerate(tries):
                group.create_task(run(at, subject, name, tried()))

    def _tries(self) -> list[tuple[Subject, str, Callable[[], Awaitable[list[Check]]]]]:
        setup = self._desk.setup
        tries: list[tuple[Subject, str, Callable[[], Awaitable[list[Check]]]]] = [
            (Subject.PRINTER, name, partial(self._printer, each)) for name, each in setup.driven.items()
        ]
        tries += [(Subject.PRINTER, name, partial(self._elsewhere, name)) for name in setup.elsewhere]
        return [
            *tries,
            (Subject.DISPLAY, "", self._displays),
            (Subject.PAPERS, "", self._papers),
            (Subject.DUTY, "", self._duties),
            (Subject.CLOUD, "", self._cloud),
            (Subject.DISK, "", self._disk),
            (Subject.STORE, "", self._store),
            (Subject.BOOT, "", self._boot),
        ]

    async def _printer(self, settings: PrinterSettings) -> list[Check]:
        try:
            async with asyncio.timeout(PRINTER_SECONDS):
                own = settings.name in self._desk.setup.own
                report = await printer_of(settings, is_own=own).transport.probe()
        except TimeoutError:
            return [Check(Subject.PRINTER, Outcome.CANNOT_TELL, settings.name, "before_opening.printer_slow")]
        outcome = _OUTCOMES[report.readiness]
        if outcome is Outcome.FINE and PrinterNotice.PAPER_LOW in report.notices:
            outcome = Outcome.SEE_TO_IT
        said = {"address": settings.address, **self._stands_in(settings)}
        return [Check(Subject.PRINTER, outcome, settings.name, "", said, report)]

    def _stands_in(self, settings: PrinterSettings) -> Mapping[str, Any]:
        """Who prints what this printer cannot: the name, and after how many attempts by itself (0: when asked to)."""
        if settings.substitute not in self._desk.setup.printers:
            return {}
        return {"substitute": settings.substitute, "after": settings.substitute_after}

    async def _elsewhere(self, name: str) -> list[Check]:
        return [Check(Subject.PRINTER, Outcome.CANNOT_TELL, name, "before_opening.printer_elsewhere")]

    async def _displays(self) -> list[Check]:
        """Each display answers by itself; a house without any has nothing to try."""
        found, names = await self._desk.displays.tried(), {each.id: each.name for each in self._desk.stations}
        lines = []
        for each in found:
            if each.answer is None:
                lines.append(Check(Subject.DISPLAY, Outcome.FAULT, each.name, "before_opening.display_silent"))
                continue
            at = names.get(each.answer.station_id) if each.answer.station_id is not None else None
            code = "before_opening.display" if at else "before_opening.display_of_all"
            said = {"station": at or "", "count": each.answer.tickets}
            lines.append(Check(Subject.DISPLAY, Outcome.FINE, each.name, code, said))
        return lines or [_said(Subject.DISPLAY, Outcome.CANNOT_TELL, "before_opening.no_displays")]

    async def _papers(self) -> list[Check]:
        health = self._desk.state.prints.health
        if not self._desk.setup.printers:
            return [_said(Subject.PAPERS, Outcome.CANNOT_TELL, "before_opening.no_printers")]
        if count := max(health.asked, health.stuck):
            return [_said(Subject.PAPERS, Outcome.SEE_TO_IT, "before_opening.papers_wait", count=count)]
        return [_said(Subject.PAPERS, Outcome.FINE, "before_opening.no_papers_wait")]

    async def _duties(self) -> list[Check]:
        health = self._desk.health
        if health.stopped:
            fault = Subject.DUTY, Outcome.FAULT
            return [_said(*fault, f"stopped_help.{each.words}", since=each.since) for each in health.stopped]
        if health.owner.is_ours:
            return [_said(Subject.DUTY, Outcome.FINE, "before_opening.duty_here")]
        if health.owner.pid is not None:
            return [_said(Subject.DUTY, Outcome.FINE, "before_opening.duty_elsewhere")]
        return [_said(Subject.DUTY, Outcome.FAULT, "before_opening.duty_nobody")]

    async def _cloud(self) -> list[Check]:
        of = self._configuration
        link = CloudLink(of.cloud, of.identity.device_id, self._signer, of.authority, read_seconds=CLOUD_SECONDS)
        try:
            async with asyncio.timeout(CLOUD_SECONDS):
                there = await link.reach()
        except TimeoutError:
            return self._without_cloud(LinkError("CLOUD_SLOW", url=of.cloud))
        except LinkError as error:
            return self._without_cloud(error)
        finally:
            await link.close()
        fine = _said(Subject.CLOUD, Outcome.FINE, "before_opening.cloud")
        if there is None:
            return [fine, self._known_clock()]
        return [fine, _clock(round((there - self._desk.now()).total_seconds() * 1_000))]

    def _without_cloud(self, error: LinkError) -> list[Check]:
        """The cloud is no reason not to open, unless waiting does not help."""
        outcome = Outcome.FAULT if error.final else Outcome.SEE_TO_IT
        return [_said(Subject.CLOUD, outcome, error.code, **error.params), self._known_clock()]

    def _known_clock(self) -> Check:
        """The clock as the last contact with the cloud found it."""
        link = self._desk.health.owner.link
        if link.last_contact is None:
            return _said(Subject.CLOCK, Outcome.CANNOT_TELL, "before_opening.clock_unknown")
        return _clock(link.skew_ms)

    async def _disk(self) -> list[Check]:
        free = (await asyncio.to_thread(shutil.disk_usage, Path(self._folder.root))).free
        megabytes = f"{free // 1_000_000:,}".replace(",", " ")
        if free >= LITTLE_ROOM_BYTES:
            return [_said(Subject.DISK, Outcome.FINE, "before_opening.disk", megabytes=megabytes)]
        outcome = Outcome.SEE_TO_IT if free >= NO_ROOM_BYTES else Outcome.FAULT
        return [_said(Subject.DISK, outcome, "before_opening.disk_full", megabytes=megabytes)]

    async def _store(self) -> list[Check]:
        """Whether this program may write now: nothing is written."""
        try:
            await self._desk.store.write(_nothing)
        except StoreError as error:
            return [_said(Subject.STORE, Outcome.FAULT, error.code, **error.params)]
        return [_said(Subject.STORE, Outcome.FINE, "before_opening.store")]

    async def _boot(self) -> list[Check]:
        notes = await asyncio.to_thread(lambda: list(at_boot(self._folder)))
        found = [
            _said(
                Subject.BOOT,
                Outcome.FAULT if note.is_fatal else Outcome.SEE_TO_IT,
                f"at_boot.{note.code}",
                **note.params,
            )
            for note in notes
        ]
        return found or [_said(Subject.BOOT, Outcome.FINE, "before_opening.boot")]


def _said(subject: Subject, outcome: Outcome, code: str, **params: Any) -> Check:
    return Check(subject, outcome, code=code, params=params)


async def _nothing(_connection: AsyncConnection) -> None:
    """Write nothing, as a writer that has its turn."""


def _clock(skew_ms: int) -> Check:
    minutes = max(1, round(abs(skew_ms) / 60_000))
    if abs(skew_ms) <= CLOCK_TROUBLE_MS:
        return _said(Subject.CLOCK, Outcome.FINE, "before_opening.clock")
    code = "before_opening.clock_behind" if skew_ms > 0 else "before_opening.clock_ahead"
    return _said(Subject.CLOCK, Outcome.SEE_TO_IT, code, minutes=minutes)


def _flat(lines: list[list[Check]]) -> tuple[Check, ...]:
    return tuple(check for line in lines for check in line)
