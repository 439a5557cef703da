"""The printer itself: bytes in, answers and paper out, and troubles that are switched on and off. No I/O.

Real-time commands (DLE EOT, DLE DC4) are obeyed as they arrive. Everything else waits in the buffer while the printer
is offline, as in a real one: what was sent to a printer without paper is printed when there is paper again.
"""

from __future__ import annotations

import random
from collections import deque
from dataclasses import dataclass
from enum import StrEnum

from terminal.printing.emulator import commands
from terminal.printing.emulator.commands import Command, Token
from terminal.printing.emulator.elements import Asked, Element
from terminal.printing.emulator.reader import Reader

MOST_BUFFERED_BYTES = 65_536
"""Of a printer that is offline. When its buffer is full it reads no more."""
_NAME = b"_comanda emulator\0"


class Trouble(StrEnum):
    """How the printer misbehaves."""

    NONE = "ok"
    MUTE = "mute"
    """It prints and never answers."""
    DEAD = "dead"
    """It takes connections, and neither reads nor answers nor prints."""
    HALF_CLOSE = "half-close"
    """It closes its side of every connection at once, and prints."""
    RESET = "reset"
    """It resets the connection after so many bytes."""
    PAPER_OUT = "paper-out"
    NEAR_END = "near-end"
    COVER = "cover"
    CUTTER = "cutter"
    SLOW = "slow"
    """It reads so many bytes a second."""
    GARBAGE = "garbage"
    """It answers every question with bytes that mean nothing."""


_WITH_AMOUNT = (Trouble.RESET, Trouble.SLOW)
_OFFLINE = (Trouble.PAPER_OUT, Trouble.COVER, Trouble.CUTTER)


@dataclass(frozen=True, slots=True)
class Misbehaviour:
    """A trouble with its amount: bytes of `reset`, bytes a second of `slow`."""

    trouble: Trouble = Trouble.NONE
    amount: int = 0

    @classmethod
    def read(cls, text: str) -> Misbehaviour:
        """Read `mute`, `reset:100` and the like.

        Raises:
            ValueError: it is no trouble, or lacks its amount.
        """
        name, _colon, amount = text.strip().lower().partition(":")
        trouble = Trouble(name)
        if (trouble in _WITH_AMOUNT) != bool(amount):
            raise ValueError(text)
        number = int(amount or 0)
        if number < 0 or (trouble is Trouble.SLOW and number == 0):
            raise ValueError(text)
        return cls(trouble, number)

    def __str__(self) -> str:
        return f"{self.trouble}:{self.amount}" if self.trouble in _WITH_AMOUNT else str(self.trouble)


WELL = Misbehaviour()


@dataclass(frozen=True, slots=True)
class Deed:
    """What the printer did with some bytes."""

    raw: bytes
    elements: tuple[Element, ...]


