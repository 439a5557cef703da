"""The key map of a kitchen display: what a bump bar, a number pad or a labelled keyboard sends, and what it means.

The file `keys.toml` in the device's folder:

    [wall]
    q = "tile_1"      # the first card
    f13 = "bump"      # an action of the wall, by its id
    x = "back"        # leave a dialog

    [bar]
    shows = ["bump", "rush", "recall_list", "menu"]   # the buttons at the foot, for keys and fingers
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

KEY_MAP_FILE = "keys.toml"
TABLE = "wall"
BAR, SHOWS = "bar", "shows"
TILE = "tile_"
WAY_OUT = "ctrl+l"
"""No map takes this key away: somebody must be able to leave the wall."""


@dataclass(frozen=True, slots=True)
class KeyMap:
    """What keys mean, by the name of the key that is sent.

    Attributes:
        keys: the name of the key that does the same on every keyboard.
        bar: the actions on the bar; empty: the usual ones.
        mistakes: what the file says that means nothing, or two things: pairs of key and word, names of sections; the
            file's name alone if it cannot be read.
    """

    keys: Mapping[str, str] = field(default_factory=dict)
    mistakes: tuple[str, ...] = ()
    bar: tuple[str, ...] = ()


def read_key_map(folder: Path, actions: Mapping[str, str]) -> KeyMap:
    """Read the key map of a device's folder; without a file every key means itself.

    Args:
        actions: by the id of each action the name of its key.
    """
    try:
        file = tomllib.loads((folder / KEY_MAP_FILE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return KeyMap()
    except (OSError, ValueError):
        return KeyMap(mistakes=(KEY_MAP_FILE,))
    said, bar = file.get(TABLE, {}), file.get(BAR, {})
    shown = bar.get(SHOWS, []) if isinstance(bar, dict) else None
    if not isinstance(said, dict) or not isinstance(shown, list):
        return KeyMap(mistakes=(TABLE if not isinstance(said, dict) else BAR,))
    meanings = {f"{TILE}{digit}": digit for digit in "123456789"} | {"back": "escape"} | dict(actions)
    keys: dict[str, str] = {}
    mistakes = [f"[{name}]" for name in file if name not in (TABLE, BAR)]
    mistakes += [f"[{BAR}] {name}" for name in bar if name != SHOWS]
    for key, word in said.items():
        name = key.lower()
        if not _known(word, meanings):
            mistakes.append(f"{key} = {word}")
        elif keys.get(name, meanings[word]) != meanings[word]:
            mistakes.append(f"{key} = {word} ({name} = …)")
        elif name == WAY_OUT:
            mistakes.append(f"{key} = {word} (PIN)")
        else:
            keys[name] = meanings[word]
    mistakes += [f"{SHOWS} = {word}" for word in shown if not _known(word, actions)]
    return KeyMap(keys, tuple(mistakes), tuple(dict.fromkeys(word for word in shown if _known(word, actions))))


def _known(word: object, meanings: Mapping[str, str]) -> bool:
    return isinstance(word, str) and word in meanings
