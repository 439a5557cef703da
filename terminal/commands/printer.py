"""`comanda printer ...`: the commands about printers, whose code is imported when it runs."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from shared.kernel.command_line import COMMAND, Parser
from shared.kernel.language import Texts
from terminal.commands.printer_options import SETUP_ARGUMENTS


def add_printer_commands(printer: Parser, texts: Texts) -> None:
    """Add the commands below `comanda printer`."""
    commands = printer.add_subparsers(dest="printer_command", required=True, metavar=COMMAND)
    for name, (arguments, _run) in _COMMANDS.items():
        about = texts(f"cli.printer_{name}")
        arguments(commands.add_parser(name, texts=texts, help=about, description=about), texts)


def run_printer_command(asked: argparse.Namespace, texts: Texts) -> int:
    """Run the command that was asked for. Returns the exit code."""
    _arguments, run = _COMMANDS[asked.printer_command]
    return run(asked, texts)


def _emulate_arguments(parser: argparse.ArgumentParser, texts: Texts) -> None:
    from terminal.printing.emulator.arguments import add_arguments

    add_arguments(parser, texts)


def _emulate(asked: argparse.Namespace, texts: Texts) -> int:
    from terminal.printing.emulator.cli import run

    return run(asked, texts)


def _nothing(_parser: argparse.ArgumentParser, _texts: Texts) -> None:
    """The command has no options."""


def _find(_asked: argparse.Namespace, texts: Texts) -> int:
    from terminal.commands.printer_find import run_find

    return run_find(texts)


def _set_up(asked: argparse.Namespace, texts: Texts) -> int:
    from terminal.commands.printer_setup import run_setup

    return run_setup(asked, texts)


_COMMANDS: dict[
    str, tuple[Callable[[argparse.ArgumentParser, Texts], None], Callable[[argparse.Namespace, Texts], int]]
] = {
    **{name: (arguments, _set_up) for name, arguments in SETUP_ARGUMENTS.items()},
    "find": (_nothing, _find),
    "emulate": (_emulate_arguments, _emulate),
}
