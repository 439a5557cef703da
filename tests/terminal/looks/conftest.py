"""Looks: an app's screen as plain text, compared with the one under baselines/; `--update-looks` writes them anew."""

from __future__ import annotations

import difflib
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from textual.app import App

from tests.terminal.looks.picture import png, screenshot, text_grid

BASELINES = Path(__file__).with_name("baselines")

Look = Callable[[App[None], tuple[int, int], str], Awaitable[None]]


@pytest.fixture
def look(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Look:
    """Await `look(app, (columns, rows), name)`: fails with a readable difference, and leaves a picture beside it."""
    monkeypatch.setenv("TEXTUAL_ANIMATIONS", "none")
    update = bool(request.config.getoption("--update-looks"))

    async def compare(app: App[None], size: tuple[int, int], name: str) -> None:
        svg = await screenshot(app, size)
        seen, baseline = text_grid(svg), BASELINES / f"{name}-{size[0]}x{size[1]}.txt"
        if update:
            BASELINES.mkdir(exist_ok=True)
            baseline.write_text(seen, encoding="utf-8")
            return
        wanted = baseline.read_text(encoding="utf-8") if baseline.exists() else ""
        if seen == wanted:
            return
        picture = tmp_path / f"{baseline.stem}.png"
        picture.write_bytes(png(svg))
        lines = difflib.unified_diff(wanted.splitlines(), seen.splitlines(), "baseline", "now", lineterm="")
        difference = "\n".join(lines)
        pytest.fail(
            f"{baseline.name} looks different; picture: {picture}; accept with --update-looks\n{difference}",
            pytrace=False,
        )

    return compare
