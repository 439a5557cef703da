"""textual-serve behind a gate: our pages only, a password where others can reach it, few programs, none left behind.

The package is an extra; whoever imports this module has it.
"""

from __future__ import annotations

import asyncio
import shlex
from asyncio.subprocess import PIPE, Process
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from aiohttp import web  # type: ignore[import-not-found, unused-ignore]
from textual_serve import server as served  # type: ignore[import-not-found, unused-ignore]
from textual_serve.app_service import AppService  # type: ignore[import-not-found, unused-ignore]

from shared.kernel.language import Texts
from terminal.commands.browser_gate import COOKIE, Gate

MOST_TABS = 4
"""Each tab is a program of about 110 MB beside the till's own."""
LEAVE_SECONDS = 5.0
"""So long a program may take to leave by itself; then it is asked by a signal, and ended after as long again."""
WRONG_PASSWORD_SECONDS = 1.0
"""All wrong passwords together wait in one queue, so that nobody tries more than one in this time."""
_GUARDED = {
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": "frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
Handler = Callable[[Any], Awaitable[Any]]


class Tab(AppService):  # type: ignore[misc, unused-ignore]
    """The program of one tab. It is started without a shell, and has ended when `stop` returns."""

    async def _open_app_process(self, width: int = 80, height: int = 24) -> Process:
        environment = self._build_environment(width=width, height=height)
        self._process = process = await asyncio.create_subprocess_exec(
            *shlex.split(self.command), stdin=PIPE, stdout=PIPE, stderr=PIPE, env=environment
        )
        self._stdin = process.stdin
        return process

    async def stop(self) -> None:
        """Ask the program to leave, then signal it, then end it."""
        process, task = self._process, self._task
        self._task: asyncio.Task[None] | None = None
        if process is None or task is None:
            return
        await self._download_manager.cancel_app_downloads(app_service_id=self.app_service_id)
        await self.send_meta({"type": "quit"})
        for signal in (process.terminate, process.kill):
            with suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(process.wait()), LEAVE_SECONDS)
                break
            with suppress(ProcessLookupError):
                signal()
        await process.wait()
        await task


class GuardedServer(served.Server):  # type: ignore[misc, unused-ignore]
    """See the module.

    Args:
        command: the program of a tab.
        gate: where it listens, and who may come.
        texts: what is said to those who may not.
    """

    def __init__(self, command: str, gate: Gate, texts: Texts, title: str) -> None:
        super().__init__(command, gate.host, gate.port, title=title, public_url=gate.public_url or None)
        self._gate, self._texts = gate, texts
        self._tabs: set[Any] = set()
        self._starting = 0
        self._wrong = asyncio.Lock()

    async def _make_app(self) -> Any:
        app = await super()._make_app()
        app.middlewares.append(self._guard())
        return app

    def _guard(self) -> Any:
        @web.middleware  # type: ignore[untyped-decorator, unused-ignore]
        async def guard(request: Any, handler: Handler) -> Any:
            gate, host = self._gate, request.headers.get("Host", "")
            origin = request.headers.get("Origin", "")
            if not gate.lets_host(host) or ((origin or request.path == "/ws") and not gate.lets_origin(origin, host)):
                return web.Response(status=403, text=self._texts("cli.serve_foreign"))
            if not gate.knows(request.headers, request.cookies):
                return await self._ask_password(request)
            if request.path in ("/", "/ws") and self._starting + len(self._tabs) >= MOST_TABS:
                return web.Response(status=503, text=self._texts("cli.serve_full", most=MOST_TABS))
            answer = await handler(request)
            if not answer.prepared:
                answer.headers.update(_GUARDED)
                if gate.password and request.path == "/":
                    secure = gate.public_url.startswith("https")
                    answer.set_cookie(COOKIE, gate.token, httponly=True, samesite="Strict", secure=secure)
            return answer

        return guard

    async def _ask_password(self, request: Any) -> Any:
        if "Authorization" in request.headers:
            async with self._wrong:
                await asyncio.sleep(WRONG_PASSWORD_SECONDS)
        asked = {"WWW-Authenticate": 'Basic realm="Comanda", charset="UTF-8"'}
        return web.Response(status=401, text=self._texts("cli.serve_password_asked"), headers=asked)

    async def handle_websocket(self, request: Any) -> Any:
        """Run the program of a tab until its browser or the server leaves."""
        socket = web.WebSocketResponse(heartbeat=15)
        self._starting += 1
        try:
            await socket.prepare(request)
            tab = Tab(
                self.command,
                write_bytes=socket.send_bytes,
                write_str=socket.send_str,
                close=socket.close,
                download_manager=self.download_manager,
            )
            width, height = (served.to_int(request.query.get(each, ""), 0) for each in ("width", "height"))
            self._tabs.add(tab)
        finally:
            self._starting -= 1
        try:
            await tab.start(width or 80, height or 24)
            await self._process_messages(socket, tab)
        finally:
            # Also if this request is cancelled: a program that nobody looks at must not stay.
            await asyncio.shield(asyncio.ensure_future(self._close(tab)))
        return socket

    async def _close(self, tab: Any) -> None:
        try:
            await tab.stop()
        finally:
            self._tabs.discard(tab)

    async def on_shutdown(self, app: Any) -> None:
        """End the programs of all tabs, before the server ends."""
        await asyncio.gather(*(tab.stop() for tab in tuple(self._tabs)), return_exceptions=True)

    async def on_startup(self, app: Any) -> None:
        """Say nothing more: the command has said where it is."""
