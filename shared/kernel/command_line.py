"""The parser of command lines: argparse with errors and headings in the user's language."""

from __future__ import annotations

import argparse
import difflib
import re
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from typing import Any, NoReturn

from shared.kernel.language import Texts

WRONG_COMMAND_LINE = 2
"""Exit code of a wrong command line, as in shells and argparse."""
COMMAND = "COMMAND"

_COMPLAINTS = (
    ("unknown_choice", "argument %(argument)s: invalid choice: %(value)r (choose from %(choices)s)"),
    ("missing_value", "argument %(argument)s: expected one argument"),
    ("missing", "the following arguments are required: %(names)s"),
    ("not_whole", "argument %(argument)s: invalid int value: %(value)r"),
    ("unrecognized", "unrecognized arguments: %(names)s"),
    ("ambiguous", "ambiguous option: %(value)s could match %(choices)s"),
    ("bad_value", "argument %(argument)s: %(reason)s"),
)
"""Keys of the catalogue's table `usage` by argparse's message template. The first that matches is used."""


class Parser(argparse.ArgumentParser):
    """An `ArgumentParser` that answers a wrong command line with one sentence.

    Args:
        texts: the catalogues.
    """

    def __init__(self, *args: Any, texts: Texts, **options: Any) -> None:
        super().__init__(*args, **{**options, "add_help": False, "formatter_class": _formatter(texts)})
        self._texts = texts
        self._positionals.title = texts("usage.arguments")
        self._optionals.title = texts("usage.options")
        self.add_argument("-h", "--help", action="help", help=texts("usage.help"))

    def add_version(self) -> None:
        """Answer --version."""
        said = f"{self.prog} {program_version()}"
        self.add_argument("--version", action="version", version=said, help=self._texts("usage.version"))

    def error(self, message: str) -> NoReturn:
        """Print what is wrong and how to get help, and exit."""
        self.exit(WRONG_COMMAND_LINE, f"{self._sentence(message)}\n")

    def _sentence(self, message: str) -> str:
        for key, template in _COMPLAINTS:
            found = _pattern(template).fullmatch(message)
            if found:
                return self._say(key, found.groupdict())
        return self._texts("usage.other", command=self.prog)

    def _say(self, key: str, params: dict[str, str]) -> str:
        if params.get("argument") == COMMAND:
            near = difflib.get_close_matches(params["value"].strip("'"), list(self._commands()), n=1)
            key, params["near"] = ("near_command", near[0]) if near else ("unknown_command", "")
        if params.get("names") == COMMAND:
            key, params["choices"] = "missing_command", ", ".join(self._commands())
        if "choices" in params:
            params["choices"] = params["choices"].replace("'", "")
        if "value" in params:
            params["value"] = params["value"].strip("'\"")
        if "reason" in params:
            params["reason"] = params["reason"].rstrip(".")
        return self._texts(f"usage.{key}", command=self.prog, **params)

    def _commands(self) -> Iterable[str]:
        actions = (action for action in self._actions if isinstance(action, argparse._SubParsersAction))
        return next(actions).choices


def program_version() -> str:
    """The version of the installed program."""
    try:
        return version("comanda")
    except PackageNotFoundError:
        return "0"


def _pattern(template: str) -> re.Pattern[str]:
    """A pattern of argparse's message, with groups for its parameters."""
    parts = re.split(r"%\((\w+)\)[sr]", template)
    return re.compile("".join(f"(?P<{part}>.+?)" if at % 2 else re.escape(part) for at, part in enumerate(parts)), re.S)


def _formatter(texts: Texts) -> type[argparse.HelpFormatter]:
    class Formatter(argparse.HelpFormatter):
        def add_usage(self, usage: Any, actions: Any, groups: Any, prefix: str | None = None) -> None:
            super().add_usage(usage, actions, groups, texts("usage.usage") if prefix is None else prefix)

    return Formatter
