"""The command line's parser: argparse, whose complaints and headings come in the user's language."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterable
from typing import Any, NoReturn

from shared.kernel.language import Texts

WRONG_COMMAND_LINE = 2
"""The exit code that shells and argparse use for it."""
COMMAND = "COMMAND"

_COMPLAINTS = (
    ("unknown_choice", "argument %(argument)s: invalid choice: %(value)r (choose from %(choices)s)"),
    ("missing_value", "argument %(argument)s: expected one argument"),
    ("missing", "the following arguments are required: %(names)s"),
    ("unrecognized", "unrecognized arguments: %(names)s"),
    ("ambiguous", "ambiguous option: %(value)s could match %(choices)s"),
    ("bad_value", "argument %(argument)s: %(reason)s"),
)
"""Keys in the catalogue's table `usage`, and what argparse says, with what it names; the first that fits is taken."""


class Parser(argparse.ArgumentParser):
    """An `ArgumentParser` that ends a wrong command line with one sentence.

    Args:
        texts: the catalogues.
    """

    def __init__(self, *args: Any, texts: Texts, **options: Any) -> None:
        super().__init__(*args, **options, add_help=False, formatter_class=_formatter(texts))
        self._texts = texts
        self._positionals.title = texts("usage.arguments")
        self._optionals.title = texts("usage.options")
        self.add_argument("-h", "--help", action="help", help=texts("usage.help"))

    def error(self, message: str) -> NoReturn:
        """Say what is wrong and how to see what is right."""
        self.exit(WRONG_COMMAND_LINE, f"{self._sentence(message)}\n")

    def _sentence(self, message: str) -> str:
        for key, template in _COMPLAINTS:
            found = _pattern(template).fullmatch(message)
            if found:
                return self._say(key, found.groupdict())
        return self._texts("usage.other", command=self.prog)

    def _say(self, key: str, said: dict[str, str]) -> str:
        if said.get("argument") == COMMAND:
            key = "unknown_command"
        if said.get("names") == COMMAND:
            key, said["choices"] = "missing_command", ", ".join(self._commands())
        if "choices" in said:
            said["choices"] = said["choices"].replace("'", "")
        if "value" in said:
            said["value"] = said["value"].strip("'\"")
        if "reason" in said:
            said["reason"] = said["reason"].rstrip(".")
        return self._texts(f"usage.{key}", command=self.prog, **said)

    def _commands(self) -> Iterable[str]:
        actions = (each for each in self._actions if isinstance(each, argparse._SubParsersAction))
        return next(actions).choices


def _pattern(template: str) -> re.Pattern[str]:
    """What a complaint of argparse looks like, with what it names."""
    parts = re.split(r"%\((\w+)\)[sr]", template)
    return re.compile("".join(f"(?P<{part}>.+?)" if at % 2 else re.escape(part) for at, part in enumerate(parts)), re.S)


def _formatter(texts: Texts) -> type[argparse.HelpFormatter]:
    class Formatter(argparse.HelpFormatter):
        def add_usage(self, usage: Any, actions: Any, groups: Any, prefix: str | None = None) -> None:
            super().add_usage(usage, actions, groups, texts("usage.usage") if prefix is None else prefix)

    return Formatter
