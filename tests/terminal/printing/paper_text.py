"""Papers as text: what a reader of the bytes sees, with a mark for how each line looks. Rewrites the baselines.

`python -m tests.terminal.printing.paper_text` writes the files of `papers/` anew; look at them before they land.
"""

from __future__ import annotations

from pathlib import Path

from terminal.printing.emulator.elements import Cut, Feed, Picture, PrintedLine, QrCode
from terminal.printing.emulator.reader import read_papers
from terminal.printing.escpos import render
from terminal.printing.letters import NO_LETTERS
from terminal.printing.printers import PrinterProfile
from tests.terminal.printing.sample_papers import samples

PAPERS = Path(__file__).parent / "papers"
WIDTHS = (32, 42, 48)
LANGUAGES = ("es", "en")


def as_text(raw: bytes, columns: int) -> list[str]:
    """Each line between bars, and behind it how it looks: times wide and tall, bold, white on black."""
    rows = []
    strips = 0
    for paper in read_papers(raw, columns):
        for element in paper.elements:
            if isinstance(element, Picture):
                strips += element.height
                continue
            if strips:
                rows.append(f"[dots {strips} high]")
                strips = 0
            match element:
                case PrintedLine():
                    rows.append(_row(element, columns))
                case QrCode():
                    rows.append(f"[code of the printer, {element.module_dots} dots, {element.level}: {element.text}]")
                case Feed():
                    rows.append(f"[feed {element.lines}]")
                case Cut():
                    rows.append("[cut]")
    return rows


def _row(line: PrintedLine, columns: int) -> str:
    size = f" {line.wide}x{line.tall}" if (line.wide, line.tall) != (1, 1) else ""
    look = f"{size}{' bold' if line.bold else ''}{' BLACK' if line.reversed else ''}"
    text = line.text if line.wide == 1 else f"{line.text}{' ' * (line.cells - len(line.text))}"
    return f"|{text.ljust(columns)}|{look}".rstrip() + ("  <-- broken by the printer" if line.wrapped else "")


def baseline(language: str, columns: int) -> str:
    """All papers of a language on paper of a width."""
    rows: list[str] = []
    for name, (document, run) in samples(language).items():
        raw = render(document, PrinterProfile(columns=columns), run, NO_LETTERS)
        rows += [f"== {name}", *as_text(raw, columns), ""]
    return "\n".join(rows)


def main() -> None:
    """Write the baselines."""
    PAPERS.mkdir(exist_ok=True)
    for language in LANGUAGES:
        for columns in WIDTHS:
            (PAPERS / f"{language}-{columns}.txt").write_text(baseline(language, columns))


if __name__ == "__main__":
    main()
