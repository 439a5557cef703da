"""A configured printer: its paper, letters and hardware, and the transport that reaches it."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from shared.printers.rules import Beep, Cut, DrawerPin, QrMode, Separates, habits_of
from shared.printers.settings import PrinterSettings
from terminal.printing.addresses import BadPrinterAddress, transport_at
from terminal.printing.code_pages import CODE_PAGES, PC850, CodePage
from terminal.printing.profile import PrinterProfile
from terminal.printing.transports import RefusedTransport, Transport

__all__ = [
    "Beep",
    "Cut",
    "DrawerPin",
    "Printer",
    "PrinterBook",
    "PrinterProfile",
    "QrMode",
    "Separates",
    "printer_of",
    "profile_of",
]

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Printer:
    """A configured printer.

    Attributes:
        substitute: name of the printer that is offered when this one fails; empty for none.
        most_age: how long a job may wait and still print unasked; None: as its kind says.
        drawer_device_id: the device whose sales open its drawer; None: each that prints here.
        device_id: the device that it hangs on; None for a network printer.
        substitute_after: failed attempts in a row after which its substitute prints what waits by itself; 0: when a
            person says so.
    """

    profile: PrinterProfile
    transport: Transport
    substitute: str = ""
    most_age: timedelta | None = None
    drawer_device_id: UUID | None = None
    device_id: UUID | None = None
    substitute_after: int = 0


class PrinterBook:
    """Printers by their settings. One whose settings did not change stays the same object, with what it learnt.

    Args:
        practice: see `PrinterProfile`.
    """

    def __init__(self, *, practice: bool = False) -> None:
        self._practice = practice
        self._printers: dict[tuple[PrinterSettings, bool], Printer] = {}

    def of(self, settings: Mapping[str, PrinterSettings], own: Collection[str] = ()) -> dict[str, Printer]:
        """The printers with these settings, by name.

        Args:
            own: names of those in this machine's `device.toml`.
        """
        known, self._printers = self._printers, {}
        for each in settings.values():
            key = (each, each.name in own)
            self._printers[key] = known.get(key) or self._made(each, is_own=each.name in own)
        return {each.name: printer for (each, _is_own), printer in self._printers.items()}

    def _made(self, settings: PrinterSettings, *, is_own: bool) -> Printer:
        printer = printer_of(settings, is_own=is_own)
        return replace(printer, profile=replace(printer.profile, practice=self._practice))


def printer_of(settings: PrinterSettings, *, is_own: bool = False) -> Printer:
    """The printer that a row or a part of `device.toml` means. At a wrong address all its jobs fail, visibly.

    Args:
        is_own: this machine's `device.toml` says it. Only there a file or a folder may stand for a printer.
    """
    return Printer(
        profile_of(settings),
        _transport(settings, is_own=is_own),
        substitute=settings.substitute,
        substitute_after=settings.substitute_after,
        most_age=timedelta(seconds=settings.most_age_seconds) if settings.most_age_seconds else None,
        drawer_device_id=settings.drawer_device_id,
        device_id=settings.device_id,
    )


def _transport(settings: PrinterSettings, *, is_own: bool) -> Transport:
    try:
        return transport_at(settings.address, of_branch=not is_own)
    except BadPrinterAddress:
        logger.warning("printer %s cannot be reached at %r", settings.name, settings.address)
        return RefusedTransport()


def profile_of(settings: PrinterSettings) -> PrinterProfile:
    """What the bytes for a printer depend on. A page that only a newer program knows prints as the usual one."""
    page = CODE_PAGES.get(settings.page)
    return PrinterProfile(
        columns=settings.columns,
        page=PC850 if page is None else CodePage(page.name, settings.page_number, page.codec),
        cut=settings.cut,
        feed_lines=settings.feed_lines,
        top_lines=settings.top_lines,
        separates=settings.separates,
        drawer=settings.drawer_pin,
        beep=settings.beep,
        qr=settings.qr,
        habits=habits_of(settings.profile),
    )
