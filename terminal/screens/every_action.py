"""The command palette: every action of the registry by its name; what is possible now first, the rest with its reason.

It is the dialog that picks a row, so letters find an action, and a row can be tapped. A row does what its key does.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from terminal.actions import BY_SCREEN, MENU, ScreenName, action_by_id, actions_of
from terminal.dialogs.questions import Choice, Pick, Picked
from terminal.screens.other_words import other_words

if TYPE_CHECKING:
    from terminal.screens.base import Keyed

_NOT_LISTED = frozenset({"palette", "menu", "jump"})
"""Ways to an action, which are none themselves."""
_OF_DIALOGS = frozenset(
    {
        ScreenName.PICK,
        ScreenName.AMOUNT,
        ScreenName.FORM,
        ScreenName.QR,
        ScreenName.PREVIEW,
        ScreenName.HELP,
        ScreenName.APPROVAL,
        ScreenName.NOTE,
    }
)
"""Dialogs that ask: to hear of their keys elsewhere helps nobody."""


async def ask_action(on: Keyed) -> None:
    """Show the palette above a screen."""
    texts = on.desk.texts

    async def chosen(picked: Picked) -> None:
        await on.act(action_by_id(on.screen_name, str(picked.id)))

    await on.host.ask(Pick(texts("palette.title"), rows(on), texts("palette.asked")), chosen)


def rows(on: Keyed) -> tuple[Choice, ...]:
    """What can be done now, what cannot be done now and why, and what is elsewhere and where."""
    here = tuple(_here(on))
    possible = (choice for choice in here if not choice.why_not)
    blocked = (choice for choice in here if choice.why_not)
    return (*possible, *blocked, *_elsewhere(on, {choice.title for choice in here}))


def _here(on: Keyed) -> Iterator[Choice]:
    texts = on.desk.texts
    for action in actions_of(on.screen_name):
        if action.id not in _NOT_LISTED:
            why, also = on.refusal(action) or "", other_words(action.id)
            yield Choice(action.id, action.title(texts), action.key_label(texts), why, key="", also=also)


def _elsewhere(on: Keyed, named: set[str]) -> Iterator[Choice]:
    """What other places can do. What is called like something else is not told twice: it could not be told apart."""
    texts, known = on.desk.texts, {action.id for action in actions_of(on.screen_name)} | _NOT_LISTED
    for name, actions in BY_SCREEN.items():
        for action in actions if name not in _OF_DIALOGS else ():
            title = action.title(texts)
            if action.id in known or title in named:
                continue
            known.add(action.id)
            named.add(title)
            key = action.key_label(texts) or MENU.key_label(texts)
            why = texts("palette.elsewhere", where=texts(f"screen.{name}"), key=key)
            yield Choice(action.id, title, texts(f"screen.{name}"), why, key="", also=other_words(action.id))
