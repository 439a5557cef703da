"""What only the owner of a device's folder runs: the print worker and the agent, as supervised duties."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from shared.orders.contacts import contact_of
from shared.printers.queries import paper_look
from sync.records import changes
from terminal.clock import DeviceClock
from terminal.desks.desk import Desk
from terminal.device import Configuration
from terminal.papers.drawer_tasks import tell_results
from terminal.papers.kitchen_papers import PaperFollower
from terminal.printing.printers import PrinterBook
from terminal.printing.records import drawer_pulse, print_job
from terminal.printing.requests import PrintRequests
from terminal.printing.views import QueueHealth
from terminal.printing.worker import PrintWorker
from terminal.sealing import Secrets
from terminal.snapshots.sources import PRINTERS
from terminal.store.store import Committed, Store
from terminal.supervision.duties import Duty, Stopped
from terminal.supervision.guest_duty import GuestDuty
from terminal.supervision.health_report import health_of
from terminal.supervision.supervisor import Supervisor
from terminal.syncing.agent import Agent
from terminal.syncing.link import CloudLink
from terminal.syncing.link_state import LinkState
from terminal.syncing.live import LiveCarrier

NEWS = frozenset(str(table.name) for table in (print_job, drawer_pulse, changes))
"""Tables of another program's commit that mean work for the owner: something to print, or to push."""

PRINTING_SECONDS = 300.0
"""Longer than a slow printer, after another program that uses it, may take for a long paper with pictures."""


class PrintAndSync:
    """The office while it is held."""

    def __init__(self, agent: Agent, supervisor: Supervisor) -> None:
        self.agent = agent
        self._supervisor = supervisor

    @property
    def link(self) -> LinkState:
        """The link to the cloud."""
        return self.agent.link

    @property
    def stopped(self) -> tuple[Stopped, ...]:
        """The duties that do not work."""
        return self._supervisor.stopped


class OfficeOf:
    """Takes the office of a device's folder.

    Args:
        syncs: push and pull, too; without it only print.
        practice: print what is practised, as that, and nothing that other devices ask for.

    Attributes:
        changed: called when the office's state has changed.
    """

    def __init__(
        self,
        store: Store,
        desk: Desk,
        configuration: Configuration,
        secrets: Secrets,
        clock: DeviceClock,
        *,
        syncs: bool,
        practice: bool = False,
    ) -> None:
        self._practice = practice
        self.changed: Callable[[], None] = lambda: None
        self._printed: Callable[[], None] = lambda: None
        self._store = store
        self._desk = desk
        self._configuration = configuration
        self._secrets = secrets
        self._clock = clock
        self._syncs = syncs

    @asynccontextmanager
    async def taken(self, known: LinkState) -> AsyncIterator[PrintAndSync]:
        """Print and sync for the block, going on from the last known state of the link."""
        async with Supervisor(self._clock.now, lambda _stopped: self.changed()) as supervisor:
            worker, link = self._worker(supervisor), self._link()
            agent = self._agent(link, worker, supervisor)
            agent.report.continue_from(known)
            requests = self._requests(worker, agent, supervisor)
            unsubscribe = (
                self._store.subscribe(lambda committed: _wake(agent, committed)),
                self._desk.subscribe(_following(self._desk, worker, PrinterBook(practice=self._practice))),
            )
            self._desk.wake_agent = agent.wake
            try:
                supervisor.keep(Duty.PRINTING, worker.run)
                supervisor.keep(Duty.PAPERS, self._follower(worker, supervisor).run)
                if not self._practice:
                    supervisor.keep(Duty.REQUESTS, requests.run)
                    supervisor.keep(Duty.GUESTS, self._guests(worker, agent, supervisor).run)
                for duty, work in (agent.duties() if self._syncs else {}).items():
                    supervisor.keep(duty, work)
                yield PrintAndSync(agent, supervisor)
            finally:
                self._desk.wake_agent = lambda: None
                for each in unsubscribe:
                    each()
                await supervisor.close()
                await link.close()

    def _link(self) -> LiveCarrier:
        of = self._configuration
        return LiveCarrier(
            CloudLink(of.cloud, of.identity.device_id, self._secrets.signer, of.authority), random.random
        )

    def _worker(self, supervisor: Supervisor) -> PrintWorker:
        organization_id = self._configuration.identity.organization_id

        def fares(queue: str, fails: bool) -> None:
            (supervisor.failed if fails else supervisor.works)(Duty.PRINTING, queue)

        return PrintWorker(
            self._store,
            {},
            self._clock,
            on_change=self._prints_changed,
            contact_of=lambda reader, order: contact_of(reader, organization_id, order),
            on_fault=fares,
            turn_of=lambda queue: supervisor.turn(Duty.PRINTING, queue, PRINTING_SECONDS),
            tell_pulses=lambda: tell_results(self._store),
            is_busy=lambda: self._store.courtesy.is_somebody_here,
            look_of=lambda reader: paper_look(reader, organization_id, self._configuration.identity.branch_id),
        )

    def _prints_changed(self, health: QueueHealth) -> None:
        self._desk.prints_changed(health)
        self._printed()

    def _follower(self, worker: PrintWorker, supervisor: Supervisor) -> PaperFollower:
        follower = PaperFollower(self._store, self._desk.print_context, worker.wake)
        follower.turn = lambda: supervisor.turn(Duty.PAPERS)
        self._printed = follower.printed
        return follower

    def _guests(self, worker: PrintWorker, agent: Agent, supervisor: Supervisor) -> GuestDuty:
        def accepted() -> None:
            worker.wake()
            agent.wake()

        duty = GuestDuty(self._store, self._desk, accepted)
        duty.turn = lambda: supervisor.turn(Duty.GUESTS)
        return duty

    def _requests(self, worker: PrintWorker, agent: Agent, supervisor: Supervisor) -> PrintRequests:
        def jobs_changed() -> None:
            worker.wake()
            self._desk.prints_changed(worker.health)

        requests = PrintRequests(self._store, lambda: self._desk.setup, jobs_changed, agent.wake)
        requests.turn = lambda: supervisor.turn(Duty.REQUESTS)
        return requests

    def _agent(self, link: LiveCarrier, worker: PrintWorker, supervisor: Supervisor) -> Agent:
        cloud_key = self._configuration.cloud_key or None
        agent = Agent(self._store, link, self._secrets.signer, random.random, worker, cloud_key=cloud_key)
        link.reports_to(agent)
        agent.on_link = lambda _link: self.changed()
        agent.on_failed, agent.on_works = supervisor.failed, supervisor.works
        agent.turn_of = supervisor.turn
        agent.health = lambda: health_of(self._store, worker.health)
        return agent


def _following(desk: Desk, worker: PrintWorker, book: PrinterBook) -> Callable[[frozenset[str]], None]:
    """Let the worker serve the printers that this device drives, now and whenever their rows change."""

    def follow(names: frozenset[str]) -> None:
        if PRINTERS.name in names:
            worker.use(book.of(desk.setup.driven, desk.setup.own))

    follow(frozenset({PRINTERS.name}))
    return follow


def _wake(agent: Agent, committed: Committed) -> None:
    if not committed.local and committed.tables & NEWS:
        agent.wake()
