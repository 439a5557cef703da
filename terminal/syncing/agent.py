"""The agent: it pushes, pulls and prints in the background, with or without a screen.

Push and pull are independent loops; neither waits for the other. One program of a device folder runs them at a time
(`terminal/supervision`). A loop that fails retries for ever. The status line shows its trouble until a round of that
loop ends well; of several troubles it shows the worst.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from contextvars import ContextVar
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shared.kernel.retries import retry_seconds
from sync.author import cloud_device
from sync.change import Position, Vector, links
from sync.effects import (
    Agreed,
    CompareDigests,
    Effect,
    GiveBack,
    Learned,
    MarkAcked,
    ReadSuffix,
    Reauthor,
    ReportFork,
    Send,
    Stop,
    StoreFrames,
)
from sync.folder import Folder
from sync.log import vector
from sync.messages import MAX_PULL_CHANGES, Ack, AnyMessage, Behind, Forked, Frame, Health, Push, from_marks
from sync.protocol import Downlink, Uplink, named_own
from sync.signing import enrolled_key, in_parts, is_signed
from terminal.printing.worker import PrintWorker
from terminal.store.errors import StoreError
from terminal.store.store import Committed, Store
from terminal.supervision.duties import Duty
from terminal.syncing.cloud_history import CloudHistory
from terminal.syncing.comparing import DigestCheck
from terminal.syncing.history_events import tell_history
from terminal.syncing.key_exchange import Carrier, KeyExchange
from terminal.syncing.link import LinkError
from terminal.syncing.link_state import Cloud, LinkReport, LinkState, Trouble
from terminal.syncing.own_streams import OwnStreams
from terminal.syncing.parked_events import ParkedEvents

PULL_WAIT_MS = 20_000
"""How long the cloud may hold a pull until it has news."""
PUSH_IDLE_SECONDS = 15.0
"""An idle device sends a hello this often, so that the status line tells the truth about the link."""
FOLD_CHANGES = 170
"""Changes in a fold. It holds the write lock, and the next tap must not wait long. Three folds take a pulled frame."""
FOLD_CHANGES_BESIDE_PEOPLE = 70
"""The same while somebody presses keys: a press that comes during a fold waits for the rest of it. Half as long as the
usual fold; smaller ones bring little, since a fold costs as much as sixty changes before its first one."""


def _no_step() -> None:
    """For agents that nobody watches."""


async def _nothing_to_say() -> None:
    """For agents of programs that are no device of their own."""


TurnOf = Callable[[Duty], AbstractContextManager[Callable[[], None]]]
"""Watches a piece of a duty's work; what its block is given is called for each step of it."""
_step: ContextVar[Callable[[], None]] = ContextVar("step", default=_no_step)

logger = logging.getLogger(__name__)


