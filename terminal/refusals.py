"""What is said when a command or a start ends with an error: one sentence, with what to do."""

from __future__ import annotations

import errno

from shared.kernel.errors import DomainError
from shared.kernel.language import Texts
from terminal.device import home


def sentence_of(error: DomainError | OSError, texts: Texts) -> str:
    """The sentence of an error of ours, or of what the system refused."""
    if isinstance(error, DomainError):
        return texts(error.code, **error.params)
    code = _REFUSALS.get(error.errno or 0, "FILE_FAILED")
    return texts(code, path=error.filename or home(), reason=error.strerror or str(error))


_REFUSALS = {
    errno.ENOSPC: "FILE_NO_ROOM",
    errno.EDQUOT: "FILE_NO_ROOM",
    errno.EACCES: "FILE_NOT_ALLOWED",
    errno.EPERM: "FILE_NOT_ALLOWED",
    errno.EROFS: "FILE_NOT_ALLOWED",
    errno.ENOTDIR: "FILE_IN_THE_WAY",
    errno.EEXIST: "FILE_IN_THE_WAY",
    errno.ENOENT: "FILE_MISSING",
}
