"""The cloud's marks on our streams: they go back only with the cloud, and nothing is judged that is not stored."""

from __future__ import annotations

from uuid import UUID

import pytest
from restaurant import BRANCH, ORGANIZATION, SERVER, Replica

from shared.orders.commands import open_order
from shared.orders.records import OrderKind
from sync.heads import Marks, mark_acked


@pytest.fixture
async def stream(till: Replica) -> bytes:
    """Our stream, with a few changes in it."""
    for number in range(3):
        async with till.work(SERVER) as work:
            await open_order(work, UUID(int=1_000 + number), OrderKind.TAKEOUT)
    return till.author.branch_stream(BRANCH).id.bytes


async def marks(till: Replica, stream: bytes) -> tuple[int, int]:
    sql = "SELECT acked_seq, judged_seq FROM sync_streams WHERE id = ?"
    ((acked, judged),) = await till.core(lambda door: door.rows(sql, stream))
    return acked, judged


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ([(4, 2)], (4, 2)),
        ([(4, 6)], (4, 4)),
        ([(0, 3)], (0, 0)),
        ([(4, 2), (2, 1)], (4, 2)),
        ([(4, 2), (0, 3)], (4, 3)),
        ([(2, 6), (4, 0)], (4, 2)),
    ],
)
async def test_marks_never_go_back_and_what_is_judged_is_stored(
    till: Replica, stream: bytes, told: list[tuple[int, int]], expected: tuple[int, int]
) -> None:
    for acked, judged in told:
        returned = await till.core(mark_acked, ORGANIZATION.bytes, stream, acked, judged)
    assert returned[:2] == await marks(till, stream) == expected


async def test_a_cloud_that_holds_less_than_it_acknowledged_takes_its_marks_back(till: Replica, stream: bytes) -> None:
    await till.core(mark_acked, ORGANIZATION.bytes, stream, 4, 4)
    returned = await till.core(mark_acked, ORGANIZATION.bytes, stream, 1, 0, is_all=True)
    assert returned == Marks(1, 1, lost=3)
    assert await marks(till, stream) == (1, 1)


async def test_a_stream_that_is_not_held_is_not_marked(till: Replica, stream: bytes) -> None:
    assert await till.core(mark_acked, ORGANIZATION.bytes, b"x" * 16, 4, 4) is None
    assert await marks(till, stream) == (0, 0)
