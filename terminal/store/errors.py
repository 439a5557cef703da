"""Errors of the device's database. Each code has one sentence in `terminal/texts`."""

from __future__ import annotations

from sqlalchemy.exc import DBAPIError

from shared.kernel.errors import DomainError
from sync.writing import CommittedUnit


class StoreError(DomainError):
    """The database could not do it. Code and params as in `DomainError`.

    Codes: STORE_DISK_FULL, STORE_LOCKED, STORE_DAMAGED, STORE_WRONG_KEY, STORE_TOO_NEW, STORE_READ_ONLY,
    STORE_SQLITE_TOO_OLD, STORE_FAILED.

    Attributes:
        unclear: what was written, if the commit failed and the log could not be read to see whether it happened.
    """

    unclear: CommittedUnit | None = None


_BY_TEXT = (
    ("database or disk is full", "STORE_DISK_FULL"),
    ("database is locked", "STORE_LOCKED"),
    ("database table is locked", "STORE_LOCKED"),
    ("malformed", "STORE_DAMAGED"),
    ("file is not a database", "STORE_WRONG_KEY"),
    ("readonly", "STORE_READ_ONLY"),
    ("unable to open database", "STORE_READ_ONLY"),
    ("disk i/o error", "STORE_FAILED"),
)


def translate(error: BaseException, path: str) -> StoreError | None:
    """Translate an error of the driver. Returns None if it is not about the database."""
    text = str(error.orig if isinstance(error, DBAPIError) else error).lower()
    for part, code in _BY_TEXT:
        if part in text:
            return StoreError(code, path=path)
    return None
