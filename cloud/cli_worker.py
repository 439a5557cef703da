"""`comanda-cloud worker`: folds what web processes store, and does what else needs nobody to wait for it."""

from __future__ import annotations

import asyncio
import logging
import os
import signal

from cloud.composition import assemble
from cloud.database.opening import Say, generation_of, open_database
from cloud.kernel.leaving import Leaving, leaving_on_sigterm
from cloud.kernel.logs import log_to_stderr
from cloud.parts import Parts
from cloud.rooms import ROOMS
from cloud.settings import Settings
from cloud.works import Duties, at_work, collect_seldom, provided_by, works_of

NICE = 5
"""A worker lets the web processes of its machine go first: somebody waits for those. It gets a third of what they get,
and all that they leave; not less, since pushes to a branch wait for the end of its turn."""

logger = logging.getLogger(__name__)


def work(settings: Settings, say: Say) -> int:
    """Work until SIGTERM or Ctrl-C; the transaction in hand is finished first. Any number of workers may run.

    Raises:
        OperatorError: the database cannot be used.
    """
    leaving = leaving_on_sigterm()
    log_to_stderr()
    os.nice(NICE)
    with open_database(settings, say) as ready:
        parts = assemble(ready, generation=generation_of(ready))
        collect_seldom()
        try:
            return asyncio.run(_work(parts, say, leaving))
        finally:
            say("cli.stopped")


async def _work(parts: Parts, say: Say, leaving: Leaving) -> int:
    told, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told.set)
    if leaving.is_told:  # and its exception was lost
        told.set()
    try:
        async with at_work(works_of(ROOMS, Duties.BACKGROUND), provided_by(parts, ROOMS)) as tasks:
            say("cli.working")
            asked = asyncio.create_task(told.wait())
            ended, _ = await asyncio.wait([asked, *tasks], return_when=asyncio.FIRST_COMPLETED)
            asked.cancel()
            failures = [error for task in ended if task is not asked and (error := task.exception()) is not None]
            for error in failures:
                logger.error("a work of this worker ended", exc_info=error)
            return 1 if failures else 0
    finally:
        await parts.database.dispose()
