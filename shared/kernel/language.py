"""Sentences in the user's language: one TOML catalogue for each room and language, looked up by code.

A missing sentence is a defect that a test finds; at run time the code itself is shown instead.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any


class Language(StrEnum):
    """The languages of the program."""

    SPANISH = "es"
    ENGLISH = "en"


CHOSEN = "COMANDA_LANGUAGE"
"""The variable that chooses the language of commands, before those of the system."""
_OF_THE_SYSTEM = ("LC_ALL", "LC_MESSAGES", "LANG")
"""In the order in which POSIX asks them: the first that is set decides."""


def language_of(environment: Mapping[str, str]) -> Language:
    """The language of commands: the chosen one, else the system's; English where that is none of ours, or not said."""
    chosen = environment.get(CHOSEN, "")
    if chosen in set(Language):
        return Language(chosen)
    locale = next((environment[name] for name in _OF_THE_SYSTEM if environment.get(name)), "")
    spoken = re.split(r"[_.@-]", locale.lower())[0]
    return Language(spoken) if spoken in set(Language) else Language.ENGLISH


def spoken(text: str, names: Mapping[str, str], language: str) -> str:
    """A name of the house in a language: as the house says it there, else as it is on paper.

    Args:
        names: the name in other languages, by language.
    """
    return names.get(language, "") or text


def are_names(value: Any) -> bool:
    """Whether a value holds names by language."""
    return isinstance(value, dict) and all(isinstance(each, str) for each in value.values())


OF_ONE = "_one"


class Texts:
    """The catalogues of some rooms in one language; later rooms win over earlier ones.

    Args:
        language: which sentences.
        rooms: package names that hold a `texts` folder with `es.toml` and `en.toml`.
    """

    def __init__(self, language: Language, rooms: tuple[str, ...]) -> None:
        self.language = language
        self._sentences: dict[str, str] = {}
        for room in rooms:
            self._sentences.update(catalogue(room, language))

    def __call__(self, code: str, /, **params: Any) -> str:
        """The sentence of a code with its parameters filled in; the code itself if it has none.

        A `count` of one takes the sentence with `_one` behind its code, where there is one.
        """
        one = self._sentences.get(f"{code}{OF_ONE}") if params.get("count") == 1 else None
        sentence = self._sentences.get(code) if one is None else one
        if sentence is None:
            return code
        return sentence.format_map(_Lenient(params)) if params or "{" in sentence else sentence

    def has(self, code: str) -> bool:
        """Whether there is a sentence for this code."""
        return code in self._sentences


class _Lenient(dict[str, Any]):
    """Parameters of a sentence. A missing one shows its name; raising here would hide the error that is being told."""

    def __missing__(self, key: str) -> str:
        return "{" + key + "}"


@cache
def catalogue(room: str, language: Language) -> Mapping[str, str]:
    """One catalogue file as a flat mapping; `[area]` tables become the prefix `area.`."""
    raw = resources.files(room).joinpath("texts", f"{language}.toml").read_text(encoding="utf-8")
    try:
        return by_lines(raw)
    except tomllib.TOMLDecodeError:  # something of it spreads over several lines
        return _flat(tomllib.loads(raw), "")


def by_lines(catalogue: str) -> dict[str, str]:
    """The sentences of a catalogue that has one on each line, a tenth of TOML's own time: each start waits for it.

    Raises:
        TOMLDecodeError: it is no such catalogue, or none at all.
    """
    flat, prefix = dict[str, str](), ""
    for line in filter(None, map(str.strip, catalogue.splitlines())):
        if _PLAIN.fullmatch(line):
            key, _, value = line.partition(" = ")
            flat[prefix + key] = value[1:-1]
        elif _TABLE.fullmatch(line):
            prefix = f"{line[1:-1]}."
        elif line[0] != "#":
            flat |= _flat(tomllib.loads(line), prefix)
    return flat


_PLAIN = re.compile(r'[\w.-]+ = "[^"\\]*"')
_TABLE = re.compile(r"\[[\w.-]+\]")


def _flat(table: Mapping[str, Any], prefix: str) -> dict[str, str]:
    flat: dict[str, str] = {}
    for key, value in table.items():
        flat |= _flat(value, f"{prefix}{key}.") if isinstance(value, dict) else {prefix + key: str(value)}
    return flat
