"""What one kitchen display is: its station, whether it shows the pass, how it sounds, and the digits of its cards.

Each display of a device's folder has a folder of its own, `displays/NAME`, held by a lock of the kernel while its
program runs: two displays of one folder never write over each other, and one that starts again is what it was.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import UUID

from shared.kernel.errors import DomainError
from terminal.supervision.lock import FolderLock
from terminal.wall.settings import WallSettings, read_settings, write_settings

DISPLAYS = "displays"
"""Folder in the device's folder."""
MOST_DISPLAYS = 99
NAME = re.compile(r"[A-Za-z0-9_-]{1,24}")
STATION_FILE, PASS_FILE, CARDS_FILE = "station", "expediter", "cards.json"
ALL_STATIONS = "all"


@contextmanager
def display_of(root: Path, name: str = "") -> Iterator[Path]:
    """Hold a display of a device's folder for the block: the named one, else the first that no program shows.

    Raises:
        DomainError: DISPLAY_NAME (params: name): it is no name. DISPLAY_TAKEN (params: name): another program shows it.
        OSError: the folder cannot be written.
    """
    if name and not NAME.fullmatch(name):
        raise DomainError("DISPLAY_NAME", name=name)
    for each in [name] if name else map(str, range(1, MOST_DISPLAYS + 1)):
        folder = root / DISPLAYS / each
        folder.mkdir(parents=True, exist_ok=True)
        lock = FolderLock(folder)
        if lock.take():
            try:
                yield folder
            finally:
                lock.release()
            return
    raise DomainError("DISPLAY_TAKEN", name=name or str(MOST_DISPLAYS))


class Display:
    """See the module. On a disk that takes nothing all of it holds until the program ends.

    Args:
        folder: its own; None keeps nothing.

    Attributes:
        station_id: the station that it shows; None for all of them.
        shows_pass: whether it shows the pass, and not the wall of stations.
        settings: how it sounds and blinks.
        digits: those of its cards.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self.station_id = _station(folder)
        self.shows_pass = folder is not None and (folder / PASS_FILE).exists()
        self.settings = WallSettings() if folder is None else read_settings(folder)
        self.digits = CardDigits(None if folder is None else folder / CARDS_FILE)

    def show_station(self, station_id: UUID | None) -> None:
        """Show a station, or all of them, also after a restart."""
        self.station_id = station_id
        if self._folder is not None:
            with suppress(OSError):
                (self._folder / STATION_FILE).write_text(str(station_id or ALL_STATIONS), encoding="ascii")

    def show_pass(self, *, shown: bool) -> None:
        """Show the pass, also after a restart, or no longer."""
        self.shows_pass = shown
        if self._folder is None:
            return
        with suppress(OSError):
            if shown:
                (self._folder / PASS_FILE).touch()
            else:
                (self._folder / PASS_FILE).unlink(missing_ok=True)

    def settle(self, settings: WallSettings) -> None:
        """Sound and blink otherwise, also after a restart."""
        self.settings = settings
        if self._folder is not None:
            write_settings(self._folder, settings)


class CardDigits:
    """The digits of cards, by what the wall shows (a station, or all): a card keeps its digit while it stands.

    Args:
        file: keeps them over a restart; None keeps them in memory alone.
    """

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self._of_view = _read(file)
        self._kept = self._text()

    def of(self, station_id: UUID | None) -> dict[object, str]:
        """The digits by the id of the card; whoever shows the cards changes them in place."""
        return self._of_view.setdefault(str(station_id or ALL_STATIONS), {})

    def keep(self) -> None:
        """Write down what changed since the last time."""
        text = self._text()
        if self._file is None or text == self._kept:
            return
        self._kept = text
        with suppress(OSError):
            new = self._file.with_suffix(".new")
            new.write_text(text, encoding="ascii")
            new.replace(self._file)

    def _text(self) -> str:
        return json.dumps(
            {view: {str(card): digit for card, digit in cards.items()} for view, cards in self._of_view.items()}
        )


def _station(folder: Path | None) -> UUID | None:
    if folder is None:
        return None
    try:
        text = (folder / STATION_FILE).read_text(encoding="ascii").strip()
        return None if text == ALL_STATIONS else UUID(text)
    except (OSError, ValueError):
        return None


def _read(file: Path | None) -> dict[str, dict[object, str]]:
    """What a file says; nothing of it if it cannot be read."""
    if file is None:
        return {}
    try:
        said = json.loads(file.read_text(encoding="ascii"))
        return {str(view): {UUID(card): str(digit) for card, digit in cards.items()} for view, cards in said.items()}
    except (OSError, ValueError, AttributeError):
        return {}
