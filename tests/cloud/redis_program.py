"""A real Redis for tests: started, frozen, killed and started again."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import pytest
from redis import Redis
from redis.exceptions import RedisError

PATIENCE_SECONDS = 20.0


class RedisProgram:
    """One server in a folder of its own; it keeps nothing on the disk.

    Attributes:
        url: the same after each start.
    """

    def __init__(self, folder: Path) -> None:
        program = shutil.which("redis-server")
        if program is None:
            pytest.skip("redis-server is not installed (Debian: apt install redis-server)")
        self._program = program
        self._folder = folder
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            self._port = listener.getsockname()[1]
        self.url = f"redis://127.0.0.1:{self._port}/0"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until it answers."""
        options = {"port": self._port, "bind": "127.0.0.1", "save": "", "appendonly": "no", "dir": self._folder}
        arguments = [word for name, value in options.items() for word in (f"--{name}", str(value))]
        self._process = subprocess.Popen([self._program, *arguments], stdout=subprocess.DEVNULL)
        give_up_at = time.monotonic() + PATIENCE_SECONDS
        with Redis.from_url(self.url) as client:
            while time.monotonic() < give_up_at:
                with suppress(RedisError, OSError):
                    client.ping()
                    return
                time.sleep(0.02)
        msg = "redis-server does not answer"
        raise TimeoutError(msg)

    def freeze(self) -> None:
        """Let it stand still: connections stay open, and nothing is answered."""
        self._running.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        self._running.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        """End it at once."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    @property
    def _running(self) -> subprocess.Popen[bytes]:
        assert self._process is not None
        return self._process
