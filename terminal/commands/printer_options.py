"""What `comanda printer add`, `set`, `remove`, `list` and `test` take. Light: built at every start of `comanda`."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

from shared.kernel.language import Texts
from shared.printers.rules import COLUMNS, PAGES, Beep, Cut, DrawerPin, QrMode, Separates
from shared.printers.settings import LONGEST_NUMBER
from shared.printers.templates import BLOCKS, PARTS

_WORDS: dict[str, type[Any]] = {"cut": Cut, "beep": Beep, "qr": QrMode, "separates": Separates}
_NUMBERS = ("page_number", "feed_lines", "top_lines", "most_age_seconds", "substitute_after")
SETTINGS = ("columns", "page", *_NUMBERS, *_WORDS, "drawer_pin", "substitute", "profile")
"""Settings that are options, by the names that `device.toml` gives them."""


def _of_add(parser: argparse.ArgumentParser, texts: Texts) -> None:
    _of_printer(parser, texts)
    parser.add_argument("address", metavar="ADDRESS", help=texts("cli_printer.address"))
    _of_change(parser, texts)


def _of_set(parser: argparse.ArgumentParser, texts: Texts) -> None:
    _of_printer(parser, texts)
    parser.add_argument("--address", metavar="ADDRESS", help=texts("cli_printer.address"))
    parser.add_argument("--on", action="store_true", help=texts("cli_printer.on"))
    _of_change(parser, texts)


def _of_remove(parser: argparse.ArgumentParser, texts: Texts) -> None:
    _of_printer(parser, texts)
    _add_pin(parser, texts)


def _of_list(parser: argparse.ArgumentParser, texts: Texts) -> None:
    parser.add_argument("--device", metavar="NAME", help=texts("cli.device"))


def _of_printer(parser: argparse.ArgumentParser, texts: Texts) -> None:
    _of_list(parser, texts)
    parser.add_argument("name", metavar="PRINTER", help=texts("cli_printer.name"))


def _of_logo(parser: argparse.ArgumentParser, texts: Texts) -> None:
    _of_list(parser, texts)
    parser.add_argument("file", metavar="FILE", nargs="?", help=texts("cli_printer.logo_file"))
    parser.add_argument("--none", action="store_true", help=texts("cli_printer.logo_none"))
    _add_pin(parser, texts)


def _of_text(parser: argparse.ArgumentParser, texts: Texts) -> None:
    _of_list(parser, texts)
    parser.add_argument("paper", metavar="PAPER", choices=tuple(PARTS), help=texts("cli_printer.text_paper"))
    parser.add_argument("block", metavar="BLOCK", choices=BLOCKS, help=texts("cli_printer.text_block"))
    parser.add_argument("rows", metavar="ROW", nargs="*", help=texts("cli_printer.text_rows"))
    parser.add_argument("--clear", action="store_true", help=texts("cli_printer.text_clear"))
    _add_pin(parser, texts)


SETUP_ARGUMENTS: dict[str, Callable[[argparse.ArgumentParser, Texts], None]] = {
    "add": _of_add,
    "set": _of_set,
    "remove": _of_remove,
    "list": _of_list,
    "test": _of_printer,
    "logo": _of_logo,
    "text": _of_text,
}
"""By command what it takes."""


def _of_change(parser: argparse.ArgumentParser, texts: Texts) -> None:
    _add_settings(parser, texts, _number(texts))
    parser.add_argument("--prints", metavar="PAPER", nargs="+", help=texts("cli_printer.prints"))
    parser.add_argument("--here", action="store_true", help=texts("cli_printer.here"))
    _add_pin(parser, texts)


def _add_settings(parser: argparse.ArgumentParser, texts: Texts, number: Callable[[str], int]) -> None:
    parser.add_argument("--columns", type=number, choices=COLUMNS, help=texts("cli_printer.columns"))
    parser.add_argument("--page", choices=tuple(PAGES), help=texts("cli_printer.page"))
    for field in _NUMBERS:
        parser.add_argument(_option(field), metavar="N", type=number, help=texts(f"cli_printer.{field}"))
    for field, kind in _WORDS.items():
        words = tuple(str(each) for each in kind)
        parser.add_argument(_option(field), choices=words, help=texts(f"cli_printer.{field}"))
    pins = tuple(int(pin) for pin in DrawerPin)
    parser.add_argument("--drawer-pin", type=number, choices=pins, help=texts("cli_printer.drawer_pin"))
    for field in ("substitute", "profile"):
        parser.add_argument(_option(field), metavar="NAME", help=texts(f"cli_printer.{field}"))


def _add_pin(parser: argparse.ArgumentParser, texts: Texts) -> None:
    parser.add_argument("--pin-stdin", action="store_true", help=texts("cli_printer.pin_stdin"))


def _option(field: str) -> str:
    return "--" + field.replace("_", "-")


def _number(texts: Texts) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not text.isdecimal() or len(text) > LONGEST_NUMBER:
            raise argparse.ArgumentTypeError(texts("cli_printer.not_a_number", value=text))
        return int(text)

    return read
