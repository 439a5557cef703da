"""`comanda-cloud serve`: listens, opens the database, serves until it is told to stop."""

from __future__ import annotations

import asyncio
import errno
import signal
import socket
import ssl
from contextlib import suppress

import uvicorn

from cloud.app import create_app
from cloud.composition import assemble
from cloud.database.opening import Say, generation_of, open_database
from cloud.edge import carrier
from cloud.kernel.operator_error import OperatorError
from cloud.live.carrier import OPTIONS as LIVE_OPTIONS
from cloud.replication.fold_worker import FoldWorker
from cloud.settings import Settings
from cloud.works import Duties, collect_seldom, leave

FINISH_WITHIN_SECONDS = 10
"""How long running requests may take after the server was told to stop."""
TELL_WITHIN_SECONDS = 3.0
"""How long it may take to tell everybody who waits when to come back."""


def serve(settings: Settings, say: Say, *, with_worker: bool = False) -> int:
    """Serve until SIGTERM or Ctrl-C.

    Args:
        with_worker: be a worker, too. With the embedded database it always is: nobody else works for that.

    Raises:
        OperatorError: port, certificate or database cannot be used.
    """
    signal.signal(signal.SIGTERM, leave)
    works = with_worker or settings.database_url is None
    with _listening_socket(settings) as listener, open_database(settings, say) as ready:
        parts = assemble(ready, generation=generation_of(ready))
        app = create_app(parts, duties=Duties.WEB | Duties.BACKGROUND if works else Duties.WEB)
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
            **carrier.options(carrier.raise_descriptors()),
            **LIVE_OPTIONS,
        )
        try:
            config.load()
        except (ssl.SSLError, OSError) as error:
            raise OperatorError("cli.certificate_wrong", reason=error) from error
        collect_seldom()
        host, port = listener.getsockname()[:2]
        scheme = "https" if settings.tls_certificate else "http"
        server = _Server(config, say, parts.fold_worker, f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}")
        if not works:
            say("cli.web_only")
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
        """Answer those who wait for news, then stop: otherwise stopping would wait for them, or cut them off."""
        hub = self._fold_worker.hub
        hub.close()
        with suppress(TimeoutError):
            async with asyncio.timeout(TELL_WITHIN_SECONDS):
                while hub.places:  # noqa: ASYNC110 - nobody tells who waits
                    await asyncio.sleep(0.05)
        await super().shutdown(sockets)


def _listening_socket(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
        listener.listen(carrier.BACKLOG)
    except OSError as error:
        listener.close()
        codes = {errno.EADDRINUSE: "cli.port_taken", errno.EACCES: "cli.port_forbidden"}
        code = codes.get(error.errno or 0, "cli.host_unknown")
        raise OperatorError(code, host=settings.host, port=settings.port) from error
    return listener
