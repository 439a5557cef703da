from __future__ import annotations

import pytest

from terminal.theme.palette import Tone
from terminal.widgets.key_bar import BarKey, KeyBar
from terminal.widgets.status_line import Notice, Status, StatusLine
from tests.terminal.looks.gallery import ORDER_KEYS, STATUS


def told(heard) -> list[object]:
    return [message.action for message in heard if isinstance(message, KeyBar.Chosen)]


@pytest.mark.parametrize("size", [(120, 3), (80, 2), (80, 3), (120, 1)])
async def test_every_key_is_named_and_tappable_where_it_is_drawn(stage, size) -> None:
    bar = KeyBar(ORDER_KEYS)
    bar.styles.height = size[1]
    async with stage(bar, (size[0], 10)) as on:
        rows = (await on.grid())[10 - size[1] :]
        for key in ORDER_KEYS:
            y, x = next(
                (at, row.index(f"{key.key} {key.title[:2]}"))
                for at, row in enumerate(rows)
                if f"{key.key} {key.title[:2]}" in row
            )
            await on.pilot.click(bar, offset=(x, y))
        assert told(await on.settled()) == [key.action for key in ORDER_KEYS]


async def test_titles_are_whole_at_the_smallest_screen(stage) -> None:
    bar = KeyBar(ORDER_KEYS)
    bar.styles.height = 2
    async with stage(bar, (80, 24)) as on:
        text = "\n".join(await on.grid())
        assert all(key.title in text for key in ORDER_KEYS)


async def test_an_empty_bar_stands_still(stage) -> None:
    bar = KeyBar()
    async with stage(bar) as on:
        await on.pilot.click(bar, offset=(3, 1))
        assert told(await on.settled()) == []
        bar.set_keys([BarKey("F1", "Mesas", "tables", tone=Tone.WARN)])
        assert any("F1 ▲ Mesas" in row for row in await on.grid())


@pytest.mark.parametrize("width", [60, 80, 100, 120, 200])
async def test_trouble_and_the_clock_are_said_at_every_width(stage, width) -> None:
    line = StatusLine(STATUS)
    async with stage(line, (width, 3)) as on:
        row = (await on.grid())[0]
        assert "▲ Impresora" in row
        assert "✓ " in row
        assert "● 12" in row
        assert row.endswith("12:41")


async def test_calm_notices_are_shortened_before_trouble(stage) -> None:
    line = StatusLine(STATUS)
    async with stage(line, (80, 3)) as on:
        row = (await on.grid())[0]
        assert "Nube 3 s" in row
        assert "Impresora cocina: 2 en espera" in row


async def test_the_line_follows_what_it_is_shown(stage) -> None:
    line = StatusLine()
    async with stage(line, (80, 3)) as on:
        line.show(Status("Barranco", "Luz", "09:00", (Notice(Tone.LATE, "Sin nube desde ayer"),)))
        row = (await on.grid())[0]
        assert row.split() == ["Barranco", "Luz", "▲", "Sin", "nube", "desde", "ayer", "09:00"]


async def test_the_clock_is_never_cut_whatever_waits(stage) -> None:
    long = (Notice(Tone.LATE, "Refrigeradora 1 desde 08:00 y otras tres", "Refrigeradora 1 desde 08:00"),) * 2
    line = StatusLine(Status("Cocina", "Miraflores", "15:07", long))
    async with stage(line, (49, 3)) as on:
        (row,) = [each for each in await on.grid() if "15:07" in each]
        assert row.startswith(" Cocina")
