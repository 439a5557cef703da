"""Reads the terminal in its own thread, and says there when each byte came: screens that are slow change no times."""

from __future__ import annotations

import os
import selectors
from time import monotonic
from typing import TYPE_CHECKING, Any

from textual.drivers.linux_driver import LinuxDriver

from terminal.input.reader import TerminalReader

if TYPE_CHECKING:
    from textual.app import App

POLL_SECONDS = 0.1
"""How often the thread looks whether it must end."""
LATE_SECONDS = 0.4
"""A thread that comes back so much later than it asked for has stood still: bytes came meanwhile, nobody knows when. In
less time nobody types as much as the shortest code."""
READ_BYTES = 4096


class TillDriver(LinuxDriver):
    """Textual's driver with our reader in place of its parser."""

    def __init__(self, app: App[Any], **options: Any) -> None:
        super().__init__(app, **options)
        self._reader = TerminalReader(getattr(app, "scanner_prefix", ""))

    def run_input_thread(self) -> None:
        """Read until the app ends."""
        with selectors.DefaultSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            on_time = False  # what was typed before the first look came at any time
            while not self.exit_event.is_set():
                on_time = self._look(selector, on_time=on_time)

    def _look(self, selector: selectors.BaseSelector, *, on_time: bool) -> bool:
        """Wait for bytes once, and send what they are. Returns whether the thread was back in time."""
        asked = monotonic()
        deadline = self._reader.deadline
        patience = POLL_SECONDS if deadline is None else max(0.0, min(POLL_SECONDS, deadline - asked))
        ready = selector.select(patience)
        now = monotonic()
        in_time = now - asked - patience < LATE_SECONDS
        data = os.read(self.fileno, READ_BYTES) if ready else b""
        if data:
            messages = self._reader.read(data, now, on_time=on_time and in_time)
        else:
            messages = self._reader.wait(now)
            if ready:  # the other end is closed; the signal that ends the program follows
                self.exit_event.wait(POLL_SECONDS)
        for message in messages:
            self.process_message(message)
        return (in_time or bool(data)) and monotonic() - now < LATE_SECONDS

    def _sigcont_application(self, *_: object) -> None:
        """Go on after a stop. After one that this driver did not prepare, its thread reads still; a second may not."""
        if self._must_signal_resume:
            super()._sigcont_application()
