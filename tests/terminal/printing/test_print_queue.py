"""The queue as a table: what one transaction with the sale means, once-only jobs, and a person's answers."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import insert, select, text, update

from shared.kernel.instants import to_microseconds
from terminal.printing.documents import KitchenDocument, PaperKind, ReceiptDocument, decode, encode
from terminal.printing.faults import PrinterFault
from terminal.printing.queue import PrintJob, cancel, enqueue, it_came_out, print_again, try_now
from terminal.printing.records import State, print_job
from terminal.printing.views import MAX_LISTED, last_receipt, open_jobs, queue_health

ORDER = UUID(int=17)
HERE = ("caja", "barra")


@pytest.fixture
def job(receipt: ReceiptDocument, clock: Any) -> PrintJob:
    return PrintJob.of(receipt, printer="caja", reference=ORDER, revision=1, at=clock.now())


async def _rows(store: Any) -> list[Any]:
    async with store.reading() as connection:
        return list(await connection.execute(select(print_job).order_by(print_job.c.queued_at)))


async def _set(store: Any, **values: object) -> None:
    async with store.transaction() as connection:
        await connection.execute(update(print_job).values(**values))


async def test_twenty_presses_queue_one_job(store: Any, job: PrintJob) -> None:
    added = []
    for _ in range(20):
        async with store.transaction() as connection:
            added.append(await enqueue(connection, job))
    assert added == [True] + [False] * 19
    assert [UUID(bytes=row.id) for row in await _rows(store)] == [job.id]


async def test_another_printer_or_revision_is_another_job(store: Any, job: PrintJob) -> None:
    async with store.transaction() as connection:
        for each in (job, dataclasses.replace(job, printer="barra"), dataclasses.replace(job, revision=2)):
            assert await enqueue(connection, each)
    assert len(await _rows(store)) == 3


async def test_the_job_commits_with_the_sale_or_not_at_all(store: Any, job: PrintJob) -> None:
    async def sell(number: int) -> None:
        async with store.transaction() as connection:
            await connection.execute(text("INSERT INTO sale VALUES (:number)"), {"number": number})
            await enqueue(connection, job)
            if number == 1:
                raise RuntimeError

    with pytest.raises(RuntimeError):
        await sell(1)
    assert await _rows(store) == []
    await sell(2)
    assert len(await _rows(store)) == 1


def test_a_stored_document_comes_back_equal(receipt: ReceiptDocument) -> None:
    assert decode(PaperKind.RECEIPT, encode(receipt)) == receipt


def test_a_document_stored_by_a_newer_version_still_prints(receipt: ReceiptDocument) -> None:
    import msgspec

    newer = msgspec.msgpack.decode(encode(receipt)) | {"invented_later": 1}
    assert decode(PaperKind.RECEIPT, msgspec.msgpack.encode(newer)) == receipt


async def test_a_person_who_saw_the_paper_closes_the_job(store: Any, job: PrintJob, clock: Any) -> None:
    async with store.transaction() as connection:
        await enqueue(connection, job)
    await _set(store, state=State.UNKNOWN, error=PrinterFault.HUNG_UP)
    async with store.transaction() as connection:
        (asked,) = await open_jobs(connection, HERE)
        assert (asked.id, asked.error, asked.document) == (job.id, PrinterFault.HUNG_UP, decode(job.kind, job.payload))
        assert await it_came_out(connection, asked, clock.now())
        assert not await it_came_out(connection, asked, clock.now())
        assert await open_jobs(connection, HERE) == []
    assert (await _rows(store))[0].state == State.CONFIRMED


@pytest.mark.parametrize(
    ("state", "error", "copies"),
    [
        (State.CONFIRMED, None, 1),
        (State.SENT, None, 1),
        (State.UNKNOWN, PrinterFault.HUNG_UP, 1),
        (State.UNKNOWN, PrinterFault.EXPIRED, 0),
    ],
)
async def test_printing_again_counts_as_a_copy_unless_nothing_was_ever_sent(
    store: Any, job: PrintJob, clock: Any, state: State, error: PrinterFault | None, copies: int
) -> None:
    async with store.transaction() as connection:
        await enqueue(connection, job)
    await _set(store, state=state, error=error, attempts=5)
    clock.move(timedelta(hours=9))
    async with store.transaction() as connection:
        assert await print_again(connection, await last_receipt(connection), clock.now())
    (row,) = await _rows(store)
    assert (row.state, row.error, row.copies, row.attempts) == (State.QUEUED, None, copies, 0)
    assert row.queued_at > row.created_at


@pytest.mark.parametrize("state", [State.QUEUED, State.SENDING, State.FAILED])
async def test_a_job_on_its_way_is_not_printed_again(store: Any, job: PrintJob, clock: Any, state: State) -> None:
    async with store.transaction() as connection:
        await enqueue(connection, job)
    await _set(store, state=state)
    async with store.transaction() as connection:
        assert not await print_again(connection, await last_receipt(connection), clock.now())


async def test_two_people_who_answer_the_same_question_are_one_answer(store: Any, job: PrintJob, clock: Any) -> None:
    async with store.transaction() as connection:
        await enqueue(connection, job)
    await _set(store, state=State.UNKNOWN, error=PrinterFault.HUNG_UP)
    async with store.transaction() as connection:
        (seen,) = await open_jobs(connection, HERE)
        clock.move(timedelta(seconds=1))
        assert await print_again(connection, seen, clock.now())
        assert not await it_came_out(connection, seen, clock.now())
    clock.move(timedelta(seconds=1))
    await _set(store, state=State.UNKNOWN, error=PrinterFault.HUNG_UP, updated_at=to_microseconds(clock.now()))
    async with store.transaction() as connection:
        assert not await print_again(connection, seen, clock.now())
        assert not await it_came_out(connection, seen, clock.now())
    assert (await _rows(store))[0].copies == 1


async def test_what_was_not_sent_can_be_cancelled_and_what_may_be_on_paper_cannot(
    store: Any, job: PrintJob, clock: Any
) -> None:
    states = [
        (State.QUEUED, None, True),
        (State.FAILED, PrinterFault.PAPER_OUT, True),
        (State.UNKNOWN, PrinterFault.EXPIRED, True),
        (State.CLAIMED, None, True),
        (State.SENDING, None, False),
        (State.UNKNOWN, PrinterFault.HUNG_UP, False),
    ]
    async with store.transaction() as connection:
        for revision, (state, error, _may) in enumerate(states):
            each = dataclasses.replace(job, revision=revision)
            await enqueue(connection, each)
            changed = update(print_job).where(print_job.c.id == each.id.bytes)
            await connection.execute(changed.values(state=state, error=error))
        for each in await open_jobs(connection, HERE):
            await cancel(connection, each, clock.now())
    cancelled = {row.revision for row in await _rows(store) if row.state == State.CANCELLED}
    assert cancelled == {at for at, (_state, _error, may) in enumerate(states) if may}


async def test_a_paper_for_a_printer_that_is_gone_needs_an_answer(store: Any, job: PrintJob, clock: Any) -> None:
    async with store.transaction() as connection:
        await enqueue(connection, job)
        await enqueue(connection, dataclasses.replace(job, printer="horno"))
        lost, waiting = await open_jobs(connection, HERE)
        assert (lost.printer, lost.error, lost.may_be_on_paper) == ("horno", PrinterFault.NO_PRINTER, False)
        assert (waiting.printer, waiting.is_asked) == ("caja", False)
        assert not await it_came_out(connection, lost, clock.now()), "nothing was sent"
        assert await cancel(connection, lost, clock.now())
    assert {row.printer: row.state for row in await _rows(store)} == {"caja": State.QUEUED, "horno": State.CANCELLED}


@pytest.mark.parametrize(
    ("state", "error", "copies"),
    [
        (State.QUEUED, None, 0),
        (State.FAILED, PrinterFault.UNREACHABLE, 0),
        (State.CLAIMED, PrinterFault.UNREACHABLE, 0),
        (State.UNKNOWN, PrinterFault.EXPIRED, 0),
        (State.CANCELLED, PrinterFault.PAPER_OUT, 0),
        (State.UNKNOWN, PrinterFault.HUNG_UP, 1),
        (State.SENT, None, 1),
    ],
)
async def test_a_job_goes_to_another_printer_and_is_a_copy_only_if_it_may_be_on_paper(
    store: Any, job: PrintJob, clock: Any, state: State, error: PrinterFault | None, copies: int
) -> None:
    async with store.transaction() as connection:
        await enqueue(connection, job)
    await _set(store, state=state, error=error, attempts=3)
    async with store.transaction() as connection:
        seen = await last_receipt(connection)
        assert await print_again(connection, seen, clock.now(), "barra")
        assert not await print_again(connection, seen, clock.now(), "barra")
        assert not await enqueue(connection, job), "the same document is not queued for the first printer again"
    (row,) = await _rows(store)
    assert (row.printer, row.made_for, row.state, row.copies) == ("barra", "caja", State.QUEUED, copies)


async def test_a_job_that_is_being_sent_goes_nowhere_else(store: Any, job: PrintJob, clock: Any) -> None:
    async with store.transaction() as connection:
        await enqueue(connection, job)
    await _set(store, state=State.SENDING)
    async with store.transaction() as connection:
        assert not await print_again(connection, await last_receipt(connection), clock.now(), "barra")


@pytest.mark.parametrize("seen_in", [State.QUEUED, State.CLAIMED, State.FAILED])
@pytest.mark.parametrize("state", [State.QUEUED, State.CLAIMED, State.FAILED])
@pytest.mark.parametrize("by", [State.QUEUED, State.CANCELLED])
async def test_what_the_worker_retries_meanwhile_takes_the_answer_that_a_person_was_giving(
    store: Any, job: PrintJob, clock: Any, seen_in: State, state: State, by: State
) -> None:
    async with store.transaction() as connection:
        await enqueue(connection, job)
    await _set(store, state=seen_in, error=PrinterFault.UNREACHABLE)
    async with store.transaction() as connection:
        (seen,) = await open_jobs(connection, HERE)
    clock.move(timedelta(seconds=3))
    await _set(store, state=state, attempts=2, updated_at=to_microseconds(clock.now()))
    async with store.transaction() as connection:
        if by is State.CANCELLED:
            assert await cancel(connection, seen, clock.now())
            assert not await cancel(connection, seen, clock.now())
        else:
            assert await print_again(connection, seen, clock.now(), "barra")
            clock.move(timedelta(seconds=1))
            assert not await print_again(connection, seen, clock.now(), "horno"), "the first answer counts"
            assert not await cancel(connection, seen, clock.now())
    assert (await _rows(store))[0].state == by


@pytest.mark.parametrize("left", [State.SENDING, State.SENT, State.CONFIRMED, State.UNKNOWN])
async def test_an_answer_about_a_waiting_paper_changes_nothing_once_its_bytes_left(
    store: Any, job: PrintJob, clock: Any, left: State
) -> None:
    async with store.transaction() as connection:
        await enqueue(connection, job)
        (seen,) = await open_jobs(connection, HERE)
    await _set(store, state=left, error=PrinterFault.HUNG_UP if left is State.UNKNOWN else None)
    async with store.transaction() as connection:
        assert not await print_again(connection, seen, clock.now(), "barra")
        assert not await cancel(connection, seen, clock.now())


async def test_a_job_that_goes_back_to_its_own_printer_is_no_substitute(store: Any, job: PrintJob, clock: Any) -> None:
    async with store.transaction() as connection:
        await enqueue(connection, job)
        for printer, instead_of in (("barra", "caja"), ("horno", "caja"), ("caja", "")):
            clock.move(timedelta(seconds=1))
            assert await print_again(connection, await last_receipt(connection), clock.now(), printer)
            moved = await last_receipt(connection)
            assert (moved.printer, moved.instead_of) == (printer, instead_of)


async def test_trying_again_names_the_printer(store: Any, job: PrintJob, clock: Any) -> None:
    async with store.transaction() as connection:
        for printer in HERE:
            await enqueue(connection, dataclasses.replace(job, printer=printer))
    await _set(store, state=State.FAILED, error=PrinterFault.UNREACHABLE)
    async with store.transaction() as connection:
        assert await try_now(connection, clock.now(), ["barra"]) == 1
    assert {row.printer: row.state for row in await _rows(store)} == {"caja": State.FAILED, "barra": State.QUEUED}


async def test_try_now_makes_failed_jobs_fresh_and_leaves_the_others(store: Any, job: PrintJob, clock: Any) -> None:
    states = (State.FAILED, State.UNKNOWN, State.SENDING, State.CONFIRMED)
    async with store.transaction() as connection:
        for revision, state in enumerate(states):
            each = dataclasses.replace(job, revision=revision)
            await enqueue(connection, each)
            changed = update(print_job).where(print_job.c.id == each.id.bytes)
            await connection.execute(changed.values(state=state, attempts=4, error=PrinterFault.PAPER_OUT))
        assert await try_now(connection, clock.now()) == 1
    rows = {row.revision: row for row in await _rows(store)}
    assert [State(rows[at].state) for at in range(4)] == [State.QUEUED, *states[1:]]
    assert (rows[0].attempts, rows[0].error) == (0, PrinterFault.PAPER_OUT)


async def test_a_person_sees_the_oldest_few_in_one_statement(store: Any, job: PrintJob, clock: Any) -> None:
    async with store.transaction() as connection:
        for revision in range(3 * MAX_LISTED):
            later = clock.now() + timedelta(seconds=revision)
            await enqueue(connection, dataclasses.replace(job, revision=revision, created_at=later))
    await _set(store, state=State.UNKNOWN, error=PrinterFault.HUNG_UP)
    async with store.transaction() as connection:
        asked = await open_jobs(connection, HERE)
    first = to_microseconds(clock.now())
    assert [each.created_at for each in asked] == [first + at * 1_000_000 for at in range(MAX_LISTED)]


async def test_a_question_about_a_paper_that_cannot_be_read_can_still_be_answered(
    store: Any, job: PrintJob, clock: Any
) -> None:
    async with store.transaction() as connection:
        await enqueue(connection, job)
    await _set(store, state=State.UNKNOWN, error=PrinterFault.UNREADABLE, payload=b"\xc1")
    async with store.transaction() as connection:
        (asked,) = await open_jobs(connection, HERE)
        assert asked.document is None
        assert await cancel(connection, asked, clock.now())


async def test_the_last_receipt_is_the_newest_one_and_no_slip_of_a_part_payment(
    store: Any, job: PrintJob, receipt: ReceiptDocument, ticket: KitchenDocument, clock: Any
) -> None:
    slip = dataclasses.replace(receipt, title="Pago a cuenta", left_minor=500)
    newer = dataclasses.replace(receipt, number="B001-000124")
    async with store.transaction() as connection:
        assert await last_receipt(connection) is None
        await enqueue(connection, job)
        for revision, document in enumerate((newer, slip, ticket, slip), start=2):
            of = PrintJob.of(document, printer="caja", reference=ORDER, revision=revision, at=clock.now())
            await enqueue(connection, of)
        found = await last_receipt(connection)
    assert found is not None
    assert found.document == newer


async def test_what_a_printer_says_now_comes_before_what_it_did_to_an_older_paper(store: Any, job: PrintJob) -> None:
    async with store.transaction() as connection:
        for revision, (state, error) in enumerate(
            [(State.UNKNOWN, PrinterFault.HUNG_UP), (State.FAILED, PrinterFault.COVER_OPEN), (State.QUEUED, None)]
        ):
            each = dataclasses.replace(job, revision=revision)
            await enqueue(connection, each)
            changed = update(print_job).where(print_job.c.id == each.id.bytes)
            await connection.execute(changed.values(state=state, error=error, queued_at=revision))
        (health,) = (await queue_health(connection, HERE)).printers
    assert (health.fault, health.open) == (PrinterFault.COVER_OPEN, 3)


async def test_health_tells_what_is_stuck_where_and_why(store: Any, job: PrintJob) -> None:
    states = [
        ("caja", State.FAILED, PrinterFault.PAPER_OUT),
        ("caja", State.QUEUED, None),
        ("caja", State.CONFIRMED, None),
        ("barra", State.UNKNOWN, PrinterFault.HUNG_UP),
        ("horno", State.QUEUED, None),
    ]
    async with store.transaction() as connection:
        for revision, (printer, state, error) in enumerate(states):
            each = dataclasses.replace(job, printer=printer, revision=revision)
            await enqueue(connection, each)
            await connection.execute(
                update(print_job).where(print_job.c.id == each.id.bytes).values(state=state, error=error)
            )
        health = await queue_health(connection, {"caja", "barra"})
    by_name = {each.printer: each for each in health.printers}
    assert (by_name["caja"].waiting, by_name["caja"].failed, by_name["caja"].fault) == (1, 1, PrinterFault.PAPER_OUT)
    assert (by_name["barra"].unknown, by_name["barra"].fault) == (1, PrinterFault.HUNG_UP)
    assert by_name["horno"].fault is PrinterFault.NO_PRINTER
    assert health.stuck == 4


async def test_a_state_that_does_not_exist_cannot_be_stored(store: Any) -> None:
    from sqlalchemy.exc import IntegrityError

    values = {
        "id": b"0" * 16,
        "printer": "caja",
        "made_for": "caja",
        "kind": PaperKind.TEST,
        "reference": b"0" * 16,
        "revision": 1,
        "payload": b"",
        "state": "printed, probably",
        "created_at": 0,
        "queued_at": 0,
        "updated_at": 0,
    }
    with pytest.raises(IntegrityError):
        async with store.transaction() as connection:
            await connection.execute(insert(print_job).values(values))
