"""What the order screen shows: pure, from the menu and one order."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from uuid import UUID

from shared.books.gone import Gone
from shared.books.views import CheckView as BillOfCheck
from shared.books.views import LineState as Progress
from shared.books.views import LineView, OrderView
from shared.kernel.errors import DomainError
from shared.kernel.language import Texts
from shared.kernel.quantity import format_portions
from shared.menu.weights import measure_text
from shared.orders.allergies import allergy_words
from shared.orders.contacts import ContactView
from shared.orders.records import OrderKind, OrderSource
from shared.orders.rules import number_order
from shared.payments.adjustment_records import DiscountKind
from shared.taxes.rules import Tax, tax_label
from terminal.actions import EXCEPTIONS
from terminal.screens.bills.view import named_discount, named_service
from terminal.screens.course_words import course_name, seats_text
from terminal.screens.requests import Draft
from terminal.screens.voice import Voice, extra_of
from terminal.theme.palette import Tone
from terminal.widgets.big_digits import figure_and_sign
from terminal.widgets.check_lines import CheckLine, LineState
from terminal.widgets.check_panel import CheckView, CheckWords
from terminal.widgets.extra import Extra, ExtraKind

MOST_TOTALS = 3
"""So many totals of checks have room in a row of the check."""
MORE = "…"
NO_NAMES: Mapping[int, str] = MappingProxyType({})
NOTHING_KNOWN: Mapping[UUID, LineState] = MappingProxyType({})
"""Of how far the kitchen is."""
WORD_IN_KITCHEN = {LineState.SENT: "sent", LineState.RECEIVED: "received", LineState.STARTED: "cooking"}
"""What is said of an order of which so much is true; sentences of `[state]`."""
_IN_KITCHEN = (LineState.SENT, LineState.RECEIVED, LineState.STARTED)


# The check


_BEFORE_UNSENT = (LineState.PAID, LineState.SERVED, *_IN_KITCHEN, LineState.READY, LineState.HELD)


def check_words(voice: Voice) -> CheckWords:
    """The check's own words."""
    texts = voice.texts
    headings = tuple((state, texts(f"order.heading.{state}")) for state in (*_BEFORE_UNSENT, LineState.UNSENT))
    return CheckWords(headings, texts("order.voided"), texts("order.empty"), texts("order.more"), texts("order.total"))


def counts_of(order: OrderView | None) -> dict[UUID, int]:
    """How much of each item the order holds, in thousandths."""
    counts: dict[UUID, int] = defaultdict(int)
    for line in order.lines if order else ():
        if line.quantity_milli:
            counts[line.item_id] += line.quantity_milli
    return dict(counts)


def order_title(kind: OrderKind, table_name: str, guests: int, voice: Voice) -> str:
    """`Mesa 7 · 4 personas`, or how the guest gets it."""
    title = voice.place(kind, table_name)
    return f"{title} · {voice.texts('order.guests', count=guests)}" if guests else title


def contact_line(contact: ContactView | None, voice: Voice) -> str:
    """Whom an order is for, in one line: what is known, or that it was forgotten, or that its key is not here yet."""
    if contact is None:
        return ""
    if contact.forgotten:
        return voice.texts("order.forgotten")
    return " · ".join((*contact.texts, *([voice.texts("order.unreadable")] if contact.unreadable else [])))


