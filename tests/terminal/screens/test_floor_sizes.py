"""The tables of the floor use the room there is, at each size of window; larger where all of them fit."""

from __future__ import annotations

import pytest

from tests.terminal.screens.paper_desk import busy_desk
from tests.terminal.screens.till import driven


@pytest.mark.parametrize(
    ("size", "columns"),
    [((80, 24), 4), ((100, 30), 3), ((110, 30), 3), ((120, 36), 3), ((200, 60), 4)],
    ids=lambda it: "x".join(map(str, it)) if isinstance(it, tuple) else str(it),
)
async def test_so_many_tables_stand_beside_each_other(size: tuple[int, int], columns: int) -> None:
    async with driven(busy_desk(), size=size, script="2222\n") as till:
        first = next(f"{line} " for line in (await till.grid()).splitlines() if "Mesa 1 " in line)
        beside = [at for at in range(1, 12) if f"Mesa {at} " in first[: size[0] - 40 if size[0] >= 100 else size[0]]]
        assert len(beside) == columns
