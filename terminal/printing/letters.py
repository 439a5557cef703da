"""Letters that a printer's code page lacks, drawn with the fonts of this machine.

`Letters` is the port: which characters can be drawn, and the picture of a line. `NO_LETTERS` draws nothing; what lacks
is spelled then. Pillow is imported late, and fonts are looked for only when a letter lacks.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from functools import cache, lru_cache
from itertools import groupby
from pathlib import Path
from typing import Any, Protocol

from terminal.printing.pictures import COLUMN_DOTS, LINE_DOTS, Picture, paper_dots, picture_of_image

_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts")
_ENDINGS = {".ttf", ".ttc", ".otf", ".pcf"}
_FIRST = ("notosanscjk", "wqy", "droidsansfallback", "notosans", "unifont", "dejavusansmono", "dejavusans")
"""Parts of the names of fonts that have many letters, the best first."""
_MOST_FONTS = 60
"""So many are looked into: a desktop has thousands."""
_NOWHERE = "\U0010ffff"
"""No font has this one, so that it shows what a font draws for letters that it lacks."""
_SIZE = 22
"""Of letters in a line of `LINE_DOTS`, in dots."""


class Letters(Protocol):
    """What can draw letters."""

    def can_draw(self, char: str) -> bool:
        """Whether this letter can be drawn."""
        ...

    def draw(self, text: str, columns: int, style: Style, is_own: Callable[[str], bool]) -> Picture:
        """The picture of a line.

        Args:
            is_own: whether the printer has a letter itself: these stand in the columns in which it would print them.
        """
        ...


class Style(Protocol):
    """How a line looks, see `lines.Style`."""

    @property
    def times_wide(self) -> int:
        """Columns that one character takes."""

    @property
    def times_tall(self) -> int:
        """Lines that one character takes."""

    @property
    def reversed(self) -> bool:
        """Whether the line is white on black."""


class NoLetters:
    """Draws nothing."""

    def can_draw(self, _char: str) -> bool:
        """No."""
        return False

    def draw(self, text: str, _columns: int, _style: Style, _is_own: Callable[[str], bool]) -> Picture:
        """Nothing is asked of it."""
        raise ValueError(text)


NO_LETTERS = NoLetters()


class FontLetters:
    """Draws with font files.

    Args:
        folders: where fonts lie, in folders of any depth.
    """

    def __init__(self, folders: Sequence[Path]) -> None:
        self._folders = folders
        self._found: list[Path] | None = None
        self._font_of: dict[str, Path | None] = {}

    def can_draw(self, char: str) -> bool:
        """See `Letters`."""
        return self._path(char) is not None

    def draw(self, text: str, columns: int, style: Style, is_own: Callable[[str], bool]) -> Picture:
        """See `Letters`."""
        from PIL import Image, ImageDraw, ImageOps

        image = Image.new("L", (max(columns * COLUMN_DOTS // style.times_wide, 1), LINE_DOTS), 255)
        pen = ImageDraw.Draw(image)
        at = 0
        for part, path, cells in self._parts(text, is_own):
            run = self._run(part, path, cells * COLUMN_DOTS)
            image.paste(run, (at * COLUMN_DOTS, 0))
            at += cells
        del pen
        image = image.resize((image.width * style.times_wide, image.height * style.times_tall))
        image = image.point(lambda grey: 255 if grey > 127 else 0)
        if style.reversed:
            image = ImageOps.invert(image)
        paper = Image.new("L", (paper_dots(columns), image.height), 255)
        paper.paste(image, (0, 0))
        return picture_of_image(paper)

    def _parts(self, text: str, is_own: Callable[[str], bool]) -> Iterator[tuple[str, Path | None, int]]:
        """Letters of the printer one by one, so that they keep their columns; others in runs of one font."""
        for path, run in groupby(text, lambda char: None if is_own(char) else self._path(char)):
            part = "".join(run)
            if path is None:
                yield from ((char, self._path(char), cells_of(char)) for char in part)
            else:
                yield part, path, cells_of(part)

    def _run(self, part: str, path: Path | None, width: int) -> Any:
        """A run of letters as an image of this width, made narrower if the font is wide."""
        from PIL import Image, ImageDraw

        font = _font(path)
        drawn_width = max(int(font.getlength(part)) + 1, width, 1)
        image = Image.new("L", (drawn_width, LINE_DOTS), 255)
        ImageDraw.Draw(image).text((0, LINE_DOTS - 5), part, fill=0, font=font, anchor="ls")
        return image if drawn_width == width else image.resize((max(width, 1), LINE_DOTS))

    def _path(self, char: str) -> Path | None:
        if char not in self._font_of:
            if self._found is None:
                self._found = _fonts_in(self._folders)
            self._font_of[char] = next((path for path in self._found if _has(path, char)), None)
        return self._font_of[char]


@cache
def machine_letters() -> FontLetters:
    """The fonts of this machine."""
    return FontLetters([Path(folder).expanduser() for folder in _FOLDERS])


def cells_of(text: str) -> int:
    """Columns that a text takes: ideograms take two, marks none."""
    if text.isascii():
        return len(text)
    return sum(_cells(char) for char in text)


@lru_cache(maxsize=4096)
def _cells(char: str) -> int:
    if unicodedata.category(char)[0] == "M":
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def _fonts_in(folders: Sequence[Path]) -> list[Path]:
    found = [path for folder in folders if folder.is_dir() for path in folder.rglob("*") if path.suffix in _ENDINGS]

    def rank(path: Path) -> tuple[int, str]:
        name = path.name.lower().replace("-", "").replace("_", "")
        return next((at for at, part in enumerate(_FIRST) if part in name), len(_FIRST)), str(path)

    return sorted(found, key=rank)[:_MOST_FONTS]


@lru_cache(maxsize=16)
def _font(path: Path | None) -> Any:
    from PIL import ImageFont

    return ImageFont.truetype(path, _SIZE) if path is not None else ImageFont.load_default(_SIZE)


def _has(path: Path, char: str) -> bool:
    """Whether a font has a letter: it draws something, and not what it draws for letters that it lacks."""
    try:
        font = _font(path)
        drawn, lacking = font.getmask(char, mode="1"), font.getmask(_NOWHERE, mode="1")
    except (OSError, ValueError):
        return False
    return bool(drawn.getbbox()) and (drawn.size, bytes(drawn)) != (lacking.size, bytes(lacking))
