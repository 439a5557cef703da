"""A serial port without waiting: how it is set (`[scale]` in `device.toml`), and opening it for the event loop."""

from __future__ import annotations

import os
import termios
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import cast

from shared.menu.weights import weight_unit

SPEEDS = (1_200, 2_400, 4_800, 9_600, 19_200, 38_400, 57_600, 115_200)
ENQ = b"\x05"
MOST_READ_BYTES = 4_096


class Parity(StrEnum):
    """The parity bit of each character."""

    NONE = "none"
    EVEN = "even"
    ODD = "odd"


@dataclass(frozen=True, slots=True)
class Line:
    """How a serial line is set: speed in bits a second, bits of a character (7 or 8), parity, stop bits (1 or 2)."""

    port: str
    speed: int = 9_600
    bits: int = 8
    parity: Parity = Parity.NONE
    stop_bits: int = 1


@dataclass(frozen=True, slots=True)
class ScaleSettings:
    """How a scale is connected.

    Attributes:
        line: the port and how it is set.
        ask: what the scale is asked with; empty if it sends by itself.
        unit: what it weighs in where it does not say.
    """

    line: Line
    ask: str = ""
    unit: str = "kg"

    @property
    def question(self) -> bytes:
        """The bytes that ask for a weight: `ENQ` is a sign, everything else is sent as it stands."""
        return ENQ if self.ask.upper() == "ENQ" else self.ask.encode("ascii")


def scale_settings(raw: Mapping[str, object]) -> ScaleSettings:
    """The settings of a scale from `[scale]` of `device.toml`.

    Raises:
        ValueError: something in it is wrong; the sentence says what may stand there.
    """
    known = {"port", "speed", "bits", "parity", "stop_bits", "ask", "unit"}
    if unknown := raw.keys() - known:
        raise ValueError(f"[scale] {min(unknown)}: not one of {', '.join(sorted(known))}")
    port, ask, unit = str(raw.get("port", "")), str(raw.get("ask", "")), weight_unit(str(raw.get("unit", "kg")))
    speed, bits, stop_bits = raw.get("speed", 9_600), raw.get("bits", 8), raw.get("stop_bits", 1)
    parity = str(raw.get("parity", Parity.NONE))
    for name, value, allowed in (
        ("speed", speed, SPEEDS),
        ("bits", bits, (7, 8)),
        ("stop_bits", stop_bits, (1, 2)),
        ("parity", parity, tuple(map(str, Parity))),
    ):
        if value not in allowed:
            raise ValueError(f"[scale] {name} = {value!r}: one of {', '.join(map(str, allowed))}")
    if not port.startswith("/"):
        raise ValueError(f"[scale] port = {port!r}: the path of a serial line, say /dev/ttyUSB0")
    if unit is None or not ask.isascii():
        raise ValueError("[scale] unit is one of kg, g, lb, oz; ask is ENQ or what the scale is sent, say W")
    line = Line(port, cast("int", speed), cast("int", bits), Parity(parity), cast("int", stop_bits))
    return ScaleSettings(line, ask, unit)


def open_port(line: Line) -> int:
    """Open a port and return its descriptor, which never waits: not for a carrier, not for bytes, not for room.

    Raises:
        OSError: there is none, it is no serial line, or it may not be opened.
    """
    descriptor = os.open(line.port, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        _set(descriptor, line)
    except (OSError, termios.error) as error:
        os.close(descriptor)
        raise OSError(*error.args) from error
    return descriptor


def _set(descriptor: int, line: Line) -> None:
    control = termios.CREAD | termios.CLOCAL | (termios.CS7 if line.bits == 7 else termios.CS8)
    if line.parity is not Parity.NONE:
        control |= termios.PARENB | (termios.PARODD if line.parity is Parity.ODD else 0)
    if line.stop_bits == 2:
        control |= termios.CSTOPB
    speed, signs = getattr(termios, f"B{line.speed}"), termios.tcgetattr(descriptor)[6]
    signs[termios.VMIN], signs[termios.VTIME] = 1, 0  # so that "nothing yet" is told from "unplugged"
    termios.tcsetattr(descriptor, termios.TCSANOW, [termios.IGNPAR, 0, control, 0, speed, speed, signs])
    termios.tcflush(descriptor, termios.TCIFLUSH)
