"""What can be asked of past sales once they are read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from terminal.rehearsal.past_sales import PastSales

Reading = Callable[..., PastSales]

ROWS = """shop,ticket,date,item,quantity,amount
10,1,2025-01-04,Lomo,1,40.00
2,1,2025-01-02 20:00,Lomo,1,40.00
2,2,2025-01-02 09:00,Pan,2,5.00
2,2,2025-01-02 09:00,Pan,x,5.00
2,1,2025-01-03,Pan,1,2.50
"""


@pytest.fixture
def sales(read: Reading, plain_mapping: str) -> PastSales:
    mapping = plain_mapping.replace('constant = "Centro"', "").replace("[columns]", '[columns]\nbranch = "shop"')
    return read({"s.csv": ROWS}, mapping)


def test_tickets_stand_by_branch_in_natural_order_then_by_date_and_time(sales: PastSales) -> None:
    assert sales.branches == ("2", "10")
    assert [(t.branch, t.opened_at.day, t.opened_at.hour) for t in sales.tickets] == [
        ("2", 2, 9),
        ("2", 2, 20),
        ("2", 3, 12),
        ("10", 4, 12),
    ]
    assert [t.number for t in sales.tickets_of("10")] == ["1"]


def test_figures_add_up(sales: PastSales) -> None:
    figures = sales.figures()
    assert [(f.branch, f.tickets, f.lines, f.quantity_milli, f.total_minor) for f in figures] == [
        ("2", 3, 3, 4000, 4750),
        ("10", 1, 1, 1000, 4000),
    ]
    assert sum(f.total_minor for f in figures) == sales.total_minor


def test_the_first_days_are_the_first_distinct_dates(sales: PastSales) -> None:
    first = sales.first_days(2)
    assert first.dates == (date(2025, 1, 2), date(2025, 1, 3))
    assert first.branches == ("2",)
    assert first.total_minor == 4750
    assert first.items == sales.items
    assert first.rejected == sales.rejected
    assert sales.first_days(99).tickets == sales.tickets
    with pytest.raises(ValueError, match="at least 1"):
        sales.first_days(0)
