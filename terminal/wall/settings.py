"""How one kitchen display sounds and blinks: the file `wall.toml` in the device's folder, set from the wall's menu.

sounds = true     # off where another display of the kitchen sounds
repeats = false   # sound again until somebody presses a key or touches the wall
blinks = false    # late cards blink
pad = false       # people have a number pad alone: the wall names its keys
"""

from __future__ import annotations

import tomllib
from contextlib import suppress
from dataclasses import dataclass, fields
from pathlib import Path

WALL_FILE = "wall.toml"


@dataclass(frozen=True, slots=True)
class WallSettings:
    """See the module."""

    sounds: bool = True
    repeats: bool = False
    blinks: bool = False
    pad: bool = False


SETTINGS = tuple(each.name for each in fields(WallSettings))


def read_settings(folder: Path) -> WallSettings:
    """The settings of a folder; what the file does not say is as usual."""
    try:
        said = tomllib.loads((folder / WALL_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return WallSettings()
    return WallSettings(**{name: said[name] for name in SETTINGS if isinstance(said.get(name), bool)})


def write_settings(folder: Path, settings: WallSettings) -> None:
    """Keep the settings over a restart. On a disk that takes nothing they hold until then."""
    lines = (f"{name} = {str(getattr(settings, name)).lower()}\n" for name in SETTINGS)
    with suppress(OSError):
        (folder / WALL_FILE).write_text("".join(lines), encoding="utf-8")
