"""Where the papers fall: shown on the terminal as they are printed, and kept in a folder as bytes, text and picture."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from shared.kernel.language import Texts
from terminal.printing.emulator.as_text import element_text, text_of
from terminal.printing.emulator.elements import Cut, Paper
from terminal.printing.emulator.machine import Deed

BYTES = ".escpos"
MOST_KEPT = 500
"""Papers in the folder. The oldest are deleted: an emulator may run for weeks."""


class Tray:
    """See the module.

    Args:
        columns: letters of a line.
        texts: in which marks and notes are written.
        folder: for the papers, or None.
        show: called with each line for the terminal.

    Attributes:
        papers: number of papers that have come out.
    """

    def __init__(self, columns: int, texts: Texts, folder: Path | None, show: Callable[[str], None]) -> None:
        self.papers = 0
        self._columns = columns
        self._texts = texts
        self._folder = folder
        self._show = show
        self._paper = Paper()
        self._raw = bytearray()
        self._next = 1
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
            numbers = [int(path.stem) for path in folder.glob("*.txt") if path.stem.isdecimal()]
            self._next = max(numbers, default=0) + 1

    def take(self, deeds: Iterable[Deed]) -> None:
        """Show and collect what the printer did. A cut ends a paper."""
        for deed in deeds:
            self._raw += deed.raw
            for element in deed.elements:
                line = element_text(element, self._columns, self._texts)
                if line is not None:
                    self._show(line)
                self._paper.elements.append(element)
                if isinstance(element, Cut):
                    self._end()

    def tear_off(self) -> None:
        """Nothing more comes for now: what was printed without a cut is a paper, too."""
        if self._paper.has_print or self._paper.pulses:
            self._end()

    def _end(self) -> None:
        paper, self._paper = self._paper, Paper()
        raw, self._raw = bytes(self._raw), bytearray()
        self.papers += 1
        if self._folder is None:
            return
        from terminal.printing.emulator.as_picture import save_picture

        name = f"{self._next:06d}"
        self._next += 1
        save_picture(paper, self._columns, self._texts, self._folder / f"{name}.png")
        (self._folder / f"{name}{BYTES}").write_bytes(raw)
        text = text_of(paper, self._columns, self._texts) + "\n"
        (self._folder / f"{name}.txt").write_text(text, encoding="utf-8")  # last: who finds it finds the picture
        old = self._next - 1 - MOST_KEPT
        for suffix in (".txt", ".png", BYTES):
            (self._folder / f"{old:06d}{suffix}").unlink(missing_ok=True)
