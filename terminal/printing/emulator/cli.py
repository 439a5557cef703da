"""`comanda printer emulate`: a printer on this machine. It prints on the terminal and fails when told to."""

from __future__ import annotations

import argparse
import asyncio
import sys
import threading
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from shared.kernel.language import Texts
from terminal.printing.emulator.machine import Machine, Misbehaviour, Trouble
from terminal.printing.emulator.ports import LOOPBACK, Emulator
from terminal.printing.emulator.tray import Tray

_QUIT = ("q", "quit", "exit")


def run(asked: argparse.Namespace, texts: Texts) -> int:
    """Emulate until the program is ended. Returns the exit code."""
    try:
        trouble = Misbehaviour.read(asked.trouble)
    except ValueError:
        print(_unknown(texts, asked.trouble), file=sys.stderr)
        return 2
    if not 0 <= asked.port <= 65_535:
        print(texts("printing.emulator.bad_port", port=asked.port), file=sys.stderr)
        return 2
    try:
        asyncio.run(_emulate(asked, texts, trouble))
    except KeyboardInterrupt:
        return 0
    return 0


async def _emulate(asked: argparse.Namespace, texts: Texts, trouble: Misbehaviour) -> None:
    tray = Tray(asked.columns, texts, asked.pictures, _say)
    emulator = Emulator(Machine(asked.columns, trouble, is_silent=asked.silent), tray)
    ports: AbstractAsyncContextManager[int | str] = (
        emulator.on_a_terminal() if asked.pty else emulator.listening(asked.port)
    )
    async with ports as port:
        address = port if asked.pty else f"tcp://{LOOPBACK}:{port}"
        _say(texts("printing.emulator.ready", address=address, columns=asked.columns, trouble=trouble))
        _say(texts("printing.emulator.keys", troubles=_choices()))
        ended = asyncio.Event()
        _read_lines(lambda line: _told(line, emulator, texts, ended))
        await ended.wait()


def _told(line: str, emulator: Emulator, texts: Texts, ended: asyncio.Event) -> None:
    """Do what somebody typed."""
    if not line:
        return
    if line.lower() in _QUIT:
        ended.set()
        return
    try:
        wanted = Misbehaviour.read(line)
    except ValueError:
        _say(_unknown(texts, line))
        return
    emulator.machine.misbehaviour = wanted
    _say(texts("printing.emulator.now", trouble=wanted))


def _read_lines(told: Callable[[str], None]) -> None:
    """Call `told` in the loop for each line that is typed. The end of the input ends nothing."""
    loop = asyncio.get_running_loop()

    def read() -> None:
        for line in sys.stdin:
            try:
                loop.call_soon_threadsafe(told, line.strip())
            except RuntimeError:
                return  # the loop has ended

    threading.Thread(target=read, name="typed troubles", daemon=True).start()


def _unknown(texts: Texts, text: str) -> str:
    return texts("printing.emulator.bad_trouble", trouble=text, troubles=_choices())


def _choices() -> str:
    amounts = {Trouble.RESET: ":N", Trouble.SLOW: ":N"}
    return ", ".join(f"{trouble}{amounts.get(trouble, '')}" for trouble in Trouble)


def _say(line: str) -> None:
    print(line, flush=True)
