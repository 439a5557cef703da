"""What the room of printers brings."""

from __future__ import annotations

from collections.abc import Mapping

from cloud.edge.room import Room
from cloud.parts import Parts
from cloud.printers.commands import PrinterSetup
from cloud.printers.routes import printers, put_printer


def _provide(parts: Parts) -> Mapping[str, object]:
    return {"printer_setup": PrinterSetup(parts.database, parts.units, parts.fold_worker)}


ROOM = Room("cloud.printers", routes=(printers, put_printer), provide=_provide)
