"""How a device and each person at it want its screens: the file `comfort.toml` in the device's folder.

[device]              # while nobody is logged in, and for who has chosen nothing
look = "dark"         # dark, light, contrast, safe
large = false         # large figures and tiles
sounds = true
letters = ""          # all, console, latin, ascii; empty: as the terminal says

[person.<id>]         # the same, of one person

It is read before the log-in screen is painted. What somebody chose holds on this device alone.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import UUID

from terminal.theme.ability import Letters
from terminal.theme.wardrobe import Look

COMFORT_FILE = "comfort.toml"


@dataclass(frozen=True, slots=True)
class Comfort:
    """See the module. `letters` is None where the terminal says which characters it has."""

    look: Look = Look.DARK
    large: bool = False
    sounds: bool = True
    letters: Letters | None = None


class Comforts:
    """What the device and its people chose.

    Args:
        folder: of the device. Without one nothing is kept over a restart.

    Attributes:
        device: of who has chosen nothing.
    """

    def __init__(self, folder: Path | None = None, device: Comfort | None = None) -> None:
        self._path = folder / COMFORT_FILE if folder is not None else None
        said = _read(self._path)
        self.device = device or _comfort(said.get("device"))
        people = said.get("person")
        self._people = {
            UUID(key): _comfort(value)
            for key, value in (people.items() if isinstance(people, dict) else ())
            if _is_uuid(key)
        }

    def of(self, person_id: UUID | None) -> Comfort:
        """What somebody chose, else what the device has."""
        return self._people.get(person_id, self.device) if person_id is not None else self.device

    def keep(self, person_id: UUID | None, comfort: Comfort) -> None:
        """Keep what somebody chose; without a person, for the device. On a full disk it holds until the next start."""
        if person_id is None:
            self.device = comfort
        else:
            self._people[person_id] = comfort
        if self._path is None:
            return
        parts = [("device", self.device), *((f"person.{key}", value) for key, value in self._people.items())]
        new = self._path.with_suffix(".new")
        with suppress(OSError):
            new.write_text("\n".join(_section(name, value) for name, value in parts), encoding="utf-8")
            os.replace(new, self._path)

    def with_look(self, look: Look) -> Comforts:
        """The same, with another look of the device until the next start."""
        self.device = replace(self.device, look=look)
        return self


def _read(path: Path | None) -> Mapping[str, Any]:
    if path is None:
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def _comfort(said: object) -> Comfort:
    """What a part of the file says; what it does not say, or says wrongly, is as usual."""
    usual = Comfort()
    if not isinstance(said, dict):
        return usual
    look, letters = said.get("look"), said.get("letters")
    return Comfort(
        Look(look) if look in set(Look) else usual.look,
        bool(said.get("large", usual.large)),
        bool(said.get("sounds", usual.sounds)),
        Letters(letters) if letters in set(Letters) else None,
    )


def _section(name: str, comfort: Comfort) -> str:
    return (
        f'[{name}]\nlook = "{comfort.look}"\nlarge = {str(comfort.large).lower()}\n'
        f'sounds = {str(comfort.sounds).lower()}\nletters = "{comfort.letters or ""}"\n'
    )


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
