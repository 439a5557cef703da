"""A scale played on a pseudo-terminal."""

from __future__ import annotations

import os
import pty
import tty
from pathlib import Path

from terminal.scale.port import Line, ScaleSettings
from terminal.scale.scale import Scale

PATIENCE_SECONDS = 20.0


class Pan:
    """The other end of the line: what the scale sends, and what it is asked."""

    def __init__(self, tmp_path: Path) -> None:
        self.port = tmp_path / "ttyScale"
        self.plug()

    def plug(self) -> None:
        self.controller, line = pty.openpty()
        tty.setraw(line)
        os.set_blocking(self.controller, False)
        self._line = line
        self.port.unlink(missing_ok=True)
        self.port.symlink_to(os.ttyname(line))

    def unplug(self) -> None:
        self.port.unlink()
        os.close(self._line)
        os.close(self.controller)

    def send(self, data: bytes) -> None:
        os.write(self.controller, data)

    def asked(self) -> bytes:
        try:
            return os.read(self.controller, 1_024)
        except BlockingIOError:
            return b""


def scale_at(pan: Pan, **more: str) -> Scale:
    return Scale(ScaleSettings(Line(str(pan.port)), **more))
