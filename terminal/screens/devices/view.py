"""The content of the face of devices: pure, from what was heard and from the state of this device."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from terminal.actions import EXCEPTIONS, PRINTERS
from terminal.desks.today import DeviceNews
from terminal.screens.printers.view import printer_lines
from terminal.screens.today.table import Column, TableRow
from terminal.screens.voice import Voice
from terminal.theme.palette import Tone

if TYPE_CHECKING:
    from terminal.printing.desk import Prints
    from terminal.widgets.status_line import Notice


def columns(voice: Voice) -> tuple[Column, ...]:
    """Who or what, and how it is."""
    return (Column(voice.texts("devices.name"), "left"), Column(voice.texts("devices.how"), "left", wide=True))


def device_rows(
    devices: Sequence[DeviceNews], notices: Sequence[Notice], prints: Prints, exceptions: int, voice: Voice
) -> tuple[TableRow, ...]:
    """This device, the others, printers, and what waits for a person; what is wrong has its tone and its sentence."""
    texts = voice.texts
    here = next((each.name for each in devices if each.is_this), texts("devices.this"))
    rows = [TableRow("here", (texts("devices.here"), ""), heads=True)]
    rows += [TableRow(("here", at), (here if not at else "", each.text), each.tone) for at, each in enumerate(notices)]
    rows.append(TableRow("others", (texts("devices.others"), ""), heads=True))
    rows += [_device_row(each, voice) for each in devices if not each.is_this]
    if len(devices) < 2:
        rows.append(TableRow("alone", ("", texts("devices.alone"))))
    rows.append(TableRow("printers", (texts("devices.printers", key=PRINTERS.key_label(texts)), ""), heads=True))
    printers = printer_lines(prints, voice)
    rows += [TableRow(("printer", each.name), (each.name, each.sentence or each.note), each.tone) for each in printers]
    if not printers:
        rows.append(TableRow("none", ("", texts("devices.no_printer"))))
    rows.append(TableRow("waits", (texts("devices.waits"), ""), heads=True))
    key = EXCEPTIONS.key_label(texts)
    said = texts("devices.exceptions", count=exceptions, key=key) if exceptions else texts("devices.no_exceptions")
    rows.append(TableRow("exceptions", ("", said), Tone.WARN if exceptions else Tone.READY))
    return tuple(rows)


def _device_row(device: DeviceNews, voice: Voice) -> TableRow:
    """`Caja 2 · caja · último dato 12:38`; what was not heard of today stands out."""
    texts = voice.texts
    kind = texts(f"device_kind.{device.kind}")
    if device.last_at is None:
        how = texts("devices.never")
    else:
        code = "devices.heard" if device.is_of_today else "devices.not_today"
        how = texts(code, since=voice.since_day(device.last_at))
    return TableRow(device.id, (device.name, f"{kind} · {how}"), Tone.READY if device.is_of_today else Tone.WARN)
