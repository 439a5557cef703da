"""Hands: they press the keys of the real app, which runs without a terminal."""

from __future__ import annotations

import html
import re
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Literal

from textual.pilot import Pilot

from shared.menu.rules import MenuItem
from terminal.app import ComandaApp
from terminal.desks.desk import Desk
from terminal.screens.order.options_view import HINTS, Choosing, Step

SIZE = (120, 36)
_TAGS = re.compile(r"<style.*?</style>|<[^>]+>", re.DOTALL)


class Hands:
    """A person at a till or at a kitchen display."""

    def __init__(self, app: ComandaApp, pilot: Pilot[None]) -> None:
        self.app = app
        self._pilot = pilot

    async def press(self, *keys: str) -> None:
        """Press keys by their names, and wait until everything is done and shown."""
        await self._pilot.press(*keys)
        await self.app.settled()
        await self._pilot.pause()

    async def type(self, text: str) -> None:
        """Type a text and press Enter."""
        await self.press(*text, "enter")

    async def choose(self, item: MenuItem, names: Iterable[str]) -> None:
        """Choose these modifiers in the options dialog, which is open."""
        await self.press(*choice_keys(item, frozenset(names)))

    @property
    def screen_name(self) -> str:
        """The name of the screen or dialog in front."""
        return str(getattr(self.app.screen, "screen_name", ""))

    def sees(self, text: str) -> bool:
        """Whether the screen shows a text."""
        shown = html.unescape(_TAGS.sub("", self.app.export_screenshot())).replace("\xa0", " ")
        return text in shown


@asynccontextmanager
async def hands_at(desk: Desk, start: Literal["pos", "kds"]) -> AsyncIterator[Hands]:
    """Run the app on a desk for the block."""
    app = ComandaApp(desk, start)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        yield Hands(app, pilot)


def choice_keys(item: MenuItem, wanted: frozenset[str]) -> list[str]:
    """The keys that choose these modifiers, by name, in the options dialog as it opens. Pure."""
    state, keys, groups = Choosing.begin(item), [], item.modifier_groups
    missing = {at for at, group in enumerate(groups) if len(state.answers(group)) < group.minimum}
    # What is required comes last: it closes the dialog.
    for at in sorted(range(len(groups)), key=lambda at: (at in missing, at)):
        for hint, option in zip(HINTS, groups[at].choices, strict=False):
            if option.name not in wanted or option.id in state.chosen:
                continue
            turns = (at - state.at) % len(groups)
            keys += ["tab"] * turns + [hint]
            state, step = state.turned(turns).answered(option.id)
            if step is Step.DONE:
                return keys
    return [*keys, "enter"]