def check_view(
    order: OrderView | None,
    draft: Draft | None,
    voice: Voice,
    *,
    in_kitchen: LineState | None = None,
    is_held: bool = False,
    contact: ContactView | None = None,
    courses: Mapping[int, str] = NO_NAMES,
    reach: Mapping[UUID, LineState] = NOTHING_KNOWN,
    is_called: bool = False,
    booked_note: str = "",
) -> CheckView:
    """The check of an order, or of one that is about to begin.

    Args:
        in_kitchen: how far it is, if it is `being_made`.
        is_held: whether what was told the kitchen has `not_gone_out`.
        courses: what the house calls them.
        reach: how far what is being made is (`reach_of`).
        is_called: whether something of it waits to be served (`ready_calls`).
        booked_note: what its guests said when they booked.
    """
    if order is None:
        kind = draft.kind if draft else OrderKind.DINE_IN
        name = draft.table.name if draft and draft.table else ""
        guests = draft.guests if draft else 0
        contact, promised_at = (draft.contact, draft.promised_at) if draft else (None, None)
        promised = voice.texts("order.promised", time=voice.clock(promised_at)) if promised_at else ""
        said = (promised, contact_line(contact, voice), voice.texts("order.new"))
        detail = " · ".join(filter(None, said))
        title = order_title(kind, name, guests, voice)
        return CheckView(title, detail=detail, total=voice.money(0), head_leads=bool(name))
    tone, word = order_state(order, voice, in_kitchen=in_kitchen, is_held=is_held, is_called=is_called)
    taken = "order.since_api" if order.source is OrderSource.API else "order.since"
    since = voice.texts(taken, name=order.server_name, time=voice.clock(order.opened_at))
    told = (promised_words(order, voice), order.notes, contact_line(contact, voice), since)
    return CheckView(
        title=order_title(order.kind, order.table_name, order.guests, voice),
        number=order.number,
        detail=" · ".join(filter(None, told)),
        tone=tone,
        word=word,
        sign=sign_in_kitchen(in_kitchen, word, voice),
        lines=check_lines(order, voice, courses, reach),
        sums=check_sums(order, voice),
        total=voice.money(order.bill.total_minor),
        alert=_alert(order, voice),
        remark=booked_note,
        head_leads=True,
    )


def _alert(order: OrderView, voice: Voice) -> str:
    """What nobody may overlook: what a guest may not eat."""
    what = allergy_words(order.allergies, voice.texts)
    return voice.texts("kitchen.allergy", what=what) if what else ""


def sign_in_kitchen(in_kitchen: LineState | None, word: str, voice: Voice) -> str:
    """The sign of what is sent, received or cooking, as its lines have it; empty where the word says something else."""
    if in_kitchen is None or word != voice.texts(f"state.{WORD_IN_KITCHEN[in_kitchen]}"):
        return ""
    return in_kitchen.glyph


def order_state(
    order: OrderView,
    voice: Voice,
    *,
    in_kitchen: LineState | None,
    is_held: bool = False,
    is_called: bool = False,
) -> tuple[Tone, str]:
    """How far an order is: what the table waits for, or what it is waited for.

    A dish that nobody cooks yet comes first, then money that is wrong. What is later than it was promised stands out.
    """
    late = minutes_late(order, voice)
    if order.unsent:
        key, tone = "unsent", Tone.NEW
    elif (money := _money_state(order)) is not None:
        key, tone = money
    elif is_held:
        key, tone = "not_gone_out", Tone.WARN
    elif order.is_changed:
        key, tone = "changed", Tone.COOKING
    elif not counts_of(order):
        key, tone = "empty", Tone.PLAIN
    elif in_kitchen is not None and is_called:
        key, tone = "partly_ready", Tone.READY
    elif in_kitchen is not None:
        key, tone = WORD_IN_KITCHEN[in_kitchen], Tone.COOKING
    elif order.held_courses:
        key, tone = "held", Tone.PLAIN
    elif order.served:
        key, tone = "served", Tone.PLAIN
    else:
        key, tone = "ready", Tone.READY
    if key == "held" and (at := order.fire_times.get(order.held_courses[0].course)) is not None:
        return tone, f"{voice.texts('state.held')} · {voice.clock(at.at)}"
    if late is None or tone in (Tone.LATE, Tone.WARN):
        return tone, voice.texts(f"state.{key}")
    return Tone.LATE, voice.texts(f"state.{key}" if order.unsent else "state.late", minutes=late)


