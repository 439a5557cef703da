"""The content of the printers dialog: pure, from the state of the print jobs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from uuid import UUID

from shared.kernel.instants import from_microseconds
from terminal.printing.desk import Prints
from terminal.printing.documents import KitchenDocument, QrDocument, ReceiptDocument, ReportDocument, TestDocument
from terminal.printing.faults import PrinterFault
from terminal.printing.records import State
from terminal.printing.views import JobView, PrinterHealth
from terminal.screens.voice import Voice
from terminal.theme.palette import Tone
from terminal.widgets.tile import Tile

CHOSEN = "▶"
"""Marks the picked job, so that colour is not the only sign."""


_TOLD_BY_THE_QUESTION = frozenset(
    {PrinterFault.HUNG_UP, PrinterFault.INTERRUPTED, PrinterFault.EXPIRED, PrinterFault.UNREADABLE}
)
"""Faults of one job that say nothing about the printer now. The question names them."""

_TONES: Mapping[State | None, Tone] = {State.SENT: Tone.PLAIN, State.UNKNOWN: Tone.WARN}
"""Tones of printers for which nothing waits, by how their last paper ended."""


@dataclass(frozen=True, slots=True)
class PrinterLine:
    """One printer: its name, the number and age of its open jobs, and the sentence of its fault."""

    name: str
    note: str
    tone: Tone
    sentence: str = ""


Lines = tuple[PrinterLine, ...]


def printer_lines(prints: Prints, voice: Voice, endings: Mapping[str, State] = MappingProxyType({})) -> Lines:
    """All printers, those with a fault first; also names for which there is no printer.

    Args:
        endings: how the newest paper of each ended. One that only took bytes is not said to have printed.
    """
    by_name = {health.printer: health for health in prints.health.printers}
    names = dict.fromkeys((*by_name, *prints.printers))
    lines = [
        _with_substitute(
            _printer_line(by_name.get(name) or PrinterHealth(name), endings.get(name), voice),
            prints.substitutes.get(name, ""),
            voice,
        )
        for name in names
    ]
    return tuple(sorted(lines, key=lambda line: (line.tone is not Tone.WARN, line.name)))


def job_name(job: JobView, voice: Voice) -> str:
    """Name of a job: `Recibo A-00000012`, `Comanda A-17 · Cocina`."""
    texts = voice.texts
    match job.document:
        case ReceiptDocument(title="", number=number):
            return texts("printers.receipt", number=number)
        case ReceiptDocument(title=title, number=number):
            return f"{title} {number}"
        case KitchenDocument(order_number=number, station=station):
            return texts("printers.ticket", number=number) + (f" · {station}" if station else "")
        case QrDocument(title=title):
            return texts("printers.qr", method=title)
        case ReportDocument(title=title, number=number):
            return f"{title} {number}".rstrip()
        case TestDocument():
            return texts("printers.test")
    return texts("printers.unreadable")


def job_tiles(jobs: Sequence[JobView], chosen: UUID | None, voice: Voice) -> tuple[Tile, ...]:
    """The open jobs, each with its number key, what is known of it and, for a copy, its number."""
    return tuple(
        Tile(
            id=job.id,
            title=" · ".join((job_name(job, voice), *_copy(job, voice))),
            hint=f"{at} {CHOSEN}" if job.id == chosen else str(at),
            detail=f"{_standing(job, voice)} · {_where(job, voice)} · {_when(job.created_at, voice)}",
        )
        for at, job in enumerate(jobs, start=1)
    )


def question(job: JobView, voice: Voice) -> str:
    """What happened to a job, and the question about it."""
    if job.on_its_way and job.error is None:
        return voice.texts(f"printers.is_{job.state}", printer=voice.printer(job.printer))
    if job.on_its_way and not job.is_asked and job.error is not None:
        return job.error.sentence(voice.texts.language, voice.printer(job.printer))
    ask = "printing.ask.came_out" if job.may_be_on_paper else "printing.ask.needed"
    happened = job.error or PrinterFault.INTERRUPTED
    printer = voice.printer(job.printer)
    return f"{happened.sentence(voice.texts.language, printer)} {voice.texts(ask, printer=printer)}"


def _standing(job: JobView, voice: Voice) -> str:
    """What is known of a job, in two words."""
    if job.is_asked:
        return voice.texts("printers.state_asked" if job.may_be_on_paper else "printers.state_unprinted")
    return voice.texts(f"printers.state_{job.state}")


def _where(job: JobView, voice: Voice) -> str:
    """The printer of a job, and the one in whose place it prints."""
    printer = voice.printer(job.printer)
    if not job.instead_of:
        return printer
    return voice.texts("printers.in_place_of", printer=printer, own=voice.printer(job.instead_of))


def _with_substitute(line: PrinterLine, substitute: str, voice: Voice) -> PrinterLine:
    if not substitute:
        return line
    named = voice.texts("printers.has_substitute", substitute=voice.printer(substitute))
    return replace(line, note=" · ".join(filter(None, (line.note, named))))


def _copy(job: JobView, voice: Voice) -> tuple[str, ...]:
    return (voice.texts("printing.copy", copy=job.copies),) if job.copies else ()


def _printer_line(health: PrinterHealth, ending: State | None, voice: Voice) -> PrinterLine:
    texts = voice.texts
    if not health.open:
        said = "" if ending is None else texts(f"printers.last_{ending}")
        note = " · ".join(filter(None, (said, texts("printers.nothing_waits"))))
        return PrinterLine(voice.printer(health.printer), note, _TONES.get(ending, Tone.READY))
    on_its_way, since = health.open - health.unknown, _when(health.oldest_at or 0, voice)
    waiting = texts("printers.waiting", count=on_its_way, since=since) if on_its_way else ""
    asked = texts("printers.to_answer", count=health.unknown) if health.unknown else ""
    note = " · ".join(part for part in (asked, waiting) if part)
    if health.fault is None:
        return PrinterLine(voice.printer(health.printer), note, Tone.PLAIN)
    sentence = (
        ""
        if health.fault in _TOLD_BY_THE_QUESTION and not health.failed
        else health.fault.sentence(texts.language, voice.printer(health.printer))
    )
    return PrinterLine(voice.printer(health.printer), note, Tone.WARN, sentence)


def _when(microseconds: int, voice: Voice) -> str:
    """The time of day, or the age if it is more than a day."""
    instant = from_microseconds(microseconds)
    return voice.clock(instant) if voice.seconds_since(instant) < _DAY_SECONDS else voice.age(instant)


_DAY_SECONDS = 86_400
