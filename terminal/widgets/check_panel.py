"""The check at the right of the till: its title, its lines and its total.

It computes nothing: the caller gives every figure as formatted text, and every word. The screen handles the keys and
calls `move`; a tap on a line posts `Picked`.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from rich.segment import Segment
from textual.message import Message

from terminal.theme.palette import Ink, Tone
from terminal.widgets.big_digits import SMALL_ROWS, big_rows, big_width, figure_and_sign
from terminal.widgets.check_lines import CheckLine, LineState, line_rows
from terminal.widgets.line_widget import Row, TapWidget
from terminal.widgets.text_cells import fit, plain, width_of, wrap
from terminal.widgets.tile import EDGE

ROOMY_HEIGHT, ROOMY_HEIGHT_IF_LARGE = 20, 14
"""Rows from which the total may take three, and if somebody wants large figures."""
HIGH_HEIGHT, HIGH_HEIGHT_IF_LARGE = 40, 28
"""Rows from which the total may take five, below its caption."""

RULE = "─"


@dataclass(frozen=True, slots=True)
class CheckWords:
    """The panel's words in the user's language. Headings of states may be empty; `more` is formatted with `count`."""

    headings: tuple[tuple[LineState, str], ...]
    removed: str
    empty: str
    more: str
    total: str


REMARK = "»"
HEAD = ("head",)
"""Target of a tap on the rows above the lines."""
MOST_ALERT_LINES = 3


@dataclass(frozen=True, slots=True)
class CheckView:
    """Content of the panel."""

    title: str
    number: str = ""
    detail: str = ""
    tone: Tone = Tone.PLAIN
    word: str = ""
    """The check's state in one word, shown after its sign."""
    sign: str = ""
    """One narrow character for the state; empty: that of the tone."""
    lines: tuple[CheckLine, ...] = ()
    sums: tuple[tuple[str, str], ...] = ()
    """Label and amount of subtotal, discount, tax."""
    total: str = ""
    alert: str = ""
    """What nobody may overlook: an allergy. It takes the full width."""
    remark: str = ""
    """What its guests said when they booked. It takes the full width, quietly."""
    head_leads: bool = False
    """Whether a tap on the head leads somewhere: to what is done with the table."""
    is_owed: bool = True
    """Whether the total is what a guest owes. No other sum is shown large: guests read along."""


@dataclass(frozen=True, slots=True)
class _Placed:
    """A drawn row and its line."""

    row: tuple[Segment, ...]
    line: Hashable | None


