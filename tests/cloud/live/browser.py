"""A real Chromium without a window, driven by its own protocol: opens pages and evaluates expressions in them."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
START_SECONDS = 60.0


class Browser:
    """One tab."""

    def __init__(self, tab: ClientConnection) -> None:
        self._tab = tab
        self._number = 0

    async def call(self, method: str, **params: Any) -> Any:
        """Call a method of the protocol; its result."""
        self._number += 1
        await self._tab.send(json.dumps({"id": self._number, "method": method, "params": params}))
        while True:
            answer = json.loads(await self._tab.recv())
            if answer.get("id") == self._number:
                assert "error" not in answer, answer
                return answer["result"]

    async def open(self, url: str, cookie: tuple[str, str] | None = None) -> None:
        """Open a page, with a cookie of its own."""
        if cookie is not None:
            await self.call("Network.setCookie", name=cookie[0], value=cookie[1], url=url, httpOnly=True)
        await self.call("Page.navigate", url=url)

    async def value(self, expression: str) -> Any:
        """What an expression in the page gives."""
        answer = await self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        return answer["result"].get("value")

    async def until(self, expression: str, seconds: float = START_SECONDS) -> None:
        """Wait until an expression holds."""
        async with asyncio.timeout(seconds):
            while not await self.value(expression):  # noqa: ASYNC110 - a page tells nobody
                await asyncio.sleep(0.1)


@asynccontextmanager
async def browser(folder: Path) -> AsyncIterator[Browser]:
    """Start a Chromium with an empty profile for the block."""
    assert CHROMIUM is not None
    process = await asyncio.create_subprocess_exec(
        CHROMIUM,
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--no-first-run",
        "--disable-background-networking",
        "--remote-debugging-port=0",
        f"--user-data-dir={folder}",
        "about:blank",
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        port = await _port(folder / "DevToolsActivePort")
        async with httpx.AsyncClient(trust_env=False) as client:
            tabs = (await client.get(f"http://127.0.0.1:{port}/json/list")).json()
        url = next(tab["webSocketDebuggerUrl"] for tab in tabs if tab["type"] == "page")
        async with connect(url, max_size=None, ping_interval=None, proxy=None) as tab:
            yield Browser(tab)
    finally:
        process.kill()
        await process.wait()


async def _port(file: Path) -> int:
    async with asyncio.timeout(START_SECONDS):
        while True:
            lines = await asyncio.to_thread(_lines_of, file)
            if lines:
                return int(lines[0])
            await asyncio.sleep(0.1)


def _lines_of(file: Path) -> list[str]:
    return file.read_text().splitlines() if file.exists() else []
