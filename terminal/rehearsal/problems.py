"""What can be wrong with a mapping, a file or a row: errors that carry a code and parameters.

The sentences that people read are in `texts/`.
"""

from __future__ import annotations

from collections.abc import Mapping as Params

from shared.kernel.language import Language, Texts
from terminal.rehearsal.plain_text import plain

TEXTS_ROOM = "terminal.rehearsal"
"""The room whose catalogues hold the sentences: `mapping.<code>` and `row.<code>`."""


class _Told(Exception):
    """A code and the values that its sentence names, made plain: they come from files that others wrote."""

    def __init__(self, code: str, **params: str | int) -> None:
        super().__init__(code, params)
        self.code = code
        self.params: Params[str, str | int] = {
            name: plain(value) if isinstance(value, str) else value for name, value in params.items()
        }


class MappingError(_Told):
    """The mapping and the files do not fit together: nothing can be read until somebody changes one of them.

    `code` is stable; `params` are the values that the sentence names.
    """

    def sentence(self, language: Language = Language.SPANISH) -> str:
        """Say in one sentence what is wrong and what to do."""
        return Texts(language, (TEXTS_ROOM,))(f"mapping.{self.code}", **self.params)

    def __str__(self) -> str:
        return self.sentence(Language.ENGLISH)


class RowProblem(_Told):
    """One row cannot be read. Caught by the reader of the file, which reports the row and goes on."""
