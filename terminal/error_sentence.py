"""The sentence that people read when a command of the program ends with an error. It says what to do."""

from __future__ import annotations

import errno
from typing import Any

from shared.kernel.errors import DomainError
from shared.kernel.language import Texts
from terminal.device import home


def sentence_of(error: DomainError | OSError, texts: Texts) -> str:
    """The sentence of one of our errors, or of an error of the operating system."""
    return texts(_code_of(error), **_params_of(error, texts))


def opening_sentence(error: DomainError | OSError, texts: Texts) -> str:
    """What is wrong with a store that does not open, for the log-in: nothing that asks to repeat a command."""
    own = f"opening.{_code_of(error)}"
    return texts(own, **_params_of(error, texts)) if texts.has(own) else sentence_of(error, texts)


def _code_of(error: DomainError | OSError) -> str:
    return error.code if isinstance(error, DomainError) else _FILE_ERRORS.get(error.errno or 0, "FILE_FAILED")


def _params_of(error: DomainError | OSError, texts: Texts) -> dict[str, Any]:
    """What the sentence says. An error in another one is said as its sentence."""
    if isinstance(error, DomainError):
        return {name: _said(each, texts) for name, each in error.params.items()}
    return {"path": error.filename or home(), "reason": error.strerror or str(error)}


def _said(value: Any, texts: Texts) -> Any:
    return sentence_of(value, texts).rstrip(".") if isinstance(value, DomainError) else value


_FILE_ERRORS = {
    errno.ENOSPC: "FILE_NO_ROOM",
    errno.EDQUOT: "FILE_NO_ROOM",
    errno.EACCES: "FILE_NOT_ALLOWED",
    errno.EPERM: "FILE_NOT_ALLOWED",
    errno.EROFS: "FILE_NOT_ALLOWED",
    errno.ENOTDIR: "FILE_IN_THE_WAY",
    errno.EEXIST: "FILE_IN_THE_WAY",
    errno.ENOENT: "FILE_MISSING",
}
