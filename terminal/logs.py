"""The log of a device: one rotating file with the tracebacks of all our code.

Names and orders of people stay out of it: the database engines hide the parameters of their statements.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from logging.handlers import RotatingFileHandler
from pathlib import Path

LOG_FILE_BYTES, LOG_FILES = 1_000_000, 5
"""Size and number of log files: enough for some weeks of bad days, too little to fill a disk."""
OURS = ("terminal", "sync", "shared")
WRITTEN = (*OURS, "asyncio")
"""Loggers that are written. asyncio logs the errors of tasks that nobody waits for."""


class _QuietFile(RotatingFileHandler):
    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 the library's own name
        """Ignore the error: a full disk must not spoil the screen."""


@contextmanager
def logging_to(file: Path) -> Iterator[None]:
    """Write warnings and errors to a file for the block, and never to the terminal, where the screen is."""
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
