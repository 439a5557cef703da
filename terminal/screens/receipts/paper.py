"""A receipt as it was printed, beside the list: its lines, and below them what became of it."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass

from rich.segment import Segment
from textual import events

from shared.payments.past import PastReceipt, PastRefund
from shared.tenancy.queries import Premises
from terminal.papers.sale_documents import copy_document
from terminal.printing.layout import lay_out
from terminal.printing.lines import Style
from terminal.screens.voice import Voice
from terminal.theme.palette import Ink
from terminal.widgets.line_widget import Row, TapWidget
from terminal.widgets.text_cells import fit, wrap

COLUMNS = 42
"""Of the usual paper."""


@dataclass(frozen=True, slots=True)
class PaperLine:
    """One line. `strong` ones are bold; the blanks of printed ones count."""

    text: str
    strong: bool = False
    printed: bool = False

    def cells(self, width: int) -> str:
        """The text in so many cells."""
        return self.text[:width].ljust(width) if self.printed else fit(self.text, width)


def paper_of(past: PastReceipt, premises: Premises, voice: Voice) -> tuple[PaperLine, ...]:
    """What became of a receipt, then the receipt as the printer prints it."""
    said = tuple(_became(past, voice))
    printed = lay_out(copy_document(premises, past, 0), COLUMNS)
    lines = [PaperLine(line.text, line.style is not Style.NORMAL, printed=True) for line in printed]
    return (*said, *([PaperLine("")] if said else []), *lines)


def _became(past: PastReceipt, voice: Voice) -> Iterator[PaperLine]:
    texts = voice.texts
    who = past.receipt.cashier_name
    made = "receipts.not_paid" if past.lost_minor and past.lost_minor >= past.receipt.total_minor else "receipts.made"
    yield PaperLine(texts(made, when=_when(past.receipt.settled_at, voice), who=who or "–"))
    if past.copies:
        yield PaperLine(texts("receipts.copies", count=past.copies))
    if past.lost_minor:
        lost = texts("receipts.lost", amount=voice.money(past.lost_minor), reason=past.loss_reason)
        yield from (PaperLine(row, strong=True) for row in wrap(lost, COLUMNS, 3))
    for refund in past.refunds:
        yield from _refund(refund, voice)


def _refund(refund: PastRefund, voice: Voice) -> Iterator[PaperLine]:
    row, texts = refund.row, voice.texts
    head = texts("receipts.refund", number=row.number, when=_when(row.refunded_at, voice), who=row.cashier_name or "–")
    yield from (PaperLine(each, strong=True) for each in wrap(head, COLUMNS, 2))
    ways = ", ".join(f"{part.method_name} {voice.money(part.paid_minor)}" for part in refund.payments)
    yield from (PaperLine(each) for each in wrap(f"  {ways or voice.money(0)} · {row.reason}", COLUMNS, 3))


def _when(instant: object, voice: Voice) -> str:
    return f"{instant.astimezone(voice.wall.tzinfo):%d/%m/%y %H:%M}"  # type: ignore[attr-defined]


class Paper(TapWidget):
    """Lines on paper; `scroll_by` where there are more than fit. A tap on its lower half turns on, one above back."""

    def __init__(self) -> None:
        super().__init__(id="paper")
        self._lines: Sequence[PaperLine] = ()
        self._top = 0
        self._more = ""

    def show(self, lines: Sequence[PaperLine], more: str, *, anew: bool) -> None:
        """Show other lines, from the top if it is another paper.

        Args:
            more: said in the last row where there are more below.
        """
        self._lines, self._more = lines, more
        self._top = 0 if anew else self._top
        self.scroll_by(0)

    def scroll_by(self, rows: int) -> None:
        """Move the lines, as far as there are more."""
        self._top = max(0, min(self._top + rows, len(self._lines) - self.size.height))
        self.redraw()

    def target_at(self, x: int, y: int) -> Hashable | None:
        """Which way a tap turns."""
        return 1 if 2 * y >= self.size.height else -1

    def tapped(self, target: Hashable) -> None:
        """Turn a page."""
        if isinstance(target, int):
            self.scroll_by(target * max(1, self.size.height - 2))

    @property
    def ground(self) -> Ink:
        """A panel beside the list."""
        return self.palette.panel

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Move three rows down."""
        event.stop()
        self.scroll_by(3)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Move three rows up."""
        event.stop()
        self.scroll_by(-3)

    def draw(self, width: int, height: int) -> list[Row]:
        """Draw the lines from the top one on."""
        panel, left = self.palette.panel, max(0, (width - COLUMNS) // 2)
        shown = self._lines[self._top : self._top + height]
        rows = [
            [
                Segment(" " * left, panel.style()),
                Segment(line.cells(min(COLUMNS, width - left)), panel.style(bold=line.strong)),
            ]
            for line in shown
        ]
        if self._top + height < len(self._lines) and rows:
            rows[-1] = [
                Segment(" " * left, panel.style()),
                Segment(fit(self._more, min(COLUMNS, width - left)), panel.quiet_style()),
            ]
        return rows
