"""Who may do what somebody may not, and what they are asked: pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from shared.kernel.errors import LacksRight
from shared.kernel.language import Texts
from shared.kernel.permissions import Permission

if TYPE_CHECKING:
    from shared.staff.queries import StaffView
    from terminal.desks.desk import Desk

MOST_NAMED = 3


def names_with(permission: Permission, staff: Sequence[StaffView], most: int = MOST_NAMED) -> str:
    """The first of those who have a right, and how many more. Empty if nobody has it."""
    names = [each.name for each in staff if each.may(permission)]
    more = f" +{len(names) - most}" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def who_may(permission: Permission, staff: Sequence[StaffView], texts: Texts) -> str:
    """Says that somebody else must do it, and who has the right."""
    names, right = names_with(permission, staff), texts(f"exceptions.right.{permission}")
    return texts("app.who_may" if names else "app.nobody_may", right=right, names=names)


def title_of_reason(desk: Desk, reason: str) -> str:
    """A reason as the person reads it: in their language if it is one of the house's, else as somebody wrote it."""
    from shared.tenancy.records import ReasonKind  # not with the log-in, which loads no records

    of_house = (each for kind in ReasonKind for each in desk.reasons(kind))
    return next((each.title for each in of_house if each.text == reason), reason)


@contextmanager
def asking_about(*words: str) -> Iterator[None]:
    """Say what a command is about, for who is asked to approve it if a right is lacking.

    Args:
        words: which dish, how many, what it is worth, why; empty ones are left out.

    Raises:
        LacksRight: the command's own, with the words.
    """
    try:
        yield
    except LacksRight as error:
        error.about = " · ".join(filter(None, words))
        raise
