"""Looking at a real desk and its encrypted store: what a script leads to, and the rows behind it."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from textual.pilot import Pilot

from terminal.desks.desk import Desk
from tests.terminal.looks.picture import text_grid
from tests.terminal.screens.till import PlayedApp


async def rows(desk: Desk, table: sa.Table) -> list[Any]:
    """All rows of a table."""
    async with desk.store.reading() as connection:
        return list(await connection.execute(sa.select(table)))


async def played(app: PlayedApp, pilot: Pilot[None], script: str) -> str:
    """The screen as text after these keys."""
    app.play(script)
    await pilot.pause()
    await app.settled()
    await pilot.pause()
    return text_grid(app.export_screenshot())
