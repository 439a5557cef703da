"""`comanda printer find`: the printers that hang on this machine, with their addresses. It asks no network."""

from __future__ import annotations

import subprocess
from pathlib import Path

from shared.kernel.language import Texts
from terminal.printing.emulator.as_text import shown
from terminal.printing.transports.usb import THIS_MACHINE, Roots, plugged_in

_SPOOLER_LIMIT_S = 3.0
_SERIAL = ("serial/by-id/*", "ttyUSB*", "ttyACM*")


def run_find(texts: Texts, roots: Roots = THIS_MACHINE) -> int:
    """Print a line for each printer, and for each serial line that may lead to one. Returns the exit code."""
    lines = [*_usb(roots), *_serial_lines(roots.dev, texts), *_queues()]
    for line in lines:
        print(shown(line))
    print(texts("cli_printer.found" if lines else "cli_printer.found_none"))
    return 0


def _usb(roots: Roots) -> list[str]:
    return [f"{printer.id}  {printer.name}  ({printer.path})" for printer in plugged_in(roots)]


def _serial_lines(dev: Path, texts: Texts) -> list[str]:
    """Serial lines by their lasting names, and those without one."""
    found: dict[Path, Path] = {}
    for pattern in _SERIAL:
        for path in sorted(dev.glob(pattern)):
            found.setdefault(path.resolve(), path)
    about = texts("cli_printer.found_serial")
    return [f"serial://{path}?baud=19200  {about}" for path in found.values()]


def _queues() -> list[str]:
    """The queues of CUPS, where it is."""
    try:
        asked = subprocess.run(
            ["lpstat", "-e"],  # noqa: S607 - where the system has it
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_SPOOLER_LIMIT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return []
    return [f"cups://{name.strip()}  CUPS" for name in asked.stdout.splitlines() if name.strip()]