def minutes_late(order: OrderView, voice: Voice) -> int | None:
    """By how much the promised time has passed, while the guest waits for us: None if nobody does."""
    if order.promised_at is None or order.promised_at >= voice.now or order.served:
        return None
    waits = order.unsent or order.is_cooking or order.kind is OrderKind.DELIVERY
    return voice.seconds_since(order.promised_at) // 60 if waits else None


def promised_words(order: OrderView, voice: Voice) -> str:
    """`para 19:30`; empty if nothing was promised."""
    return "" if order.promised_at is None else voice.texts("order.promised", time=voice.clock(order.promised_at))


def _money_state(order: OrderView) -> tuple[str, Tone] | None:
    """What is to be done about an order's money: what is wrong first, then what its guests wait for."""
    if order.to_give_back_minor:
        return "to_give_back", Tone.LATE
    if order.short_minor:
        return "short", Tone.LATE
    if any(check.is_prebill_old for check in order.owing):
        return "bill_old", Tone.LATE
    if order.is_owed and (order.paid_minor or order.has_receipt):
        return "to_pay", Tone.WARN
    return ("bill_asked", Tone.WARN) if any(check.prebill for check in order.owing) else None


def check_lines(
    order: OrderView,
    voice: Voice,
    courses: Mapping[int, str] = NO_NAMES,
    reach: Mapping[UUID, LineState] = NOTHING_KNOWN,
) -> tuple[CheckLine, ...]:
    """The lines that a guest would see: what was removed before it was sent is gone."""
    bills = {check.id: check for check in order.checks}

    def _course(line: LineView) -> str:
        """Its course and when it goes by itself. A course that the kitchen knows is said no more."""
        if not line.course or line.is_told:
            return ""
        timed = order.fire_times.get(line.course)
        at = voice.texts("order.fires_at", time=voice.clock(timed.at)) if timed is not None else ""
        return f"{course_name(line.course, courses, voice.texts)} {at}".rstrip()

    return tuple(
        _check_line(line, bills.get(line.check_id), _state(line, reach.get(line.root_id)), voice, _course(line))
        for line in order.lines
    )


def _check_line(line: LineView, check: BillOfCheck | None, state: LineState, voice: Voice, course: str) -> CheckLine:
    if state is LineState.REMOVED:
        gone = line.voided_milli or line.withdrawn_milli
        word = "" if line.voided_milli else voice.texts("order.line_removed")
        quantity = measure_text(gone, line.unit) if line.weight_unit else format_portions(gone)
        return CheckLine(line.id, quantity, line.item_name, "", _differences(line, voice), state, word)
    return CheckLine(
        id=line.id,
        quantity="" if line.weight_unit else format_portions(line.quantity_milli),
        name=line.item_name,
        amount=voice.money(line.total_minor + line.discount_minor),
        extras=(
            *_of_combo(line, voice),
            *_served(line, voice, course),
            *_weighed(line, voice),
            *_extras(line, voice),
            *_given_off(line, check, voice),
            *_differences(line, voice),
        ),
        state=state,
        word=voice.texts("order.line_paid") if line.is_paid else "",
    )


def _extras(line: LineView, voice: Voice) -> tuple[Extra, ...]:
    """Modifiers and note."""
    chosen = Counter(line.modifiers).items()
    extras = [
        extra_of(name, count, adds=delta > 0, amount=voice.money(delta * count) if delta else "")
        for (name, delta), count in chosen
    ]
    return (*extras, *([Extra(line.notes, ExtraKind.NOTE)] if line.notes else []))


def _of_combo(line: LineView, voice: Voice) -> tuple[Extra, ...]:
    """Of which combo it is a part, or by which happy hour it was priced; and whether a guest ordered it by phone."""
    of = voice.texts("order.of_combo", name=line.combo_name) if line.combo_name else line.price_name
    said = " · ".join(filter(None, (voice.texts("order.by_phone") if line.by_guest else "", of)))
    return (Extra(said, ExtraKind.CHOICE),) if said else ()


