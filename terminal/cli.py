"""`comanda`: the device's command line. The code of a command is imported when it is called.

Every mistake ends with one sentence on standard error and exit code 1 (2 for a wrong command line).
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shlex
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from shared.domains import TEXT_ROOMS
from shared.kernel.command_line import COMMAND, Parser
from shared.kernel.errors import DomainError
from shared.kernel.language import Texts, language_of
from shared.printers.settings import PrinterSettings, printer_said, settings_of
from terminal.commands.printer import add_printer_commands, run_printer_command

ROOMS = (*TEXT_ROOMS, "terminal", "terminal.printing", "terminal.rehearsal", "terminal.demo")
KINDS = ("till", "waiter", "kitchen", "manager")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command and end the process with its exit code."""
    texts = Texts(language_of(os.environ), ROOMS)
    asked = parser_of(texts).parse_args(arguments)
    try:
        sys.exit(_COMMANDS[asked.command](asked, texts))
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader has gone, and the exit flushes
        sys.exit(1)
    except (DomainError, OSError) as error:
        from terminal.error_sentence import sentence_of

        sys.exit(complain(sentence_of(error, texts)))
    except KeyboardInterrupt:
        sys.exit(130)


def complain(sentence: str) -> int:
    """Print what is wrong. Returns the exit code."""
    print(sentence, file=sys.stderr)
    return 1


def parser_of(texts: Texts) -> Parser:
    """The parser of all commands."""
    parser = Parser("comanda", texts=texts, description=texts("cli.about"), epilog=texts("cli.language_note"))
    parser.add_version()
    commands = parser.add_subparsers(dest="command", required=True, metavar=COMMAND)

    def command(name: str) -> Parser:
        description = texts(f"cli.{name}")
        return commands.add_parser(name, texts=texts, help=description, description=description)

    for name in ("pos", "kds", "pickup"):
        screen = command(name)
        screen.add_argument("--device", metavar="NAME", help=texts("cli.device"))
        screen.add_argument("--offline", action="store_true", help=texts("cli.offline"))
        if name == "kds":
            screen.add_argument("--display", metavar="NAME", default="", help=texts("cli.display_name"))
        screen.add_argument("--light", action="store_true", help=texts("cli.light"))
        if name != "pickup":
            screen.add_argument("--practice", action="store_true", help=texts("cli.practice"))
    display = command("display")
    display.add_argument("--device", metavar="NAME", help=texts("cli.device"))
    display.add_argument("--light", action="store_true", help=texts("cli.light"))
    serve = command("serve")
    serve.add_argument("--device", metavar="NAME", help=texts("cli.device"))
    serve.add_argument("--host", default="127.0.0.1", metavar="ADDRESS", help=texts("cli.host"))
    serve.add_argument("--port", type=_positive(texts), default=8000, metavar="PORT", help=texts("cli.port"))
    serve.add_argument("--public-url", metavar="URL", help=texts("cli.public_url"))
    enroll = command("enroll")
    enroll.add_argument("cloud", metavar="URL", help=texts("cli.cloud"))
    enroll.add_argument("code", metavar="CODE", help=texts("cli.code"))
    enroll.add_argument("--device", metavar="NAME", default="", help=texts("cli.device"))
    enroll.add_argument("--kind", choices=KINDS, default="till", help=texts("cli.kind"))
    enroll.add_argument("--name", default="", help=texts("cli.name"))
    enroll.add_argument("--authority", metavar="FILE", default="", help=texts("cli.authority"))
    enroll.add_argument("--keyring", action="store_true", help=texts("cli.keyring"))
    enroll.add_argument("--receipts", metavar="ADDRESS", default="", help=texts("cli.receipts"))
    enroll.add_argument("--kitchen", metavar="ADDRESS", default="", help=texts("cli.kitchen"))
    enroll.add_argument("--printer", metavar="NAME=ADDRESS", action="append", default=[], help=texts("cli.own_printer"))
    move = command("move")
    move.add_argument("code", metavar="CODE", help=texts("cli.code"))
    move.add_argument("--device", metavar="NAME", help=texts("cli.device"))
    demo = command("demo")
    demo.add_argument("--check", action="store_true", help=texts("cli.check"))
    demo.add_argument("--fresh", action="store_true", help=texts("cli.fresh"))
    add_printer_commands(command("printer"), texts)
    rehearse = command("rehearse")
    rehearse.add_argument("path", metavar="PATH", type=Path, help=texts("cli.path"))
    rehearse.add_argument("--mapping", metavar="FILE", required=True, help=texts("cli.mapping"))
    rehearse.add_argument("--days", metavar="N", type=_positive(texts), help=texts("cli.days"))
    rehearse.add_argument("--tills", metavar="K", type=_positive(texts), default=1, help=texts("cli.tills"))
    rehearse.add_argument("--target", metavar="FOLDER", type=Path, help=texts("cli.target"))
    rehearse.add_argument("--json", action="store_true", help=texts("cli.json"))
    return parser


