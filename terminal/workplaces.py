"""The workplaces of the people who share a device: the screens of each, and which of them they left open.

Somebody who locks the device comes back to the same screens, dialogs, typed text and noted tenders. Somebody else gets
screens of their own, so that nothing of the first person is lost, shown or changed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from uuid import UUID

    from shared.kernel.language import Language
    from shared.kernel.permissions import Actor
    from terminal.actions import ScreenName
    from terminal.dialogs.asking import AskingDialog
    from terminal.screens.base import KeptDialog, KeptScreen


@dataclass(eq=False)
class Workplace:
    """Screens that one person uses.

    Attributes:
        number: makes the names of its screens unique in the app.
        kept: the screens and dialogs made so far.
        asking: the dialogs that ask (`terminal/dialogs`) made so far; each asks again when it has closed.
        left: what was open when its person left: a screen and the dialogs above it.
    """

    number: int
    kept: dict[tuple[ScreenName, Language], KeptScreen | KeptDialog] = field(default_factory=dict)
    asking: list[AskingDialog[Any, Any]] = field(default_factory=list)
    left: tuple[KeptScreen | KeptDialog, ...] = ()

    @property
    def holds_work(self) -> bool:
        """Whether somebody else's use of these screens would lose something."""
        return any(screen.holds_work() for screen in self.left)


class Workplaces:
    """See the module. Workplaces that hold nothing are used again, so there are few.

    Attributes:
        current: that of the person who is logged in, or was last.
    """

    def __init__(self) -> None:
        self.current = Workplace(0)
        self._person: Actor | None = None
        self._waiting: dict[UUID, tuple[Actor, Workplace]] = {}
        self._spare: list[Workplace] = []
        self._made = 1

    def take(self, person: Actor) -> Workplace:
        """The workplace of somebody who logs in: as they left it, or one where nothing is open."""
        assert person.staff_id is not None, "the system uses no screens"
        if self._person is None or self._person.staff_id != person.staff_id:
            self._put_away()
            waiting = self._waiting.pop(person.staff_id, None)
            self.current = self._free() if waiting is None else waiting[1]
        self._person = person
        return self.current

    def names(self) -> tuple[str, ...]:
        """Who left something that waits for them."""
        here = (self._person,) if self._person is not None and self.current.holds_work else ()
        return tuple(person.name for person in (*here, *(person for person, _ in self._waiting.values())))

    def _put_away(self) -> None:
        if self._person is not None and self._person.staff_id is not None and self.current.holds_work:
            self._waiting[self._person.staff_id] = (self._person, self.current)
            return
        self.current.left = ()
        self._spare.append(self.current)

    def _free(self) -> Workplace:
        if self._spare:
            return self._spare.pop()
        self._made += 1
        return Workplace(self._made)
