"""Retries spread wider and wider up to a cap, and are never sooner than the other side asked for."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.retries import LONGEST_RETRY_SECONDS, retry_seconds


@given(st.integers(1, 10**6), st.floats(0, 1, exclude_max=True), st.none() | st.floats(0, 10**4))
def test_a_retry_waits_no_longer_than_the_cap_and_no_shorter_than_asked(
    failures: int, jitter: float, retry_after: float | None
) -> None:
    waited = retry_seconds(failures, jitter=jitter, retry_after=retry_after)
    assert (retry_after or 0.0) <= waited <= max(LONGEST_RETRY_SECONDS, retry_after or 0.0)


def test_retries_spread_wider_and_wider() -> None:
    assert [retry_seconds(failures) for failures in range(1, 10)] == [0.5, 1, 2, 4, 8, 16, 30, 30, 30]
    assert [retry_seconds(failures, first=1.0) for failures in range(1, 7)] == [1, 2, 4, 8, 16, 30]
    assert retry_seconds(3, jitter=0.25) == 0.5
