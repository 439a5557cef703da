"""Finds the files of a mapping and opens them as text: plain or gzip, in their encoding.

`table_rows` cuts the lines into rows and cells.
"""

from __future__ import annotations

import codecs
import gzip
import io
import re
import zlib
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from terminal.rehearsal.errors import MappingError
from terminal.rehearsal.plain_text import UNDECODABLE

USUAL_PATTERNS = ("*.csv", "*.tsv", "*.txt")

_HEAD_BYTES = 1 << 20
_MARK_UNDECODABLE = "comanda-mark-undecodable"
_NOT_TEXT = {b"PK\x03\x04": "xlsx/zip", b"\xd0\xcf\x11\xe0": "xls", b"%PDF": "PDF", b"SQLite format 3": "SQLite"}
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_ONE_BYTE_ENCODING = re.compile(r"cp(125\d|4\d\d|8\d\d)|iso8859|latin|mac|ascii")

codecs.register_error(_MARK_UNDECODABLE, lambda error: (UNDECODABLE, cast("UnicodeDecodeError", error).end))


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file to read. `name` is its path below the given folder, with forward slashes."""

    path: Path
    name: str

    @property
    def stem(self) -> str:
        """The file name without its endings (`centro` for `2025/centro.csv.gz`)."""
        return self.name_without_endings.rpartition("/")[2]

    @property
    def folder(self) -> str:
        """The name of the file's folder."""
        return self.path.resolve().parent.name

    @property
    def name_without_endings(self) -> str:
        """`name` without `.csv`, `.csv.gz` and the like."""
        return re.sub(r"(\.[A-Za-z]{1,4})?(\.gz)?$", "", self.name, flags=re.IGNORECASE)


def find_files(path: Path, patterns: Sequence[str]) -> list[SourceFile]:
    """Return the files to read below `path` (or `path` itself, if it is a file), in the natural order of their names.

    A pattern also matches the gzip form, and ignores case.

    Raises:
        MappingError: no such path, no file that matches, or a file beside its own gzip form (it would count twice).
    """
    if path.is_file():
        return [SourceFile(path, path.name)]
    if not path.is_dir():
        raise MappingError("path_missing", path=str(path))
    patterns = patterns or USUAL_PATTERNS
    found = matching(path, patterns)
    if not found:
        seen = [file.name for file in matching(path, ("**/*",))]
        some = ", ".join(seen[:8]) + (", ..." if len(seen) > 8 else "")
        raise MappingError("no_files", path=str(path), patterns=", ".join(patterns), seen=some or "-")
    names = {file.name.lower() for file in found}
    for file in found:
        if f"{file.name.lower()}.gz" in names:
            raise MappingError("file_twice", file=file.name)
    return found


def matching(folder: Path, patterns: Sequence[str]) -> list[SourceFile]:
    """Return the files below a folder that match any pattern; `**/` means any folders. Hidden files never match."""
    wanted = re.compile("|".join(f"(?:{_translated(pattern)})(?:\\.gz)?" for pattern in patterns), re.IGNORECASE)
    found = []
    for path in folder.rglob("*"):
        name = path.relative_to(folder).as_posix()
        hidden = any(part.startswith((".", "~$")) for part in name.split("/"))
        if not hidden and wanted.fullmatch(name) and path.is_file():
            found.append(SourceFile(path, name))
    return sorted(found, key=lambda file: natural_order(file.name))


def natural_order(text: str) -> tuple[tuple[int, int, str], ...]:
    """Return a key that sorts `branch 2` before `branch 10`."""
    parts = re.split(r"(\d+)", text)
    return tuple((0, int(part), part) if part.isdecimal() else (1, 0, part.casefold()) for part in parts if part)


def find_encoding(source: SourceFile, declared: str | None) -> str:
    """Return the encoding of a file: the declared one, or the one that its bytes show.

    Raises:
        MappingError: the file is no text, cannot be opened, or its bytes contradict the declared encoding.
    """
    head = _head(source)
    for magic, kind in _NOT_TEXT.items():
        if head.startswith(magic):
            raise MappingError("not_a_text_file", file=source.name, kind=kind)
    marked = next((encoding for mark, encoding in _BYTE_ORDER_MARKS if head.startswith(mark)), None)
    if declared is None:
        return marked or _unmarked_encoding(source, head)
    shown = marked
    if marked is None and _ONE_BYTE_ENCODING.match(declared) and not head.isascii() and _is_utf8(head):
        shown = "utf-8"
    if marked is None and declared.startswith(("utf-16", "utf-32")) and head and 0 not in head:
        shown = _unmarked_encoding(source, head)
    shown = shown.removesuffix("-sig") if shown else None
    if shown is not None and not declared.startswith(shown):
        raise MappingError("contradicted_encoding", file=source.name, encoding=declared, shown=shown)
    return marked or ("utf-8-sig" if declared == "utf-8" else declared)


def text_lines(source: SourceFile, encoding: str) -> Generator[str, None, None]:
    """Yield the physical lines of a file with their line ends; `UNDECODABLE` replaces bytes that are no text.

    Raises:
        MappingError: a damaged gzip file, or one that cannot be read.
    """
    try:
        with _open(source) as binary:
            yield from io.TextIOWrapper(binary, encoding, errors=_MARK_UNDECODABLE, newline="")
    except (EOFError, gzip.BadGzipFile, zlib.error):
        raise MappingError("damaged_gzip", file=source.name) from None
    except UnicodeError:
        raise MappingError("wrong_encoding", file=source.name, encoding=encoding, line=1) from None
    except OSError as error:
        raise MappingError("unreadable_file", file=source.name, detail=error.strerror or "") from None


def _translated(pattern: str) -> str:
    parts = re.split(r"(\*\*/|\*|\?)", pattern.replace("\\", "/").removeprefix("./"))
    meanings = {"**/": "(?:.*/)?", "*": "[^/]*", "?": "[^/]"}
    return "".join(meanings.get(part, re.escape(part)) for part in parts)


def _open(source: SourceFile) -> BinaryIO:
    with source.path.open("rb") as binary:
        is_gzip = binary.read(2) == b"\x1f\x8b"
    return cast("BinaryIO", gzip.open(source.path)) if is_gzip else source.path.open("rb")


def _head(source: SourceFile) -> bytes:
    try:
        with _open(source) as binary:
            return binary.read(_HEAD_BYTES)
    except (EOFError, gzip.BadGzipFile, zlib.error):
        raise MappingError("damaged_gzip", file=source.name) from None
    except OSError as error:
        raise MappingError("unreadable_file", file=source.name, detail=error.strerror or "") from None


def _unmarked_encoding(source: SourceFile, head: bytes) -> str:
    sample = head[:4096]
    if sample.count(0) * 5 > len(sample):
        return "utf-16-le" if sample[1::2].count(0) > sample[::2].count(0) else "utf-16-be"
    utf8_lines = other_lines = not_cp1252_lines = 0
    try:
        with _open(source) as binary:
            for line in binary:
                if line.isascii():
                    continue
                if _is_utf8(line):
                    utf8_lines += 1
                    continue
                other_lines += 1
                not_cp1252_lines += any(byte in line for byte in b"\x81\x8d\x8f\x90\x9d")
    except (EOFError, gzip.BadGzipFile, zlib.error):
        raise MappingError("damaged_gzip", file=source.name) from None
    if utf8_lines >= other_lines:
        return "utf-8-sig"
    return "cp1252" if 2 * not_cp1252_lines <= other_lines else "iso8859-1"


def _is_utf8(text: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(text, final=len(text) < _HEAD_BYTES)
    except UnicodeDecodeError:
        return False
    return True