def _screen(asked: argparse.Namespace, texts: Texts) -> int:
    from terminal.commands.screen import open_screen

    return open_screen(asked, texts)


def _display(asked: argparse.Namespace, texts: Texts) -> int:
    from terminal.commands.display import open_display

    return open_display(asked, texts)


def _serve(asked: argparse.Namespace, texts: Texts) -> int:
    from terminal.commands.serve import serve_screens

    return serve_screens(asked, texts)


def _enroll(asked: argparse.Namespace, texts: Texts) -> int:
    from terminal.composition import enrol
    from terminal.device import CONFIGURATION, DeviceError, DeviceFolder, home
    from terminal.supervision.boot import at_boot
    from terminal.syncing.link import LinkError

    folder = DeviceFolder(home() / (asked.device or asked.kind))
    if folder.enrolled:
        raise DeviceError("DEVICE_ALREADY_ENROLLED", path=str(folder.root))
    printers, receipts, kitchen = printers_of(asked)
    joining = enrol(
        folder,
        asked.cloud,
        asked.code,
        asked.kind,
        asked.name,
        str(Path(asked.authority).absolute()) if asked.authority else "",
        printers,
        receipts,
        kitchen,
        in_keyring=asked.keyring,
    )
    try:
        made = asyncio.run(joining)
    except LinkError as error:
        own = f"enrolling.{error.code}"  # nothing is sold yet, so the sentences of a till at work would be wrong
        return complain(texts(own if texts.has(own) else error.code, **error.params))
    print(texts("cli.enrolled", name=made.name, path=folder.root, command="kds" if made.kind == "kitchen" else "pos"))
    if receipts or kitchen:
        named = f" --device {shlex.quote(asked.device)}" if asked.device else ""
        print(texts("cli.try_printer", name=receipts or kitchen, of_device=named, path=folder.root / CONFIGURATION))
    for note in at_boot(folder):
        print(texts(f"at_boot.{note.code}", **note.params))
    return 0


def printers_of(asked: argparse.Namespace) -> tuple[dict[str, PrinterSettings], str, str]:
    """The printers of a new device, and the names of those for receipts and for the kitchen.

    `--receipts` and `--kitchen` take an address, or the name of a printer that `--printer` says. A single printer of a
    device that takes money prints receipts.

    Raises:
        DomainError: those of `settings_of`.
    """
    printers = {settings.name: settings for settings in map(printer_said, asked.printer)}
    alone = next(iter(printers), "") if len(printers) == 1 and asked.kind != "kitchen" else ""
    used = {}
    for name, said in (("receipts", asked.receipts), ("kitchen", asked.kitchen)):
        used[name] = name if said and said not in printers else said
        if used[name] == name:
            printers[name] = settings_of(name, {"address": said})
    return printers, used["receipts"] or alone, used["kitchen"]


def _move(asked: argparse.Namespace, texts: Texts) -> int:
    from terminal.commands.move import move_device
    from terminal.syncing.link import LinkError

    try:
        return move_device(asked, texts)
    except LinkError as error:
        own = f"enrolling.{error.code}"
        return complain(texts(own if texts.has(own) else error.code, **error.params))


def _demo(asked: argparse.Namespace, texts: Texts) -> int:
    from terminal.demo.cli import run_demo

    return run_demo(texts, check=asked.check, fresh=asked.fresh)


def _rehearse(asked: argparse.Namespace, texts: Texts) -> int:
    from terminal.rehearsal.cli import run_rehearsal

    return run_rehearsal(asked, texts)


def _positive(texts: Texts) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not text.isdecimal() or int(text) < 1:
            raise argparse.ArgumentTypeError(texts("cli.not_positive", value=text))
        return int(text)

    return read


_COMMANDS: dict[str, Callable[[argparse.Namespace, Texts], int]] = {
    "pos": _screen,
    "kds": _screen,
    "pickup": _screen,
    "display": _display,
    "serve": _serve,
    "enroll": _enroll,
    "move": _move,
    "demo": _demo,
    "printer": run_printer_command,
    "rehearse": _rehearse,
}


if __name__ == "__main__":
    main()
