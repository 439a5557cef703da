"""Voids, refunds and discounts on rows of their own: a ticket comes to what its rows add up to."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal.rehearsal.past_sales import PastLine, PastSales
from terminal.rehearsal.reversals import settled

ReadPlain = Callable[[str], PastSales]
Reading = Callable[..., PastSales]
PLAIN_HEADER = "ticket,date,item,quantity,amount\n"


def rows(*lines: str) -> str:
    return "".join(f"1,2025-01-02,{line}\n" for line in lines)


def lines_of(sales: PastSales) -> list[tuple[str, int, int]]:
    return [(line.item, line.quantity_milli, line.amount_minor) for line in sales.tickets[0].lines]


def test_a_void_cancels_its_line_and_a_discount_row_is_shared(read_plain: ReadPlain) -> None:
    sales = read_plain(rows("Lomo,1,30.00", "Lomo,-1,-30.00", "Té,1,5.00", "Descuento,1,-1.00"))
    assert sales.rejected == ()
    assert lines_of(sales) == [("Té", 1000, 400)]
    assert sales.total_minor == 400
    assert [item.key for item in sales.items] == ["Té"]


@pytest.mark.parametrize("void", ["Lomo,-1,-30.00", "Lomo,1,-30.00", "Lomo,0,-30.00", "Lomo,,(30.00)"])
def test_a_void_is_known_by_its_item_and_amount_whatever_its_quantity(read_plain: ReadPlain, void: str) -> None:
    sales = read_plain(rows(void, "Lomo,1,30.00", "Lomo,1,25.00"))
    assert lines_of(sales) == [("Lomo", 1000, 2500)]


@pytest.mark.parametrize(
    ("sold", "void", "left"),
    [
        (["Lomo,3,90.00"], "Lomo,-1,-30.00", [("Lomo", 2000, 6000)]),
        (["Lomo,3,10.00"], "Lomo,-1,-3.33", [("Lomo", 2000, 667)]),
        (["Lomo,2,60.00", "Lomo,1,30.00"], "Lomo,-2,-60.00", [("Lomo", 1000, 3000)]),
        (["Lomo,1,30.00", "Lomo,2,60.00"], "Lomo,-3,-90.00", []),
        (["Pollo,0.750,30.00"], "Pollo,-0.250,-10.00", [("Pollo", 500, 2000)]),
    ],
)
def test_part_of_what_was_sold_can_be_voided(
    read_plain: ReadPlain, sold: list[str], void: str, left: list[tuple[str, int, int]]
) -> None:
    sales = read_plain(rows(*sold, void, "Té,1,5.00"))
    assert lines_of(sales) == [*left, ("Té", 1000, 500)]
    assert sales.rejected == ()


def test_a_refund_of_another_amount_is_a_discount_on_the_whole_ticket(read_plain: ReadPlain) -> None:
    sales = read_plain(rows("Lomo,1,30.00", "Té,2,10.00", "Lomo,-1,-20.00"))
    assert lines_of(sales) == [("Lomo", 1000, 1500), ("Té", 2000, 500)]


def test_a_ticket_that_was_voided_whole_is_no_sale(read_plain: ReadPlain) -> None:
    sales = read_plain(rows("Lomo,1,30.00", "Lomo,-1,-30.00") + "2,2025-01-02,Té,1,5.00\n")
    assert [ticket.number for ticket in sales.tickets] == ["2"]
    assert sales.rejected == ()


def test_a_row_that_would_leave_its_ticket_below_zero_is_rejected_with_its_money(read_plain: ReadPlain) -> None:
    sales = read_plain(rows("Té,1,5.00", "Descuento,1,-6.00", "Descuento,1,-2.00") + "7,2025-01-02,Lomo,-1,-30.00\n")
    assert sales.total_minor == 300
    assert [(row.line, row.reason_code, row.branch, row.amount_minor) for row in sales.rejected] == [
        (3, "negative_amount", "Centro", -600),
        (5, "negative_amount", "Centro", -3000),
    ]
    assert sales.rejected[0].text == "1,2025-01-02,Descuento,1,-6.00"
    assert (sales.rejected_of("Centro").rows, sales.rejected_of("Centro").total_minor) == (2, -3600)


def test_a_void_of_a_discounted_line_takes_its_discount_back(read: Reading, plain_mapping: str) -> None:
    mapping = plain_mapping.replace("[columns]", '[columns]\ndiscount = "off"')
    text = "ticket,date,item,quantity,amount,off\n"
    text += "1,2025-01-02,Lomo,1,30.00,5.00\n1,2025-01-02,Té,1,5.00,\n1,2025-01-02,Lomo,-1,-30.00,-5.00\n"
    assert lines_of(read({"s.csv": text}, mapping)) == [("Té", 1000, 500)]


def test_voids_of_prices_per_unit(read: Reading, plain_mapping: str) -> None:
    text = PLAIN_HEADER + rows("Lomo,3,30.00", "Lomo,-1,30.00", "Descuento,,-1.50")
    for mapping in (
        plain_mapping + '[amounts]\namount_is = "unit"\n',
        plain_mapping.replace('amount = "amount"', 'unit_price = "amount"'),
    ):
        assert lines_of(read({"s.csv": text}, mapping)) == [("Lomo", 2000, 5850)]


def test_the_money_of_any_rejected_row_is_told_where_it_can_be_read(read_plain: ReadPlain) -> None:
    sales = read_plain(rows("Lomo,dos,1.50", "Lomo,1,abc", "Lomo,1") + "1,2025-02-30,Lomo,1,2.00\n")
    assert [(row.branch, row.amount_minor) for row in sales.rejected] == [
        ("Centro", 150),
        ("Centro", None),
        ("Centro", None),
        ("Centro", 200),
    ]


_LINES = st.lists(
    st.builds(
        lambda item, quantity, amount, sign: PastLine(
            "s.csv", 1, item, item, "", sign * quantity * 1000, amount, sign * amount, ()
        ),
        item=st.sampled_from(["Lomo", "Té"]),
        quantity=st.integers(1, 3),
        amount=st.sampled_from([0, 1, 999, 1000, 3000]),
        sign=st.sampled_from([1, 1, -1]),
    ),
    max_size=8,
)


@given(_LINES)
def test_what_is_kept_is_the_sum_of_all_less_what_is_refused(lines: list[PastLine]) -> None:
    kept, refused = settled(lines)
    assert sum(line.amount_minor for line in (*kept, *refused)) == sum(line.amount_minor for line in lines)
    assert all(line.quantity_milli > 0 and line.amount_minor >= 0 for line in kept)
    assert all(line.amount_minor <= 0 for line in refused)
