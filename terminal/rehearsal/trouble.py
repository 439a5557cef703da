"""Sentences for errors that stop a rehearsal and come from neither mapping nor file. Nobody has to read a traceback."""

from __future__ import annotations

from concurrent.futures import BrokenExecutor

import httpx
from sqlalchemy.exc import DBAPIError

from shared.kernel.errors import DomainError
from shared.kernel.language import Texts

TROUBLES = (DomainError, httpx.HTTPError, BrokenExecutor, OSError, DBAPIError)
"""Errors with a sentence. A full disk may show up in a till's store (StoreError), a folder or the database."""


def sentence_of(error: Exception, texts: Texts) -> str:
    """Say what happened and what to do.

    Args:
        error: one of `TROUBLES`.
    """
    match error:
        case DomainError():
            return texts(error.code, **error.params)
        case httpx.HTTPStatusError():
            return texts("rehearsal.cloud_failed", reason=error.response.status_code)
        case httpx.HTTPError():
            return texts("rehearsal.cloud_failed", reason=str(error) or type(error).__name__)
        case BrokenExecutor():
            return texts("rehearsal.worker_ended")
        case OSError():
            reason = error.strerror or str(error)
            return texts("rehearsal.system_failed", reason=f"{reason} ({error.filename})" if error.filename else reason)
    return texts("rehearsal.system_failed", reason=str(error).partition("\n")[0])
