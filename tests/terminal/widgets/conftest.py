"""A stage: an app in our theme with one widget on it, and what the widget said."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field

import pytest
from textual.app import ComposeResult
from textual.message import Message
from textual.pilot import Pilot
from textual.widget import Widget

from terminal.theme.themes import ThemedApp
from tests.terminal.looks.picture import text_grid


class StageApp(ThemedApp[None]):
    def __init__(self, widget: Widget) -> None:
        super().__init__()
        self._widget = widget

    def compose(self) -> ComposeResult:
        yield self._widget

    def on_mount(self) -> None:
        self.wear()


@dataclass
class Stage:
    """The running app, and every message of our widgets in order."""

    app: StageApp
    pilot: Pilot[None]
    heard: list[Message] = field(default_factory=list)

    async def settled(self) -> list[Message]:
        await self.pilot.pause()
        return self.heard

    async def grid(self) -> list[str]:
        """The screen's rows as plain text."""
        await self.pilot.pause()
        return text_grid(self.app.export_screenshot()).splitlines()


Staged = Callable[..., AbstractAsyncContextManager[Stage]]


@pytest.fixture
def stage() -> Staged:
    """Enter `stage(widget, size)` to get a running `Stage`."""

    @asynccontextmanager
    async def staged(widget: Widget, size: tuple[int, int] = (80, 24)) -> AsyncIterator[Stage]:
        heard: list[Message] = []

        def listen(message: Message) -> None:
            if type(message).__module__.startswith("terminal.") and not any(message is old for old in heard):
                heard.append(message)

        app = StageApp(widget)
        async with app.run_test(size=size, message_hook=listen) as pilot:
            await pilot.pause()
            yield Stage(app, pilot, heard)

    return staged
