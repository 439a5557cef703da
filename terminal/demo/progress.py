"""Progress of the demo, one line for each step: a tick, the sentence, the seconds."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.text import Text

from shared.kernel.language import Texts

_WIDTH = 70
"""Cells of a sentence: with tick and seconds it fits in 80 columns."""


class Progress:
    """Prints steps and findings.

    Args:
        console: where to print; on a terminal the running step is shown, too.
    """

    def __init__(self, texts: Texts, console: Console) -> None:
        self._texts = texts
        self._console = console

    @contextmanager
    def step(self, code: str, **params: object) -> Iterator[None]:
        """Show a step while the block runs: ticked at its end, crossed if it fails."""
        sentence = self._texts(f"demo.{code}", **params)
        began = time.monotonic()
        try:
            if self._console.is_terminal:
                with self._console.status(Text(sentence)):
                    yield
            else:
                yield
        except BaseException:
            self._line("✗", "red", sentence, began)
            raise
        self._line("✓", "green", sentence, began)

    def held(self, sentence: str) -> None:
        """Print a check that held."""
        self._print(Text.assemble(("✓ ", "green"), sentence))

    def failed(self, sentence: str) -> None:
        """Print a check that did not hold."""
        self._print(Text.assemble(("✗ ", "red"), sentence))

    def say(self, sentence: str) -> None:
        """Print a plain line."""
        self._print(Text(sentence))

    def _line(self, mark: str, colour: str, sentence: str, began: float) -> None:
        seconds = f"{time.monotonic() - began:.1f} s"
        self._print(Text.assemble((f"{mark} ", colour), sentence.ljust(_WIDTH), (seconds.rjust(7), "dim")))

    def _print(self, line: Text) -> None:
        """Print a line; a terminal wraps it between words, a file keeps it whole."""
        self._console.print(line, soft_wrap=not self._console.is_terminal)
