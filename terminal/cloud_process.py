"""A cloud of one's own, as a process: how the demo and the rehearsal run `comanda-cloud` without ever importing it."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import sys
import time
from pathlib import Path
from typing import Any

from shared.kernel.errors import DomainError

START_SECONDS = 90.0
"""The first start makes a database cluster and all tables; on a busy small machine that takes a while."""
STOP_SECONDS = 20.0
_ADDRESS = re.compile(r"https?://\S+")
_LAST_LINES = 5


class CloudFailed(DomainError):
    """The cloud process did not start, or said no (CLOUD_PROCESS_FAILED, params: reason)."""


class CloudProcess:
    """`comanda-cloud` with its data in a folder of its own.

    Args:
        folder: where its data folder is; the embedded PostgreSQL and the server's secret live there.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.url = ""
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("COMANDA_")},
            "COMANDA_DATA_FOLDER": str(folder),
            "COMANDA_LANGUAGE": os.environ.get("COMANDA_LANGUAGE", "es"),
        }
        self._process: asyncio.subprocess.Process | None = None
        self._reading: asyncio.Task[None] | None = None
        self._said: list[str] = []

    async def start(self, port: int = 0) -> str:
        """Serve on a loopback port (0: any); the base URL once it listens.

        Raises:
            CloudFailed: it ended, or did not listen in time.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        self._process = await asyncio.create_subprocess_exec(
            *_command("serve", "--host", "127.0.0.1", "--port", str(port)),
            env=self._environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
        listening: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._reading = asyncio.create_task(self._read(listening))
        try:
            self.url = await asyncio.wait_for(asyncio.shield(listening), START_SECONDS)
        except TimeoutError:
            await self.stop()
            raise CloudFailed("CLOUD_PROCESS_FAILED", reason=self._last_words()) from None
        return self.url

    async def stop(self) -> None:
        """Ask it to stop, and wait until it and its database have."""
        process, self._process = self._process, None
        if process is None:
            return
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
            try:
                await asyncio.wait_for(process.wait(), STOP_SECONDS)
            except TimeoutError:
                process.kill()
                await process.wait()
        if self._reading is not None:
            await self._reading

    async def run(self, *arguments: str, stdin: str = "") -> dict[str, Any]:
        """Run another command of `comanda-cloud` whose answer is JSON.

        Raises:
            CloudFailed: it said no.
        """
        process = await asyncio.create_subprocess_exec(
            *_command(*arguments),
            env=self._environment,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        answer, complaint = await process.communicate(stdin.encode())
        if process.returncode:
            raise CloudFailed("CLOUD_PROCESS_FAILED", reason=complaint.decode(errors="replace").strip())
        return dict(json.loads(answer))

    async def _read(self, listening: asyncio.Future[str]) -> None:
        assert self._process is not None
        assert self._process.stderr is not None
        async for raw in self._process.stderr:
            line = raw.decode(errors="replace").rstrip()
            self._said = [*self._said[1 - _LAST_LINES :], line]
            found = _ADDRESS.search(line)
            if found and not listening.done():
                listening.set_result(found.group().rstrip("."))
        if not listening.done():
            listening.set_exception(CloudFailed("CLOUD_PROCESS_FAILED", reason=self._last_words()))

    def _last_words(self) -> str:
        return " ".join(self._said) or "?"


def _command(*arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "cloud.cli", *arguments)


async def until(condition: Any, seconds: float, every: float = 0.2) -> bool:
    """Wait until an async condition holds; whether it did in time."""
    deadline = time.monotonic() + seconds
    while not await condition():
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(every)
    return True
