"""What a guest may read of a check: dishes, what was chosen with them, amounts. No note, no name, no state. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from terminal.guests.view import GuestLine, GuestView, Moment
from terminal.widgets.check_lines import CheckLine, LineState
from terminal.widgets.check_panel import CheckView
from terminal.widgets.extra import ExtraKind

_READ = frozenset({ExtraKind.WITH, ExtraKind.CHOICE, ExtraKind.WITHOUT})
"""What a guest has chosen; notes are for the kitchen, and may say who is allergic to what."""


def guest_check(check: CheckView) -> GuestView:
    """A check as a guest reads it; idle while nothing is on it."""
    lines = guest_lines(check.lines)
    return GuestView(Moment.ORDERING, lines=lines, total=check.total) if lines else GuestView()


def guest_lines(lines: Iterable[CheckLine]) -> tuple[GuestLine, ...]:
    """Lines as a guest reads them."""
    return tuple(
        GuestLine(
            line.quantity,
            line.name,
            line.amount,
            tuple(f"{extra.kind.glyph} {extra.text}" for extra in line.extras if extra.kind in _READ),
        )
        for line in lines
        if line.state is not LineState.REMOVED
    )
