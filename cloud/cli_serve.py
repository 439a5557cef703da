"""`comanda-cloud serve`: listens, opens the database, serves until it is told to stop."""

from __future__ import annotations

import asyncio
import errno
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

import uvicorn

from cloud.app import create_app
from cloud.cli_running import listening_on
from cloud.composition import assemble
from cloud.database.opening import Say, generation_of, has_organizations, open_database
from cloud.edge import carrier
from cloud.edge.gate import Gate, Listener
from cloud.kernel.descriptors import raise_limit
from cloud.kernel.leaving import Leaving, leaving_on_sigterm
from cloud.kernel.logs import log_to_stderr
from cloud.kernel.operator_error import OperatorError
from cloud.kernel.tls_files import wrong_pair
from cloud.live.carrier import OPTIONS as LIVE_OPTIONS
from cloud.realtime.hub import Hub
from cloud.settings import Settings
from cloud.works import Duties, collect_seldom

FINISH_WITHIN_SECONDS = 10
"""How long running requests may take after the server was told to stop."""
_TICKS_A_SECOND = 10
"""Of uvicorn's main loop."""
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
    gate = Gate.of_process(raise_limit(), settings.database_connections, settings.trusted_proxies)
    with _listening_socket(settings, gate) as listener, open_database(settings, say) as ready:
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
            **carrier.options(gate),
            **LIVE_OPTIONS,
        )
        try:
            config.load()
        except (ssl.SSLError, OSError) as error:
            raise wrong_pair(settings.tls_certificate, settings.tls_key, error) from error
        collect_seldom()
        host, port = listener.getsockname()[:2]
        scheme = "https" if settings.tls_certificate else "http"
        address = f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}"
        next_step = "cli.log_in_there" if has_organizations(ready) else "cli.found_first"
        server = Server(
            config,
            partial(_say_where, say, address, settings.public_url or address, next_step),
            hub=parts.hub,
            gate=gate,
            leaving=leaving,
        )
        if not works:
            say("cli.web_only")
        try:
            with listening_on(settings, address):
                server.run(sockets=[listener])
        finally:
            say("cli.stopped")
    return 0 if server.started else 1


class Server(uvicorn.Server):
    """Says that it listens, cuts who owes something, and tells those who wait before it stops."""

    def __init__(
        self, config: uvicorn.Config, listens: Callable[[], None], *, hub: Hub, gate: Gate, leaving: Leaving
    ) -> None:
        super().__init__(config)
        self._gate = gate
        self._listens = listens
        self._hub = hub
        self._leaving = leaving

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then say so."""
        asyncio.get_running_loop().set_exception_handler(self._note)
        await super().startup(sockets)
        if self._leaving.is_told:  # and its exception was lost
            self.should_exit = True
        elif self.started:
            self._listens()

    async def on_tick(self, counter: int) -> bool:
        """Look after the connections once a second."""
        if counter % _TICKS_A_SECOND == 0:
            self._gate.sweep()
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Answer those who wait for news, then stop: otherwise stopping would wait for them, or cut them off."""
        self._hub.close()
        with suppress(TimeoutError):
            async with asyncio.timeout(TELL_WITHIN_SECONDS):
                while self._hub.places:  # noqa: ASYNC110 - nobody tells who waits
                    await asyncio.sleep(0.05)
        await super().shutdown(sockets)

    def _note(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """Log what went wrong in the loop; that there are no more descriptors, once a minute."""
        error = context.get("exception")
        if isinstance(error, OSError) and "accept" in context.get("message", ""):
            self._gate.say("a connection could not be accepted: %s", error.strerror)
        else:
            loop.default_exception_handler(context)


def _say_where(say: Say, address: str, public: str, next_step: str) -> None:
    """Say where the server listens, and what to do next."""
    say("cli.listening", address=address)
    say(next_step, address=public)


def _listening_socket(settings: Settings, gate: Gate) -> Listener:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = Listener(family)
    listener.gate = gate
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
