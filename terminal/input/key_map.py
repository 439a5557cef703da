"""The key map of a kitchen display: what a bump bar, a number pad or a labelled keyboard sends, and what it means.

The file `keys.toml` in the device's folder, in one table:

    [wall]
    q = "tile_1"      # the first card
    f13 = "bump"      # an action of the wall, by its id
    x = "back"        # leave a dialog
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

KEY_MAP_FILE = "keys.toml"
TABLE = "wall"
TILE = "tile_"


@dataclass(frozen=True, slots=True)
class KeyMap:
    """What keys mean, by the name of the key that is sent.

    Attributes:
        keys: the name of the key that does the same on every keyboard.
        mistakes: what the file says that means nothing: pairs of key and word; the file's name alone if it cannot be
            read.
    """

    keys: Mapping[str, str] = field(default_factory=dict)
    mistakes: tuple[str, ...] = ()


def read_key_map(folder: Path, actions: Mapping[str, str]) -> KeyMap:
    """Read the key map of a device's folder; without a file every key means itself.

    Args:
        actions: by the id of each action the name of its key.
    """
    try:
        said = tomllib.loads((folder / KEY_MAP_FILE).read_text(encoding="utf-8")).get(TABLE, {})
    except FileNotFoundError:
        return KeyMap()
    except (OSError, ValueError):
        return KeyMap(mistakes=(KEY_MAP_FILE,))
    if not isinstance(said, dict):
        return KeyMap(mistakes=(TABLE,))
    meanings = {f"{TILE}{digit}": digit for digit in "123456789"} | {"back": "escape"} | dict(actions)
    keys = {key.lower(): meanings[word] for key, word in said.items() if word in meanings}
    mistakes = tuple(f"{key} = {word}" for key, word in said.items() if word not in meanings)
    return KeyMap(keys, mistakes)
