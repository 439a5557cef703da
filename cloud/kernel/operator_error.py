"""What an operator must put right before the server can start or a command can run.

For settings, plans, the command line and the embedded server. What an API caller is told is `problem.py`'s part.
"""

from __future__ import annotations

from typing import Any

from shared.kernel.language import Language, Texts


class OperatorError(Exception):
    """The program cannot go on. The operator reads why in one sentence.

    Args:
        code: key of a sentence in `cloud/texts`, such as `database.unreachable`.
        params: plain values for that sentence.
    """

    def __init__(self, code: str, /, **params: Any) -> None:
        super().__init__(code, params)
        self.code = code
        self.params = params

    def __str__(self) -> str:
        return self.sentence(Language.ENGLISH)

    def sentence(self, language: Language) -> str:
        """The sentence that says what happened and what to do."""
        return Texts(language, ("cloud",))(self.code, **self.params)