def _served(line: LineView, voice: Voice, course: str) -> tuple[Extra, ...]:
    """In which course it is served and for whom: `Fondos · A2`."""
    said = " · ".join(filter(None, (course, seats_text([line.seat] if line.seat else (), voice.texts))))
    return (Extra(said, ExtraKind.CHOICE),) if said else ()


def _weighed(line: LineView, voice: Voice) -> tuple[Extra, ...]:
    """The weight and the price of its unit: `0.350 kg × S/ 48.00`."""
    if line.weight_unit is None:
        return ()
    weight = measure_text(line.quantity_milli, line.unit)
    return (Extra(f"{weight} × {voice.money(line.unit_minor)}", ExtraKind.CHOICE),)


def _differences(line: LineView, voice: Voice) -> tuple[Extra, ...]:
    """What is not alike for all portions of a line: some to be sent, paid or voided, or a change to be confirmed."""
    said = []
    if line.is_told and 0 < line.to_send_milli < line.quantity_milli:
        said.append(("order.part_to_send", line.to_send_milli))
    if line.voided_milli and line.quantity_milli:
        said.append(("order.part_voided", line.voided_milli))
    if 0 < line.owed_milli < line.quantity_milli:
        said.append(("order.part_paid", line.quantity_milli - line.owed_milli))
    if line.withdrawn_milli:
        said.append(("order.kitchen_must_confirm", line.withdrawn_milli))
    words = [voice.texts(key, quantity=measure_text(milli, line.unit)) for key, milli in said]
    return tuple(Extra(each, ExtraKind.NOTE) for each in words)


def check_sums(order: OrderView, voice: Voice) -> tuple[tuple[str, str], ...]:
    """What the total is made of, as on the receipt (the lines' amounts are before discounts), and what was paid."""
    bill, texts = order.bill, voice.texts
    sums: list[tuple[str, str]] = []
    if len(order.owing) > 1:
        sums.append((texts("order.checks", count=len(order.owing)), _totals_of_checks(order, voice)))
    if bill.discount_minor:
        sums.append((texts("order.gross"), voice.money(bill.gross_minor)))
        sums.extend(_discount_sums(order, voice))
    if bill.service_minor:
        sums.append((_service_words(order, voice), voice.money(bill.service_minor)))
    if bill.taxes:
        sums.append((texts("order.subtotal"), voice.money(bill.net_minor)))
    sums.extend((_tax_name(total.tax), voice.money(total.tax_minor)) for total in bill.taxes)
    if order.is_owed and order.paid_minor > 0:
        sums.append((texts("order.paid"), voice.money(order.paid_minor)))
        sums.append((texts("order.left"), voice.money(order.due_minor)))
    sums.extend(
        (
            texts("order.prebill_old" if check.is_prebill_old else "order.prebill"),
            voice.money(check.prebill.total_minor),
        )
        for check in order.owing
        if check.prebill is not None
    )
    if order.to_give_back_minor:
        sums.append((texts("order.to_give_back"), voice.money(order.to_give_back_minor)))
    if order.short_minor:
        sums.append((texts("order.short"), voice.money(order.short_minor)))
    return tuple(sums)


def _discount_sums(order: OrderView, voice: Voice) -> list[tuple[str, str]]:
    """What each discount takes off, by its name; those of lines that are paid elsewhere are left out."""
    found: dict[UUID, tuple[str, int]] = {}
    for check in order.checks:
        for each in check.discounts:
            before = found[each.id][1] if each.id in found else 0
            found[each.id] = (named_discount(each, voice), before + each.off_minor)
    named = [(name, voice.money(-off)) for name, off in found.values() if off]
    rest = order.bill.discount_minor - sum(off for _name, off in found.values())
    return [*named, *([(voice.texts("order.discount"), voice.money(-rest))] if rest else [])]


def _service_words(order: OrderView, voice: Voice) -> str:
    """The service charge by its name, if it is one alone."""
    names = {named_service(each, voice) for check in order.owing for each in check.services}
    return next(iter(names)) if len(names) == 1 else voice.texts("order.service")


