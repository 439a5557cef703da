"""A branch on paper after two devices met: what each of its tables and tickets waits for."""

from __future__ import annotations

from dataclasses import replace

from shared.books.views import LineView
from shared.kernel.quantity import ONE
from shared.kitchen.ticket_views import TicketState
from shared.orders.records import OrderKind
from shared.orders.whole import price_bill
from shared.truth.balances import CheckState
from tests.terminal.screens.paper_desk import PaperDesk, with_check

DINE_IN = OrderKind.DINE_IN
NOTE = "alergia al maní"


def races_desk(**changes: object) -> PaperDesk:
    """Tables 2 to 11, one race each, and one order that nothing happened to."""
    desk = PaperDesk(**changes)
    _changed_after_sending(desk, 2)
    _ordered_while_paying(desk, 5)
    _paid_twice(desk, 7)
    _removed_after_sending(desk, 9)
    _given_back_twice(desk, 11)
    desk.order(DINE_IN, 14, "2*pis", "sent", ago=3)
    desk.done.clear()
    desk.asked.clear()
    return desk


def _changed_after_sending(desk: PaperDesk, table: int) -> None:
    """One was sent; another device made three of it, with a note."""
    order = desk.order(DINE_IN, table, "lom", "chm", "sent", ago=14, guests=2)
    lomo, chicha = order.lines
    three = replace(
        lomo,
        quantity_milli=3 * ONE,
        owed_milli=3 * ONE,
        to_send_milli=3 * ONE,
        withdrawn_milli=ONE,
        notes=NOTE,
        total_minor=3 * lomo.unit_minor,
    )
    bill = desk.bill_of(three, chicha)
    desk.orders[order.id] = with_check(replace(order, lines=(three, chicha)), bill=bill)
    ticket = next(each for each in desk.tickets if each.order_id == order.id)
    (told,) = ticket.lines
    gone = replace(told, quantity_milli=0, to_make_milli=0, withdrawn_milli=ONE)
    comes = replace(told, to_make_milli=0, notes=NOTE, comes=True)
    _change(desk, replace(ticket, state=TicketState.CHANGED, lines=(gone, comes)))


def _ordered_while_paying(desk: PaperDesk, table: int) -> None:
    order = desk.order(DINE_IN, table, "2*lom", "cau", "chm", "sent", ago=40, guests=3)
    *paid, late = order.lines
    lines = (*(_paid(line) for line in paid), late)
    changed = replace(order, lines=lines)
    desk.orders[order.id] = with_check(changed, bill=desk.bill_of(late), state=CheckState.OWED, receipts=1)


def _paid_twice(desk: PaperDesk, table: int) -> None:
    order = desk.order(DINE_IN, table, "lom", "cau", "sent", ago=55)
    twice = replace(order, lines=tuple(_paid(line) for line in order.lines))
    desk.orders[order.id] = with_check(
        twice, bill=price_bill([]), state=CheckState.TO_GIVE_BACK, credit_minor=order.due_minor, receipts=2
    )


def _removed_after_sending(desk: PaperDesk, table: int) -> None:
    """Sent here and removed there; of another dish one of three was voided."""
    order = desk.order(DINE_IN, table, "aji", "3*ant", "sent", ago=6)
    aji, anticuchos = order.lines
    lines = (
        replace(aji, quantity_milli=0, owed_milli=0, withdrawn_milli=ONE, total_minor=0),
        _two_of_three(anticuchos),
    )
    desk.orders[order.id] = with_check(replace(order, lines=lines), bill=desk.bill_of(lines[1]))
    ticket = next(each for each in desk.tickets if each.order_id == order.id)
    gone, left = ticket.lines
    told = (
        replace(gone, quantity_milli=0, to_make_milli=0, withdrawn_milli=ONE),
        replace(left, quantity_milli=2 * ONE, to_make_milli=2 * ONE, withdrawn_milli=ONE),
    )
    _change(desk, replace(ticket, state=TicketState.CHANGED, lines=told))


def _given_back_twice(desk: PaperDesk, table: int) -> None:
    order = desk.order(DINE_IN, table, "cev", "sent", ago=70)
    gone = replace(order.lines[0], quantity_milli=0, owed_milli=0, voided_milli=ONE)
    short = with_check(replace(order, lines=(gone,)), bill=price_bill([]), state=CheckState.SHORT)
    desk.orders[order.id] = with_check(short, credit_minor=-order.due_minor, receipts=1)


def _paid(line: LineView) -> LineView:
    return replace(line, owed_milli=0, total_minor=0, made_milli=line.quantity_milli, served_milli=line.quantity_milli)


def _two_of_three(line: LineView) -> LineView:
    return replace(
        line,
        quantity_milli=2 * ONE,
        owed_milli=2 * ONE,
        voided_milli=ONE,
        withdrawn_milli=ONE,
        total_minor=2 * line.unit_minor,
    )


def _change(desk: PaperDesk, changed: object) -> None:
    desk.tickets = tuple(changed if each.id == changed.id else each for each in desk.tickets)
