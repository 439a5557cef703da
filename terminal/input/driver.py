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
READ_BYTES = 4096


class TillDriver(LinuxDriver):
    """Textual's driver with our reader in place of its parser."""

    def __init__(self, app: App[Any], **options: Any) -> None:
        super().__init__(app, **options)
        self._reader = TerminalReader(getattr(app, "scanner_prefix", ""))
        self._empty_at = float("-inf")  # what was typed before the first look came at any time

    def run_input_thread(self) -> None:
        """Read until the app ends."""
        with selectors.DefaultSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                self._look(selector)

    def _look(self, selector: selectors.BaseSelector) -> None:
        """Wait for bytes once, and send what they are.

        A program that stands still, wherever in its code, finds at once what was typed meanwhile. So the time in which
        bytes can have come is counted from the last moment at which nothing is known to have waited.
        """
        asked = monotonic()
        deadline = self._reader.deadline
        patience = POLL_SECONDS if deadline is None else max(0.0, min(POLL_SECONDS, deadline - asked))
        ready = selector.select(patience)
        looked = monotonic() if ready else asked + patience
        data = os.read(self.fileno, READ_BYTES) if ready else b""
        now = monotonic()
        if data:
            messages = self._reader.read(data, now, within=now - self._empty_at)
        else:
            messages = self._reader.wait(now)
            if ready:  # the other end is closed; the signal that ends the program follows
                self.exit_event.wait(POLL_SECONDS)
        self._empty_at = looked
        for message in messages:
            self.process_message(message)

    def _sigcont_application(self, *_: object) -> None:
        """Go on after a stop. After one that this driver did not prepare, its thread reads still; a second may not."""
        if self._must_signal_resume:
            super()._sigcont_application()
