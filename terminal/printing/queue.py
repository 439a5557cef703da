"""The persisted print queue: it queues jobs, takes people's answers and reports its state. `worker` sends the jobs.

Every function runs in the caller's transaction. The id of a job follows from what it prints (printer, kind, reference,
revision), so asking twenty times for the same document queues one job. An answer counts only if the job is still as the
person saw it: a second press, or an answer from another device, changes nothing.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Row, and_, case, func, literal_column, or_, select, update
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from shared.kernel.ids import derived_id
from shared.kernel.instants import to_microseconds
from terminal.printing.documents import Document, PaperKind, ReceiptDocument, decode, encode, kind_of
from terminal.printing.faults import PrinterFault
from terminal.printing.records import TO_SEND, State, print_job

Executor = AsyncConnection | AsyncSession

MAX_ASKED = 9
"""Jobs that a person is asked about at once: one for each number key. The others follow after these are answered."""

_MAX_SLIPS = 30
"""More parts than any bill is paid in before its receipt."""

_OPEN = (State.QUEUED, State.SENDING, State.FAILED, State.UNKNOWN)
_ENDED = (State.SENT, State.CONFIRMED, State.UNKNOWN)
_NEVER_SENT = (PrinterFault.EXPIRED, PrinterFault.UNREADABLE)
_INSERTED: ColumnElement[int] = literal_column("print_job.rowid")


@dataclass(frozen=True, slots=True)
class PrintJob:
    """A document to be printed on a printer, about a reference (order, receipt) in a revision."""

    printer: str
    kind: PaperKind
    reference: UUID
    revision: int
    payload: bytes
    created_at: datetime

    @classmethod
    def of(cls, document: Document, *, printer: str, reference: UUID, revision: int, at: datetime) -> PrintJob:
        """Make a job for a document. Another content for the same reference needs a higher revision."""
        return cls(printer, kind_of(document), reference, revision, encode(document), at)

    @property
    def id(self) -> UUID:
        """Follows from what is printed where, so that the same document is the same job."""
        return derived_id("print_job", self.printer, self.kind, self.reference, self.revision)


@dataclass(frozen=True, slots=True)
class JobView:
    """A job as people see it. Times in microseconds since 1970.

    Attributes:
        document: None if it cannot be read.
        updated_at: an answer counts only if this, `state` and `copies` are still the same.
        reference: the order or receipt that it is about.
    """

    id: UUID
    printer: str
    kind: PaperKind
    document: Document | None
    state: State
    copies: int
    error: PrinterFault | None
    created_at: int
    updated_at: int
    reference: UUID | None = None

    @property
    def may_be_on_paper(self) -> bool:
        """Whether any of it was sent. Then people are asked whether it came out, else whether it is still needed."""
        return self.error not in (*_NEVER_SENT, PrinterFault.NO_PRINTER)

    @property
    def on_its_way(self) -> bool:
        """Whether it will be printed without an answer, or is being printed."""
        return self.state not in _ENDED


@dataclass(frozen=True, slots=True)
class PrinterHealth:
    """State of one printer's queue."""

    printer: str
    waiting: int = 0
    """Queued or being sent."""
    failed: int = 0
    """Could not be sent. The worker retries."""
    unknown: int = 0
    """A person must say whether the paper came out."""
    oldest_at: int | None = None
    """When the oldest open job was queued, in microseconds since 1970."""
    fault: PrinterFault | None = None
    """Fault of the oldest job that is still to be sent and has one, else of the oldest that needs an answer."""

    @property
    def open(self) -> int:
        """Number of open jobs."""
        return self.waiting + self.failed + self.unknown


@dataclass(frozen=True, slots=True)
class QueueHealth:
    """State of all queues. Printers without an open job are not listed."""

    printers: tuple[PrinterHealth, ...] = ()

    @property
    def troubled(self) -> tuple[PrinterHealth, ...]:
        """Printers that have a fault and an open job."""
        return tuple(printer for printer in self.printers if printer.fault is not None)

    @property
    def stuck(self) -> int:
        """Number of open jobs on printers with a fault."""
        return sum(printer.open for printer in self.troubled)

    @property
    def asked(self) -> int:
        """Number of jobs that only a person can end."""
        return sum(
            printer.open if printer.fault is PrinterFault.NO_PRINTER else printer.unknown for printer in self.printers
        )


async def enqueue(executor: Executor, job: PrintJob) -> bool:
    """Queue a job, in the caller's transaction. Returns False if the same document was queued before."""
    at = to_microseconds(job.created_at)
    statement = insert(print_job).values(
        id=job.id.bytes,
        printer=job.printer,
        kind=job.kind,
        reference=job.reference.bytes,
        revision=job.revision,
        payload=job.payload,
        state=State.QUEUED,
        attempts=0,
        copies=0,
        created_at=at,
        queued_at=at,
        updated_at=at,
    )
    return await _changes_one(executor, statement.on_conflict_do_nothing())


async def print_again(executor: Executor, job: JobView, at: datetime) -> bool:
    """Queue an ended or unknown job once more. The paper says COPY unless nothing of it was ever sent.

    Returns False if the job will be printed anyway, or is no longer as the person saw it.
    """
    now = to_microseconds(at)
    never_sent = (print_job.c.state == State.UNKNOWN) & print_job.c.error.in_(_NEVER_SENT)
    statement = (
        update(print_job)
        .where(*_as_seen(job), print_job.c.state.in_(_ENDED))
        .values(
            state=State.QUEUED,
            copies=print_job.c.copies + case((never_sent, 0), else_=1),
            attempts=0,
            error=None,
            queued_at=now,
            updated_at=now,
        )
    )
    return await _changes_one(executor, statement)


