"""The conditions of a schedule: limits so small that it reaches them, and the errors that its programs log."""

from __future__ import annotations

import logging
import random
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from unittest.mock import patch

from cloud.replication import pulling
from sync.folder import Folder
from sync.log import missing_frames
from terminal.store.errors import StoreError
from tests.simulation.observer import Broken
from tests.simulation.processes import in_dead_process

OF_THE_DISK = ("STORE_DISK_FULL", "STORE_FAILED")
WATCHED = ("terminal", "cloud", "sync", "asyncio")


@contextmanager
def cramped(rnd: random.Random) -> Iterator[None]:
    """Limits that real sales never reach, so small that every schedule does."""
    with ExitStack() as stack:
        for target, name, value in (
            ("sync.frame_limit", "MAX_PUSH_CHANGES", rnd.choice((1, 5, 40, 1_000, 4_000))),
            ("sync.log", "SUFFIX_BYTES", rnd.choice((1_000, 4_000, 4 * 1024 * 1024))),
            ("terminal.syncing.agent", "FOLD_CHANGES", rnd.choice((1, 10, 500, 500))),
        ):
            stack.enter_context(patch(f"{target}.{name}", value))
        few = partial(missing_frames, budget=rnd.choice((4, 40, 2_000)), frame_changes=rnd.choice((3, 40, 1_000)))
        stack.enter_context(patch.object(pulling, "missing_frames", few))
        small = partial(Folder, batch_changes=rnd.choice((1, 15, 4_000, 4_000)))
        stack.enter_context(patch("cloud.replication.fold_turns.Folder", small))
        yield


@contextmanager
def complaints_into(found: list[str]) -> Iterator[None]:
    """Find what the programs log as an error, except while they are being killed: no error is expected."""

    class Ear(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            cause = record.exc_info[1] if record.exc_info else None
            if not in_dead_process() and (cause is None or not is_of_the_disk(cause)):
                found.append(f"{record.name}: {record.getMessage()} {cause!r}")

    ear = Ear(logging.ERROR)
    loggers = [logging.getLogger(name) for name in WATCHED]
    quiet = logging.getLogger("sqlalchemy.pool")
    before, propagated = quiet.level, [logger.propagate for logger in loggers]
    quiet.setLevel(logging.CRITICAL + 1)
    for logger in loggers:
        logger.addHandler(ear)
        logger.propagate = False
    try:
        yield
    finally:
        quiet.setLevel(before)
        for logger, before_that in zip(loggers, propagated, strict=True):
            logger.removeHandler(ear)
            logger.propagate = before_that


def is_of_the_disk(error: BaseException) -> bool:
    """Whether a command failed because the simulated disk did not take its commit."""
    return isinstance(error, StoreError) and error.code in OF_THE_DISK


def raise_first(complaints: list[str]) -> None:
    if complaints:
        raise Broken(complaints[0])
