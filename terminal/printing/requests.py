"""Papers for printers that hang on another device: asked for, printed there and answered, as rows of the branch.

A job for such a printer stands in this device's own queue as every other. `PrintRequests` asks the printer's device
by a row with the same id, and lets the job follow its answers. For printers that hang here it is the other way round:
rows of others become jobs with the same ids, and the rows say what becomes of them. Each step is one unit of work and
can be made again, so a device that ends anywhere goes on where it was.

Nothing is printed twice unmarked: the id follows from what is printed, an answer counts for one asking, and what is
asked for again says COPY, unless nothing of it was ever sent. The age of a paper counts from when it was asked for.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from shared.kernel.instants import from_microseconds, to_microseconds
from shared.kernel.permissions import SYSTEM
from shared.kernel.states import Standing, standing_below
from shared.kernel.work import Work
from shared.printers.records import PrintRequest, RequestState
from shared.printers.rules import MOST_BYTES, MOST_COPIES
from terminal.papers.print_plan import PrinterSetup
from terminal.printing.documents import PaperKind
from terminal.printing.faults import PrinterFault
from terminal.printing.records import IN_HAND, State, print_job
from terminal.printing.views import NEVER_SENT
from terminal.store.store import Committed, Store

ANSWER_SECONDS = {RequestState.ASKED: 5.0, RequestState.CLAIMED: 60.0}
"""How long a device may take to claim a paper, and to print what it claimed, before who asked is told."""
_MOST_ASKED = 50
"""Papers that are asked for in one unit of work."""
_LOOK_SECONDS = 0.5
"""How often jobs are looked at while an answer is awaited or given."""
_IDLE_SECONDS = 2.0
"""How soon the jobs of another program of this device are found."""

NEWS = frozenset({PrintRequest.__tablename__, str(print_job.name)})
"""Tables of which a commit means that something may be to do."""
_ROW = sa.inspect(PrintRequest).local_table.c
_JOB = print_job.c
_FOLLOWING = (State.SENDING, State.FAILED, State.UNKNOWN)
"""States of an asked job that follow its row. A job that a person closed does not."""
_STATE_OF_ROW = {
    RequestState.ASKED: State.SENDING,
    RequestState.CLAIMED: State.SENDING,
    RequestState.FAILED: State.FAILED,
    RequestState.UNKNOWN: State.UNKNOWN,
    RequestState.SENT: State.SENT,
    RequestState.CONFIRMED: State.CONFIRMED,
    RequestState.CANCELLED: State.CANCELLED,
}
_STATE_OF_JOB = {
    State.FAILED: RequestState.FAILED,
    State.UNKNOWN: RequestState.UNKNOWN,
    State.SENT: RequestState.SENT,
    State.CONFIRMED: RequestState.CONFIRMED,
    State.CANCELLED: RequestState.CANCELLED,
}
"""What a row says of a job. Others are claimed: they are on their way."""
_PAIR = (
    *(_ROW[name] for name in ("id", "printer", "kind", "reference", "revision", "asked_at", "wanted_at", "device_id")),
    *(_ROW[name] for name in ("made_for", "asked_by")),
    *(_ROW[name] for name in ("copies", "state", "fault", "withdrawn")),
    *(_JOB[name].label(f"job_{name}") for name in ("state", "error", "copies", "printer", "queued_at", "is_elsewhere")),
)
_SAME = _JOB.id == sa.type_coerce(_ROW.id, sa.LargeBinary)

logger = logging.getLogger(__name__)


class PrintRequests:
    """See the module. One runs for each device folder, beside the print worker.

    Args:
        store: the device's database.
        setup: the printers of this device, as they are now.
        on_jobs: called after it changed jobs of this device: wakes the worker and refreshes screens.
        on_rows: called after it wrote rows: they are to reach the other device soon.

    Attributes:
        turn: watches a piece of its work.
    """

    def __init__(
        self,
        store: Store,
        setup: Callable[[], PrinterSetup],
        on_jobs: Callable[[], None],
        on_rows: Callable[[], None],
    ) -> None:
        self._store = store
        self._setup = setup
        self._on_jobs = on_jobs
        self._on_rows = on_rows
        self._bell = asyncio.Event()
        self.turn: Callable[[], AbstractContextManager[object]] = nullcontext
        self._awaited_ms: dict[tuple[UUID, Any], int] = {}
        """Since when the next answer of a row is awaited, by its last one, on a clock that nobody turns."""

    def wake(self) -> None:
        """Look at jobs and rows now."""
        self._bell.set()

    async def run(self) -> None:
        """Ask and answer until cancelled."""
        unsubscribe = self._store.subscribe(self._committed)
        try:
            while True:
                self._bell.clear()
                with self.turn():
                    is_open = await self.settle()
                await self._wait(_LOOK_SECONDS if is_open else _IDLE_SECONDS)
        finally:
            unsubscribe()

    def _committed(self, committed: Committed) -> None:
        if committed.local or committed.tables & NEWS:
            self.wake()

    async def _wait(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._bell.wait()
        except TimeoutError:
            return

    async def settle(self) -> bool:
        """Ask what is to be asked, take answers, claim what others ask, and answer. Returns whether any is open."""
        setup = self._setup()
        here = setup.device_id
        asked, asking, given = await self._find(setup)
        asked_anew = {UUID(bytes=job.id) for job in asked}
        open_rows = {(row.id, row.state) for row in asking}
        self._awaited_ms = {key: since for key, since in self._awaited_ms.items() if key in open_rows}
        steps = [
            *(partial(_ask, job=job, device_id=setup.elsewhere[job.printer]) for job in asked),
            *(partial(_follow, row=row, **each) for row in asking if (each := self._news(row)) is not None),
            *(partial(_withdraw, row=row) for row in asking if row.id not in asked_anew and _is_unwanted(row, here)),
            *(partial(_take_out, row=row) for row in asking if _is_elsewhere_now(row, here)),
            *(partial(_answer, row=row) for row in given if _is_told_anew(row)),
            *(partial(_take_out, row=row) for row in given if _is_withdrawn(row)),
            *(partial(_claim, row=row) for row in given if _is_to_claim(row, setup)),
        ]
        if steps:
            await self._store.run(SYSTEM, partial(_all, steps=steps))
            self._on_jobs()
            self._on_rows()
        return bool(steps or asking or given)

    async def _find(self, setup: PrinterSetup) -> tuple[list[Any], list[Any], list[Any]]:
        """Jobs to ask for; rows of which there is a job here that waits; rows that this device is asked."""
        identity, elsewhere = self._store.identity, tuple(setup.elsewhere)
        here = (_ROW.organization_id == identity.organization_id, _ROW.branch_id == identity.branch_id)
        is_open = (*here, standing_below(_ROW.state, RequestState.SENT))
        waits = (_JOB.printer.in_(elsewhere), _JOB.state.in_(_FOLLOWING))
        async with self._store.reading(briefly=True) as connection:
            failed_here = sa.and_(_JOB.state == State.FAILED, ~_JOB.is_elsewhere)
            to_ask = sa.or_(_JOB.state == State.QUEUED, failed_here)
            queued = sa.select(print_job).where(_JOB.printer.in_(elsewhere), to_ask)
            asked = (
                list(await connection.execute(queued.order_by(_JOB.queued_at).limit(_MOST_ASKED))) if elsewhere else []
            )
            rows = await connection.execute(sa.select(*_PAIR).outerjoin(print_job, _SAME).where(*is_open))
            known = {row.id: row for row in rows}
            if elsewhere:
                following = sa.select(*_PAIR).join(print_job, _SAME).where(*here, *waits)
                known |= {row.id: row for row in await connection.execute(following)}
        given = [row for row in known.values() if row.device_id == setup.device_id]
        asking = [row for row in known.values() if row.device_id != setup.device_id and row.job_state is not None]
        return asked, asking, given

    def _news(self, row: Any) -> dict[str, Any] | None:
        """What the job of a row is to say now; None if it says so or is closed. People are told of no answer."""
        if row.job_state not in _FOLLOWING or row.job_printer != row.printer or not row.job_is_elsewhere:
            return None
        state, error = _STATE_OF_ROW[row.state.status], None
        if self._is_overdue(row):
            state, error = State.UNKNOWN, PrinterFault.NOT_CLAIMED
        elif row.state.status is RequestState.ASKED:
            return None
        elif state in (State.FAILED, State.UNKNOWN):
            error = PrinterFault(row.fault) if row.fault in set(PrinterFault) else PrinterFault.BROKEN
        return None if (state, error) == (row.job_state, row.job_error) else {"state": state, "error": error}

    def _is_overdue(self, row: Any) -> bool:
        """Whether the device that is asked takes too long for the next answer."""
        limit_s = ANSWER_SECONDS.get(row.state.status)
        if limit_s is None:
            return False
        now = self._store.clock.running_milliseconds()
        return now - self._awaited_ms.setdefault((row.id, row.state), now) >= limit_s * 1_000


def _is_unwanted(row: Any, here: UUID) -> bool:
    """Whether a person closed the job of a row of ours, or another printer prints it."""
    if row.asked_by != here or row.withdrawn > row.state.round or row.state.status >= RequestState.SENT:
        return False
    return bool(row.job_printer != row.printer or row.job_state in (State.CONFIRMED, State.CANCELLED))


def _is_told_anew(row: Any) -> bool:
    """Whether a row for us does not say yet what became of its job here."""
    if row.job_state is None or row.state.status is RequestState.ASKED:
        return False
    state = _STATE_OF_JOB.get(State(row.job_state), RequestState.CLAIMED)
    fault_differs = row.fault != (row.job_error or "") and state >= row.state.status
    return bool(state > row.state.status or fault_differs)


def _is_elsewhere_now(row: Any, here: UUID) -> bool:
    """Whether a paper that waits here was asked of another printer since, on another device."""
    waits = row.job_state in (State.QUEUED, State.FAILED)
    return bool(row.asked_by != here and waits and row.job_printer != row.printer)


def _is_withdrawn(row: Any) -> bool:
    """Whether nobody wants a paper any more that still waits here."""
    waits = (State.QUEUED, State.FAILED, State.UNKNOWN)
    return row.withdrawn > row.state.round and row.job_state in waits


def _is_to_claim(row: Any, setup: PrinterSetup) -> bool:
    """Whether a row asks us for a paper, and its printer hangs here. One that another printer has in hand is waited
    for: what became of it there decides what is printed here."""
    is_wanted = row.withdrawn <= row.state.round
    is_busy = row.job_state in IN_HAND and row.job_printer != row.printer
    return is_wanted and not is_busy and row.state.status is RequestState.ASKED and row.printer in setup.driven


def _may_be_on_paper(row: Any) -> bool:
    """Whether a job here was sent, whatever is known of what came of it."""
    is_unsure = row.job_state == State.UNKNOWN and row.job_error not in NEVER_SENT
    return is_unsure or row.job_state in (State.SENT, State.CONFIRMED)


async def _all(work: Work, steps: Sequence[Callable[[Work], Awaitable[None]]]) -> None:
    for step in steps:
        await step(work)


async def _ask(work: Work, job: Any, device_id: UUID) -> None:
    """Ask for a queued job, or again. The job is on its way then."""
    key, wanted_at = UUID(bytes=job.id), from_microseconds(job.queued_at)
    if len(job.payload) > MOST_BYTES:
        logger.error("print job %s is too large for another device", key)
        await _set_job(work, job.id, state=State.UNKNOWN, error=PrinterFault.UNREADABLE)
        return
    held = await work.session.get(PrintRequest, (work.organization_id, key))
    copies = min(job.copies, MOST_COPIES)
    if held is None:
        work.add(
            PrintRequest(
                organization_id=work.organization_id,
                branch_id=work.branch_id,
                id=key,
                made_for=job.made_for,
                printer=job.printer,
                asked_by=work.place.device_id,
                kind=job.kind,
                reference=UUID(bytes=job.reference),
                revision=job.revision,
                payload=job.payload,
                asked_at=from_microseconds(job.created_at),
                device_id=device_id,
                wanted_at=wanted_at,
                copies=copies,
                state=Standing(0, RequestState.ASKED),
            )
        )
    elif job.copies or job.queued_at > job.created_at or held.state.status is RequestState.FAILED:
        # Somebody asked again. Without that another device has asked for the same paper, and one is enough.
        held.state = held.state.reopen(RequestState.ASKED)
        held.printer, held.device_id, held.asked_by = job.printer, device_id, work.place.device_id
        held.wanted_at, held.copies = wanted_at, max(held.copies, copies)
    await _set_job(work, job.id, state=State.SENDING, error=None, attempts=0, is_elsewhere=True)


async def _follow(work: Work, row: Any, state: State, error: str | None) -> None:
    """Let a job say what its row says. One that a person closed there is not printed by that device any more."""
    is_elsewhere = state is not State.CANCELLED
    await _set_job(work, row.id.bytes, row.job_state, state=state, error=error, is_elsewhere=is_elsewhere)


async def _withdraw(work: Work, row: Any) -> None:
    """Say in a row that nobody is to print it any more."""
    held = await work.get(PrintRequest, row.id)
    held.withdrawn = held.state.round + 1


async def _take_out(work: Work, row: Any) -> None:
    """Close a job that nobody wants any more."""
    state = State.CONFIRMED if row.job_state == State.UNKNOWN else State.CANCELLED
    await _set_job(work, row.id.bytes, row.job_state, state=state, error=None)


async def _claim(work: Work, row: Any) -> None:
    """Take a paper that another device asks for into the queue. Its age counts from when it was asked for, or from now,
    if the asker's clock is ahead of ours.

    A job in hand is left alone: its paper is the one that was asked for. So is one that may be on paper, unless a
    person asked for a further one since: that says COPY.
    """
    held = await work.get(PrintRequest, row.id)
    if row.kind not in set(PaperKind):
        held.state, held.fault = held.state.advance(RequestState.UNKNOWN), str(PrinterFault.UNREADABLE)
        return
    wanted_at = to_microseconds(held.wanted_at)
    queued_at = min(wanted_at, to_microseconds(work.now))
    again = {"state": State.QUEUED, "error": None, "attempts": 0, "queued_at": queued_at}
    if row.job_state is None:
        made = insert(print_job).values(
            id=row.id.bytes,
            printer=row.printer,
            made_for=row.made_for,
            kind=row.kind,
            reference=row.reference.bytes,
            revision=row.revision,
            payload=held.payload,
            copies=held.copies,
            is_elsewhere=False,
            created_at=to_microseconds(held.asked_at),
            updated_at=to_microseconds(work.now),
            **again,
        )
        await work.session.execute(made.on_conflict_do_nothing())
    elif _may_be_on_paper(row):
        if held.copies > row.job_copies or wanted_at > row.job_queued_at:
            copies = max(held.copies, row.job_copies + 1)
            await _set_job(work, row.id.bytes, row.job_state, printer=row.printer, copies=copies, **again)
    elif row.job_state not in IN_HAND and (row.job_state != State.QUEUED or held.copies > row.job_copies):
        copies = max(held.copies, row.job_copies)
        await _set_job(work, row.id.bytes, row.job_state, printer=row.printer, copies=copies, **again)
    held.state = held.state.advance(RequestState.CLAIMED)
    held.fault = ""


async def _answer(work: Work, row: Any) -> None:
    """Say in a row what became of its job here."""
    held = await work.get(PrintRequest, row.id)
    held.state = held.state.advance(_STATE_OF_JOB.get(State(row.job_state), RequestState.CLAIMED))
    held.fault = row.job_error or ""


async def _set_job(work: Work, job_id: bytes, seen: str | None = None, **values: Any) -> None:
    """Write a job, unless it is no longer in the state in which it was seen."""
    is_as_seen = (_JOB.state == seen,) if seen is not None else ()
    at = to_microseconds(work.now)
    await work.session.execute(
        sa.update(print_job).where(_JOB.id == job_id, *is_as_seen).values(updated_at=at, **values)
    )
