"""Papers for a printer that hangs on another device: printed there once, and said where they were asked for.

Two real stores with a cloud between them. The network is cut by not exchanging.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from restaurant import BRANCH, MANAGER, ORGANIZATION, TILL, WAITER

from shared.exceptions.records import ExceptionEvent
from shared.kernel.ids import derived_id
from shared.kernel.states import Standing
from shared.printers.commands import put_printer
from shared.printers.records import PrintRequest, RequestState
from shared.printers.settings import PrinterSettings
from terminal.printing import queue
from terminal.printing.documents import KitchenDocument
from terminal.printing.faults import PrinterFault
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


async def test_a_paper_is_printed_where_its_printer_hangs_and_said_where_it_was_asked_for(
    house: House, ticket: KitchenDocument
) -> None:
    job = await house.waiter.print(ticket)
    assert await house.waiter.said() == [(State.SENDING, None)]
    await house.meet()
    (there,) = await house.till.jobs()
    assert (UUID(bytes=there.id), there.state, there.copies) == (job, State.QUEUED, 0)
    assert there.payload == (await house.waiter.jobs())[0].payload
    await house.till.becomes(State.FAILED, PrinterFault.PAPER_OUT)
    await house.meet()
    assert await house.waiter.said() == [(State.FAILED, PrinterFault.PAPER_OUT)]
    await house.till.becomes(State.CONFIRMED)
    await house.meet()
    assert await house.waiter.said() == [(State.CONFIRMED, None)]


async def test_asking_twenty_times_prints_once(house: House, ticket: KitchenDocument) -> None:
    for _press in range(20):
        await house.waiter.print(ticket)
        await house.meet()
    assert len(await house.till.jobs()) == 1
    await house.till.becomes(State.SENT)
    await house.waiter.print(ticket)
    await house.meet()
    assert await house.till.said() == await house.waiter.said() == [(State.SENT, None)]


async def test_nobody_who_claims_it_in_five_seconds_is_told_and_a_late_answer_counts(
    house: House, ticket: KitchenDocument
) -> None:
    await house.waiter.print(ticket)
    house.clock.pass_time(seconds=4)
    await house.waiter.settle()
    assert await house.waiter.asked() == []
    house.clock.pass_time(seconds=2)
    await house.waiter.settle()
    (asked,) = await house.waiter.asked()
    assert (asked.error, asked.may_be_on_paper) == (PrinterFault.NOT_CLAIMED, True)
    await house.meet()
    await house.till.becomes(State.SENT)
    await house.meet()
    assert await house.waiter.said() == [(State.SENT, None)]
    assert await house.waiter.asked() == []


async def test_what_a_person_closed_meanwhile_is_not_printed_when_the_network_heals(
    house: House, ticket: KitchenDocument
) -> None:
    await house.waiter.print(ticket)
    house.clock.pass_time(seconds=6)
    await house.waiter.settle()
    (asked,) = await house.waiter.asked()
    async with house.waiter.store.transaction() as connection:
        assert await queue.it_came_out(connection, asked, house.clock.now())
    await house.waiter.settle()
    await house.meet()
    assert await house.till.jobs() == []


async def test_what_is_asked_for_again_says_copy_also_if_the_first_one_came_out(
    house: House, ticket: KitchenDocument
) -> None:
    """The till printed, and was cut off before it could say so."""
    await house.waiter.print(ticket)
    await house.waiter.meet()
    await house.till.meet()
    await house.till.settle()
    await house.till.becomes(State.SENT)
    house.clock.pass_time(seconds=6)
    await house.waiter.settle()
    (asked,) = await house.waiter.asked()
    async with house.waiter.store.transaction() as connection:
        assert await queue.print_again(connection, asked, house.clock.now())
    await house.waiter.settle()
    await house.meet()
    (there,) = await house.till.jobs()
    assert (there.state, there.copies) == (State.QUEUED, 1)
    await house.till.becomes(State.SENT)
    await house.meet()
    assert await house.waiter.said() == [(State.SENT, None)]


async def test_two_devices_that_ask_for_one_paper_get_one(house: House, ticket: KitchenDocument) -> None:
    """The second one comes later, when the paper is out: it hears so."""
    await house.waiter.print(ticket)
    await house.meet()
    await house.till.becomes(State.SENT)
    await house.meet()
    house.clock.pass_time(minutes=1)
    async with house.waiter.store.transaction() as connection:
        await connection.execute(sa.delete(print_job))
    await house.waiter.print(ticket)
    await house.meet()
    assert await house.waiter.said() == await house.till.said() == [(State.SENT, None)]
    assert (await house.till.jobs())[0].copies == 0


async def test_a_paper_that_moved_to_another_printer_comes_out_there_alone_and_says_for_which_it_was(
    house: House, ticket: KitchenDocument
) -> None:
    """Both printers hang on the till, the first one is dead, and the till was asked already."""
    barra = PrinterSettings("barra", "usb://04b8:0202", device_id=TILL)
    await house.till.store.run(MANAGER, lambda work: put_printer(work, barra))
    await house.waiter.print(ticket)
    await house.meet()
    await house.till.becomes(State.UNKNOWN, PrinterFault.HUNG_UP)
    await house.meet()
    (asked,) = await house.waiter.asked()
    async with house.waiter.store.transaction() as connection:
        assert await queue.print_again(connection, asked, house.clock.now(), "barra")
    await house.waiter.settle()
    await house.meet()
    (there,) = await house.till.jobs()
    assert (there.printer, there.made_for, there.state, there.copies) == ("barra", "caja", State.QUEUED, 1)
    await house.till.becomes(State.SENT)
    await house.meet()
    assert await house.waiter.said() == [(State.SENT, None)]


async def test_an_old_paper_is_asked_about_as_old_as_it_is(house: House, ticket: KitchenDocument) -> None:
    """The age limit of the queue counts from when it was asked for, not from when the network healed."""
    wanted = house.clock.now()
    await house.waiter.print(ticket)
    house.clock.pass_time(hours=2)
    await house.meet()
    (there,) = await house.till.jobs()
    assert there.queued_at == round(wanted.timestamp() * 1_000_000)
    await house.till.becomes(State.UNKNOWN, PrinterFault.EXPIRED)
    await house.meet()
    (asked,) = await house.waiter.asked()
    assert (asked.error, asked.may_be_on_paper) == (PrinterFault.EXPIRED, False)
    async with house.waiter.store.transaction() as connection:
        assert await queue.print_again(connection, asked, house.clock.now())
    await house.waiter.settle()
    await house.meet()
    (there,) = await house.till.jobs()
    assert (there.state, there.copies) == (State.QUEUED, 0)


async def test_a_paper_of_a_device_whose_clock_is_ahead_is_as_young_as_it_is_here(
    house: House, ticket: KitchenDocument
) -> None:
    """Otherwise every paper of that device would wait for an answer at the till."""
    await house.waiter.print(ticket, ahead=timedelta(minutes=20))
    await house.meet()
    (there,) = await house.till.jobs()
    assert (there.state, there.queued_at) == (State.QUEUED, round(house.clock.now().timestamp() * 1_000_000))


async def test_a_question_that_one_device_answers_is_asked_nowhere_any_more(
    house: House, ticket: KitchenDocument
) -> None:
    await house.waiter.print(ticket)
    await house.meet()
    await house.till.becomes(State.UNKNOWN, PrinterFault.HUNG_UP)
    await house.meet()
    for device, other in ((house.waiter, house.till),):
        (asked,) = await device.asked()
        assert len(await other.asked()) == 1
        async with device.store.transaction() as connection:
            await queue.it_came_out(connection, asked, house.clock.now())
        await device.settle()
        await house.meet()
        assert await other.asked() == await device.asked() == []


async def test_a_printer_that_moved_to_this_device_prints_nothing_that_was_asked_of_the_other(
    house: House, ticket: KitchenDocument
) -> None:
    await house.waiter.print(ticket)
    moved = PrinterSettings("caja", "usb://04b8:0e15", device_id=WAITER)
    await house.waiter.store.run(MANAGER, lambda work: put_printer(work, moved))
    await house.waiter.settle()
    assert (await house.waiter.jobs())[0].state == State.SENDING  # the worker sends queued ones only
    await house.meet()
    assert await house.till.jobs() == []


async def test_a_device_that_ends_between_any_two_steps_goes_on(house: House, ticket: KitchenDocument) -> None:
    """The workers of both are gone after each step, and what they remember with them."""
    await house.waiter.print(ticket)
    for _end in range(4):
        for device in (house.waiter, house.till):
            device.begin_anew()
        await house.meet()
    await house.till.becomes(State.CONFIRMED)
    house.till.begin_anew()
    await house.meet()
    assert await house.waiter.said() == await house.till.said() == [(State.CONFIRMED, None)]


async def test_what_cannot_be_a_paper_is_told_and_queues_nothing(house: House, ticket: KitchenDocument) -> None:
    """A newer program, or a hostile one."""
    request = PrintRequest(
        organization_id=ORGANIZATION,
        branch_id=BRANCH,
        id=derived_id("hostile"),
        made_for="caja",
        printer="caja",
        asked_by=WAITER,
        kind="hologram",
        reference=ORDER,
        revision=1,
        payload=b"\xff",
        asked_at=house.clock.now(),
        wanted_at=house.clock.now(),
        device_id=TILL,
        state=Standing(0, RequestState.ASKED),
    )

    async def add(work: Any) -> None:
        work.add(request)

    await house.waiter.store.run(MANAGER, add)
    await house.meet()
    assert await house.till.jobs() == []
    async with house.till.store.work(MANAGER) as work:
        held = await work.get(PrintRequest, derived_id("hostile"))
        assert (held.state.status, held.fault) == (RequestState.UNKNOWN, PrinterFault.UNREADABLE)
        assert (await work.session.scalars(sa.select(ExceptionEvent))).all() == []


async def test_jobs_beyond_what_a_row_holds_are_asked_about(house: House, ticket: KitchenDocument) -> None:
    await house.waiter.print(replace(ticket, note="x" * 40_000))
    assert await house.waiter.said() == [(State.UNKNOWN, PrinterFault.UNREADABLE)]
