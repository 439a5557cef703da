"""Findings of a check: a tick for each check that holds; for the first that does not, what was expected and seen."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from shared.kernel.language import Texts
from terminal.demo.patience import last_seen
from terminal.demo.progress import Progress

T = TypeVar("T")
LONGEST_SHOWN = 1_500
"""Characters printed of what was seen. A whole printed document fits."""


class NotHeld(Exception):
    """A check did not hold, and was reported. No check follows."""


class Findings:
    """Reports the checks.

    Args:
        texts: sentences `demo.check.<code>`.
    """

    def __init__(self, texts: Texts, progress: Progress) -> None:
        self._texts = texts
        self._progress = progress

    def equal(self, code: str, seen: object, wanted: object, **params: object) -> None:
        """Check that what was seen equals what is wanted.

        Raises:
            NotHeld: they differ.
        """
        sentence = self._texts(f"demo.check.{code}", **params)
        if seen != wanted:
            self._fail(sentence, wanted, seen)
        self._progress.held(sentence)

    async def becomes(self, code: str, look: Callable[[], T], wanted: T, **params: object) -> None:
        """Check that `look` returns what is wanted, now or after a screen or another program has caught up.

        Raises:
            NotHeld: it never did.
        """
        self.equal(code, await last_seen(look, lambda seen: seen == wanted), wanted, **params)

    def says(self, code: str, text: str, parts: Iterable[str], **params: object) -> None:
        """Check that the text has every part, however its lines were broken.

        Raises:
            NotHeld: a part is missing.
        """
        sentence, flat = self._texts(f"demo.check.{code}", **params), " ".join(text.split())
        missing = [part for part in parts if part not in flat]
        if missing:
            self._fail(sentence, " | ".join(missing), text)
        self._progress.held(sentence)

    def _fail(self, sentence: str, wanted: object, seen: object) -> None:
        self._progress.failed(
            self._texts(
                "demo.check.not_held",
                sentence=sentence,
                wanted=str(wanted)[:LONGEST_SHOWN],
                seen=str(seen)[:LONGEST_SHOWN],
            )
        )
        raise NotHeld
