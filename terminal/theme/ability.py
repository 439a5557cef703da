"""What the terminal in front of the person can show: how many colours, and which characters. Pure but for `tmux`.

It is found out once, before anything is painted. Colours choose the palettes (`palettes16.py`), characters the signs
(`signs.py`). Nothing is asked of the terminal itself: an answer that never comes would hold the start.
"""

from __future__ import annotations

import codecs
import locale
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Colours(StrEnum):
    """How many colours a terminal shows."""

    TRUE = "truecolor"
    MANY = "256"
    SIXTEEN = "standard"
    """Sixteen for text and eight for grounds."""


class Letters(StrEnum):
    """Which characters a terminal shows."""

    ALL = "all"
    CONSOLE = "console"
    """Those of the fonts of a Linux console."""
    LATIN = "latin"
    """Those of ISO 8859-1: a terminal without UTF-8."""
    ASCII = "ascii"


@dataclass(frozen=True, slots=True)
class Ability:
    """What a terminal can show."""

    colours: Colours = Colours.TRUE
    letters: Letters = Letters.ALL


EVERYTHING = Ability()
TMUX_SECONDS = 0.5
"""How long tmux may take to say what it runs in. It answers within milliseconds, or its server is gone."""
_CONSOLES = ("linux", "cons25", "vt100", "vt102", "vt220", "bterm", "jfbterm", "fbterm")
_FULL_COLOUR = frozenset({"truecolor", "24bit"})
_MULTIPLEXERS = ("tmux", "screen")


def ability_of(environ: Mapping[str, str], outer: str = "") -> Ability:
    """What the terminal can show, by the environment of the program.

    Args:
        environ: TERM, COLORTERM and the locale (LC_ALL, LC_CTYPE, LANG) are read.
        outer: TERM of the terminal in which a multiplexer shows this one. Empty if there is none, or it is unknown.
    """
    if is_served(environ):
        return EVERYTHING
    term = environ.get("TERM", "").lower()
    shown_in = (outer or term).lower()
    if shown_in.split("-")[0] in _CONSOLES:
        return Ability(Colours.SIXTEEN, _letters(environ, Letters.CONSOLE))
    many = "256color" in term or "kitty" in term
    full = environ.get("COLORTERM", "").strip().lower() in _FULL_COLOUR
    # A multiplexer keeps the COLORTERM of the terminal that started it, which may have been another one.
    if full and not (term.startswith(_MULTIPLEXERS) and outer and "256color" not in outer and "direct" not in outer):
        colours = Colours.TRUE
    else:
        colours = Colours.MANY if many and (not outer or "color" in outer or "kitty" in outer) else Colours.SIXTEEN
    return Ability(colours, _letters(environ, Letters.ALL))


def _letters(environ: Mapping[str, str], most: Letters) -> Letters:
    """The characters of the locale; `most` if it says UTF-8, or nothing: Python takes UTF-8 then, as terminals do."""
    said = environ.get("LC_ALL") or environ.get("LC_CTYPE") or environ.get("LANG") or ""
    if not said:
        return most
    if said in ("C", "POSIX"):
        return Letters.ASCII
    named = said if "." not in said else locale.normalize(said)
    _, _, encoding = named.partition("@")[0].partition(".")
    try:
        name = codecs.lookup(encoding).name if encoding else "utf-8"
    except LookupError:
        return Letters.ASCII
    if name == "utf-8":
        return most
    return Letters.LATIN if name in ("iso8859-1", "iso8859-15", "cp1252") else Letters.ASCII


def is_served(environ: Mapping[str, str]) -> bool:
    """Whether a browser shows the program (`comanda serve`): it has every colour and character, and no terminal."""
    return "web_driver" in environ.get("TEXTUAL_DRIVER", "")


def outer_terminal(environ: Mapping[str, str]) -> str:
    """TERM of the terminal in which tmux shows this program. Empty outside of tmux, or if tmux does not say."""
    program = shutil.which("tmux", path=environ.get("PATH")) if environ.get("TMUX") else None
    if program is None:
        return ""
    try:
        said = subprocess.run(  # noqa: S603 a fixed command
            [program, "display-message", "-p", "#{client_termname}"],
            env=dict(environ),
            capture_output=True,
            text=True,
            timeout=TMUX_SECONDS,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return said.stdout.strip() if said.returncode == 0 else ""
