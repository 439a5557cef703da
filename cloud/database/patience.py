"""Connections that wait for the database only so long: a server that is frozen keeps its sockets open and says nothing.

PostgreSQL ends a statement that takes too long itself, as long as it runs (`transaction.STATEMENT_TIMEOUT_MS`). Here is
the limit for the case that it does not. What a wait was for may have happened, a COMMIT too: whoever asks again must
do no harm, as with a connection that breaks.
"""

from __future__ import annotations

from typing import Any, TypeVar

import psycopg
from psycopg.abc import PQGen

ANSWER_WITHIN_SECONDS = 20.0
"""More than a statement may take by the limit of the server, so that a slow server is told from one that is frozen."""

T = TypeVar("T")


class PatientConnection(psycopg.Connection[Any]):
    """A connection that is closed when the server does not answer in time."""

    def wait(self, gen: PQGen[T], interval: float = 0.1, timeout: float | None = None) -> T:
        """Wait for an answer.

        Raises:
            psycopg.OperationalError: there was none in time.
        """
        try:
            return super().wait(gen, interval, ANSWER_WITHIN_SECONDS if timeout is None else timeout)
        except psycopg.OperationalError as error:
            if timeout is None and _is_late(error):
                self.close()
            raise


class PatientAsyncConnection(psycopg.AsyncConnection[Any]):
    """The same for asyncio."""

    async def wait(self, gen: PQGen[T], interval: float = 0.1, timeout: float | None = None) -> T:
        """Wait for an answer.

        Raises:
            psycopg.OperationalError: there was none in time.
        """
        try:
            return await super().wait(gen, interval, ANSWER_WITHIN_SECONDS if timeout is None else timeout)
        except psycopg.OperationalError as error:
            if timeout is None and _is_late(error):
                await self.close()
            raise


def _is_late(error: psycopg.OperationalError) -> bool:
    """Whether the server did not answer, rather than answer with an error (which has a state).

    What follows an error in a pipeline is not carried out, and has no state of its own.
    """
    return error.sqlstate is None and not isinstance(error, psycopg.errors.PipelineAborted)