class CheckPanel(TapWidget):
    """The open check. Without a cursor it shows its end, where new lines appear."""

    DEFAULT_CSS = """
    CheckPanel { width: 46; height: 1fr; }
    """

    @dataclass
    class Picked(Message):
        """A line was tapped. The cursor is on it."""

        panel: CheckPanel
        line_id: Hashable

        @property
        def control(self) -> CheckPanel:
            """The panel, for `@on(CheckPanel.Picked, "#check")`."""
            return self.panel

    @dataclass
    class Headed(Message):
        """The head was tapped."""

        panel: CheckPanel

        @property
        def control(self) -> CheckPanel:
            """The panel."""
            return self.panel

    def __init__(self, words: CheckWords, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        """Make an empty panel."""
        super().__init__(id=id, classes=classes)
        self._words = words
        self._view = CheckView("")
        self._cursor: Hashable | None = None
        self._on_view: list[_Placed] = []
        self._list_top = 0

    # What is shown, and the cursor

    def show(self, view: CheckView) -> None:
        """Show a check. The cursor stays on its line, and disappears if the line is gone."""
        self._view = view
        if self._index() is None:
            self._cursor = None
        self.redraw()

    @property
    def view(self) -> CheckView:
        """What is shown."""
        return self._view

    @property
    def cursor_line(self) -> CheckLine | None:
        """The line under the cursor."""
        at = self._index()
        return None if at is None else self._view.lines[at]

    def move(self, down: int) -> None:
        """Move the cursor over the lines. It appears on the last line, and disappears below it."""
        lines = self._view.lines
        if not lines:
            return
        at = self._index()
        if at is None:
            if down < 0:
                self._cursor = lines[-1].id
        elif at + down >= len(lines):
            self._cursor = None
        else:
            self._cursor = lines[max(0, at + down)].id
        self.redraw()

    def put_cursor(self, line_id: Hashable | None) -> None:
        """Put the cursor on a line, or hide it."""
        self._cursor = line_id
        self.redraw()

    def target_at(self, x: int, y: int) -> Hashable | None:
        """The line in this row, or the head."""
        if self._view.head_leads and y < self._list_top - 1:
            return HEAD
        at = y - self._list_top
        return self._on_view[at].line if 0 <= at < len(self._on_view) else None

    def tapped(self, target: Hashable) -> None:
        """Put the cursor on the line and post `Picked`; post `Headed` for the head."""
        if target is HEAD:
            self.post_message(self.Headed(self))
            return
        self._cursor = target
        self.post_message(self.Picked(self, target))

    def _index(self) -> int | None:
        return next((at for at, line in enumerate(self._view.lines) if line.id == self._cursor), None)

    # Drawing

    @property
    def ground(self) -> Ink:
        """The panel's ink."""
        return self.palette.panel

    def draw(self, width: int, height: int) -> list[Row]:
        """Draw header, lines, sums and total, from top to bottom. The lines take the rows that the others leave."""
        head = self._head(width)
        foot = self._foot(width, height)
        room = max(1, height - len(head) - len(foot))
        self._list_top = len(head)
        self._on_view = self._window(self._placed(width), room, width)
        body: list[Row] = [list(placed.row) for placed in self._on_view]
        return [*head, *body, *([] for _ in range(room - len(body))), *foot]

    def _head(self, width: int) -> list[Row]:
        view, panel = self._view, self.palette.panel
        inner = max(0, width - 2)
        number = width_of(view.number)
        rows: list[Row] = [
            [
                Segment(" " + fit(view.title, inner - number), panel.style(bold=True)),
                Segment(fit(view.number, number) + " ", panel.quiet_style(bold=True)),
            ]
        ]
        if view.detail or view.word:
            worded = plain(f"{view.sign or view.tone.glyph} {view.word}") if view.word else ""
            chip = width_of(worded) + 2 if worded else 0
            ink = panel if view.tone is Tone.PLAIN else self.palette.tone(view.tone)
            rows.append(
                [
                    Segment(" " + fit(view.detail, max(0, width - 2 - chip)), panel.quiet_style()),
                    Segment(f" {worded} " if worded else "", ink.style()),
                    Segment(" ", panel.style()),
                ]
            )
        for at, part in enumerate(wrap(view.alert, max(1, width - 4), MOST_ALERT_LINES)):
            mark = " ! " if at == 0 else "   "
            rows.append([Segment(mark + fit(part, width - 3), self.palette.alert.style(bold=True))])
        for at, part in enumerate(wrap(view.remark, max(1, width - 4), MOST_ALERT_LINES)):
            mark = f" {REMARK} " if at == 0 else "   "
            rows.append([Segment(mark + fit(part, width - 3), panel.quiet_style())])
        rows.append([Segment(RULE * width, panel.mark(self.palette.rule))])
        return rows

    def _placed(self, width: int) -> list[_Placed]:
        """The rows of all lines, with a heading where the state changes."""
        panel, headings = self.palette.panel, dict(self._words.headings)
        if not self._view.lines:
            blank = _Placed((), None)
            return [blank, _Placed((Segment(fit(self._words.empty, width, "center"), panel.quiet_style()),), None)]
        placed: list[_Placed] = []
        run: LineState | None = None
        for line in self._view.lines:
            if line.state not in (run, LineState.REMOVED):
                run = line.state
                heading = headings.get(run, "")
                if heading:
                    placed.append(_Placed(tuple(self._heading(run, heading, width)), None))
            ink = self._line_ink(line)
            rows = line_rows(line, width, self._words.removed, ink, self.palette)
            placed.extend(_Placed(row, line.id) for row in rows)
        return placed

    def _line_ink(self, line: CheckLine) -> Ink:
        if line.id == self.pressed:
            return self.palette.pressed
        return self.palette.cursor if line.id == self._cursor else self.palette.panel

    def _heading(self, state: LineState, heading: str, width: int) -> Row:
        panel = self.palette.panel
        text = f"{state.glyph} {heading}"
        length = min(width_of(text), width - 2)
        style = panel.quiet_style(bold=True)
        if state is LineState.UNSENT:
            style = panel.mark(self.palette.fresh, bold=True)
        return [
            Segment(" " + fit(text, length) + " ", style),
            Segment(RULE * (width - length - 2), panel.mark(self.palette.rule)),
        ]

    def _window(self, placed: Sequence[_Placed], room: int, width: int) -> list[_Placed]:
        """The rows that fit: around the cursor, else the last ones. The edge shows how many are left out."""
        if len(placed) <= room:
            return list(placed)
        top = len(placed) - room
        wanted = [at for at, row in enumerate(placed) if row.line is not None and row.line == self._cursor]
        if wanted:
            top = max(0, min(top, wanted[0] - room // 2))
        window = list(placed[top : top + room])
        if top > 0:
            window[0] = self._more("▲", placed[: top + 1], width)
        if top + room < len(placed):
            window[-1] = self._more("▼", placed[top + room - 1 :], width)
        return window

    def _more(self, glyph: str, hidden: Sequence[_Placed], width: int) -> _Placed:
        count = len({row.line for row in hidden if row.line is not None})
        text = f"{glyph} {self._words.more.format(count=count)}"
        return _Placed((Segment(fit(text, width, "center"), self.palette.panel.quiet_style()),), None)

    def _foot(self, width: int, height: int) -> list[Row]:
        panel = self.palette.panel
        rows: list[Row] = [[Segment(RULE * width, panel.mark(self.palette.rule))]]
        for label, amount in self._view.sums:
            cells = width_of(amount)
            rows.append(
                [
                    Segment(" " + fit(label, max(0, width - cells - 3)) + " ", panel.quiet_style()),
                    Segment(fit(amount, cells, "right") + " ", panel.style()),
                ]
            )
        return [*rows, *self._total(width, height)]

    def _total(self, width: int, height: int) -> list[Row]:
        """The total: in five rows below its caption, in three beside it, or in one."""
        panel, bar = self.palette.panel, self.palette.bar
        label, total = self._words.total, self._view.total
        figure, sign = figure_and_sign(total)
        labelled = f"{label}  {sign}"
        roomy = height >= (ROOMY_HEIGHT_IF_LARGE if self.is_large else ROOMY_HEIGHT)
        high = height >= (HIGH_HEIGHT_IF_LARGE if self.is_large else HIGH_HEIGHT)
        edge: Row = [Segment(EDGE * width, bar.edge(panel))]
        caption: Row = [Segment(" " + fit(labelled, width - 1), bar.quiet_style(bold=True))]
        if self._view.is_owed and high and big_width(figure, large=True) <= width - 2:
            drawn = big_rows(figure, large=True)
            return [edge, caption, *([Segment(line.rjust(width - 1) + " ", bar.style())] for line in drawn)]
        left = width - big_width(figure) - 2
        if self._view.is_owed and roomy and left > width_of(labelled):
            return [edge, *self._beside(labelled, figure, left)]
        if self._view.is_owed and roomy and self.is_large and left >= 0:
            return [edge, caption, *self._beside("", figure, left)]
        cells = width_of(total)
        return [
            [
                Segment(" " + fit(label, max(0, width - cells - 2)), bar.style(bold=True)),
                Segment(fit(total, cells, "right") + " ", bar.style(bold=True)),
            ]
        ]

    def _beside(self, caption: str, figure: str, left: int) -> list[Row]:
        """A figure in three rows with a caption at the left of its middle."""
        bar = self.palette.bar
        return [
            [
                Segment(" " + fit(caption if at == SMALL_ROWS // 2 else "", left), bar.quiet_style(bold=True)),
                Segment(line + " ", bar.style()),
            ]
            for at, line in enumerate(big_rows(figure))
        ]
