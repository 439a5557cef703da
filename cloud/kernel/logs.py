"""The log of a program of the server: one line for each event on standard error, with its time in UTC and its level.

Under systemd the journal says when a line came, so the line does not. The libraries say their warnings alone.
"""

from __future__ import annotations

import logging
import os
import sys
import time

OURS = ("cloud", "sync", "shared")
"""Loggers that also say what is well again."""
_LINE = "%(levelname)s %(name)s: %(message)s"


def log_to_stderr() -> None:
    """Write the log of this process, and that of its libraries, to standard error."""
    in_journal = "JOURNAL_STREAM" in os.environ
    formatter = _OneLine(_LINE if in_journal else f"%(asctime)s {_LINE}", "%Y-%m-%dT%H:%M:%SZ")
    formatter.converter = time.gmtime
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    for name in OURS:
        logging.getLogger(name).setLevel(logging.INFO)


class _OneLine(logging.Formatter):
    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 the library's own name
        """The message in one line, also where the database tells it in three. A traceback follows in its own lines."""
        return " ".join(super().formatMessage(record).split())
