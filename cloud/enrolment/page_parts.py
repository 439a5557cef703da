"""What the pages of devices show, as plain values: tables, forms, figures, codes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from cloud.accounts.branches import BranchSeen
from cloud.database.paging import ListPart
from cloud.enrolment.listing import WaitingCode
from cloud.pages import words
from cloud.pages.addresses import Address
from cloud.pages.branch_field import branch_field
from cloud.pages.forms import Field, Form
from cloud.pages.qr import QrCode, qr_code
from cloud.pages.tables import Cell, Column, Note, Order, Table, Tone, table
from shared.kernel.language import Texts
from shared.kernel.text import clean
from shared.tenancy.records import DeviceKind

KIND_NAMES: Mapping[str, str] = MappingProxyType(
    {
        DeviceKind.TILL: "devices.kinds.till",
        DeviceKind.WAITER: "devices.kinds.waiter",
        DeviceKind.KITCHEN: "devices.kinds.kitchen",
        DeviceKind.MANAGER: "devices.kinds.manager",
    }
)
"""The kinds that are enrolled, and the keys of their names."""
SILENT = timedelta(hours=24)
"""Every branch closes at night; a device that was silent for a whole day deserves a look."""
LONG_WAITING = timedelta(minutes=15)
"""What was sold so long ago and is not sent yet deserves a look."""
WRONG_CLOCK_MS = 2 * 60_000
"""A clock that is off so much sets papers and tickets in a wrong order for people; the cloud asks later than that."""
LITTLE_DISK_MB = 500
FAULT_NAMES = {
    "unreachable": "devices.faults.unreachable",
    "mute": "devices.faults.mute",
    "paper_out": "devices.faults.paper_out",
    "cover_open": "devices.faults.cover_open",
    "no_printer": "devices.faults.no_printer",
}
"""The usual faults of printers in lower case, and the keys of their names; another one is shown by its code."""
USUAL = Order("name")


@dataclass(frozen=True, slots=True)
class DevicesAsked:
    """The filter and the part that an address names."""

    branch: str = ""
    words: str = ""
    kind: str = ""
    state: str = ""
    order: Order = USUAL
    after: str = ""

    @property
    def address(self) -> Address:
        """The address of this part."""
        sort = "" if self.order == USUAL else str(self.order)
        filtered = {"branch": self.branch, "q": self.words, "kind": self.kind, "state": self.state}
        return Address("/devices", {**filtered, "sort": sort, "after": self.after})


@dataclass(frozen=True, slots=True)
class GivenCode:
    """A code as the page shows it, this once. `command` is what is typed on the device."""

    name: str
    code: str
    command: str
    qr: QrCode


def filter_of(texts: Texts, asked: DevicesAsked) -> Form:
    """The filter over the list."""
    kinds = [("", texts("devices.all_kinds")), *((str(kind), texts(name)) for kind, name in KIND_NAMES.items())]
    states = [("", texts("devices.in_use")), ("revoked", texts("devices.revoked"))]
    fields = (
        Field("q", texts("devices.search"), "search", asked.words, most=80),
        Field("kind", texts("devices.kind"), "select", asked.kind, choices=kinds),
        Field("state", texts("devices.state"), "select", asked.state, choices=states),
    )
    sort = "" if asked.order == USUAL else str(asked.order)
    hidden = [(name, value) for name, value in (("branch", asked.branch), ("sort", sort)) if value]
    return Form("/devices", texts("devices.show"), fields, hidden)


def devices_table(
    texts: Texts, part: ListPart, total: int, asked: DevicesAsked, now: datetime, *, shows_branch: bool
) -> Table:
    """The devices of a part."""
    columns = [
        Column(texts("devices.name"), "name"),
        *([Column(texts("devices.branch"), "branch")] if shows_branch else []),
        Column(texts("devices.kind"), "kind"),
        Column(texts("devices.letter")),
        Column(texts("devices.contact"), "contact"),
    ]
    rows = [
        [
            Cell(clean(row.name) or str(row.id), href=f"/devices/{row.id}"),
            *([Cell(clean(row.branch_name))] if shows_branch else []),
            Cell(kind_of(texts, row.kind)),
            Cell(clean(row.letter)),
            contact_cell(texts, row, now),
        ]
        for row in part.rows
    ]
    caption = texts("devices.revoked_caption") if asked.state == "revoked" else texts("devices.caption")
    counted = texts("devices.total", count=f"{total:,}") if total != 1 else texts("devices.total_one")
    return table(caption, columns, rows, address=asked.address, order=asked.order, next_cursor=part.next, total=counted)


def waiting_table(texts: Texts, waiting: Sequence[WaitingCode], branches: Sequence[BranchSeen], now: datetime) -> Table:
    """The codes that wait for a device."""
    names = {branch.id: clean(branch.name) for branch in branches}
    columns = [
        Column(texts("devices.name")),
        Column(texts("devices.branch")),
        Column(texts("devices.kind")),
        Column(texts("devices.expires")),
    ]
    rows = [
        [
            Cell(clean(code.name)),
            Cell(names.get(code.branch_id, "")),
            Cell(kind_of(texts, code.kind)),
            Cell(texts("devices.in_minutes", count=max(1, round((code.expires_at - now) / timedelta(minutes=1))))),
        ]
        for code in waiting
    ]
    return table(texts("devices.waiting"), columns, rows, address=Address("/devices"))


def contact_cell(texts: Texts, row: Any, now: datetime) -> Cell:
    """When a device was last in contact, or that it was revoked: a glyph and words."""
    if row.revoked:
        at = texts("devices.revoked_at", age=words.age(texts, row.revoked_at, now)) if row.revoked_at else ""
        return Cell(at or texts("devices.revoked"), mark="✕", tone=Tone.BAD)
    if row.contact_at is None:
        return Cell(texts("devices.never"), mark="○", tone=Tone.PLAIN)
    notes = [Note(f"▲ {trouble}", Tone.WARNING) for trouble in troubles_of(texts, row, now)]
    age = words.age(texts, row.contact_at, now)
    if now - row.contact_at > SILENT:
        return Cell(age, mark="▲", tone=Tone.WARNING, notes=notes)
    return Cell(age, mark="●", tone=Tone.GOOD, notes=notes)


def device_figures(texts: Texts, row: Any, now: datetime) -> list[tuple[str, str]]:
    """What is known of a device."""
    contact = contact_cell(texts, row, now)
    figures = [
        (texts("devices.branch"), clean(row.branch_name)),
        (texts("devices.kind"), kind_of(texts, row.kind)),
        (texts("devices.letter"), clean(row.letter)),
        (texts("devices.contact"), f"{contact.mark} {contact.text}"),
        *_health_figures(texts, row, now),
    ]
    if row.enrolled_at is not None:
        figures.append((texts("devices.enrolled"), words.age(texts, row.enrolled_at, now)))
    return figures


def _health_figures(texts: Texts, row: Any, now: datetime) -> list[tuple[str, str]]:
    """What the device said of itself at its last contact; empty if it has said nothing yet."""
    if row.program is None:
        return []
    backlog = texts("devices.nothing_waits")
    if row.waiting:
        backlog = texts("devices.waits", count=row.waiting)
        if row.oldest_at is not None:
            backlog = f"{backlog}, {words.age(texts, row.oldest_at, now)}"
    clock = texts("devices.not_said")
    if row.ahead_ms is not None:
        clock = _clock(texts, row.ahead_ms) or texts("devices.clock_right")
    return [
        (texts("devices.program"), clean(row.program)),
        (texts("devices.backlog"), backlog),
        (texts("devices.clock"), clock),
        (texts("devices.disk"), texts("devices.not_said") if row.disk_free_mb is None else _room(row.disk_free_mb)),
        (texts("devices.printers"), "; ".join(_printers(texts, row)) or texts("devices.printers_fine")),
    ]


def troubles_of(texts: Texts, row: Any, now: datetime) -> list[str]:
    """What somebody should look at, of what a device said at its last contact."""
    if row.program is None:
        return []
    troubles = []
    if row.waiting and row.oldest_at is not None and now - row.oldest_at > LONG_WAITING:
        age = words.age(texts, row.oldest_at, now)
        troubles.append(f"{texts('devices.waits', count=row.waiting)}, {age}")
    if row.ahead_ms is not None and (clock := _clock(texts, row.ahead_ms)):
        troubles.append(clock)
    if row.disk_free_mb is not None and row.disk_free_mb < LITTLE_DISK_MB:
        troubles.append(texts("devices.disk_full", room=_room(row.disk_free_mb)))
    return [*troubles, *_printers(texts, row)]


def _clock(texts: Texts, ahead_ms: int) -> str:
    """By how much a clock is wrong; empty if it is right."""
    minutes = round(abs(ahead_ms) / 60_000)
    if abs(ahead_ms) < WRONG_CLOCK_MS:
        return ""
    return texts("devices.clock_fast" if ahead_ms > 0 else "devices.clock_slow", minutes=f"{minutes:,}")


def _printers(texts: Texts, row: Any) -> list[str]:
    """The printers that print nothing, with how much waits there."""
    faulty = ((clean(name), *said) for name, said in sorted(row.printers.items()) if said[0])
    return [texts("devices.printer_stuck", name=name, fault=_fault(texts, fault), count=n) for name, fault, n in faulty]


def _fault(texts: Texts, code: str) -> str:
    name = FAULT_NAMES.get(code.lower())
    return texts(name) if name is not None else code


def _room(megabytes: int) -> str:
    return f"{megabytes / 1_000:,.1f} GB"


def enrolling_form(texts: Texts, branches: Sequence[BranchSeen], branch: BranchSeen | None, most: int) -> Form:
    """The form for new devices. Who has one branch is not asked for it."""
    in_use = [each for each in branches if not each.is_closed]
    which = branch_field(texts, texts("devices.branch"), branches, in_use, branch)
    kinds = [(str(kind), texts(name)) for kind, name in KIND_NAMES.items()]
    fields = (
        *([which] if len(branches) > 1 else []),
        Field("kind", texts("devices.kind"), "select", DeviceKind.TILL, choices=kinds),
        Field("names", texts("devices.names"), "lines", hint=texts("devices.names_hint", most=most), rows=4),
    )
    return Form("/devices/new", texts("devices.give_codes"), fields, cancel_href="/devices")


def given_codes(given: Sequence[tuple[str, str]], cloud: str, kind: DeviceKind) -> list[GivenCode]:
    """Names and codes, with what a scanner reads and what is typed on the device.

    Args:
        cloud: the address by which devices reach it.
    """
    option = "" if kind is DeviceKind.TILL else f" --kind {kind}"
    return [GivenCode(name, code, f"comanda enroll {cloud} {code}{option}", qr_code(code)) for name, code in given]


def moving_code(name: str, code: str) -> GivenCode:
    """The code of a device that moves, with what is typed on it."""
    return GivenCode(name, code, f"comanda move {code}", qr_code(code))


def kind_of(texts: Texts, kind: DeviceKind) -> str:
    """The name of a kind of device."""
    return texts(KIND_NAMES[kind]) if kind in KIND_NAMES else str(kind)