async def it_came_out(executor: Executor, job: JobView, at: datetime, printers: Collection[str]) -> bool:
    """Close a job: a person has seen its paper, or does not need it any more.

    Returns False if the job needs no answer, or is no longer as the person saw it.
    """
    statement = (
        update(print_job)
        .where(*_as_seen(job), _is_asked(printers))
        .values(state=State.CONFIRMED, updated_at=to_microseconds(at))
    )
    return await _changes_one(executor, statement)


async def try_now(executor: Executor, at: datetime) -> int:
    """Retry all failed jobs at once, since a person says that the printers work again. Returns how many there are."""
    statement = (
        update(print_job)
        .where(print_job.c.state == State.FAILED)
        .values(state=State.QUEUED, attempts=0, updated_at=to_microseconds(at))
    )
    result = await executor.execute(statement)
    return int(result.rowcount)  # type: ignore[attr-defined]


async def asked_jobs(executor: Executor, printers: Collection[str], limit: int = MAX_ASKED) -> list[JobView]:
    """The jobs that need an answer, oldest first: unknown ones, and those whose printer does not exist."""
    statement = select(print_job).where(_is_asked(printers)).order_by(print_job.c.queued_at, _INSERTED).limit(limit)
    return [_job_view(row, printers) for row in await executor.execute(statement)]


async def last_receipt(executor: Executor) -> JobView | None:
    """The newest receipt of this device, printed or not. Bills, slips and refunds do not count."""
    # By rowid: reads from the end of the table, where the newest job is, and not all of it.
    statement = select(print_job).where(print_job.c.kind == PaperKind.RECEIPT)
    rows = await executor.execute(statement.order_by(_INSERTED.desc()).limit(1 + _MAX_SLIPS))
    return next((job for job in map(_job_view, rows) if _is_receipt(job.document)), None)


async def queue_health(executor: Executor, printers: Collection[str]) -> QueueHealth:
    """Read the state of the queues. A job for a printer not in `printers` cannot be sent and counts as stuck."""
    columns = print_job.c
    statement = (
        select(columns.printer, columns.state, columns.error, func.count(), func.min(columns.queued_at))
        .where(or_(*(columns.state == state for state in _OPEN)))
        .group_by(columns.printer, columns.state, columns.error)
        .order_by(func.min(columns.queued_at))
    )
    rows_by_printer: dict[str, list[Row[str, str, str | None, int, int]]] = {}
    for row in await executor.execute(statement):
        rows_by_printer.setdefault(row[0], []).append(row)
    return QueueHealth(
        tuple(_printer_health(name, rows, name in printers) for name, rows in sorted(rows_by_printer.items()))
    )


def _printer_health(printer: str, rows: list[Row[str, str, str | None, int, int]], configured: bool) -> PrinterHealth:
    counts = dict.fromkeys(State, 0)
    for _printer, state, _error, count, _oldest in rows:
        counts[State(state)] += count
    faults = [(state == State.UNKNOWN, error) for _printer, state, error, _count, _oldest in rows if error]
    first_error = min(faults, key=lambda fault: fault[0])[1] if faults else None
    fault = PrinterFault(first_error) if first_error else None
    return PrinterHealth(
        printer=printer,
        waiting=counts[State.QUEUED] + counts[State.SENDING],
        failed=counts[State.FAILED],
        unknown=counts[State.UNKNOWN],
        oldest_at=rows[0][4],
        fault=fault if configured else PrinterFault.NO_PRINTER,
    )


def _job_view(row: Row[Any], printers: Collection[str] | None = None) -> JobView:
    """Make a view of a row. With `printers`, a job for another printer gets the fault NO_PRINTER."""
    kind = PaperKind(row.kind)
    try:
        document = decode(kind, row.payload)
    except msgspec.MsgspecError:
        document = None
    state, error = State(row.state), None if row.error is None else PrinterFault(row.error)
    homeless = printers is not None and row.printer not in printers and state in TO_SEND
    return JobView(
        id=UUID(bytes=row.id),
        printer=row.printer,
        kind=kind,
        document=document,
        state=state,
        copies=row.copies,
        error=PrinterFault.NO_PRINTER if homeless else error,
        created_at=row.created_at,
        updated_at=row.updated_at,
        reference=UUID(bytes=row.reference),
    )


def _is_receipt(document: Document | None) -> bool:
    """Whether it is a receipt or a copy of one: bills, slips and refunds have titles of their own."""
    return isinstance(document, ReceiptDocument) and not document.title


def _is_asked(printers: Collection[str]) -> ColumnElement[bool]:
    """A job that only a person can end: an unknown one, or one whose printer does not exist."""
    columns = print_job.c
    homeless = and_(columns.state.in_(TO_SEND), columns.printer.not_in(printers))
    return or_(columns.state == State.UNKNOWN, homeless)


def _as_seen(job: JobView) -> tuple[ColumnElement[bool], ...]:
    columns = print_job.c
    return (
        columns.id == job.id.bytes,
        columns.state == job.state,
        columns.copies == job.copies,
        columns.updated_at == job.updated_at,
    )


async def _changes_one(executor: Executor, statement: object) -> bool:
    result = await executor.execute(statement)  # type: ignore[call-overload]
    return bool(result.rowcount == 1)
