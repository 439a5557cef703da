"""The persisted print queue: it queues jobs and takes people's answers. `worker` sends the jobs, `views` shows them.

Every function runs in the caller's transaction. The id of a job follows from what it prints (printer, kind, reference,
revision), so asking twenty times for the same document queues one job. A job is one row for ever: printed on another
printer, it is the same row, so that it cannot come out of both. An answer counts only if the job is still as the
person saw it: a second press, or an answer from another device, changes nothing. What the worker does with a job of
which nothing was sent is no answer: it may retry it, or give it to a substitute.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, case, select, update
from sqlalchemy.dialects.sqlite import insert

from shared.kernel.ids import derived_id
from shared.kernel.instants import to_microseconds
from terminal.printing.documents import Document, PaperKind, decode, encode, kind_of
from terminal.printing.records import ENDED, TO_SEND, UNSENT, State, print_job
from terminal.printing.views import NEVER_SENT, Executor, JobView

MOVABLE = (*UNSENT, *ENDED)
"""States in which a person may have a job printed on another printer."""


@dataclass(frozen=True, slots=True)
class PrintJob:
    """A document to be printed on a printer, about a reference (ticket, receipt) in a revision.

    Attributes:
        subject_id: the order, or opening of the drawer, where people see what became of it; None: nowhere.
    """

    printer: str
    kind: PaperKind
    reference: UUID
    revision: int
    payload: bytes
    created_at: datetime
    subject_id: UUID | None = None

    @classmethod
    def of(
        cls,
        document: Document,
        *,
        printer: str,
        reference: UUID,
        revision: int,
        at: datetime,
        subject_id: UUID | None = None,
    ) -> PrintJob:
        """Make a job for a document. Another content for the same reference needs a higher revision."""
        return cls(printer, kind_of(document), reference, revision, encode(document), at, subject_id)

    @property
    def id(self) -> UUID:
        """Follows from what is printed where, so that the same document is the same job."""
        return derived_id("print_job", self.printer, self.kind, self.reference, self.revision)


async def enqueue(executor: Executor, job: PrintJob) -> bool:
    """Queue a job, in the caller's transaction. Returns False if the same document was queued before."""
    at = to_microseconds(job.created_at)
    statement = insert(print_job).values(
        id=job.id.bytes,
        printer=job.printer,
        made_for=job.printer,
        kind=job.kind,
        reference=job.reference.bytes,
        revision=job.revision,
        subject_id=None if job.subject_id is None else job.subject_id.bytes,
        payload=job.payload,
        state=State.QUEUED,
        attempts=0,
        copies=0,
        is_elsewhere=False,
        created_at=at,
        queued_at=at,
        updated_at=at,
    )
    return await _changes_one(executor, statement.on_conflict_do_nothing())


async def rewrite_waiting(
    executor: Executor, kind: PaperKind, reference: UUID, rewrite: Callable[[Document], Document], at: datetime
) -> int:
    """Let what waits to be printed about a reference say what is true now. What was sent, or may have been, stays.

    A job that the worker has and did not send yet is taken from it, and claimed anew.

    Returns how many jobs say something else now.
    """
    columns, rewritten = print_job.c, 0
    never_sent = (columns.state == State.UNKNOWN) & columns.error.in_(NEVER_SENT)
    waits = (columns.state.in_(UNSENT) | never_sent) & ~columns.is_elsewhere
    where = (columns.kind == kind, columns.reference == reference.bytes, waits)
    for row in (await executor.execute(select(columns.id, columns.payload).where(*where))).all():
        payload = encode(rewrite(decode(kind, row.payload)))
        if payload != row.payload:
            state = case((columns.state == State.CLAIMED, State.QUEUED), else_=columns.state)
            statement = update(print_job).where(columns.id == row.id, waits)
            values = {"payload": payload, "state": state, "updated_at": to_microseconds(at)}
            rewritten += await _changes_one(executor, statement.values(values))
    return rewritten


