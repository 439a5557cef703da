"""What a logo is: a small PNG of one bit a dot that holds nothing but its dots. Pure.

It is read here, and not by a library: what has more in it makes readers of pictures fail in ways that nobody foresees.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

from shared.printers.rules import MOST_BYTES, MOST_LOGO_HEIGHT_DOTS, MOST_LOGO_WIDTH_DOTS, Size

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_HEAD = struct.Struct(">IIBBBBB")
_ONE_BIT_GREY = (1, 0, 0, 0, 0)
"""Depth, colour, compression, filter and interlace."""
_MOST_FILTER = 4


def logo_size(image: bytes) -> Size | None:
    """Size of a logo: a PNG of one bit a dot without a palette. None if it is none that printers take."""
    if len(image) > MOST_BYTES or not image.startswith(_SIGNATURE):
        return None
    try:
        parts = list(_parts(image))
        head, *middle, end = parts
        width, height, *form = _HEAD.unpack(head[1])
    except (ValueError, struct.error):
        return None
    fits = 0 < width <= MOST_LOGO_WIDTH_DOTS and 0 < height <= MOST_LOGO_HEIGHT_DOTS
    is_plain = head[0] == b"IHDR" and end == (b"IEND", b"") and all(name == b"IDAT" for name, _data in middle)
    if not fits or not is_plain or tuple(form) != _ONE_BIT_GREY:
        return None
    return Size(width, height) if _has_rows(b"".join(data for _name, data in middle), width, height) else None


def _parts(image: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The chunks of a PNG.

    Raises:
        ValueError: one is torn.
        struct.error: the same.
    """
    at = len(_SIGNATURE)
    while at < len(image):
        length, name = struct.unpack_from(">I4s", image, at)
        data = image[at + 8 : at + 8 + length]
        (sum_of_it,) = struct.unpack_from(">I", image, at + 8 + length)
        if sum_of_it != zlib.crc32(name + data):
            raise ValueError
        yield name, data
        at += 12 + length


def _has_rows(packed: bytes, width: int, height: int) -> bool:
    """Whether these are the rows of a picture, each after the number of its filter."""
    row_bytes = 1 + (width + 7) // 8
    unpacking = zlib.decompressobj()
    try:
        rows = unpacking.decompress(packed, row_bytes * height + 1)
    except zlib.error:
        return False
    return len(rows) == row_bytes * height and unpacking.eof and max(rows[::row_bytes]) <= _MOST_FILTER
