"""Today's sales in words, rankings and columns."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.language import Language
from shared.sales.queries import DaySales, Group, Total
from terminal.screens.today.charts import bar_of, column_of
from terminal.screens.today.view import long_date, today_view
from terminal.screens.voice import Voice
from tests.terminal.screens.paper_desk import PaperDesk
from tests.terminal.screens.paper_sales import DAY, a_good_day


def test_the_day_is_named_in_the_readers_language() -> None:
    spanish, english = (PaperDesk(language=language).texts for language in (Language.SPANISH, Language.ENGLISH))
    assert long_date(DAY, spanish) == "sábado 14 mar 2026"
    assert long_date(date(2026, 11, 30), english) == "Monday 30 Nov 2026"


def test_the_figures_are_those_of_the_day(voice: Voice) -> None:
    view = today_view(a_good_day(), "PEN", voice)
    assert view.total == "S/ 5,347.80"
    assert [figure.value for figure in view.figures] == ["97", "S/ 55.13", "S/ 815.76", "S/ 123.50", "-S/ 2.14"]
    assert [(row.name, row.count, row.amount) for row in view.methods[:2]] == [
        ("Efectivo", "41", "S/ 2,260.41"),
        ("Yape", "27", "S/ 1,488.56"),
    ]
    assert view.items[0].count == "112"
    assert view.note == ""


def test_hours_without_sales_between_others_stand_there_empty(voice: Voice) -> None:
    hours = today_view(a_good_day(), "PEN", voice).hours
    assert [hour.hour for hour in hours] == [str(hour % 24) for hour in range(11, 25)]
    assert [hour.hour for hour in hours if not hour.weight] == ["16", "17", "18", "23"]
    assert today_view(a_good_day(), "PEN", voice).best_hour == "mejor: 13 h, S/ 1,423.50"


def test_another_currency_is_not_mixed_in(voice: Voice) -> None:
    day = a_good_day()
    foreign = replace(
        day,
        totals=(Total("EUR", 900, 10**9, 0, 0, 0), *day.totals),
        items=(Group("x", "Paella", "EUR", 10**9, quantity_milli=1_000), *day.items),
    )
    assert today_view(foreign, "PEN", voice) == today_view(day, "PEN", voice)


def test_a_day_without_sales_says_so(voice: Voice) -> None:
    view = today_view(DaySales(DAY, (), (), (), ()), "PEN", voice)
    assert view.note == "Hoy todavía no se ha vendido nada."
    assert (view.total, view.hours, view.best_hour) == ("S/ 0.00", (), "")


@given(st.integers(0, 10**15), st.integers(0, 10**15), st.integers(1, 60))
def test_bars_and_columns_keep_their_room_and_show_whatever_was_sold(weight: int, other: int, room: int) -> None:
    best = max(weight, other)
    bar, column = bar_of(weight, best, room), column_of(weight, best, room)
    assert (len(bar), len(column)) == (room, room)
    assert bool(bar.strip()) == bool(column.strip()) == bool(weight)
    assert weight < best or not weight or (bar, column) == ("━" * room, "█" * room)


def test_what_is_left_of_what_was_sold_has_its_own_word(voice: Voice) -> None:
    plain = DaySales(DAY, (Total("PEN", checks=2, total_minor=8_500),), (), (), ())
    assert (today_view(plain, "PEN", voice).caption, today_view(plain, "PEN", voice).total) == ("VENDIDO", "S/ 85.00")
    apart = replace(plain, totals=(Total("PEN", checks=2, total_minor=8_500, lost_minor=2_600, refunded_minor=5_600),))
    view = today_view(apart, "PEN", voice)
    assert (view.caption, view.total) == ("VENTA NETA", "S/ 85.00")
    assert [(each.name, each.value) for each in view.figures[2:5]] == [
        ("Vendido", "S/ 167.00"),
        ("Devoluciones", "-S/ 56.00"),
        ("Pérdidas (no pagado)", "-S/ 26.00"),
    ]
