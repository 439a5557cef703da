"""What is said of a printer, as plain values: in rows, in `device.toml`, in a founding file, in a form."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any
from uuid import UUID

from shared.kernel.errors import DomainError
from shared.kernel.ids import derived_id
from shared.printers.addresses import may_be_of_a_branch, transport_kind
from shared.printers.rules import (
    COLUMNS,
    MOST_AGE_SECONDS,
    MOST_ATTEMPTS,
    MOST_FEED_LINES,
    MOST_NAME_CHARACTERS,
    MOST_PAGE_NUMBER,
    MOST_TOP_LINES,
    PAGES,
    Beep,
    Cut,
    DrawerPin,
    Habit,
    QrMode,
    Separates,
    TransportKind,
    is_name,
    is_of_a_device,
)

LONGEST_NUMBER = 9
MOST_PROFILE_CHARACTERS = 32
MOST_SHOWN = 40
"""Characters of a wrong word that a sentence repeats."""
_MOST = {
    "page_number": MOST_PAGE_NUMBER,
    "feed_lines": MOST_FEED_LINES,
    "top_lines": MOST_TOP_LINES,
    "most_age_seconds": MOST_AGE_SECONDS,
    "substitute_after": MOST_ATTEMPTS,
}
_HABITS = ", ".join(Habit)
_CHOICES = {"cut": Cut, "beep": Beep, "qr": QrMode, "separates": Separates, "drawer_pin": DrawerPin}


@dataclass(frozen=True, slots=True)
class PrinterSettings:
    """All settings of a printer; see the record for each.

    Attributes:
        page_number: the printer's own number of its code page.
        device_id: the device that it hangs on; None for a network printer.
    """

    name: str
    address: str
    device_id: UUID | None = None
    columns: int = 42
    page: str = "PC850"
    page_number: int = 2
    cut: Cut = Cut.FULL
    feed_lines: int = 5
    top_lines: int = 0
    separates: Separates = Separates.SLIP
    drawer_pin: DrawerPin = DrawerPin.TWO
    drawer_device_id: UUID | None = None
    beep: Beep = Beep.BUZZER
    qr: QrMode = QrMode.RASTER
    profile: str = ""
    substitute: str = ""
    substitute_after: int = 0
    most_age_seconds: int = 0
    is_active: bool = True

    @property
    def transport(self) -> TransportKind:
        """How its address is reached."""
        return transport_kind(self.address) or TransportKind.OTHER

    @property
    def is_of_a_device(self) -> bool:
        """Whether it hangs on one device."""
        return is_of_a_device(self.transport)

    def columns_of_row(self) -> Iterator[tuple[str, Any]]:
        """The fields of its row by name, but for its name."""
        for each in fields(self):
            if each.name != "name":
                value = getattr(self, each.name)
                yield each.name, int(value) if isinstance(value, DrawerPin) else value
        yield "transport", self.transport

    def check(self) -> None:
        """Refuse what no printer can be.

        Raises:
            DomainError: PRINTER_NAME_WRONG (params: name, most), PRINTER_ADDRESS_WRONG (address), PRINTER_COLUMNS_WRONG
                (columns), PRINTER_PAGE_UNKNOWN (page, pages), PRINTER_NUMBER_WRONG (field, most),
                PRINTER_WORD_UNKNOWN (field, word, words), PRINTER_SUBSTITUTES_ITSELF.
        """
        for name in (self.name, *((self.substitute,) if self.substitute else ())):
            if not is_name(name):
                raise DomainError("PRINTER_NAME_WRONG", name=name, most=MOST_NAME_CHARACTERS)
        if transport_kind(self.address) is None:
            raise DomainError("PRINTER_ADDRESS_WRONG", address=self.address)
        if type(self.columns) is not int or self.columns not in COLUMNS:
            raise DomainError("PRINTER_COLUMNS_WRONG", columns=self.columns)
        if self.page not in PAGES:
            raise DomainError("PRINTER_PAGE_UNKNOWN", page=self.page, pages=", ".join(PAGES))
        for name, most in _MOST.items():
            value = getattr(self, name)
            if type(value) is not int or not 0 <= value <= most:
                raise DomainError("PRINTER_NUMBER_WRONG", field=name, most=most)
        for name, kind in _CHOICES.items():
            _require_word(name, kind, getattr(self, name))
        self._check_others()
        if self.substitute == self.name:
            raise DomainError("PRINTER_SUBSTITUTES_ITSELF", name=self.name)

    def check_for_a_branch(self) -> None:
        """Refuse what the rows of a branch may not say. Other devices write them: they name no files.

        Raises:
            DomainError: PRINTER_ADDRESS_IS_A_FILE (params: name, address), and those of `check`.
        """
        self.check()
        if not may_be_of_a_branch(self.address):
            raise DomainError("PRINTER_ADDRESS_IS_A_FILE", name=self.name, address=self.address)

    def _check_others(self) -> None:
        for name in ("device_id", "drawer_device_id"):
            if not isinstance(getattr(self, name), UUID | None):
                raise DomainError("PRINTER_WORD_UNKNOWN", field=name, word=str(getattr(self, name)), words="UUID")
        if len(self.profile) > MOST_PROFILE_CHARACTERS or not self.profile.isprintable():
            raise DomainError("PRINTER_WORD_UNKNOWN", field="profile", word=self.profile[:MOST_SHOWN], words=_HABITS)
        if unknown := set(self.profile.replace(",", " ").split()) - set(Habit):
            word = min(unknown)[:MOST_SHOWN]
            raise DomainError("PRINTER_WORD_UNKNOWN", field="profile", word=word, words=_HABITS)
        if type(self.is_active) is not bool:
            raise DomainError("PRINTER_WORD_UNKNOWN", field="is_active", word=str(self.is_active), words="true, false")


def printer_id(branch_id: UUID, name: str) -> UUID:
    """The id of a printer: two devices that add one name add one printer."""
    return derived_id("printer", branch_id, name)


def settings_of(name: str, said: dict[str, Any]) -> PrinterSettings:
    """The settings that plain values mean: words, numbers, yes and no. The code page brings its usual number.

    Raises:
        DomainError: PRINTER_SETTING_UNKNOWN (params: field), PRINTER_ADDRESS_MISSING (name), and those of `check`.
    """
    known = {each.name for each in fields(PrinterSettings)} - {"name"}
    unknown = sorted(set(said) - known)
    if unknown:
        raise DomainError("PRINTER_SETTING_UNKNOWN", field=unknown[0], fields=", ".join(sorted(known)))
    if not isinstance(said.get("address"), str):
        raise DomainError("PRINTER_ADDRESS_MISSING", name=name)
    values = dict(said)
    for field, kind in _CHOICES.items():
        if field in values:
            values[field] = _require_word(field, kind, values[field])
    for field in ("device_id", "drawer_device_id"):
        if isinstance(values.get(field), str):
            values[field] = _device(field, values[field])
    for field in ("page", "profile", "substitute"):
        if field in values and not isinstance(values[field], str):
            raise DomainError("PRINTER_WORD_UNKNOWN", field=field, word=str(values[field]), words="")
    if "page" in values and "page_number" not in values:
        values["page_number"] = PAGES.get(values["page"], 0)
    settings = PrinterSettings(name, **values)
    settings.check()
    return settings


def _device(field: str, text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise DomainError("PRINTER_WORD_UNKNOWN", field=field, word=text, words="UUID") from None


def printer_said(text: str) -> PrinterSettings:
    """The settings that a text means: `cocina=tcp://192.168.1.51:9100`, then what is not as usual: `,columns=32`.

    Raises:
        DomainError: PRINTER_SAID_WRONG (params: text), and those of `settings_of`.
    """
    name, equals, said = text.partition("=")
    address, *others = said.split(",")
    values: dict[str, Any] = {"address": address}
    for other in others:
        field, with_value, value = other.partition("=")
        if not with_value:
            raise DomainError("PRINTER_SAID_WRONG", text=text)
        values[field] = int(value) if value.isdecimal() and len(value) <= LONGEST_NUMBER else value
    if not equals or not address:
        raise DomainError("PRINTER_SAID_WRONG", text=text)
    return settings_of(name, values)


def _require_word(field: str, kind: Any, word: Any) -> Any:
    try:
        return kind(word)
    except ValueError:
        words = ", ".join(str(each.value) for each in kind)
        raise DomainError("PRINTER_WORD_UNKNOWN", field=field, word=str(word), words=words) from None
