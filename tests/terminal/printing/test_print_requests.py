"""Papers for a printer that hangs on another device: printed there once, and said where they were asked for.

Two real stores with a cloud between them. The network is cut by not exchanging.
"""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from restaurant import BRANCH, CLOUD, MANAGER, ORGANIZATION, TILL, WAITER, HandClock, Replica, open_replica

from shared.exceptions.records import ExceptionEvent
from shared.kernel.ids import Uuid7Source, derived_id
from shared.kernel.states import Standing
from shared.printers.commands import put_printer
from shared.printers.queries import printer_table
from shared.printers.records import PrintRequest, RequestState
from shared.printers.settings import PrinterSettings
from terminal.agent import Agent
from terminal.identity import Identity
from terminal.print_plan import PrinterSetup, PrintPlan, setup_of
from terminal.printing import queue, views
from terminal.printing.claims import PrintClaims
from terminal.printing.documents import Document, KitchenDocument
from terminal.printing.faults import PrinterFault
from terminal.printing.queue import JobView, PrintJob
from terminal.printing.records import State, print_job
from terminal.printing.requests import PrintRequests
from terminal.store.store import Store
from tests.faults.till_on_disk import SECRETS, CloudNearby, copy_till, found_till

ORDER = UUID(int=17)
ALL = frozenset({"caja"})


@dataclass
class Device:
    """A device of the branch with its queue. What its printer does is written by hand."""

    store: Store
    cloud: Replica

    def __post_init__(self) -> None:
        self.setup = PrinterSetup(self.store.identity.device_id)
        self.begin_anew()

    def begin_anew(self) -> None:
        """What its program remembered is gone."""
        self.requests = PrintRequests(self.store, lambda: self.setup, lambda: None, lambda: None)

    async def settle(self) -> None:
        """Until nothing changes any more."""
        async with self.store.reading() as connection:
            table = await printer_table(connection, ORGANIZATION, BRANCH)
        self.setup = setup_of(table, self.store.identity.device_id, {}, PrintPlan())
        for _step in range(3):
            await self.requests.settle()

    async def meet(self) -> None:
        """Reach the cloud once."""
        agent = Agent(self.store, CloudNearby(self.cloud), Ed25519PrivateKey.generate(), lambda: 0.5, None, 0)
        await agent.push_once()
        await agent.pull_once()
        await agent.fold_all()

    async def print(self, document: Document, revision: int = 1, *, ahead: timedelta = timedelta()) -> UUID:
        at = self.store.clock.now() + ahead
        job = PrintJob.of(document, printer="caja", reference=ORDER, revision=revision, at=at)
        async with self.store.transaction() as connection:
            await queue.enqueue(connection, job)
        await self.settle()
        return job.id

    async def jobs(self) -> list[Any]:
        async with self.store.reading() as connection:
            return list(await connection.execute(sa.select(print_job).order_by(print_job.c.revision)))

    async def said(self) -> list[tuple[str, str | None]]:
        return [(job.state, job.error) for job in await self.jobs()]

    async def becomes(self, state: State, error: PrinterFault | None = None) -> None:
        """What the printer of this device made of its waiting jobs."""
        async with self.store.transaction() as connection:
            changed = sa.update(print_job).where(print_job.c.state.in_((State.QUEUED, State.FAILED)))
            await connection.execute(changed.values(state=state, error=error, attempts=1))
        await self.settle()

    async def asked(self) -> list[JobView]:
        async with self.store.reading() as connection:
            return [job for job in await views.open_jobs(connection, ALL) if job.is_asked]


@dataclass
class House:
    """A waiter's device that has no printer, and a till on which one hangs."""

    waiter: Device
    till: Device
    clock: HandClock

    async def meet(self) -> None:
        """The network is there: both hear of each other and do what follows."""
        for _round in range(3):
            for device in (self.waiter, self.till):
                await device.meet()
                await device.settle()


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("founded")
    asyncio.run(found_till(folder))
    return folder


@pytest.fixture
async def house(founded: Path, tmp_path: Path) -> AsyncIterator[House]:
    shutil.copy(founded / "cloud.db", tmp_path / "cloud.db")
    clock = HandClock(datetime.now(UTC))
    cloud = open_replica(tmp_path / "cloud.db", CLOUD, None, "", clock)
    async with AsyncExitStack() as stack:
        devices = []
        for device_id in (WAITER, TILL):
            folder = copy_till(founded, tmp_path / str(device_id), Identity(ORGANIZATION, BRANCH, device_id)).folder
            identity, ids = Identity(ORGANIZATION, BRANCH, device_id), Uuid7Source(clock, os.urandom)
            store = await Store.open(folder.database, SECRETS.database_key, identity, clock, ids)
            stack.push_async_callback(store.close)
            devices.append(Device(store, cloud))
        house = House(*devices, clock)
        settings = PrinterSettings("caja", "usb://04b8:0e15", device_id=TILL, columns=32)
        await house.till.store.run(MANAGER, lambda work: put_printer(work, settings))
        await house.meet()
        yield house
    await cloud.close()


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
