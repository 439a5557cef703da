"""Driving the app as a person would: `await till.type("7\\n2*lom\\n")`, `await till.press("f5")`, and looking at it.

To try the screens by hand, without a store: `python -m tests.terminal.screens.till pos` (PINs are in `paper_desk.py`).
"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from textual.events import Key, Paste
from textual.pilot import Pilot

from shared.kernel.language import Language
from terminal.app import ComandaApp
from terminal.comfort.settings import Comfort, Comforts
from terminal.input.scanned import Scanned
from terminal.theme.wardrobe import Look
from tests.terminal.looks.picture import text_grid
from tests.terminal.screens.paper_desk import PaperDesk, busy_desk

PATIENCE_SECONDS = 60.0
"""When to give up waiting for what the app must do."""
SPELLED = {"\n": "enter", " ": "space"}


@dataclass
class DrivenTill:
    """A running app and its paper desk."""

    app: ComandaApp
    desk: PaperDesk
    pilot: Pilot[None]

    async def press(self, *keys: str) -> None:
        """Press keys by name, and wait until all is done."""
        self.press_ahead(*keys)
        await self.settled()

    async def type(self, text: str) -> None:
        """Type a text; a line end is Enter."""
        await self.press(*text)

    def press_ahead(self, *keys: str) -> None:
        """Press keys faster than anything can be done."""
        self.app.simulate(*keys)

    async def scan(self, *codes: str) -> None:
        """Read codes with a scanner, one right after the other."""
        for code in codes:
            self.scan_ahead(code)
        await self.settled()

    def scan_ahead(self, code: str) -> None:
        """Read a code without waiting for what it does."""
        self.app.post_message(Scanned(code))

    async def paste(self, text: str) -> None:
        """Paste a text."""
        self.app.post_message(Paste(text))
        await self.settled()

    async def until_asked(self, command: str) -> None:
        """Wait until the desk is asked for this; its gate may hold it back from then on."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while self.desk.asked[-1:] != [command]:  # noqa: ASYNC110 - a list rings no bell
                await asyncio.sleep(0)

    async def settled(self) -> None:
        await self.pilot.pause()
        await self.app.settled()
        await self.pilot.pause()

    async def grid(self) -> str:
        """The screen as plain text."""
        await self.settled()
        return text_grid(self.app.export_screenshot())

    @property
    def screen_name(self) -> str:
        return str(self.app.screen.screen_name)


class PlayedApp(ComandaApp):
    """The app with keys pressed by name."""

    def __init__(
        self, desk: PaperDesk, start: str = "pos", *, script: str = "", light: bool = False, **more: object
    ) -> None:
        if light:
            more["comforts"] = Comforts(device=Comfort(Look.LIGHT))
        super().__init__(desk, start, **more)
        self._script = script

    def play(self, script: str) -> None:
        """Press the keys of a script without waiting."""
        self.simulate(*keys_of(script))

    def simulate(self, *keys: str) -> None:
        for key in keys:
            name = SPELLED.get(key, key)
            character = key if len(key) == 1 and key != "\n" else None
            self.post_message(Key(name, character))

    @asynccontextmanager
    async def run_test(self, **options: object) -> AsyncIterator[Pilot[None]]:
        """As always, with the script played first."""
        async with super().run_test(**options) as pilot:
            if self._script:
                self.play(self._script)
                await pilot.pause()
                await self.settled()
                await pilot.pause()
            yield pilot


def keys_of(script: str) -> list[str]:
    """Characters, with names of keys in angle brackets: `1234\\n7\\n<f5>`."""
    keys, at = [], 0
    while at < len(script):
        end = script.find(">", at) if script[at] == "<" else -1
        if end > 0:
            keys.append(script[at + 1 : end])
            at = end + 1
        else:
            keys.append(script[at])
            at += 1
    return keys


@asynccontextmanager
async def driven(
    desk: PaperDesk | None = None,
    start: str = "pos",
    size: tuple[int, int] = (120, 36),
    script: str = "",
    **more: object,
) -> AsyncIterator[DrivenTill]:
    """A running till; `script` is played before it is handed over."""
    desk = desk or PaperDesk()
    app = PlayedApp(desk, start, script=script, **more)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        yield DrivenTill(app, desk, pilot)


def main() -> None:
    """Run the screens on a paper desk in this terminal."""
    parser = argparse.ArgumentParser()
    parser.add_argument("start", choices=("pos", "kds"))
    parser.add_argument("--english", action="store_true")
    parser.add_argument("--light", action="store_true")
    options = parser.parse_args()
    language = Language.ENGLISH if options.english else Language.SPANISH
    comforts = Comforts(device=Comfort(Look.LIGHT if options.light else Look.DARK))
    ComandaApp(busy_desk(language=language), options.start, comforts=comforts).run()


if __name__ == "__main__":
    main()
