"""Papers of another device that are asked for again, moved or closed during a cut: none comes twice unmarked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from restaurant import MANAGER, TILL, WAITER

from shared.printers.commands import put_printer
from shared.printers.settings import PrinterSettings
from terminal.printing import queue, views
from terminal.printing.claims import PrintClaims
from terminal.printing.documents import Document, KitchenDocument
from terminal.printing.faults import PrinterFault
from terminal.printing.queue import JobView, PrintJob
from terminal.printing.records import State, print_job
from tests.faults.till_on_disk import found_till
from tests.terminal.printing.request_house import ORDER, House, house_of


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("founded")
    asyncio.run(found_till(folder))
    return folder


@pytest.fixture
async def house(founded: Path, tmp_path: Path) -> AsyncIterator[House]:
    async with house_of(founded, tmp_path) as house:
        yield house


@pytest.mark.parametrize("in_hand", [State.CLAIMED, State.SENDING])
async def test_what_is_asked_for_again_while_it_is_in_hand_comes_out_once(
    house: House, ticket: KitchenDocument, in_hand: State
) -> None:
    """The till's worker waits for its printer, while the waiter asks a second time."""
    await house.waiter.print(ticket)
    await house.waiter.meet()
    await house.till.meet()
    await house.till.settle()
    house.clock.pass_time(seconds=6)
    await house.waiter.settle()
    (asked,) = await house.waiter.asked()
    async with house.till.store.transaction() as connection:
        await connection.execute(sa.update(print_job).values(state=in_hand, attempts=1))
    async with house.waiter.store.transaction() as connection:
        assert await queue.print_again(connection, asked, house.clock.now())
    await house.waiter.settle()
    await house.meet()
    (there,) = await house.till.jobs()
    assert (there.state, there.copies, there.attempts) == (in_hand, 0, 1)
    async with house.till.store.transaction() as connection:
        await connection.execute(sa.update(print_job).values(state=State.CONFIRMED))
    await house.meet()
    assert await house.till.said() == await house.waiter.said() == [(State.CONFIRMED, None)]


async def out_of_paper(house: House, document: Document) -> JobView:
    """The till could not print yet and says so; then the network is cut. Returns what the waiter sees."""
    await house.till.store.run(MANAGER, lambda work: put_printer(work, PrinterSettings("barra", "tcp://127.0.0.1:9")))
    await house.waiter.print(document)
    await house.meet()
    await house.till.becomes(State.FAILED, PrinterFault.PAPER_OUT)
    await house.meet()
    async with house.waiter.store.reading() as connection:
        (job,) = await views.open_jobs(connection, {"caja", "barra"})
    assert (job.state, job.is_known_unprinted, job.is_asked) == (State.FAILED, False, False)
    house.clock.pass_time(seconds=10)
    return job


async def test_what_came_out_during_a_cut_is_not_printed_again_because_somebody_tries_it_now(
    house: House, ticket: KitchenDocument
) -> None:
    await out_of_paper(house, ticket)
    await house.till.becomes(State.CONFIRMED)
    async with house.waiter.store.transaction() as connection:
        assert await queue.try_now(connection, house.clock.now()) == 1
    await house.waiter.settle()
    await house.meet()
    assert await house.till.said() == await house.waiter.said() == [(State.CONFIRMED, None)]


async def test_trying_it_now_reaches_a_till_that_still_waits_for_paper(house: House, ticket: KitchenDocument) -> None:
    await out_of_paper(house, ticket)
    async with house.waiter.store.transaction() as connection:
        assert await queue.try_now(connection, house.clock.now()) == 1
    await house.waiter.settle()
    await house.meet()
    (there,) = await house.till.jobs()
    assert (there.state, there.copies) == (State.QUEUED, 0)


async def test_what_is_moved_away_from_a_device_that_is_cut_off_says_copy(
    house: House, ticket: KitchenDocument
) -> None:
    seen = await out_of_paper(house, ticket)
    async with house.waiter.store.transaction() as connection:
        assert await queue.print_again(connection, seen, house.clock.now(), "barra")
    await house.waiter.settle()
    (here,) = await house.waiter.jobs()
    assert (here.printer, here.state, here.copies, here.is_elsewhere) == ("barra", State.QUEUED, 1, False)
    await house.meet()
    assert await house.till.said() == [(State.CANCELLED, None)]


async def test_what_another_device_may_print_is_not_cancelled_and_is_closed_by_who_sees_the_paper(
    house: House, ticket: KitchenDocument
) -> None:
    seen = await out_of_paper(house, ticket)
    async with house.waiter.store.transaction() as connection:
        assert not await queue.cancel(connection, seen, house.clock.now())
        assert await queue.it_came_out(connection, seen, house.clock.now())
    await house.till.becomes(State.CONFIRMED)
    await house.waiter.settle()
    await house.meet()
    said = [state for state, _fault in (*await house.till.said(), *await house.waiter.said())]
    assert said == [State.CONFIRMED, State.CONFIRMED]


async def test_a_failed_paper_goes_where_its_printer_went(house: House, ticket: KitchenDocument) -> None:
    """A network printer that could not be reached is plugged into the till."""
    net = PrinterSettings("barra", "tcp://127.0.0.1:9")
    await house.waiter.store.run(MANAGER, lambda work: put_printer(work, net))
    await house.meet()
    job = PrintJob.of(ticket, printer="barra", reference=ORDER, revision=1, at=house.clock.now())
    async with house.waiter.store.transaction() as connection:
        await queue.enqueue(connection, job)
    await house.waiter.becomes(State.FAILED, PrinterFault.UNREACHABLE)
    plugged = PrinterSettings("barra", "usb://04b8:0e99", device_id=TILL)
    await house.till.store.run(MANAGER, lambda work: put_printer(work, plugged))
    await house.meet()
    (there,) = await house.till.jobs()
    assert (there.printer, there.state, there.copies) == ("barra", State.QUEUED, 0)
    await house.till.becomes(State.CONFIRMED)
    await house.meet()
    assert await house.waiter.said() == [(State.CONFIRMED, None)]


async def test_a_failed_paper_whose_printer_comes_here_says_copy_and_follows_the_other_device_no_more(
    house: House, ticket: KitchenDocument
) -> None:
    seen = await out_of_paper(house, ticket)
    plugged = PrinterSettings("caja", "usb://04b8:0e15", device_id=WAITER)
    await house.waiter.store.run(MANAGER, lambda work: put_printer(work, plugged))
    await house.waiter.settle()
    claims = PrintClaims(house.waiter.store, house.clock, b"w" * 16)
    await claims.take("caja")
    claimed = await claims.claim("caja", seen.id.bytes, None)
    assert claimed is not None
    assert claimed.copies == 1
    await claims.note_sending("caja", claimed)
    await house.waiter.settle()
    assert await house.waiter.said() == [(State.SENDING, PrinterFault.PAPER_OUT)], "its own worker has it"