def _totals_of_checks(order: OrderView, voice: Voice) -> str:
    """What each check that is owed comes to: `20.00 + 14.50`, without the sign of the currency."""
    totals = [figure_and_sign(voice.money(check.bill.total_minor))[0] for check in order.owing]
    more = [MORE] if len(totals) > MOST_TOTALS else []
    return " + ".join((*totals[:MOST_TOTALS], *more))


def target_line(order: OrderView | None, cursor: object) -> LineView | None:
    """The line that note, quantity and removal mean: the one under the cursor, else the last that is not sent."""
    lines = order.lines if order else ()
    chosen = next((line for line in lines if line.id == cursor), None)
    return chosen or next((line for line in reversed(lines) if line.state is Progress.OPEN), None)


def others_at_table(order: OrderView | None, orders: Iterable[OrderView]) -> list[str]:
    """The numbers of the other orders of people who sit at this table: it was opened twice."""
    if order is None or order.table_id is None or order.has_left:
        return []
    there = (each for each in orders if each.table_id == order.table_id and not each.has_left and not each.is_empty)
    others = (each for each in there if each.id != order.id and not each.to_hand_over)
    return [each.number for each in sorted(others, key=lambda each: number_order(each.number))]


def handover_titles(orders: Iterable[OrderView], texts: Texts) -> tuple[str, str]:
    """`Por entregar 3`, and short: the titles of the key that lists what is paid and not handed over."""
    count = sum(order.to_hand_over for order in orders)
    long, short = (texts(f"{area}.handover") for area in ("action", "action_short"))
    return (f"{long} {count}", f"{short} {count}") if count else (long, short)


def last_line(order: OrderView | None) -> LineView | None:
    """The last line that is still wanted, sent or not."""
    return next((line for line in reversed(order.lines if order else ()) if line.quantity_milli), None)


def gone_words(gone: Gone | None, voice: Voice) -> str:
    """What became of an order that another device ended."""
    if gone is None:
        return voice.texts("order.gone")
    if gone.joined_to:
        return voice.texts("order.gone_joined", number=gone.number, into=gone.joined_to)
    if gone.receipt:
        return voice.texts("order.gone_paid", number=gone.number, receipt=gone.receipt)
    return voice.texts("order.gone_cancelled", number=gone.number)


def why_not_paid(orders: Sequence[OrderView], voice: Voice) -> DomainError:
    """Why no money can be taken for these orders, and what to do instead."""
    back = sum(order.to_give_back_minor for order in orders)
    if back:
        key = EXCEPTIONS.key_label(voice.texts)
        return DomainError("order.only_to_give_back", amount=voice.money(back), key=key)
    return DomainError("order.nothing_to_pay")


_LINE_STATES = {
    Progress.OPEN: LineState.UNSENT,
    Progress.HELD: LineState.HELD,
    Progress.SENT: LineState.SENT,
    Progress.READY: LineState.READY,
    Progress.SERVED: LineState.SERVED,
    Progress.VOIDED: LineState.REMOVED,
}


def _state(line: LineView, reach: LineState | None) -> LineState:
    if line.is_paid:
        return LineState.PAID
    state = _LINE_STATES[line.state]
    return reach if state is LineState.SENT and reach is not None else state


def _given_off(line: LineView, check: BillOfCheck | None, voice: Voice) -> tuple[Extra, ...]:
    """What is on the house, and what other discounts take off the line."""
    total = check.bill.lines.get(line.id) if check is not None else None
    if total is None or check is None:
        return ()
    kinds = {each.id: each.kind for each in check.discounts}
    found: dict[str, int] = {}
    for share in total.discounts:
        name = voice.texts(f"discount.{kinds.get(share.id, DiscountKind.RATE)}")
        found[name] = found.get(name, 0) + share.amount_minor
    return tuple(Extra(name, ExtraKind.WITHOUT, voice.money(-off)) for name, off in found.items() if off)


def _tax_name(tax: Tax) -> str:
    return tax_label(tax.name, tax.rate_millionths, tax.per_unit_minor)