async def print_again(executor: Executor, job: JobView, at: datetime, printer: str = "") -> bool:
    """Queue an ended or unknown job once more. The paper says COPY unless nothing of it was ever sent.

    Args:
        printer: another printer; then also a job that still waits is printed there, and nowhere else. Its paper says
            which printer it is from, and COPY if another device has it: that one may have printed it meanwhile.

    Returns False if the job will be printed anyway, is being printed, or is no longer as the person saw it.
    """
    now = to_microseconds(at)
    now += now == job.queued_at  # two answers of one moment are still two
    columns = print_job.c
    moves = bool(printer) and printer != job.printer
    never_sent = (columns.state == State.UNKNOWN) & columns.error.in_(NEVER_SENT)
    unprinted = columns.state.in_(UNSENT) | never_sent | (columns.state == State.CANCELLED)
    if moves:
        unprinted = unprinted & ~columns.is_elsewhere
    values = {
        "state": State.QUEUED,
        "copies": columns.copies + case((unprinted, 0), else_=1),
        "attempts": 0,
        "error": None,
        "queued_at": now,
        "updated_at": now,
    }
    if moves:
        values |= {"printer": printer, "is_elsewhere": False}
    statement = update(print_job).where(*_as_seen(job), columns.state.in_(MOVABLE if moves else ENDED))
    return await _changes_one(executor, statement.values(values))


async def it_came_out(executor: Executor, job: JobView, at: datetime) -> bool:
    """Close an unknown job, or one that another device has and could not print yet: a person has seen its paper.

    Returns False if the job needs no answer, or is no longer as the person saw it.
    """
    columns = print_job.c
    sent = columns.error.is_(None) | columns.error.not_in(NEVER_SENT)
    may_be_out = (columns.state == State.UNKNOWN) | (columns.state.in_(TO_SEND) & columns.is_elsewhere)
    return await _close(executor, job, at, State.CONFIRMED, may_be_out, sent)


async def cancel(executor: Executor, job: JobView, at: datetime) -> bool:
    """Close a job of which nothing was sent: nobody needs it any more.

    Returns False if any of it may be on paper, if it is being sent, if another device may print it, or if it is no
    longer as the person saw it.
    """
    columns = print_job.c
    never_sent = (columns.state == State.UNKNOWN) & columns.error.in_(NEVER_SENT)
    waits_here = columns.state.in_(UNSENT) & ~columns.is_elsewhere
    return await _close(executor, job, at, State.CANCELLED, waits_here | never_sent)


async def try_now(executor: Executor, at: datetime, printers: Collection[str] = ()) -> int:
    """Retry failed jobs at once, since a person says that the printers work again. Returns how many there are.

    Args:
        printers: only of these; empty for all.
    """
    statement = update(print_job).where(print_job.c.state == State.FAILED)
    if printers:
        statement = statement.where(print_job.c.printer.in_(printers))
    values = {"state": State.QUEUED, "attempts": 0, "updated_at": to_microseconds(at)}
    result = await executor.execute(statement.values(values))
    return int(result.rowcount)  # type: ignore[attr-defined]


async def _close(executor: Executor, job: JobView, at: datetime, state: State, *where: ColumnElement[bool]) -> bool:
    statement = update(print_job).where(*_as_seen(job), *where)
    return await _changes_one(executor, statement.values(state=state, updated_at=to_microseconds(at)))


def _as_seen(job: JobView) -> tuple[ColumnElement[bool], ...]:
    columns = print_job.c
    same = (columns.id == job.id.bytes, columns.copies == job.copies)
    if job.is_unsent:
        return (*same, columns.state.in_(UNSENT), ~columns.is_elsewhere, columns.queued_at == job.queued_at)
    return (
        *same,
        columns.printer == job.printer,
        columns.state == job.state,
        columns.updated_at == job.updated_at,
    )


async def _changes_one(executor: Executor, statement: object) -> bool:
    result = await executor.execute(statement)  # type: ignore[call-overload]
    return bool(result.rowcount == 1)
