"""`comanda-cloud serve`: listens, opens the database, serves until it is told to stop."""

from __future__ import annotations

import errno
import gc
import signal
import socket
import ssl
import sys
from types import FrameType
from typing import NoReturn

import uvicorn

from cloud.app import create_app
from cloud.composition import assemble
from cloud.database.opening import Say, generation_of, open_database
from cloud.kernel.operator_error import OperatorError
from cloud.replication.fold_worker import FoldWorker
from cloud.settings import Settings

FINISH_WITHIN_SECONDS = 10
"""How long running requests may take after the server was told to stop."""
OBJECTS_A_COLLECTION = 50_000
"""About what a frame of a thousand changes makes on its way into the tables."""
_BACKLOG = 1024


def serve(settings: Settings, say: Say) -> int:
    """Serve until SIGTERM or Ctrl-C.

    Raises:
        OperatorError: port, certificate or database cannot be used.
    """
    signal.signal(signal.SIGTERM, _leave)
    with _listening_socket(settings) as listener, open_database(settings, say) as ready:
        parts = assemble(ready, generation=generation_of(ready))
        app = create_app(parts, works=True)
        config = uvicorn.Config(
            app,
            log_level="warning",
            access_log=False,
            server_header=False,
            proxy_headers=False,
            lifespan="on",
            timeout_graceful_shutdown=FINISH_WITHIN_SECONDS,
            ssl_certfile=settings.tls_certificate,
            ssl_keyfile=settings.tls_key,
        )
        try:
            config.load()
        except (ssl.SSLError, OSError) as error:
            raise OperatorError("cli.certificate_wrong", reason=error) from error
        _collect_seldom()
        host, port = listener.getsockname()[:2]
        scheme = "https" if settings.tls_certificate else "http"
        server = _Server(config, say, parts.fold_worker, f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}")
        try:
            server.run(sockets=[listener])
        finally:
            say("cli.stopped")
    return 0 if server.started else 1


class _Server(uvicorn.Server):
    """Prints the address once it listens."""

    def __init__(self, config: uvicorn.Config, say: Say, fold_worker: FoldWorker, address: str) -> None:
        super().__init__(config)
        self._say = say
        self._fold_worker = fold_worker
        self._address = address

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then print the address."""
        await super().startup(sockets)
        if self.started:
            self._say("cli.listening", address=self._address)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Answer the devices that wait for news, then stop: otherwise stopping would wait for them."""
        self._fold_worker.hub.close()
        await super().shutdown(sockets)


def _listening_socket(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        codes = {errno.EADDRINUSE: "cli.port_taken", errno.EACCES: "cli.port_forbidden"}
        code = codes.get(error.errno or 0, "cli.host_unknown")
        raise OperatorError(code, host=settings.host, port=settings.port) from error
    return listener


def _collect_seldom() -> None:
    """Exempt what was imported from garbage collection, and collect less often.

    A push and its fold make some hundred thousand short-lived objects without reference cycles; looking at them again
    and again took a fifth of the time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(OBJECTS_A_COLLECTION, 20, 20)


def _leave(_signal: int, _frame: FrameType | None) -> NoReturn:
    """Raise, so that everything that this process started is stopped. (While uvicorn runs it handles the signal.)"""
    sys.exit(0)
