"""What people see of the print queue: its open jobs, the health of its printers, and what became of an order's papers.

Reading only; every function runs in the caller's transaction and takes one statement.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Row, and_, case, func, literal_column, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from terminal.printing.documents import Document, PaperKind, ReceiptDocument, decode
from terminal.printing.faults import PrinterFault
from terminal.printing.records import IN_HAND, OPEN, TO_SEND, UNSENT, State, drawer_pulse, print_job

Executor = AsyncConnection | AsyncSession

MAX_LISTED = 36
"""Open jobs that a person sees at once, on a few pages. The others follow when these are ended."""
MAX_OF_ORDER = 24
"""The newest papers of an order that are looked at: more than any sending makes."""
NEVER_SENT = (PrinterFault.EXPIRED, PrinterFault.UNREADABLE)
"""Faults of unknown jobs of which nothing was sent."""

_MAX_SLIPS = 30
"""More parts than any bill is paid in before its receipt."""
_INSTEAD_OF = case((print_job.c.made_for == print_job.c.printer, ""), else_=print_job.c.made_for)
INSERTED: ColumnElement[int] = literal_column("print_job.rowid")
"""Jobs of one transaction have the same time: this is the order in which they were queued."""


@dataclass(frozen=True, slots=True)
class JobView:
    """A job as people see it. Times in microseconds since 1970.

    Attributes:
        document: None if it cannot be read.
        queued_at: when it was last asked for. While nothing was sent, an answer counts if nobody asked since.
        updated_at: later an answer counts only if this, `state` and `copies` are still the same.
        reference: the ticket or receipt that it is about.
        instead_of: the printer that it was made for, if another one prints it.
        is_elsewhere: whether another device has it. It may print it at any time, and say so late.
    """

    id: UUID
    printer: str
    kind: PaperKind
    document: Document | None
    state: State
    copies: int
    error: PrinterFault | None
    created_at: int
    queued_at: int
    updated_at: int
    reference: UUID | None = None
    instead_of: str = ""
    is_elsewhere: bool = False

    @property
    def may_be_on_paper(self) -> bool:
        """Whether any of it was sent. Then people are asked whether it came out, else whether it is still needed."""
        return not self.is_known_unprinted and self.error is not PrinterFault.NO_PRINTER

    @property
    def is_known_unprinted(self) -> bool:
        """Whether nothing of it was sent since it was last asked for."""
        return self.is_unsent or (self.state is State.UNKNOWN and self.error in NEVER_SENT)

    @property
    def is_unsent(self) -> bool:
        """Whether it waits for its printer: what it did there counts only once its first byte leaves."""
        return self.state in UNSENT and not self.is_elsewhere

    @property
    def is_asked(self) -> bool:
        """Whether only a person can end it."""
        return self.state is State.UNKNOWN or self.error is PrinterFault.NO_PRINTER

    @property
    def is_in_hand(self) -> bool:
        """Whether its bytes leave now: nobody can take it back."""
        return self.state is State.SENDING

    @property
    def on_its_way(self) -> bool:
        """Whether it will be printed without an answer, or is being printed."""
        return self.state in TO_SEND or self.state in IN_HAND


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


@dataclass(frozen=True, slots=True)
class PaperState:
    """What became of a paper of an order.

    Attributes:
        instead_of: the printer that it was made for, if another one prints it.
        asked_at: when it was last asked for, in microseconds since 1970.
    """

    printer: str
    kind: PaperKind
    state: State
    error: PrinterFault | None
    instead_of: str = ""
    copies: int = 0
    asked_at: int = 0


@dataclass(frozen=True, slots=True)
class PulseState:
    """What became of the pulse that opens the drawer. `asked_at` in microseconds since 1970."""

    printer: str
    state: State
    error: PrinterFault | None
    asked_at: int = 0


async def open_jobs(executor: Executor, printers: Collection[str], limit: int = MAX_LISTED) -> list[JobView]:
    """The jobs that are not ended, oldest first; before all others those that only a person can end."""
    asked_first = case((_is_asked(printers), 0), else_=1)
    statement = (
        select(print_job)
        .where(print_job.c.state.in_(OPEN))
        .order_by(asked_first, print_job.c.queued_at, INSERTED)
        .limit(limit)
    )
    return [_job_view(row, printers) for row in await executor.execute(statement)]


async def last_receipt(executor: Executor) -> JobView | None:
    """The newest receipt of this device, printed or not. Bills, slips and refunds do not count."""
    # By rowid: reads from the end of the table, where the newest job is, and not all of it.
    statement = select(print_job).where(print_job.c.kind == PaperKind.RECEIPT)
    rows = await executor.execute(statement.order_by(INSERTED.desc()).limit(1 + _MAX_SLIPS))
    return next((job for job in map(_job_view, rows) if _is_receipt(job.document)), None)


async def last_endings(executor: Executor) -> dict[str, State]:
    """How the newest ended paper ended at each printer: SENT (it does not say if it printed), CONFIRMED, or UNKNOWN
    if a person ended it after a fault: the printer itself has not answered since."""
    columns = print_job.c
    is_faulted = columns.error.is_not(None) & columns.error.not_in(NEVER_SENT)
    ending = case((is_faulted, State.UNKNOWN), else_=columns.state).label("ending")
    statement = (
        select(columns.printer, ending, func.max(columns.queued_at).label("at"))
        .where(columns.state.in_((State.SENT, State.CONFIRMED)) | ((columns.state == State.CANCELLED) & is_faulted))
        .group_by(columns.printer, ending)
        .order_by(literal_column("at"), func.max(INSERTED))
    )
    return {row.printer: State(row.ending) for row in await executor.execute(statement)}


async def state_of(executor: Executor, job_id: UUID) -> tuple[State, PrinterFault | None] | None:
    """State and fault of a job; None if it is not there."""
    columns = print_job.c
    found = await executor.execute(select(columns.state, columns.error).where(columns.id == job_id.bytes))
    row = found.one_or_none()
    return None if row is None else (State(row.state), _fault(row.error))


async def papers_of(executor: Executor, subject_id: UUID) -> tuple[PaperState, ...]:
    """What became of the newest papers of an order, oldest first."""
    columns = print_job.c
    statement = (
        select(
            columns.printer,
            columns.kind,
            columns.state,
            columns.error,
            _INSTEAD_OF,
            columns.copies,
            columns.queued_at,
        )
        .where(columns.subject_id == subject_id.bytes)
        .order_by(columns.queued_at.desc(), INSERTED.desc())
        .limit(MAX_OF_ORDER)
    )
    found = [
        PaperState(printer, PaperKind(kind), State(state), _fault(error), *more)
        for printer, kind, state, error, *more in await executor.execute(statement)
    ]
    return tuple(reversed(found))


async def pulse_of(executor: Executor, subject_id: UUID) -> PulseState | None:
    """What became of the newest pulse of an order."""
    columns = drawer_pulse.c
    statement = (
        select(columns.printer, columns.state, columns.error, columns.created_at)
        .where(columns.subject_id == subject_id.bytes)
        .order_by(columns.created_at.desc(), literal_column("drawer_pulse.rowid").desc())
        .limit(1)
    )
    row = (await executor.execute(statement)).one_or_none()
    return None if row is None else PulseState(row.printer, State(row.state), _fault(row.error), row.created_at)


async def queue_health(executor: Executor, printers: Collection[str]) -> QueueHealth:
    """Read the state of the queues. A job for a printer not in `printers` cannot be sent and counts as stuck."""
    columns = print_job.c
    statement = (
        select(columns.printer, columns.state, columns.error, func.count(), func.min(columns.queued_at))
        .where(or_(*(columns.state == state for state in OPEN)))
        .group_by(columns.printer, columns.state, columns.error)
        .order_by(func.min(columns.queued_at))
    )
    rows_by_printer: dict[str, list[Row[str, str, str | None, int, int]]] = {}
    for row in await executor.execute(statement):
        rows_by_printer.setdefault(row[0], []).append(row)
    return QueueHealth(
        tuple(_printer_health(name, rows, name in printers) for name, rows in sorted(rows_by_printer.items()))
    )


def _printer_health(
    printer: str, rows: Sequence[Row[str, str, str | None, int, int]], configured: bool
) -> PrinterHealth:
    counts = dict.fromkeys(State, 0)
    for _printer, state, _error, count, _oldest in rows:
        counts[State(state)] += count
    faults = [(state == State.UNKNOWN, error) for _printer, state, error, _count, _oldest in rows if error]
    first_error = min(faults, key=lambda fault: fault[0])[1] if faults else None
    return PrinterHealth(
        printer=printer,
        waiting=counts[State.QUEUED] + sum(counts[state] for state in IN_HAND),
        failed=counts[State.FAILED],
        unknown=counts[State.UNKNOWN],
        oldest_at=rows[0][4],
        fault=_fault(first_error) if configured else PrinterFault.NO_PRINTER,
    )


def _job_view(row: Row[Any], printers: Collection[str] | None = None) -> JobView:
    """Make a view of a row. With `printers`, a job for another printer gets the fault NO_PRINTER."""
    kind = PaperKind(row.kind)
    try:
        document = decode(kind, row.payload)
    except (msgspec.MsgspecError, ValueError):
        document = None
    state = State(row.state)
    homeless = printers is not None and row.printer not in printers and state in TO_SEND
    return JobView(
        id=UUID(bytes=row.id),
        printer=row.printer,
        kind=kind,
        document=document,
        state=state,
        copies=row.copies,
        error=PrinterFault.NO_PRINTER if homeless else _fault(row.error),
        created_at=row.created_at,
        queued_at=row.queued_at,
        updated_at=row.updated_at,
        reference=UUID(bytes=row.reference),
        instead_of="" if row.made_for == row.printer else row.made_for,
        is_elsewhere=row.is_elsewhere,
    )


def _fault(error: str | None) -> PrinterFault | None:
    return None if error is None else PrinterFault(error)


def _is_receipt(document: Document | None) -> bool:
    """Whether it is a receipt or a copy of one: bills, slips and refunds have titles of their own."""
    return isinstance(document, ReceiptDocument) and not document.title


def _is_asked(printers: Collection[str]) -> ColumnElement[bool]:
    """A job that only a person can end: an unknown one, or one whose printer does not exist."""
    columns = print_job.c
    homeless = and_(columns.state.in_(TO_SEND), columns.printer.not_in(printers))
    return or_(columns.state == State.UNKNOWN, homeless)
