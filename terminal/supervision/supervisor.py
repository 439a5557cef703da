"""The supervisor: it keeps named duties running, and knows which of them do not work, and since when.

A duty that raises or ends begins again after a pause that grows. It counts as working again when it says so (`works`),
or when it has run for a while. Only the supervisor itself cancels it: a cancellation from elsewhere is a failure, too.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime
from types import TracebackType
from typing import Self

from shared.kernel.retries import retry_seconds
from terminal.supervision.duties import Duty, Stopped

SETTLED_SECONDS = 2.0
"""A duty that has run for so long works again, whether it says so or not."""
FIRST_PAUSE_SECONDS = 0.1
"""Before a duty that failed once begins again; doubled with each further failure, at most half a minute."""
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
        if (duty, part) not in self._troubles:
            self._troubles[duty, part] = self._now()
            self._tell()

    def works(self, duty: Duty, part: str = "") -> None:
        """Note that a duty, or that part of it, works again."""
        if self._troubles.pop((duty, part), None) is not None:
            self._tell()

    async def close(self) -> None:
        """Cancel all duties and wait for them."""
        for task in self._tasks.values():
            task.cancel()
        if self._tasks:
            _ended, running = await asyncio.wait(self._tasks.values(), timeout=CLOSING_SECONDS)
            for task in running:
                logger.error("%s does not end", task.get_name())

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
