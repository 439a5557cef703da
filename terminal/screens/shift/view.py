"""The content of the shift screen: pure, from the desk's snapshot and the count in the making."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum, auto
from uuid import UUID

from shared.books.views import OrderView
from shared.countries.currencies import currency as known_currency
from shared.countries.currencies import plain_amount
from shared.drawers.queries import SessionView
from shared.drawers.rules import session_now
from shared.shifts.rules import CountedPurse, SessionReport
from terminal.papers.shift_papers import ReportWords
from terminal.printing.documents import ReportRow
from terminal.screens.shift.counting import TOTAL, Counting, PurseCount
from terminal.screens.voice import Voice
from terminal.snapshots.sources import Drawers
from terminal.snapshots.state import DeskState
from terminal.theme.palette import Tone
from terminal.widgets.tile import Tile

Sections = tuple[tuple[ReportRow, ...], ...]


class Face(Enum):
    """What the screen shows."""

    HOME = auto()
    COUNT = auto()
    BEFORE = auto()
    RESULT = auto()
    PAPER = auto()


@dataclass(frozen=True, slots=True)
class OwnSessions:
    """The sessions of this device.

    Attributes:
        now: the one that takes money; None if none does.
        left_open: others, such as one that a sale opened on another day.
    """

    now: SessionView | None
    left_open: tuple[SessionView, ...]

    @property
    def to_close(self) -> SessionView | None:
        """Which one is closed next: those that were left open first."""
        return self.left_open[0] if self.left_open else self.now


def own_sessions(known: Drawers, device_id: UUID, today: date) -> OwnSessions:
    """The open sessions of a device."""
    mine = [view for view in known.sessions if view.session.device_id == device_id]
    found = session_now([view.session for view in mine], device_id, today)
    now = next((view for view in mine if found is not None and view.session.id == found.id), None)
    return OwnSessions(now, tuple(view for view in mine if view is not now))


def about_session(
    own: OwnSessions, known: Drawers, device_id: UUID, today: date, words: ReportWords, voice: Voice
) -> Sections:
    """What the screen says of this device's shift, of others on its drawer, and of money on its way."""
    texts, sections = voice.texts, []
    if own.now is None or not own.now.session.declared:
        sections.append([ReportRow(texts("shift.none"), strong=True), ReportRow(texts("shift.how_to_open"))])
    if own.now is not None:
        view = own.now
        rows = [
            ReportRow(texts("printing.shift.drawer"), view.drawer, strong=True),
            ReportRow(texts("printing.shift.business_date"), words.date(view.session.business_date)),
            ReportRow(texts("printing.shift.opened"), words.instant(view.opened_at)),
            ReportRow(texts("printing.shift.opened_by"), view.opened_by),
        ]
        if not view.session.declared:
            rows.append(ReportRow(texts("printing.shift.not_declared"), strong=True))
        elif view.session.business_date < today:
            rows.append(ReportRow(texts("shift.since_another_day"), strong=True))
        sections.append(rows)
    left = [
        ReportRow(texts("shift.left_open", drawer=view.drawer, day=words.date(view.session.business_date)), strong=True)
        for view in own.left_open
    ]
    sections.append(left)
    sections.append(_others(own, known, device_id, voice))
    return tuple(tuple(section) for section in sections if section)


def _others(own: OwnSessions, known: Drawers, device_id: UUID, voice: Voice) -> list[ReportRow]:
    mine = own.now.session.drawer_id if own.now is not None else None
    rows = []
    for view in known.sessions:
        if view.session.device_id == device_id:
            continue
        is_same = mine is not None and view.session.drawer_id == mine
        key = "shift.same_drawer" if is_same else "shift.other_session"
        said = voice.texts(key, drawer=view.drawer, device=view.device, person=view.opened_by)
        rows.append(ReportRow(said, strong=is_same))
    for given in known.handed_over:
        if mine is not None and given.to_drawer_id == mine:
            amount = voice.money(given.amount_minor)
            rows.append(ReportRow(voice.texts("shift.comes", drawer=given.from_drawer, amount=amount), strong=True))
    return rows


