"""A printer on a serial line, and how the line is set."""

from __future__ import annotations

import termios
from dataclasses import dataclass
from pathlib import Path

from shared.printers.addresses import BAUDS, USUAL_BAUD, FlowControl, Parity
from terminal.printing.transports.base import USUAL_PATIENCE, Patience, StatusPolicy
from terminal.printing.transports.device import DeviceTransport, LineAttributes


@dataclass(frozen=True, slots=True)
class SerialSettings:
    """How a printer's line is set: bits a second, parity, and how the printer asks to wait.

    Raises:
        ValueError: a speed that lines do not have.
    """

    baud: int = USUAL_BAUD
    parity: Parity = Parity.NONE
    flow: FlowControl = FlowControl.NONE

    def __post_init__(self) -> None:
        if self.baud not in BAUDS:
            raise ValueError(f"baud is one of {', '.join(map(str, BAUDS))}: {self.baud}")

    def attributes(self) -> LineAttributes:
        """As `termios` takes them: eight bits, no byte changed."""
        control = termios.CREAD | termios.CLOCAL | termios.CS8
        if self.parity is not Parity.NONE:
            control |= termios.PARENB | (termios.PARODD if self.parity is Parity.ODD else 0)
        if self.flow is FlowControl.HARDWARE:
            control |= termios.CRTSCTS
        entry = termios.IGNBRK | termios.IGNPAR | (termios.IXON if self.flow is FlowControl.SOFTWARE else 0)
        speed = getattr(termios, f"B{self.baud}")
        signs: list[bytes | int] = [b"\0"] * termios.NCCS
        signs[termios.VMIN], signs[termios.VTIME] = 1, 0  # so that "nothing yet" is told from "unplugged"
        signs[termios.VSTART], signs[termios.VSTOP] = b"\x11", b"\x13"
        return [entry, 0, control, 0, speed, speed, signs]


USUAL_LINE = SerialSettings()


class SerialTransport(DeviceTransport):
    """A printer on a serial line, say `/dev/ttyUSB0`.

    Args:
        path: of the line.
        settings: how it is set.
        policy, patience, only_nodes: see `DeviceTransport`.
    """

    def __init__(
        self,
        path: Path,
        settings: SerialSettings = USUAL_LINE,
        *,
        policy: StatusPolicy = StatusPolicy.WHEN_ANSWERED,
        patience: Patience = USUAL_PATIENCE,
        only_nodes: bool = False,
    ) -> None:
        super().__init__(path, settings.attributes(), policy=policy, patience=patience, only_nodes=only_nodes)
