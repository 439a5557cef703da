"""The supervisor: it keeps named duties running, and knows which of them do not work, and since when.

A duty that raises or ends begins again after a pause that grows. It counts as working again when it says so (`works`),
or when it has run for a while. Only the supervisor itself cancels it: a cancellation from elsewhere is a failure, too.
One that neither ends nor goes on is told of, too: it says when a piece of its work begins and ends (`turn`).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from types import TracebackType
from typing import Self

from shared.kernel.retries import retry_seconds
from terminal.supervision.duties import Duty, Stopped

SETTLED_SECONDS = 2.0
"""A duty that has run for so long works again, whether it says so or not."""
FIRST_PAUSE_SECONDS = 0.1
"""Before a duty that failed once begins again; doubled with each further failure, at most half a minute."""
HANGS_SECONDS = 120.0
"""A piece of work that has gone on for so long without a step hangs. No wait for the cloud is that long."""
FLAPS_SECONDS = 60.0
"""What fails again so soon after it worked never worked: people see since when it began."""
CLOSING_SECONDS = 10.0
"""How long closing waits for a duty that does not heed its cancellation: longer than a printer may take for a job."""

Work = Callable[[], Awaitable[None]]
logger = logging.getLogger(__name__)


class Supervisor:
    """See the module. Used as a context, whose end cancels all duties and waits for them.

    Args:
        now: gives the present instant.
        on_change: called with all that has stopped whenever that changes.
        pause_seconds: gives the pause after so many failures in a row.
    """

    def __init__(
        self,
        now: Callable[[], datetime],
        on_change: Callable[[tuple[Stopped, ...]], None] = lambda _stopped: None,
        pause_seconds: Callable[[int], float] = lambda failures: retry_seconds(failures, first=FIRST_PAUSE_SECONDS),
    ) -> None:
        self._now = now
        self._on_change = on_change
        self._pause_seconds = pause_seconds
        self._tasks: dict[Duty, asyncio.Task[None]] = {}
        self._troubles: dict[tuple[Duty, str], datetime] = {}
        self._mended: dict[tuple[Duty, str], tuple[datetime, float]] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    @property
    def stopped(self) -> tuple[Stopped, ...]:
        """The duties that do not work, each with the time since when."""
        duties = dict.fromkeys(duty for duty, _part in self._troubles)
        return tuple(Stopped(duty, min(self._since(duty))) for duty in duties)

    def keep(self, duty: Duty, work: Work) -> None:
        """Keep a duty running from now on."""
        assert duty not in self._tasks, duty
        self._tasks[duty] = asyncio.get_running_loop().create_task(self._keep(duty, work), name=duty)

    def failed(self, duty: Duty, part: str = "") -> None:
        """Note that a duty (or a part of it, such as one printer's queue) does not work."""
        self._note((duty, part), self._now())

    def works(self, duty: Duty, part: str = "") -> None:
        """Note that a duty, or that part of it, works again."""
        since = self._troubles.pop((duty, part), None)
        if since is not None:
            self._mended[duty, part] = since, asyncio.get_running_loop().time()
            self._tell()

    @contextmanager
    def turn(self, duty: Duty, part: str = "", limit_seconds: float = HANGS_SECONDS) -> Iterator[Callable[[], None]]:
        """A piece of a duty's work. If it hangs, people are told until it ends.

        Args:
            limit_seconds: without a step of it. What is yielded is called for each step.
        """
        loop, key = asyncio.get_running_loop(), (duty, f"{part} hangs")
        alarm: asyncio.TimerHandle | None = None

        def step() -> None:
            nonlocal alarm
            if alarm is not None:
                alarm.cancel()
            alarm = loop.call_later(limit_seconds, self._hangs, key, self._now())
            self.works(*key)

        step()
        try:
            yield step
        finally:
            if alarm is not None:
                alarm.cancel()
            self.works(*key)

    async def close(self) -> None:
        """Cancel all duties and wait for them."""
        for task in self._tasks.values():
            task.cancel()
        if self._tasks:
            _ended, running = await asyncio.wait(self._tasks.values(), timeout=CLOSING_SECONDS)
            for task in running:
                logger.error("%s does not end", task.get_name())

    def _hangs(self, key: tuple[Duty, str], since: datetime) -> None:
        logger.error("%s hangs since %s", key[0], since)
        self._note(key, since)

    def _note(self, key: tuple[Duty, str], since: datetime) -> None:
        if key in self._troubles:
            return
        began, mended = self._mended.pop(key, (since, -FLAPS_SECONDS))
        is_the_same = asyncio.get_running_loop().time() - mended < FLAPS_SECONDS
        self._troubles[key] = min(began, since) if is_the_same else since
        self._tell()

    def _since(self, duty: Duty) -> list[datetime]:
        return [since for (each, _part), since in self._troubles.items() if each is duty]

    def _tell(self) -> None:
        try:
            self._on_change(self.stopped)
        except Exception:
            logger.exception("what has stopped could not be told")

    async def _keep(self, duty: Duty, work: Work) -> None:
        loop, failures = asyncio.get_running_loop(), 0
        while True:
            begun = loop.time()
            settled = loop.call_later(SETTLED_SECONDS, self.works, duty)
            try:
                await work()
                logger.error("%s ended; it begins again", duty)
            except asyncio.CancelledError:
                if _is_cancelled():
                    raise
                logger.exception("%s was cancelled from elsewhere; it begins again", duty)
            except Exception:
                logger.exception("%s failed; it begins again", duty)
            finally:
                settled.cancel()
            failures = 1 if loop.time() - begun >= SETTLED_SECONDS else failures + 1
            self.failed(duty)
            await asyncio.sleep(self._pause_seconds(failures))


def _is_cancelled() -> bool:
    """Whether somebody has cancelled this very task, and not only what it waits for."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
