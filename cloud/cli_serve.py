"""`comanda-cloud serve`: listens, opens the database, serves until it is told to stop."""

from __future__ import annotations

import asyncio
import errno
import socket
import ssl
from contextlib import suppress

import uvicorn

from cloud.app import create_app
from cloud.composition import assemble
from cloud.database.opening import Say, generation_of, open_database
from cloud.edge import carrier
from cloud.kernel.leaving import Leaving, leaving_on_sigterm
from cloud.kernel.logs import log_to_stderr
from cloud.kernel.operator_error import OperatorError
from cloud.live.carrier import OPTIONS as LIVE_OPTIONS
from cloud.realtime.hub import Hub
from cloud.settings import Settings
from cloud.works import Duties, collect_seldom

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
    leaving = leaving_on_sigterm()
    log_to_stderr()
    works = with_worker or settings.database_url is None
    with _listening_socket(settings) as listener, open_database(settings, say) as ready:
        parts = assemble(ready, generation=generation_of(ready))
        app = create_app(parts, duties=Duties.WEB | Duties.BACKGROUND if works else Duties.WEB)
        config = uvicorn.Config(
            app,
            log_config=None,
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
        address = f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}"
        server = Server(config, say, address=address, hub=parts.hub, leaving=leaving)
        if not works:
            say("cli.web_only")
        try:
            server.run(sockets=[listener])
        finally:
            say("cli.stopped")
    return 0 if server.started else 1


class Server(uvicorn.Server):
    """Prints the address once it listens, and tells those who wait before it stops."""

    def __init__(self, config: uvicorn.Config, say: Say, *, address: str, hub: Hub, leaving: Leaving) -> None:
        super().__init__(config)
        self._say = say
        self._address = address
        self._hub = hub
        self._leaving = leaving

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then print the address."""
        await super().startup(sockets)
        if self._leaving.is_told:  # and its exception was lost
            self.should_exit = True
        elif self.started:
            self._say("cli.listening", address=self._address)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Answer those who wait for news, then stop: otherwise stopping would wait for them, or cut them off."""
        self._hub.close()
        with suppress(TimeoutError):
            async with asyncio.timeout(TELL_WITHIN_SECONDS):
                while self._hub.places:  # noqa: ASYNC110 - nobody tells who waits
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
