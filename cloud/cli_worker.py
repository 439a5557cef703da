"""`comanda-cloud worker`: folds what web processes store, and does what else needs nobody to wait for it."""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import suppress
from pathlib import Path

from cloud.composition import assemble
from cloud.database.opening import Say, generation_of, open_database
from cloud.kernel.descriptors import raise_limit
from cloud.kernel.leaving import Leaving, leaving_on_sigterm
from cloud.kernel.logs import log_to_stderr
from cloud.parts import Parts
from cloud.rooms import ROOMS
from cloud.settings import Settings
from cloud.works import Duties, at_work, collect_seldom, provided_by, works_of

NICE = 5
"""A worker lets the web processes of its machine go first: somebody waits for those. It gets a third of what they get,
and all that they leave; not less, since pushes to a branch wait for the end of its turn."""
_SESSION_WEIGHT = Path("/proc/self/autogroup")
"""Linux shares the processor among sessions first, and heeds `nice` only within one."""


def work(settings: Settings, say: Say) -> int:
    """Work until SIGTERM or Ctrl-C; the transaction in hand is finished first. Any number of workers may run.

    Raises:
        OperatorError: the database cannot be used.
    """
    leaving = leaving_on_sigterm()
    log_to_stderr()
    _let_others_go_first()
    raise_limit()
    with open_database(settings, say) as ready:
        parts = assemble(ready, generation=generation_of(ready))
        collect_seldom()
        try:
            asyncio.run(_work(parts, say, leaving))
        finally:
            say("cli.stopped")
    return 0


def _let_others_go_first() -> None:
    os.nice(NICE)
    if os.getsid(0) == os.getpid():  # of a service; the session of a shell has others in it
        with suppress(OSError):
            _SESSION_WEIGHT.write_text(str(NICE))


async def _work(parts: Parts, say: Say, leaving: Leaving) -> None:
    told, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told.set)
    if leaving.is_told:  # and its exception was lost
        told.set()
    try:
        async with at_work(works_of(ROOMS, Duties.BACKGROUND), provided_by(parts, ROOMS)):
            say("cli.working")
            await told.wait()
    finally:
        await parts.database.dispose()
