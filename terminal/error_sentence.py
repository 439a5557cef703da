"""The sentence that people read when a command of the program ends with an error. It says what to do."""

from __future__ import annotations

import errno

from shared.kernel.errors import DomainError
from shared.kernel.language import Texts
from terminal.device import home


def sentence_of(error: DomainError | OSError, texts: Texts) -> str:
    """The sentence of one of our errors, or of an error of the operating system."""
    if isinstance(error, DomainError):
        return texts(error.code, **error.params)
    code = _FILE_ERRORS.get(error.errno or 0, "FILE_FAILED")
    return texts(code, path=error.filename or home(), reason=error.strerror or str(error))


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
