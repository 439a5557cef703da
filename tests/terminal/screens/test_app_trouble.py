"""What goes wrong in the app itself: noted in a file with its traceback, told calmly, and nothing else stops."""

from __future__ import annotations

import subprocess
import sys

import pytest

from shared.kernel.errors import DomainError
from terminal.logs import logging_to
from tests.terminal.screens.paper_desk import PaperDesk
from tests.terminal.screens.till import PlayedApp, driven


@pytest.fixture
def log_file(tmp_path):
    with logging_to(tmp_path / "terminal.log"):
        yield tmp_path / "terminal.log"


async def test_a_bug_in_a_command_goes_to_the_log_with_its_traceback(log_file) -> None:
    app = PlayedApp(PaperDesk(), script="1234\n7\nlom\n")
    async with app.run_test(size=(120, 36)) as pilot:
        app.desk.fails.append(ZeroDivisionError("never shown to a cashier"))
        app.play("<f5>")
        await pilot.pause()
        await app.settled()
        assert app.is_running
    noted = log_file.read_text(encoding="utf-8")
    assert "ZeroDivisionError: never shown to a cashier" in noted
    assert "Traceback" in noted


async def test_a_bug_in_the_screen_ends_the_app_with_a_calm_sentence(log_file) -> None:
    app = PlayedApp(PaperDesk())
    told: list[str] = []
    app.panic = lambda text: told.append(str(text)) or PlayedApp.panic(app, text)

    async def run() -> None:
        async with app.run_test(size=(120, 36)) as pilot:
            app.call_later(lambda: {}["gone"])
            await pilot.pause()

    with pytest.raises(KeyError):
        await run()
    assert app.return_code == 1
    assert told == [app.desk.texts("app.stopped")]
    assert "KeyError: 'gone'" in log_file.read_text(encoding="utf-8")


async def test_who_no_longer_works_here_is_told_so_at_the_log_in_and_what_they_typed_ahead_is_dropped() -> None:
    async with driven(script="1234\n7\n") as till:
        till.desk.fails.append(DomainError("NO_LONGER_WORKS_HERE", name="Rosa"))
        till.press_ahead(*"lom\n2222\n")
        await till.settled()
        shown = await till.grid()
        assert "Rosa ya no trabaja aquí. Lo" in shown
        assert till.app.screen is till.app._login
        assert till.desk.actor is None


async def test_a_slow_command_says_that_it_is_being_saved() -> None:
    async with driven(script="1234\n7\n") as till:
        till.desk.gate.clear()
        till.press_ahead(*"lom\n")
        await till.until_asked("open_order")
        for _ in range(2):
            till.app._tick()
        assert till.app.screen.line._answer == "Guardando…"
        till.desk.gate.set()
        await till.settled()
        assert "1 × Lomo saltado" in await till.grid()


@pytest.mark.parametrize(
    ("module", "unwanted"),
    [
        ("terminal.app", "sqlalchemy"),
        ("terminal.actions", "textual"),
        ("terminal.input.press_queue", "textual"),
        ("terminal.input.strokes", "textual"),
        ("terminal.screens.order.command", "textual"),
    ],
)
def test_a_module_loads_nothing_heavy(module, unwanted) -> None:
    """The log-in paints before the database layer is loaded, and what is pure stays free of the screen."""
    said = f"import sys, {module}; sys.exit({unwanted!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", said], check=False).returncode == 0
