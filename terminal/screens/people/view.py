"""The content of the face of people: pure, from the day that was read."""

from __future__ import annotations

from collections.abc import Hashable

from shared.books.people_day import Deed, DeedKind, PeopleDay, PersonDay
from shared.kernel.quantity import format_quantity
from terminal.screens.today.table import Column, TableRow
from terminal.screens.voice import Voice

EVERYBODY = "everybody"
"""Id of the first row: the sums of all."""
_MONEY = (DeedKind.VOID, DeedKind.DISCOUNT, DeedKind.REFUND, DeedKind.LOSS)


def people_columns(voice: Voice) -> tuple[Column, ...]:
    """Name, sold, checks, openings of the drawer, and a column for what takes money off."""
    texts = voice.texts
    names = ("sold", "checks", DeedKind.OPENING, *_MONEY)
    return (Column(texts("people.name"), "left", wide=True), *(Column(texts(f"people.{each}")) for each in names))


def people_rows(day: PeopleDay, voice: Voice) -> tuple[TableRow, ...]:
    """Everybody together, then each."""
    if not day.people:
        return ()
    every = PersonDay(
        None,
        voice.texts("people.everybody"),
        sum(each.checks for each in day.people),
        sum(each.sold_minor for each in day.people),
        {kind: sum(each.amounts[kind] for each in day.people) for kind in DeedKind},
        {kind: sum(each.counts[kind] for each in day.people) for kind in DeedKind},
    )
    return (
        TableRow(EVERYBODY, _cells(every, voice)),
        *(TableRow((each.person_id,), _cells(each, voice)) for each in day.people),
    )


def _cells(person: PersonDay, voice: Voice) -> tuple[str, ...]:
    openings = person.counts[DeedKind.OPENING]
    return (
        person.name or voice.texts("people.unknown"),
        voice.money(person.sold_minor) if person.sold_minor else "",
        f"{person.checks:,}" if person.checks else "",
        f"{openings}" if openings else "",
        *(voice.money(person.amounts[kind]) if person.counts[kind] else "" for kind in _MONEY),
    )


def deed_columns(voice: Voice) -> tuple[Column, ...]:
    """The time behind what it is about, so that narrow screens keep both."""
    texts = voice.texts
    return (
        Column("", "left", wide=True),
        Column(texts("people.amount")),
        Column(texts("people.at")),
    )


def deed_rows(day: PeopleDay, chosen: Hashable, voice: Voice) -> tuple[TableRow, ...]:
    """The deeds of everybody, or of one person, the newest first."""
    deeds = [deed for deed in day.deeds if chosen in (EVERYBODY, (deed.person_id,))]
    with_names = chosen == EVERYBODY
    return tuple(
        TableRow(at, (_words(deed, voice, with_name=with_names), _amount(deed, voice), voice.clock(deed.at)))
        for at, deed in enumerate(deeds)
    )


def _amount(deed: Deed, voice: Voice) -> str:
    return voice.money(deed.amount_minor) if deed.kind is not DeedKind.OPENING else ""


def _words(deed: Deed, voice: Voice, *, with_name: bool) -> str:
    """`Rosa Quispe · anuló 2 Lomo saltado · Demoró demasiado · aprobó Carmen Flores`."""
    texts = voice.texts
    quantity = f"{format_quantity(deed.quantity_milli)} " if deed.quantity_milli else ""
    did = texts(f"people.did_{deed.kind}", about=f"{quantity}{deed.about}").rstrip()
    approved = texts("people.approved", name=deed.approver) if deed.approver else ""
    name = (deed.name or texts("people.unknown")) if with_name else ""
    return " · ".join(filter(None, (name, did, deed.reason, approved)))
