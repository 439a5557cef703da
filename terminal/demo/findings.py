"""What a check verified: a tick for what holds; for the first that does not, what was expected and what was seen."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from shared.kernel.language import Texts
from terminal.demo.patience import last_seen
from terminal.demo.progress import Progress

T = TypeVar("T")
LONGEST_SHOWN = 1_500
"""Characters of what was seen; a whole paper fits."""


class NotHeld(Exception):
    """Something did not hold, and was told; the check ends here."""


class Findings:
    """Tells what holds.

    Args:
        texts: sentences `demo.check.<code>`.
    """

    def __init__(self, texts: Texts, progress: Progress) -> None:
        self._texts = texts
        self._progress = progress

    def equal(self, code: str, seen: object, wanted: object, **params: object) -> None:
        """Hold what was seen against what it must be.

        Raises:
            NotHeld: it is something else.
        """
        sentence = self._texts(f"demo.check.{code}", **params)
        if seen != wanted:
            self._fail(sentence, wanted, seen)
        self._progress.held(sentence)

    async def becomes(self, code: str, look: Callable[[], T], wanted: T, **params: object) -> None:
        """Hold what is seen against what it must come to: at once, or when a screen or another program is so far.

        Raises:
            NotHeld: it never does.
        """
        self.equal(code, await last_seen(look, lambda seen: seen == wanted), wanted, **params)

    def says(self, code: str, text: str, parts: Iterable[str], **params: object) -> None:
        """Every part stands in the text, however its lines were broken.

        Raises:
            NotHeld: some do not.
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
