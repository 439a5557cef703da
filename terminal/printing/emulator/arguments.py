"""The options of `comanda printer emulate`. Light: every `comanda` imports it."""

from __future__ import annotations

import argparse
from pathlib import Path

from shared.kernel.language import Texts

WIDTHS = (32, 42, 48)
USUAL_PORT = 9100
WELL = "ok"


def add_arguments(parser: argparse.ArgumentParser, texts: Texts) -> None:
    """Add the options of the command."""
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--port", metavar="N", type=int, default=USUAL_PORT, help=texts("printing.emulator.help.port"))
    where.add_argument("--pty", action="store_true", help=texts("printing.emulator.help.pty"))
    parser.add_argument("--columns", type=int, choices=WIDTHS, default=48, help=texts("printing.emulator.help.columns"))
    parser.add_argument("--trouble", metavar="KIND", default=WELL, help=texts("printing.emulator.help.trouble"))
    parser.add_argument("--silent", action="store_true", help=texts("printing.emulator.help.silent"))
    parser.add_argument("--pictures", metavar="FOLDER", type=Path, help=texts("printing.emulator.help.pictures"))
