"""The two commands that open a drawer, as bytes. A printer's transport chooses the one that cannot come late. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DrawerSignal:
    """See the module.

    Attributes:
        in_order: ESC p. A printer carries it out after all that it got before. One that cannot print keeps it until it
            can, and opens the drawer then, maybe hours later: it is for printers that say that they are ready.
        at_once: DLE DC4, which a printer carries out as it arrives, or never. None: this printer does not know it.
    """

    in_order: bytes
    at_once: bytes | None

    @property
    def unasked(self) -> bytes:
        """For a printer of which nobody knows how it is."""
        return self.in_order if self.at_once is None else self.at_once
