"""What is said when the database cannot do it now: nothing was changed, and the same may be tried again."""

from __future__ import annotations

from shared.kernel.errors import DomainError

RETRY_AFTER_SECONDS = 5


class Unavailable(DomainError):
    """DATABASE_UNAVAILABLE (params: seconds until the next try)."""

    def __init__(self) -> None:
        super().__init__("DATABASE_UNAVAILABLE", seconds=RETRY_AFTER_SECONDS)
