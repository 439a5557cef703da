"""The one widget of a guest's display: the house's name while idle, else lines, total, code and change, all large."""

from __future__ import annotations

from collections.abc import Sequence

from rich.segment import Segment

from shared.kernel.language import Texts
from terminal.dialogs.qr_code import drawn_code, size_of
from terminal.guests.view import GuestView, Moment
from terminal.theme.palette import Ink, Tone
from terminal.widgets.big_digits import big_rows, big_width, figure_and_sign, sized_rows
from terminal.widgets.line_widget import LineWidget, Row
from terminal.widgets.text_cells import fit, width_of

BEFORE_NAME = 7
"""Cells of the quantity and the blanks around it."""
LARGE_FROM = 16
"""Rows from which the figure that counts takes five of them."""
CODE_NEEDS = 40
"""Cells that the lines need beside a code."""


class GuestBoard(LineWidget):
    """See the module. `show` says what."""

    DEFAULT_CSS = """
    GuestBoard { width: 1fr; height: 1fr; }
    """

    def __init__(self, texts: Texts) -> None:
        super().__init__()
        self.texts = texts
        self._view = GuestView()

    def show(self, view: GuestView, texts: Texts) -> None:
        """Show a view in its language."""
        self._view, self.texts = view, texts
        self.redraw()

    def draw(self, width: int, height: int) -> list[Row]:
        """Draw what is to be seen now."""
        view = self._view
        head = [self._practice(width)] if view.practice else []
        room = height - len(head)
        if view.moment is Moment.IDLE:
            return [*head, *self._idle(width, room)]
        foot = self._foot(width, room)
        return [*head, *self._check(width, room - len(foot)), *foot]

    def _practice(self, width: int) -> Row:
        style = self.palette.tone(Tone.WARN).style(bold=True)
        return [Segment(fit(self.texts("practice.notice"), width, "center"), style)]

    def _idle(self, width: int, height: int) -> list[Row]:
        """The house's name in the middle, as large as it goes, and a welcome below it."""
        page = self.palette.page
        words = self._view.house.split()
        rows: list[Row] = []
        for line in _wrapped(words, width - 2):
            drawn = sized_rows(line, width - 2, height)
            rows += [[Segment(fit_block(row, width), page.style(bold=True))] for row in drawn] + [[]]
        rows.append([Segment(fit(self.texts("guest.welcome"), width, "center"), page.quiet_style())])
        above = max(0, (height - len(rows)) // 2)
        return [*([] for _ in range(above)), *rows]

    def _check(self, width: int, height: int) -> list[Row]:
        """The last lines that fit, beside the code to pay with if there is one."""
        view = self._view
        code = size_of(view.code, self) if view.code else (0, 0)
        beside = code[0] + 2 if code[0] and code[0] + CODE_NEEDS <= width and code[1] <= height else 0
        if not beside and view.code:
            said = Segment(fit(self.texts("guest.code_elsewhere"), width, "center"), self.palette.page.style(bold=True))
            return [*self._lines(width, height - 1), [said]]
        rows = self._lines(width - beside, height)
        if not beside:
            return rows
        drawn = drawn_code(view.code, self)
        blank = Segment(" " * code[0], self.palette.page.style())
        gap = Segment("  ", self.palette.page.style())
        return [[*row, gap, *(drawn[at] if at < len(drawn) else [blank])] for at, row in enumerate(rows)]

    def _lines(self, width: int, height: int) -> list[Row]:
        rows: list[Row] = []
        for line in self._view.lines:
            amount = width_of(line.amount)
            page = self.palette.page
            rows.append(
                [
                    Segment(f" {fit(line.quantity, 4, 'right')}  ", page.style(bold=True)),
                    Segment(fit(line.name, max(1, width - amount - BEFORE_NAME - 2)) + " ", page.style(bold=True)),
                    Segment(line.amount + " ", page.style(bold=True)),
                ]
            )
            rows += [
                [Segment(" " * BEFORE_NAME + fit(extra, max(0, width - BEFORE_NAME)), page.quiet_style())]
                for extra in line.extras
            ]
        shown = rows[-height:] if height > 0 else []
        fill = Segment(" " * width, self.palette.page.style())
        return [*(row for row in shown), *([fill] for _ in range(height - len(shown)))]

    def _foot(self, width: int, height: int) -> list[Row]:
        """What is owed, what was given, and the change: the last of them in the largest digits."""
        view, texts, is_large = self._view, self.texts, height > LARGE_FROM
        if view.moment is Moment.PAID:
            rows = self._figure(texts("guest.paid"), view.total, width, large=False, ink=self.palette.bar)
            if view.change:
                rows += self._figure(
                    texts("guest.change"),
                    view.change,
                    width,
                    large=is_large,
                    ink=self.palette.tone(Tone.READY),
                )
            return [*rows, [Segment(fit(texts("guest.thanks"), width, "center"), self.palette.page.style(bold=True))]]
        rows = self._figure(texts("guest.total"), view.total, width, large=is_large, ink=self.palette.bar)
        if view.given:
            rows += self._figure(texts("guest.given"), view.given, width, large=False, ink=self.palette.panel)
        if view.change:
            rows += self._figure(
                texts("guest.change"), view.change, width, large=False, ink=self.palette.tone(Tone.READY)
            )
        return rows

    def _figure(self, caption: str, amount: str, width: int, *, large: bool, ink: Ink) -> list[Row]:
        figure, sign = figure_and_sign(amount)
        words = f" {caption}  {sign}"
        left = width - big_width(figure, large=large) - 2
        if large and left < width_of(words):
            return self._figure(caption, amount, width, large=False, ink=ink)
        if left < width_of(words):
            return [[Segment(fit(f" {caption}", width - width_of(amount) - 1), ink.style()), Segment(f"{amount} ")]]
        drawn = big_rows(figure, large=large)
        middle = len(drawn) // 2
        rows: list[Row] = [[Segment(" " * width, ink.style())]]
        for at, row in enumerate(drawn):
            said = Segment(fit(words if at == middle else "", left), ink.style(bold=True))
            rows.append([said, Segment(f" {row} ", ink.style())])
        return rows


def fit_block(row: str, width: int) -> str:
    """A row of big letters in the middle. Not `fit`: it would remove the blanks of the drawing."""
    return row.center(width)


def _wrapped(words: Sequence[str], width: int) -> list[str]:
    """The words in lines that fit in big letters, each at least a word."""
    lines: list[str] = []
    for word in words:
        if lines and big_width(f"{lines[-1]} {word}") <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines
