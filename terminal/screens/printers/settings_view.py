"""The settings of a printer as rows, and what may be chosen for each. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from shared.kernel.errors import DomainError
from shared.printers.rules import COLUMNS, PAGES, Beep, Cut, DrawerPin, Paper, QrMode, Separates
from shared.printers.settings import PrinterSettings
from terminal.dialogs.questions import Choice, Field, FieldKind

if TYPE_CHECKING:
    from shared.kernel.language import Texts
    from shared.printers.queries import RuleView
    from terminal.papers.print_plan import Diverted

ADD, TRY, PRINTS, SWITCH = "add", "try", "prints", "switch"
"""Rows that are no setting: a new printer, a test page, what it prints, on or off."""
MINUTE_SECONDS = 60
_NOBODY = "-"
_WORDS: Mapping[str, Sequence[Any]] = {
    "columns": COLUMNS,
    "page": tuple(PAGES),
    "cut": tuple(Cut),
    "beep": tuple(Beep),
    "qr": tuple(QrMode),
    "separates": tuple(Separates),
    "drawer_pin": tuple(DrawerPin),
}
"""Settings that are one of some words."""
_TYPED = ("address", "page_number", "feed_lines", "top_lines", "most_age_seconds", "substitute_after", "profile")
_DEVICES = ("device_id", "drawer_device_id")
_ORDER = (
    "address",
    "device_id",
    "columns",
    "page",
    "page_number",
    "feed_lines",
    "top_lines",
    "cut",
    "separates",
    "drawer_pin",
    "drawer_device_id",
    "beep",
    "qr",
    "substitute",
    "substitute_after",
    "most_age_seconds",
    "profile",
)


class House(NamedTuple):
    """What settings name: devices and stations by id, and the names of all printers."""

    devices: Mapping[UUID, str]
    stations: Mapping[UUID, str]
    printers: tuple[str, ...]


class Target(NamedTuple):
    """A document that a printer may print, of one station or of all."""

    paper: Paper
    station_id: UUID | None = None


def printer_rows(
    printers: Mapping[str, PrinterSettings], own: Mapping[str, PrinterSettings], rules: Sequence[RuleView], texts: Texts
) -> tuple[Choice, ...]:
    """All printers, with paper and documents; then a new one. Those of `device.toml` are changed there."""
    rows = []
    for name, each in sorted(printers.items()):
        papers = dict.fromkeys(texts(f"printers.paper.{rule.document}") for rule in rules if rule.printer == name)
        paper = texts("printers.columns_short", columns=each.columns)
        said = ", ".join(papers) if each.is_active else texts("printers.off")
        rows.append(Choice(name, name, " · ".join(filter(None, (paper, said)))))
    rows.extend(
        Choice(name, name, texts("printers.own"), texts("printers.own_why"))
        for name in sorted(own)
        if name not in printers
    )
    return (*rows, Choice(ADD, texts("printers.add")))


def setting_rows(
    settings: PrinterSettings, rules: Sequence[RuleView], house: House, texts: Texts, diverted: Sequence[Diverted] = ()
) -> tuple[Choice, ...]:
    """What can be done with a printer, and each of its settings with its value.

    Args:
        diverted: what it does not print here, since `device.toml` names another printer.
    """
    on = texts("printers.switch_off" if settings.is_active else "printers.switch_on")
    prints = ", ".join(target_title(Target(rule.document, rule.station_id), house, texts) for rule in rules)
    shown = [name for name in _ORDER if name != "device_id" or settings.is_of_a_device]
    return (
        Choice(TRY, texts("printers.try"), "", "" if settings.is_active else texts("printers.off")),
        Choice(
            PRINTS,
            texts("printers.prints"),
            f"{prints} {texts('printers.not_all_here')}" if diverted else prints or texts("printers.nothing"),
        ),
        *(Choice(name, texts(f"printers.setting.{name}"), value_text(settings, name, house, texts)) for name in shown),
        Choice(SWITCH, on),
    )


def value_text(settings: PrinterSettings, name: str, house: House, texts: Texts) -> str:
    """The value of a setting in words."""
    value = getattr(settings, name)
    if name in _DEVICES:
        return house.devices.get(value, "?") if value is not None else texts(f"printers.no.{name}")
    if name in ("columns", "page"):
        return str(value)
    if name in _WORDS:
        return texts(f"printers.word.{name}.{int(value) if isinstance(value, int) else value}")
    if name == "most_age_seconds":
        return (
            texts("printers.minutes", minutes=value // MINUTE_SECONDS)
            if value
            else texts("printers.no.most_age_seconds")
        )
    if name == "substitute_after" and not value:
        return texts("printers.no.substitute_after")
    return str(value) if value != "" else texts(f"printers.no.{name}")


def choices_of(settings: PrinterSettings, name: str, house: House, texts: Texts) -> tuple[Choice, ...] | None:
    """What may be chosen for a setting; None if it is typed."""
    if name in _TYPED:
        return None
    if name in _DEVICES:
        rows = tuple(Choice(device, title) for device, title in house.devices.items())
        return rows if name == "device_id" else (*rows, Choice(_NOBODY, texts(f"printers.no.{name}")))
    if name == "substitute":
        others = (each for each in house.printers if each != settings.name)
        return (*(Choice(each, each) for each in others), Choice(_NOBODY, texts("printers.no.substitute")))
    return tuple(
        Choice(value, value_text(replace(settings, **{name: value}), name, house, texts)) for value in _WORDS[name]
    )


def field_of(settings: PrinterSettings, name: str, texts: Texts) -> Field:
    """The field of a setting that is typed. How long papers wait is typed in minutes."""
    value = getattr(settings, name)
    shown = value // MINUTE_SECONDS if name == "most_age_seconds" else value
    kind = FieldKind.NUMBER if isinstance(value, int) else FieldKind.TEXT
    most = 5 if kind is FieldKind.NUMBER else 200
    return Field(name, texts(f"printers.setting.{name}"), kind, str(shown), needed=name == "address", most=most)


def changed(settings: PrinterSettings, name: str, answer: Any, of_device: UUID) -> PrinterSettings:
    """A printer with another value. A new code page brings its usual number, a new address hangs on this device.

    Raises:
        DomainError: see `PrinterSettings.check`.
    """
    value = answer
    if answer == _NOBODY and name in (*_DEVICES, "substitute"):
        value = "" if name == "substitute" else None
    elif isinstance(getattr(settings, name), int) and isinstance(answer, str):
        value = int(answer or 0) * (MINUTE_SECONDS if name == "most_age_seconds" else 1)
    after = replace(settings, **{name: value})
    if name == "page":
        after = replace(after, page_number=PAGES[value])
    if name == "address":
        after = replace(after, device_id=of_device)
    after.check()
    return after


def target_rows(
    rules: Sequence[RuleView], house: House, texts: Texts, diverted: Sequence[Diverted] = ()
) -> tuple[Choice, ...]:
    """What a printer may print, with a mark at what it does, and where that goes on this device if elsewhere."""
    notes = {Target(rule.document, rule.station_id): texts("printers.yes") for rule in rules}
    notes |= {
        Target(each.paper, each.station_id): texts("printers.goes_here_to", printer=each.printer) for each in diverted
    }
    targets = [Target(paper) for paper in Paper if paper is not Paper.OTHER]
    targets[2:3] = [Target(Paper.KITCHEN), *(Target(Paper.KITCHEN, station) for station in house.stations)]
    return tuple(Choice(each, target_title(each, house, texts), notes.get(each, "")) for each in targets)


def target_title(target: Target, house: House, texts: Texts) -> str:
    """`comandas · Barra`."""
    paper = texts(f"printers.paper.{target.paper}")
    return paper if target.station_id is None else f"{paper} · {house.stations.get(target.station_id, '?')}"


def named(answer: Mapping[str, str]) -> str:
    """The typed name of a new printer, in small letters.

    Raises:
        DomainError: NAME_MISSING.
    """
    name = answer["name"].strip().lower()
    if not name:
        raise DomainError("NAME_MISSING")
    return name
