"""Hints as texts that carriers take: a line for each, under a line that says who sends it and what they hear."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from cloud.realtime.hub import Hint, Room

MOST_BYTES = 7_000
"""PostgreSQL takes 8,000 in a notification."""
_NOTHING = "-"
Gathered = dict[tuple[Room, UUID | None], Hint | None]
"""The newest hint by room and stream; None: whoever is there shall look."""


class Sender(NamedTuple):
    """The process that sends a text.

    Attributes:
        hears: names of the carriers by which it hears what others send.
    """

    name: str
    hears: frozenset[str]


def add(gathered: Gathered, room: Room, hint: Hint | None) -> None:
    """Gather a hint: of those of one stream in one room the newest counts."""
    key = (room, hint.stream if hint is not None else None)
    earlier = gathered.get(key)
    if earlier is None or hint is None or hint.seq > earlier.seq:
        gathered[key] = hint


def texts_of(sender: Sender, gathered: Mapping[tuple[Room, UUID | None], Hint | None]) -> Iterator[str]:
    """Texts with all hints, each below the limit; one without any is a beat."""
    head = f"{sender.name} {','.join(sorted(sender.hears))}"
    lines, size = [head], len(head)
    for (room, _stream), hint in gathered.items():
        said: Sequence[str] = (_NOTHING,) if hint is None else (hint.stream.hex, hint.device_id.hex, str(hint.seq))
        line = " ".join((str(room), *said))
        if size + len(line) + 1 > MOST_BYTES:
            yield "\n".join(lines)
            lines, size = [head], len(head)
        lines.append(line)
        size += len(line) + 1
    yield "\n".join(lines)


def parsed(text: str) -> tuple[Sender, list[tuple[Room, Hint | None]]]:
    """The sender and the hints of a text. What nobody understands (another version wrote it) lets its room look."""
    head, *lines = text.split("\n")
    name, _, hears = head.partition(" ")
    return Sender(name, frozenset(hears.split(","))), [hint for line in lines for hint in _hint(line)]


def _hint(line: str) -> Iterator[tuple[Room, Hint | None]]:
    where, *said = line.split(" ")
    try:
        room = Room.parsed(where)
    except ValueError:
        return
    try:
        stream, device, seq = said
        yield room, Hint(UUID(stream), UUID(device), int(seq))
    except ValueError:
        yield room, None
