"""Errors in a mapping, a file or a row. Each carries a code and parameters.

The sentences that people read are in `texts/`.
"""

from __future__ import annotations

from collections.abc import Mapping as Params

from shared.kernel.language import Language, Texts
from terminal.rehearsal.plain_text import plain

TEXTS_ROOM = "terminal.rehearsal"
"""The room whose catalogues have the sentences: `mapping.<code>` and `row.<code>`."""


class _CodedError(Exception):
    """An error with a code and the values of its sentence. The values are cleaned: other people wrote them."""

    def __init__(self, code: str, **params: str | int) -> None:
        super().__init__(code, params)
        self.code = code
        self.params: Params[str, str | int] = {
            name: plain(value) if isinstance(value, str) else value for name, value in params.items()
        }


class MappingError(_CodedError):
    """The mapping does not fit the files: nothing can be read until somebody changes one of them.

    `code` is stable; `params` are the values of its sentence.
    """

    def sentence(self, language: Language = Language.SPANISH) -> str:
        """Say in one sentence what is wrong and what to do."""
        return Texts(language, (TEXTS_ROOM,))(f"mapping.{self.code}", **self.params)

    def __str__(self) -> str:
        return self.sentence(Language.ENGLISH)


class RowError(_CodedError):
    """One row cannot be read. The reader of the file catches it, reports the row and goes on."""
