"""The queue as a table: what one transaction with the sale means, once-only jobs, and a person's answers."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import insert, select, text, update

from terminal.printing.documents import Kind, ReceiptDocument, decode, encode
from terminal.printing.faults import Fault
from terminal.printing.queue import PrintJob, enqueue, it_came_out, print_again, queue_health, unknown_jobs
from terminal.printing.records import State, print_job

ORDER = UUID(int=17)


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
    assert decode(Kind.RECEIPT, encode(receipt)) == receipt


def test_a_document_stored_by_a_newer_version_still_prints(receipt: ReceiptDocument) -> None:
    import msgspec

    newer = msgspec.msgpack.decode(encode(receipt)) | {"invented_later": 1}
    assert decode(Kind.RECEIPT, msgspec.msgpack.encode(newer)) == receipt


async def test_a_person_who_saw_the_paper_closes_the_job(store: Any, job: PrintJob, clock: Any) -> None:
    async with store.transaction() as connection:
        await enqueue(connection, job)
    await _set(store, state=State.UNKNOWN, error=Fault.HUNG_UP)
    async with store.transaction() as connection:
        asked = await unknown_jobs(connection)
        assert [(each.id, each.error) for each in asked] == [(job.id, Fault.HUNG_UP)]
        assert await it_came_out(connection, job.id, clock.now())
        assert not await it_came_out(connection, job.id, clock.now())
        assert await unknown_jobs(connection) == []
    assert (await _rows(store))[0].state == State.CONFIRMED


@pytest.mark.parametrize(
    ("state", "error", "copies"),
    [
        (State.CONFIRMED, None, 1),
        (State.SENT, None, 1),
        (State.UNKNOWN, Fault.HUNG_UP, 1),
        (State.UNKNOWN, Fault.EXPIRED, 0),
    ],
)
async def test_printing_again_counts_as_a_copy_unless_nothing_was_ever_sent(
    store: Any, job: PrintJob, clock: Any, state: State, error: Fault | None, copies: int
) -> None:
    async with store.transaction() as connection:
        await enqueue(connection, job)
    await _set(store, state=state, error=error, attempts=5)
    clock.move(timedelta(hours=9))
    async with store.transaction() as connection:
        assert await print_again(connection, job.id, clock.now())
    (row,) = await _rows(store)
    assert (row.state, row.error, row.copies, row.attempts) == (State.QUEUED, None, copies, 0)
    assert row.queued_at > row.created_at


@pytest.mark.parametrize("state", [State.QUEUED, State.SENDING, State.FAILED])
async def test_a_job_on_its_way_is_not_printed_again(store: Any, job: PrintJob, clock: Any, state: State) -> None:
    async with store.transaction() as connection:
        await enqueue(connection, job)
    await _set(store, state=state)
    async with store.transaction() as connection:
        assert not await print_again(connection, job.id, clock.now())


async def test_health_tells_what_is_stuck_where_and_why(store: Any, job: PrintJob) -> None:
    states = [
        ("caja", State.FAILED, Fault.PAPER_OUT),
        ("caja", State.QUEUED, None),
        ("caja", State.CONFIRMED, None),
        ("barra", State.UNKNOWN, Fault.HUNG_UP),
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
    assert (by_name["caja"].waiting, by_name["caja"].failed, by_name["caja"].fault) == (1, 1, Fault.PAPER_OUT)
    assert (by_name["barra"].unknown, by_name["barra"].fault) == (1, Fault.HUNG_UP)
    assert by_name["horno"].fault is Fault.NO_PRINTER
    assert health.stuck == 3


async def test_a_state_that_does_not_exist_cannot_be_stored(store: Any) -> None:
    from sqlalchemy.exc import IntegrityError

    values = {
        "id": b"0" * 16,
        "printer": "caja",
        "kind": Kind.TEST,
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
