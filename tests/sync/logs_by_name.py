"""Logs of devices by their names, for the machines of `sync/protocol.py`."""

from __future__ import annotations

from streams import Written

from shared.kernel.ids import derived_id

GENERATION = b"g" * 16
NOW = 1_795_000_000_000


def log(name: str, *sizes: int) -> Written:
    """A log whose transactions have so many changes each."""
    return Written.of(derived_id("device", name), sizes)
