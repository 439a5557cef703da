"""Where a device's troubles are written: one rotating file with the tracebacks of all of our code.

What people are called or ordered stays out of it: the database engines hide the parameters of their statements.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from logging.handlers import RotatingFileHandler
from pathlib import Path

LOG_FILE_BYTES, LOG_FILES = 1_000_000, 5
"""What is kept of the troubles of a till: some weeks of bad days, never a full disk."""
OURS = ("terminal", "sync", "shared")
WRITTEN = (*OURS, "asyncio")
"""asyncio tells of tasks that ended with an error which nobody waited for."""


class _QuietFile(RotatingFileHandler):
    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 the library's own name
        """A disk that is full must not spoil the screen as well."""


@contextmanager
def logging_to(file: Path) -> Iterator[None]:
    """Write warnings and worse to a file for the block, and nowhere else: the terminal belongs to the screen."""
    handler = _QuietFile(file, maxBytes=LOG_FILE_BYTES, backupCount=LOG_FILES, encoding="utf-8", delay=True)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    loggers = [logging.getLogger(name) for name in WRITTEN]
    before = [logger.propagate for logger in loggers]
    for logger in loggers:
        logger.addHandler(handler)
        logger.propagate = False
    try:
        yield
    finally:
        for logger, propagated in zip(loggers, before, strict=True):
            logger.removeHandler(handler)
            logger.propagate = propagated
        with suppress(OSError):
            handler.close()  # what could not be written before cannot be written now