class Agent:
    """Syncs one store with the cloud and runs its printers.

    Args:
        jitter: gives a random number in [0, 1) for retries.
        pull_wait_ms: see `PULL_WAIT_MS`; 0 for carriers that cannot wait.
        cloud_key: public key of what the cloud signs; None if no signature is checked.
    """

    def __init__(
        self,
        store: Store,
        carrier: Carrier,
        signer: Ed25519PrivateKey | None,
        jitter: Callable[[], float],
        printer: PrintWorker | None = None,
        pull_wait_ms: int = PULL_WAIT_MS,
        cloud_key: bytes | None = None,
    ) -> None:
        self.report = LinkReport(self._link_changed)
        self.on_link: Callable[[LinkState], None] = lambda _state: None
        self.on_failed: Callable[[Duty], None] = lambda _duty: None
        self.on_works: Callable[[Duty], None] = lambda _duty: None
        self.turn_of: TurnOf = lambda _duty: nullcontext(_no_step)
        self.health: Callable[[], Awaitable[Health | None]] = _nothing_to_say
        self.idle_seconds: Callable[[], float] = lambda: PUSH_IDLE_SECONDS
        self._store = store
        self._carrier = carrier
        self._cloud_key = cloud_key
        self._jitter = jitter
        self._printer = printer
        self._folder = Folder(
            store.identity.organization_id,
            store.author.tables,
            listeners=store.author.listeners,
            batch_changes=FOLD_CHANGES,
            seen=store.author.seen,
        )
        self._uplink = Uplink()
        self._downlink = Downlink(pull_wait_ms)
        self._own = OwnStreams(store, signer)
        self._history = CloudHistory(store)
        self._parked = ParkedEvents(store)
        self._keys = KeyExchange(store, carrier)
        self._check = DigestCheck(store)
        self._news = asyncio.Event()
        self._failures = {"push": 0, "pull": 0, "upgrade": 0}
        self._is_folded = False
        self._forked: set[str] = set()

    @property
    def link(self) -> LinkState:
        """The state of the link."""
        return self.report.state

    def _link_changed(self, link: LinkState) -> None:
        self.on_link(link)

    def cloud_heard(self) -> None:
        """Note that the cloud is there, and that the pull which waits for its news does not hang."""
        _step.get()()
        self.report.show(self._store.clock.now())

    def wake(self) -> None:
        """Push and print what was committed, and fold soon what waits for it."""
        self._news.set()
        self._is_folded = False
        if self._printer is not None:
            self._printer.wake()

    def duties(self) -> Mapping[Duty, Callable[[], Awaitable[None]]]:
        """What must never stop of syncing, each of them for ever. `on_failed` and `on_works` are told how they fare."""
        return {
            Duty.PUSHING: lambda: self._forever(Duty.PUSHING, "push", self._push, self._news_or_idle),
            Duty.PULLING: lambda: self._forever(Duty.PULLING, "pull", self._pull),
            Duty.FOLDING: lambda: self._forever(Duty.FOLDING, "upgrade", self.fold_again, asyncio.Event().wait),
        }

    async def run(self) -> None:
        """Push and pull until cancelled, for programs without a supervisor."""
        async with asyncio.TaskGroup() as group:
            for duty in self.duties().values():
                group.create_task(_awaited(duty))

    # -- single rounds, also for programs that run them one by one ---------------------------------------------------

    async def push_once(self) -> None:
        """Push until nothing is left to push."""
        await self._round("push", await self._hello(), self._uplink.received)

    async def pull_once(self) -> None:
        """Pull until nothing is missing, then fold."""
        differ = self._check.differ
        await self._round("pull", await self._question(), self._downlink.received)
        if differ:
            self._check.answered()
        self.report.tell("compare", self._check.trouble())

    async def fold_all(self) -> None:
        """Fold what is stored and not folded, also what an earlier run of the program left."""
        while not self._is_folded:
            self._is_folded = not await self._fold_next()

    async def fold_again(self) -> None:
        """Fold again, in small steps, what an older program of this device could not read in full."""
        is_left = True
        while is_left:
            _step.get()()
            await self._store.courtesy.after_people()
            progress = await self._store.take_in(self._folder.fold_again, self._store.clock.milliseconds())
            is_left = progress is not None
            if progress is not None and progress.tables:
                self._store.announce(Committed(progress.tables, local=False))

    async def catch_up(self, patience_seconds: float) -> None:
        """Push everything and pull what is missing, with the retries of the loops. For programs that do not `run`.

        Raises:
            LinkError: a final one, or retrying would wait longer than `patience_seconds` in all.
        """
        for name, turn in (("push", self.push_once), ("pull", self._pull)):
            waited = 0.0
            while True:
                try:
                    await turn()
                    break
                except LinkError as error:
                    wait = self._link_failed(name, error)
                    waited += wait
                    if error.final or waited > patience_seconds:
                        raise
                await asyncio.sleep(wait)

    # -- loops -------------------------------------------------------------------------------------------------------

    async def _push(self) -> None:
        self._news.clear()
        await tell_history(self._store)
        await self._parked.tell()
        await self.push_once()

    async def _news_or_idle(self) -> None:
        with suppress(TimeoutError):
            # Not `wait_for`: in Python 3.11 it loses a cancellation that comes together with news.
            async with asyncio.timeout(self.idle_seconds()):
                await self._news.wait()

    async def _pull(self) -> None:
        await self.fold_all()
        await self.pull_once()

    async def _forever(
        self,
        duty: Duty,
        name: str,
        turn: Callable[[], Awaitable[None]],
        rest: Callable[[], Awaitable[object]] | None = None,
    ) -> None:
        await self._store.courtesy.after_the_start()
        while True:
            try:
                with self.turn_of(duty) as step:
                    _step.set(step)
                    await turn()
            except LinkError as error:
                self.on_works(duty)  # the link's own trouble is told by `on_link`
                await asyncio.sleep(self._link_failed(name, error))
            except Exception as error:
                logger.exception("%s failed", name)
                self.on_failed(duty)
                await asyncio.sleep(self._we_failed(name, error))
            else:
                self.on_works(duty)
                await (rest() if rest else asyncio.sleep(0))

    def _link_failed(self, name: str, error: LinkError) -> float:
        """Report a failure of the link. Returns the seconds until the next attempt."""
        if name == "push":
            self._uplink.lost()
        else:
            self._downlink.lost()
        self.report.tell(name, Trouble(Cloud.REFUSED if error.final else Cloud.OFFLINE, error.code, error.params))
        return self._failed(name, error.retry_after)

    def _we_failed(self, name: str, error: Exception) -> float:
        """Report a failure of this program. Returns the seconds until the next attempt."""
        code = "SYNC_NOT_STORED" if isinstance(error, StoreError) else "SYNC_FAILED"
        self.report.tell(name, Trouble(Cloud.OFFLINE, code))
        return self._failed(name, None)

    def _failed(self, name: str, retry_after: float | None) -> float:
        self._failures[name] += 1
        return retry_seconds(self._failures[name], jitter=self._jitter(), retry_after=retry_after)

    # -- effects -----------------------------------------------------------------------------------------------------

    async def _round(self, name: str, effects: list[Effect], reply: Callable[[AnyMessage], list[Effect]]) -> None:
        """Run one round of a loop: perform effects, and those that follow, until none is left."""
        queue = list(effects)
        self._forked.discard(name)
        while queue:
            queue += await self._perform(name, queue.pop(0), reply)
        if name not in self._forked:
            self.report.tell(f"{name} fork", None)
        self._failures[name] = 0
        self.report.tell(name, None)

    async def _perform(
        self, name: str, effect: Effect, reply: Callable[[AnyMessage], list[Effect]]
    ) -> Sequence[Effect]:
        """Perform one effect. Returns those that follow from it."""
        match effect:
            case Send():
                return await self._exchange(name, effect.message, reply)
            case ReadSuffix():
                return self._uplink.suffix(await self._own.suffix(effect))
            case GiveBack():
                self._uplink.give_back(await self._own.others(effect.held), effect.held)
                self.wake()
            case Agreed():
                await self._agree(name, effect)
            case StoreFrames():
                return self._downlink.stored(await self._store_frames(effect.frames))
            case Reauthor():
                return await self._reauthor(effect)
            case MarkAcked():
                await self._own.mark(effect)
            case CompareDigests():
                await self._check.compare(effect)
            case Learned():
                self._learned(effect)
            case ReportFork():
                await self._report(name, effect)
            case Stop():
                raise LinkError(effect.code, final=True, **dict[str, Any](effect.params))
        return ()

    async def _exchange(
        self, name: str, message: AnyMessage, reply: Callable[[AnyMessage], list[Effect]]
    ) -> list[Effect]:
        """Send a message and take the reply. A push that is too large is no failure if a smaller one can be made.

        What the reply says of our own streams comes first. If our history was cut, the round begins again.
        """
        _step.get()()
        try:
            if isinstance(message, Push):
                await self._keys.give(message.frame)
            answer = await self._carrier.exchange(message)
        except LinkError as error:
            if error.code != "CLOUD_MESSAGE_TOO_LARGE" or not isinstance(message, Push):
                raise
            smaller = self._uplink.too_large(self._store.clock.milliseconds())
            if not smaller:
                raise
            return smaller
        self.report.show(self._store.clock.now())
        named, latest = named_own(answer, self._store.identity.device_id.bytes)
        is_cut, disputed = await self._own.meet(named, latest)
        for stream, after in disputed.items():
            self._uplink.dispute(stream, after)
        if is_cut or (disputed and name == "pull"):
            self.wake()
        if is_cut:
            return await (self._hello() if name == "push" else self._question())
        return reply(answer)

    async def _hello(self) -> list[Effect]:
        """Begin a round of the push."""
        held = await self._store.look(vector, self._store.identity.organization_id.bytes)
        health = await self.health()
        return self._uplink.begin(await self._own.heads(), self._store.clock.milliseconds(), held, health)

    async def _question(self) -> list[Effect]:
        """Begin a round of the pull."""
        return self._downlink.begin(await self._history.vector(), self._check.differ)

    async def _reauthor(self, parted: Reauthor) -> list[Effect]:
        """Write our part of a stream with two histories again, fold it, and begin the round of the push again."""
        await self._own.reauthor(parted)
        self._downlink.forget_skipped()
        self._is_folded = False
        await self.fold_all()
        return await self._hello()

    async def _agree(self, name: str, agreed: Agreed) -> None:
        """Ask again for a stream of which the cloud held another history, now that both know which one stands."""
        if await self._history.agree(agreed.stream, agreed.common):
            self._downlink.forget_skipped()
        elif agreed.common is not None:
            await self._report(name, ReportFork(agreed.stream, Position(agreed.common, b"")))

    async def _store_frames(self, frames: list[Frame]) -> Vector:
        """Store and fold frames. Returns how much is held now of the streams of those that were read."""
        heads: Vector = {}
        await self._keys.fetch(frames)
        for frame in frames:
            chains = links(frame.previous, frame.bodies)
            if not await self._is_genuine(frame, chains):
                logger.error("a frame of stream %s to %d is not signed by its author", frame.key.id, frame.last)
                continue
            for part, of_part in in_parts(frame, chains, MAX_PULL_CHANGES):
                # Part by part, so that the cashier's next tap waits for one part only.
                await self._store.courtesy.after_people()
                answer = await self._history.receive(part, of_part)
                if isinstance(answer, Ack | Behind | Forked) and answer.mark.seq:
                    heads |= from_marks([answer.mark])
                self._is_folded = False
                await self.fold_all()
        return heads

    async def _is_genuine(self, frame: Frame, chains: Sequence[bytes]) -> bool:
        """Whether its author signed a frame. Whose key is not known here cannot be checked, and is not believed."""
        if self._cloud_key is None:
            return True
        identity, device = self._store.identity, frame.key.device_id
        if device == cloud_device(identity.organization_id):
            return is_signed(self._cloud_key, frame, chains)
        key = await self._store.look(enrolled_key, identity.organization_id.bytes, device.bytes)
        return key is not None and is_signed(key, frame, chains)

    async def _fold_next(self) -> bool:
        """Fold one batch. Returns whether there may be more."""
        _step.get()()
        await self._store.courtesy.after_people()
        is_watched = self._store.courtesy.is_somebody_here
        self._folder.batch_changes = FOLD_CHANGES_BESIDE_PEOPLE if is_watched else FOLD_CHANGES
        progress = await self._store.take_in(self._folder.fold_next, self._store.clock.milliseconds())
        if progress is not None and progress.tables:
            self._store.announce(Committed(progress.tables, local=False))
        return progress is not None and not progress.is_last

    # -- link state --------------------------------------------------------------------------------------------------

    def _learned(self, learned: Learned) -> None:
        self.report.tell("program", Trouble(Cloud.ONLINE, "PROGRAM_OLDER") if learned.is_newer else None)
        self.report.show(self._store.clock.now(), learned.now_ms - self._store.clock.milliseconds(), tell=True)

    async def _report(self, name: str, fork: ReportFork) -> None:
        """Tell of a stream that cannot be exchanged. Of our own streams the push finds out where the two part."""
        own = await self._own.heads()
        if name == "pull" and fork.stream in own:
            self._uplink.dispute(fork.stream, 0)
            self.wake()
            return
        self._forked.add(name)
        if not self.report.has(f"{name} fork"):
            logger.error("stream %s is forked at %s", fork.stream, fork.theirs.seq)
        self.report.tell(f"{name} fork", Trouble(Cloud.REFUSED, "CLOUD_FORKED"))


async def _awaited(duty: Callable[[], Awaitable[None]]) -> None:
    await duty()
