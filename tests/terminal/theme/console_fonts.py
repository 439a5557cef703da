"""Which characters the fonts of Debian's console hold: read from the fonts of `console-setup`, kept as a list.

`python -m tests.terminal.theme.console_fonts [FOLDER]` writes `console_characters.txt` anew from a folder of fonts
(`/usr/share/consolefonts`): what every font of the character set holds that Debian chooses where English and Spanish
are spoken. The tests compare with the real fonts where they are installed.
"""

from __future__ import annotations

import gzip
import struct
import sys
from pathlib import Path

FONTS = Path("/usr/share/consolefonts")
CHARACTERS = Path(__file__).with_name("console_characters.txt")
STOCK = "Lat15-*.psf.gz"
"""`CODESET=guess`, Debian's own setting, comes to these for English and Spanish."""
_PSF1, _PSF2 = b"\x36\x04", b"\x72\xb5\x4a\x86"
_PSF1_HAS_512, _PSF1_HAS_TABLE = 1, 6
_PSF1_SEQUENCE, _PSF1_END = 0xFFFE, 0xFFFF


def characters_of(font: Path) -> frozenset[str]:
    """The characters that a font has a picture for.

    Raises:
        ValueError: it is no font of a Linux console, or has no table of characters.
    """
    data = gzip.decompress(font.read_bytes())
    if data[:2] == _PSF1 and data[2] & _PSF1_HAS_TABLE:
        return _of_psf1(data[4 + (512 if data[2] & _PSF1_HAS_512 else 256) * data[3] :])
    if data[:4] == _PSF2:
        _, _, head, _, count, size, _, _ = struct.unpack("<8I", data[:32])
        return _of_psf2(data[head + count * size :])
    raise ValueError(f"{font}: no font with a table of characters")


def _of_psf1(table: bytes) -> frozenset[str]:
    found, in_sequence = set(), False
    for (code,) in struct.iter_unpack("<H", table[: len(table) // 2 * 2]):
        if code in (_PSF1_END, _PSF1_SEQUENCE):
            in_sequence = code == _PSF1_SEQUENCE
        elif not in_sequence:
            found.add(chr(code))
    return frozenset(found)


def _of_psf2(table: bytes) -> frozenset[str]:
    return frozenset("".join(each.split(b"\xfe")[0].decode("utf-8") for each in table.split(b"\xff")))


def stock_characters(folder: Path) -> frozenset[str]:
    """What every stock font in a folder holds. Empty if there are none."""
    fonts = sorted(folder.glob(STOCK))
    return frozenset.intersection(*map(characters_of, fonts)) if fonts else frozenset()


def listed_characters() -> frozenset[str]:
    """The list."""
    return frozenset(CHARACTERS.read_text(encoding="utf-8").replace("\n", ""))


def main() -> None:
    """Write the list."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FONTS
    found = sorted(char for char in stock_characters(folder) if char.isprintable())
    rows = ["".join(found[at : at + 64]) for at in range(0, len(found), 64)]
    CHARACTERS.write_text("\n".join(rows) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