class Machine:
    """See the module.

    Args:
        columns: letters of a line.
        misbehaviour: what is wrong with it at first.
        is_silent: it never answers, whatever else is wrong with it, as behind a print server.

    Attributes:
        received: bytes that arrived.
    """

    def __init__(self, columns: int, misbehaviour: Misbehaviour = WELL, *, is_silent: bool = False) -> None:
        self.received = 0
        self._reader = Reader(columns)
        self._misbehaviour = misbehaviour
        self._is_silent = is_silent
        self._rest = bytearray()
        self._waiting: deque[Token] = deque()
        self._waiting_bytes = 0
        self._done: list[Deed] = []
        self._answers = bytearray()
        self._pushes = False
        self._random = random.Random(9100)  # noqa: S311 - garbage needs no secrecy

    @property
    def misbehaviour(self) -> Misbehaviour:
        """What is wrong with it."""
        return self._misbehaviour

    @misbehaviour.setter
    def misbehaviour(self, wanted: Misbehaviour) -> None:
        before, self._misbehaviour = self._misbehaviour, wanted
        if before != wanted and self._pushes:
            self._say(self._pushed_status())
        self._work()

    @property
    def offline(self) -> bool:
        """Whether it prints nothing now."""
        return self._misbehaviour.trouble in _OFFLINE

    @property
    def reads(self) -> bool:
        """Whether it takes more bytes."""
        return self._misbehaviour.trouble is not Trouble.DEAD and self._waiting_bytes < MOST_BUFFERED_BYTES

    def feed(self, raw: bytes) -> None:
        """Take bytes. See `answers` and `done` for what comes of them."""
        self.received += len(raw)
        self._rest += raw
        at = 0
        while at < len(self._rest):
            taken = commands.cut(self._rest, at)
            if taken is None:
                break
            token, at = taken
            if isinstance(token, Command) and token.name[0] == commands.DLE:
                self._obey_at_once(token)
            else:
                self._waiting.append(token)
                self._waiting_bytes += len(token.raw)
        del self._rest[:at]
        self._work()

    def pause(self) -> None:
        """The sender has stopped. Half a command is forgotten, and a line without an end is printed."""
        rest = bytes(self._rest)
        self._rest.clear()
        if not self.offline:
            self._done.append(Deed(rest, (*self._reader.feed(rest), *self._reader.finish())))

    def answers(self) -> bytes:
        """What it says, once."""
        said = bytes(self._answers)
        self._answers.clear()
        return said

    def done(self) -> list[Deed]:
        """What it did, once."""
        done, self._done = self._done, []
        return done

    # -- commands ----------------------------------------------------------------------------------------------------

    def _work(self) -> None:
        while self._waiting and not self.offline:
            token = self._waiting.popleft()
            self._waiting_bytes -= len(token.raw)
            elements = self._reader.feed(token.raw)
            self._done.append(Deed(token.raw, tuple(elements)))
            for element in elements:
                if isinstance(element, Asked):
                    self._answer_in_order(element.raw)

    def _obey_at_once(self, command: Command) -> None:
        self._done.append(Deed(command.raw, tuple(Reader().feed(command.raw))))
        if command.name == b"\x10\x04":
            self._say(bytes([self._status(command.arguments[0])]))

    def _answer_in_order(self, asked: bytes) -> None:
        if asked[:2] == b"\x1dr":
            self._say(b"\x03" if self._misbehaviour.trouble is Trouble.NEAR_END else b"\x00")
        elif asked[:2] == b"\x1dI":
            self._say(b"\x02" if asked[2] < 4 or 48 < asked[2] < 52 else _NAME)
        elif asked[:2] == b"\x1da":
            self._pushes = asked[2] != 0
            if self._pushes:
                self._say(self._pushed_status())
        elif asked[:3] == b"\x1d(H" and len(asked) >= 11:
            self._say(b"\x37\x22" + asked[7:11] + b"\0")

    def _status(self, number: int) -> int:
        trouble = self._misbehaviour.trouble
        bits = {
            1: 0x08 if self.offline else 0,
            2: {Trouble.COVER: 0x04, Trouble.PAPER_OUT: 0x20, Trouble.CUTTER: 0x40}.get(trouble, 0),
            3: 0x08 if trouble is Trouble.CUTTER else 0,
            4: {Trouble.PAPER_OUT: 0x6C, Trouble.NEAR_END: 0x0C}.get(trouble, 0),
        }
        return 0x12 | bits.get(number, 0)

    def _pushed_status(self) -> bytes:
        trouble = self._misbehaviour.trouble
        first = 0x10 | (0x08 if self.offline else 0) | (0x20 if trouble is Trouble.COVER else 0)
        paper = {Trouble.PAPER_OUT: 0x0F, Trouble.NEAR_END: 0x03}.get(trouble, 0)
        return bytes([first, 0x08 if trouble is Trouble.CUTTER else 0, paper, 0])

    def _say(self, answer: bytes) -> None:
        trouble = self._misbehaviour.trouble
        if self._is_silent or trouble in (Trouble.MUTE, Trouble.DEAD, Trouble.HALF_CLOSE):
            return
        self._answers += self._random.randbytes(1 + self._random.randrange(6)) if trouble is Trouble.GARBAGE else answer