# -- before closing ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Carried:
    """Something that is not finished when a shift is closed.

    Attributes:
        id: names its sentence, and where its key leads (`KEYS_TO`).
        count: how much of it there is.
    """

    id: str
    count: int


def carried_over(orders: Iterable[OrderView], state: DeskState, exceptions: int, coming: int) -> tuple[Carried, ...]:
    """What is not finished, in the order in which one would finish it."""
    known = list(orders)
    held = sum(bool(order.held_courses) for order in known)
    prints = state.prints.health
    return (
        Carried("unsent", sum(bool(order.unsent) for order in known)),
        *([Carried("held", held)] if held else []),
        Carried("unpaid", sum(order.takes_money for order in known)),
        Carried("unprinted", sum(printer.open for printer in prints.printers)),
        Carried("unsynced", state.pending),
        Carried("exceptions", exceptions),
        Carried("coming", coming),
    )


def carried_tiles(carried: Sequence[Carried], voice: Voice) -> tuple[Tile, ...]:
    """A row for each: its number, what it is, and what becomes of it."""
    return tuple(
        Tile(
            id=each.id,
            title=voice.texts(f"shift.before.{each.id}", count=each.count),
            hint=str(at),
            detail=voice.texts(f"shift.leads.{each.id}") if each.count else voice.texts("shift.leads.none"),
            tone=Tone.WARN if each.count else Tone.PLAIN,
        )
        for at, each in enumerate(carried, start=1)
    )


# -- counting ---------------------------------------------------------------------------------------------------------


def total_tile(counting: Counting, voice: Voice) -> Tile:
    """The amount in one figure; once coins or notes are counted, what they come to."""
    purse, of = counting.purse, known_currency(counting.purse.currency)
    if purse.by_pieces:
        return Tile(id=TOTAL, title=voice.texts("shift.of_pieces"), badge=plain_amount(purse.total_minor, of))
    typed = bool(purse.typed.get(TOTAL))
    return Tile(
        id=TOTAL,
        title=voice.texts("shift.in_all" if purse.values else "shift.amount"),
        badge=plain_amount(purse.amount_minor, of) if typed else "",
    )


def piece_tiles(counting: Counting) -> tuple[tuple[Tile, ...], tuple[Tile, ...]]:
    """How many there are of each coin and note: the larger values, and the smaller ones beside them."""
    half = counting.purse.first_column
    tiles = [_piece(at, value, counting) for at, value in enumerate(counting.purse.values, start=1)]
    return tuple(tiles[:half]), tuple(tiles[half:])


def _piece(at: int, value: int, counting: Counting) -> Tile:
    purse = counting.purse
    count, of = purse.typed.get(at, ""), known_currency(purse.currency)
    worth = plain_amount(value * int(count), of) if count else ""
    return Tile(
        id=at,
        title=plain_amount(value, of),
        badge=f"× {count} = {worth}" if count else "×",
    )


def purse_name(purse: PurseCount, branch_currency: str, voice: Voice) -> str:
    """`Efectivo`, `Efectivo USD`, `Visa`."""
    name = purse.name or voice.texts("printing.shift.cash")
    return name if purse.currency == branch_currency else f"{name} {purse.currency}"


# -- after the count --------------------------------------------------------------------------------------------------


def difference_tone(report: SessionReport) -> Tone:
    """Whether something is missing or too much."""
    return Tone.WARN if any(each.difference_minor for each in report.counted) else Tone.READY


def difference_words(report: SessionReport, money: Callable[[int, str], str], voice: Voice) -> str:
    """`Cuadra`, or what is missing and what is too much, by purse."""

    def said(each: CountedPurse) -> str:
        key = "shift.short" if each.difference_minor < 0 else "shift.over"
        name = each.name or voice.texts("printing.shift.cash")
        return voice.texts(key, name=name, amount=money(abs(each.difference_minor), each.currency))

    differing = [said(each) for each in report.counted if each.difference_minor]
    return " ".join((*differing, voice.texts("shift.then_close"))) if differing else voice.texts("shift.adds_up")
