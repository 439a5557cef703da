"""The one dialog that chooses how a person wants the screens: colours, large figures, sounds, signs. It stays open.

Every row takes effect at once and is kept; the last one makes it the usual for everybody at this device.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from terminal.comfort.settings import Comfort
from terminal.dialogs.questions import Choice, Pick, Picked
from terminal.theme.ability import Letters
from terminal.theme.wardrobe import Look

if TYPE_CHECKING:
    from shared.kernel.language import Texts
    from terminal.screens.base import Keyed

LARGE, SOUNDS, LETTERS, FOR_ALL = "large", "sounds", "letters", "for_all"
_LETTERS = (None, Letters.ALL, Letters.CONSOLE, Letters.ASCII)
"""What the row of signs turns through."""


async def ask_comfort(on: Keyed, at: int | None = None) -> None:
    """Show the dialog above a screen.

    Args:
        at: the row under the cursor.
    """
    texts, host = on.desk.texts, on.host
    choices = rows(host.comfort, texts)

    async def chosen(picked: Picked) -> None:
        row = next(index for index, choice in enumerate(choices) if choice.id == picked.id)
        if picked.id == FOR_ALL:
            host.keep_comfort(host.comfort, for_all=True)
            on.say(texts("comfort.kept_for_all"))
            return
        host.keep_comfort(after(host.comfort, picked.id))
        await ask_comfort(on, row)

    await host.ask(Pick(texts("comfort.title"), choices, texts("comfort.asked"), at=at), chosen)


def rows(comfort: Comfort, texts: Texts) -> tuple[Choice, ...]:
    """The rows, each with how it is now."""
    looks = (Choice(look, texts(f"comfort.look.{look}"), "✓" if comfort.look is look else "") for look in Look)
    return (
        *looks,
        Choice(LARGE, texts("comfort.large"), texts("comfort.on" if comfort.large else "comfort.off")),
        Choice(SOUNDS, texts("comfort.sounds"), texts("comfort.on" if comfort.sounds else "comfort.off")),
        Choice(LETTERS, texts("comfort.letters"), texts(f"comfort.letters_{comfort.letters or 'auto'}")),
        Choice(FOR_ALL, texts("comfort.for_all")),
    )


def after(comfort: Comfort, row: object) -> Comfort:
    """The comfort once a row was chosen."""
    if isinstance(row, Look):
        return replace(comfort, look=row)
    if row == LARGE:
        return replace(comfort, large=not comfort.large)
    if row == SOUNDS:
        return replace(comfort, sounds=not comfort.sounds)
    at = _LETTERS.index(comfort.letters) if comfort.letters in _LETTERS else 0
    return replace(comfort, letters=_LETTERS[(at + 1) % len(_LETTERS)])
