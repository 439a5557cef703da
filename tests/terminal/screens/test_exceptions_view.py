"""What the screen of exceptions says: the order of its list, the ways to end each, who may."""

from __future__ import annotations

from dataclasses import replace

import pytest

from shared.books.exception_views import Ends
from shared.books.telling import KINDS
from shared.kernel.permissions import Actor, Permission, Role
from shared.truth.family import Difference
from terminal.screens.exceptions.view import (
    RIGHTS,
    URGENCY,
    by_urgency,
    endings_of,
    exception_tiles,
    facts_of,
    owed_lines,
)
from terminal.screens.rights import who_may
from terminal.screens.status import status_of
from terminal.screens.voice import Voice
from terminal.theme.palette import Tone
from tests.terminal.screens.paper_desk import PaperDesk
from tests.terminal.screens.paper_exceptions import MANAGER, STAFF, exceptions_desk
from tests.terminal.screens.paper_menu import key

CASHIER = Actor.in_role(key(10, 1), "Rosa", Role.CASHIER)
CARMEN = Actor.in_role(key(10, 2), "Carmen", Role.BRANCH_MANAGER)


@pytest.fixture
def desk() -> PaperDesk:
    return exceptions_desk()


def of_kind(desk: PaperDesk, kind: Difference):
    return next(each for each in desk.open_exceptions if each.kind is kind)


def titles(desk: PaperDesk, kind: Difference, **changes: object) -> list[str]:
    about = replace(of_kind(desk, kind), **changes)
    return [each.title for each in endings_of(about, desk.methods, desk.orders.keys(), Voice.of(desk))]


def test_every_kind_has_its_place_and_every_end_its_right() -> None:
    assert sorted(URGENCY) == sorted(KINDS)
    assert RIGHTS.keys() == set(Ends)


def test_money_of_guests_comes_first_and_of_one_kind_the_newest(desk) -> None:
    found = by_urgency(desk.open_exceptions)
    assert [each.kind for each in found][:3] == [
        Difference.PAID_TWICE,
        Difference.ORDERED_AFTER_PAYING,
        Difference.SHORT,
    ]
    older = replace(found[0], id=key(30, 1), happened_at=found[1].happened_at)
    newer = replace(found[0], id=key(30, 2), happened_at=desk.now())
    assert [each.id for each in by_urgency([older, *desk.open_exceptions, newer])][:3] == [
        newer.id,
        older.id,
        found[0].id,
    ]


def test_a_row_says_kind_place_amount_and_time(desk) -> None:
    tile = exception_tiles(by_urgency(desk.open_exceptions), None, Voice.of(desk))[0]
    assert (tile.title, tile.detail) == ("Pagado dos veces · Mesa 7 · A-3", "S/ 42.50 · 12:29")


def test_money_goes_back_as_it_was_paid_or_in_cash_and_where_none_is_due_only_the_receipt_is_credited(desk) -> None:
    assert titles(desk, Difference.PAID_TWICE)[:2] == [
        "Devolver S/ 42.50 · como se pagó",
        "Devolver S/ 42.50 · Efectivo",
    ]
    credited = titles(desk, Difference.PAID_TWICE, amount_minor=0)
    assert credited[0] == "Dejar un solo comprobante; no hay dinero que devolver"
    assert "Devolver" not in " ".join(credited)


def test_an_order_that_is_closed_cannot_be_paid_or_looked_at(desk) -> None:
    assert "Cobrarlo: ir al pago del pedido A-2" in titles(desk, Difference.ORDERED_AFTER_PAYING)
    desk.orders.clear()
    assert [each[:6] for each in titles(desk, Difference.ORDERED_AFTER_PAYING)] == ["Anular"]


def test_what_is_voided_is_what_is_owed_of_the_named_dishes(desk) -> None:
    about = of_kind(desk, Difference.ORDERED_AFTER_PAYING)
    order = desk.orders[about.first("orders").id]
    assert owed_lines(about, order) == (order.lines[-1],)
    assert owed_lines(about, None) == ()


def test_who_lacks_the_right_or_has_it_up_to_less_is_told_who_has_it(desk) -> None:
    about, voice = of_kind(desk, Difference.PAID_TWICE), Voice.of(desk)
    sentence = "No tienes permiso para devolver dinero. Puede hacerlo: Carmen Flores."
    up_to_ten = replace(CARMEN, limits={Permission.REFUND: 1_000})
    for actor, told in ((CASHIER, True), (up_to_ten, True), (CARMEN, False)):
        assert (sentence in [fact.text for fact in facts_of(about, actor, STAFF, voice)]) is told
    assert "nadie de este local" in who_may(Permission.REFUND, [], voice.texts)
    crowd = [replace(MANAGER, name=name) for name in ("Ana", "Beto", "Ciro", "Dora")]
    assert "Ana, Beto, Ciro +1." in who_may(Permission.REFUND, crowd, voice.texts)


def test_the_status_line_counts_what_waits_and_names_its_key_to_who_is_logged_in(desk) -> None:
    notice = status_of(desk).notices[0]
    assert (notice.tone, notice.text, notice.short) == (Tone.WARN, "6 por resolver", "Resolver 6")
    desk.actor = CASHIER
    assert status_of(desk).notices[0].text == "6 por resolver · Ctrl E"
    desk.open_exceptions = ()
    assert "resolver" not in " ".join(each.text for each in status_of(desk).notices)
