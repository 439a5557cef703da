"""What the parts of the shift screen share: its face and what it shows. Each part is a module of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from terminal.screens.shift.moves import CashMoves
from terminal.screens.shift.view import Face

if TYPE_CHECKING:
    from uuid import UUID

    from shared.books.branch_day import BranchDay
    from shared.shifts.rules import SessionReport
    from terminal.desks.desk import Desk
    from terminal.papers.shift_papers import ReportWords
    from terminal.screens.shift.counting import Counting


class Faces(CashMoves):
    """State of the screen.

    Attributes:
        _counting: the count in the making.
        _to_close: the session that is closed; None while a float is counted.
        _drawer: the drawer of the session that is opened.
        _zero_is_meant: whether somebody was asked if a float of zero is meant.
        _report, _day: what is on view.
    """

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._face = Face.HOME
        self._counting: Counting | None = None
        self._to_close: UUID | None = None
        self._drawer: UUID | None = None
        self._zero_is_meant = False
        self._report: SessionReport | None = None
        self._day: BranchDay | None = None

    @property
    def words(self) -> ReportWords:
        """Reports in the language of the screen."""
        raise NotImplementedError

    def say_printed(self, text: str) -> None:
        """Say that something is done, and what becomes of its paper and of the drawer."""
        raise NotImplementedError

    def go_home(self, said: str, **particulars: str) -> None:
        """Show the shift again, and say a sentence; empty for none."""
        raise NotImplementedError
