"""How long to wait before trying again: exponential, capped, and never shorter than the other side asked for."""

from __future__ import annotations

FIRST_RETRY_SECONDS = 0.5
LONGEST_RETRY_SECONDS = 30.0
"""Whatever comes back (a cloud, a database, a kitchen's printer) is noticed within this."""
_MOST_DOUBLINGS = 16
"""A night without the cloud is more failures than a float has powers of two."""


def retry_seconds(
    failures: int, *, jitter: float = 1.0, retry_after: float | None = None, first: float = FIRST_RETRY_SECONDS
) -> float:
    """Return how many seconds to wait after so many failures in a row.

    Args:
        failures: at least 1.
        jitter: a random number in [0, 1) from the caller's source, where many may fail at once; 1 waits the full time.
        retry_after: seconds that the other side asked for; the wait is never shorter.
        first: seconds after the first failure; they double with each further one.
    """
    doublings = min(failures - 1, _MOST_DOUBLINGS)
    return max(min(LONGEST_RETRY_SECONDS, first * 2.0**doublings) * jitter, retry_after or 0.0)
