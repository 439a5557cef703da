"""The persisted print queue: putting jobs in, answering for them, and how it stands. Sending is the `worker`'s part.

Every function runs inside the caller's own transaction. A job is named by what it prints (printer, kind, reference,
revision): asking twenty times for the same paper queues one.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Row, case, func, or_, select, update
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from shared.kernel.ids import derived_id
from shared.kernel.instants import to_microseconds
from terminal.printing.documents import Document, Kind, encode, kind_of
from terminal.printing.faults import Fault
from terminal.printing.records import State, print_job

Executor = AsyncConnection | AsyncSession

_OPEN = (State.QUEUED, State.SENDING, State.FAILED, State.UNKNOWN)
_ENDED = (State.SENT, State.CONFIRMED, State.UNKNOWN)


@dataclass(frozen=True, slots=True)
class PrintJob:
    """One paper to be printed: a document for a printer, about a reference (order, receipt) in a revision."""

    printer: str
    kind: Kind
    reference: UUID
    revision: int
    payload: bytes
    created_at: datetime

    @classmethod
    def of(cls, document: Document, *, printer: str, reference: UUID, revision: int, at: datetime) -> PrintJob:
        """A job for a document as it is now; another content for the same reference needs a higher revision."""
        return cls(printer, kind_of(document), reference, revision, encode(document), at)

    @property
    def id(self) -> UUID:
        """Follows from what is printed where, so that the same paper is the same job."""
        return derived_id("print_job", self.printer, self.kind, self.reference, self.revision)


@dataclass(frozen=True, slots=True)
class JobView:
    """A job as a person is asked about it; times in microseconds since 1970."""

    id: UUID
    printer: str
    kind: Kind
    reference: UUID
    revision: int
    copies: int
    error: Fault | None
    created_at: int


@dataclass(frozen=True, slots=True)
class PrinterHealth:
    """How the queue of one printer stands."""

    printer: str
    waiting: int = 0
    """Queued or being sent."""
    failed: int = 0
    """Could not be sent; tried again by itself."""
    unknown: int = 0
    """A person has to say whether the paper came out."""
    oldest_at: int | None = None
    """When the oldest open job was asked for, microseconds since 1970."""
    fault: Fault | None = None
    """Of the oldest job that has one."""


@dataclass(frozen=True, slots=True)
class QueueHealth:
    """How all queues stand; printers without an open job are not listed."""

    printers: tuple[PrinterHealth, ...] = ()

    @property
    def stuck(self) -> int:
        """Jobs that somebody should know about."""
        return sum(
            each.failed + each.unknown + (each.waiting if each.fault is Fault.NO_PRINTER else 0)
            for each in self.printers
        )


async def enqueue(executor: Executor, job: PrintJob) -> bool:
    """Put a job into the queue, in the caller's transaction; false if the same paper was asked for before."""
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


async def print_again(executor: Executor, job_id: UUID, at: datetime) -> bool:
    """Print an ended or unknown job once more; the paper says COPY unless nothing of it was ever sent.

    False if there is no such job, or if it is still on its way.
    """
    now = to_microseconds(at)
    never_sent = (print_job.c.state == State.UNKNOWN) & (print_job.c.error == Fault.EXPIRED)
    statement = (
        update(print_job)
        .where(print_job.c.id == job_id.bytes, print_job.c.state.in_(_ENDED))
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


async def it_came_out(executor: Executor, job_id: UUID, at: datetime) -> bool:
    """A person has seen the paper of an unknown job, or does not need it any more. False if it is not unknown."""
    statement = (
        update(print_job)
        .where(print_job.c.id == job_id.bytes, print_job.c.state == State.UNKNOWN)
        .values(state=State.CONFIRMED, updated_at=to_microseconds(at))
    )
    return await _changes_one(executor, statement)


async def unknown_jobs(executor: Executor) -> list[JobView]:
    """The jobs that wait for a person, oldest first."""
    columns = print_job.c
    statement = select(
        columns.id,
        columns.printer,
        columns.kind,
        columns.reference,
        columns.revision,
        columns.copies,
        columns.error,
        columns.created_at,
    )
    rows = await executor.execute(statement.where(columns.state == State.UNKNOWN).order_by(columns.queued_at))
    return [
        JobView(
            id=UUID(bytes=row.id),
            printer=row.printer,
            kind=Kind(row.kind),
            reference=UUID(bytes=row.reference),
            revision=row.revision,
            copies=row.copies,
            error=None if row.error is None else Fault(row.error),
            created_at=row.created_at,
        )
        for row in rows
    ]


async def queue_health(executor: Executor, printers: Collection[str]) -> QueueHealth:
    """How the queues stand; jobs for a printer that is not among `printers` can never be sent and count as stuck."""
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
    first_error = next((error for _printer, _state, error, _count, _oldest in rows if error), None)
    fault = Fault(first_error) if first_error else None
    return PrinterHealth(
        printer=printer,
        waiting=counts[State.QUEUED] + counts[State.SENDING],
        failed=counts[State.FAILED],
        unknown=counts[State.UNKNOWN],
        oldest_at=rows[0][4],
        fault=fault if configured else Fault.NO_PRINTER,
    )


async def _changes_one(executor: Executor, statement: object) -> bool:
    result = await executor.execute(statement)  # type: ignore[call-overload]
    return bool(result.rowcount == 1)
