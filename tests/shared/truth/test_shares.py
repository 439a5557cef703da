"""What families add to the sums: the short cut says what comparing says, and nothing that can be stored stops it."""

from __future__ import annotations

from collections import Counter
from types import SimpleNamespace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from shared.truth import shares as module
from shared.truth.family import FAMILY_TABLES, compare, unit_price
from shared.truth.plain import plain_of
from shared.truth.portions import content_id
from shared.truth.shares import Share, shares_of

ITEM, BRANCH, TICKET, STATION = b"item", b"branch", b"ticket", b"station"
LINES = (b"a", b"b", b"c")
RECEIPTS = (b"r1", b"r2")
CHECKS = (b"c1", b"c2")
PORTIONS = st.integers(-2, 4).map(lambda portions: portions * 500)
COUNT = st.integers(0, 3).map(lambda portions: portions * 1_000)
SOME = st.integers(1, 3).map(lambda portions: portions * 1_000)
"""Rows of receipts and refunds that cover nothing break their own rule."""
MODIFIERS = st.sampled_from(
    [None, [], [{"id": "m", "name": "Hot", "price_delta_minor": 150}], [1], [{"n": True}], {"id": 3}]
)
MONEY = {name: st.integers(0, 5_000) for name in ("gross_minor", "service_minor", "tax_minor", "total_minor")}
HOLDS = {"held": st.integers(0, 2), "fired": st.integers(0, 2)}
WHEN = {"business_date": st.just("2026-11-29"), "local_hour": st.integers(12, 13)}
SAID = {
    "item_id": st.just(ITEM),
    "item_name": st.just("Lomo"),
    "category_name": st.just("Platos"),
    "branch_id": st.just(BRANCH),
    "root_id": st.just(b"a"),
}


def rows(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[SimpleNamespace]:
    return st.fixed_dictionaries(fields).map(lambda made: SimpleNamespace(**made))


line = rows(
    **SAID,
    part_of_id=st.sampled_from([None, b"a", b"b", b"missing"]),
    check_id=st.sampled_from(CHECKS),
    quantity_milli=PORTIONS,
    more_milli=COUNT,
    taken_milli=COUNT,
    unit_price_minor=st.sampled_from([None, 0, 1_000]),
    modifiers=MODIFIERS,
    notes=st.sampled_from([None, "", "x"]),
    **HOLDS,
)
void = rows(
    root_id=st.just(b"a"),
    line_id=st.sampled_from([*LINES, b"missing"]),
    seen_milli=COUNT,
    quantity_milli=COUNT,
    thrown_milli=COUNT,
    content_id=st.sampled_from([None, content_id(ITEM, (), "")]),
    lifted=st.booleans(),
)
ticket_line = rows(
    root_id=st.just(b"a"),
    content_id=st.sampled_from([content_id(ITEM, (), ""), content_id(ITEM, ("m",), ""), b"other"]),
    station_id=st.sampled_from([None, STATION]),
    ticket_id=st.sampled_from([None, TICKET]),
    also_of_id=st.sampled_from([None, None, b"t1"]),
    told_milli=COUNT,
    back_milli=COUNT,
    wasted_milli=COUNT,
    made=COUNT,
    served_milli=COUNT,
    returned_milli=COUNT,
)
receipt_line = rows(
    **SAID,
    order_line_id=st.sampled_from([*LINES, b"missing"]),
    check_id=st.sampled_from(CHECKS),
    quantity_milli=SOME,
    unit_price_minor=st.sampled_from([0, 1_000, 1_150]),
    currency=st.just("PEN"),
    discount_minor=st.integers(0, 500),
    **MONEY,
    **WHEN,
)
refund_line = rows(
    root_id=st.just(b"a"),
    receipt_line_id=st.sampled_from([*RECEIPTS, b"missing"]),
    order_line_id=st.sampled_from(LINES),
    quantity_milli=SOME,
    voided_milli=COUNT,
    discount_minor=st.integers(0, 500),
    **MONEY,
    **WHEN,
)


def some(ids: tuple[bytes, ...], row: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[bytes, Any]]:
    return st.dictionaries(st.sampled_from(ids), row, max_size=len(ids))


KINDS = (
    some(LINES, line),
    some((b"v1", b"v2"), void),
    some((b"t1", b"t2"), ticket_line),
    some(RECEIPTS, receipt_line),
    some((b"f1", b"f2"), refund_line),
)
families = st.tuples(*KINDS).map(lambda made: dict(zip(FAMILY_TABLES, made, strict=True)))
plain_line = rows(
    **{
        **SAID,
        "part_of_id": st.none(),
        "check_id": st.sampled_from(CHECKS),
        "quantity_milli": COUNT,
        "more_milli": COUNT,
        "taken_milli": st.just(0),
        "unit_price_minor": st.just(1_000),
        "modifiers": st.sampled_from([[], [{"id": "m", "name": "Hot", "price_delta_minor": 150}]]),
        "notes": st.just(""),
        **HOLDS,
    }
)
plain = st.tuples(
    st.fixed_dictionaries({b"a": plain_line}),
    st.just({}),
    some((b"t1",), ticket_line),
    some(RECEIPTS[:1], receipt_line),
).map(lambda made: dict(zip(FAMILY_TABLES, (*made, {}), strict=True)))


def added(shares: list[Share]) -> dict[tuple[Any, ...], list[int]]:
    """The sums of some shares; what counts the facts behind a row is left out."""
    sums: dict[tuple[Any, ...], Counter[int]] = {}
    for table, key, amounts in shares:
        assert amounts[0] >= 1
        of = sums.setdefault((table, *key), Counter())
        for at, amount in enumerate(amounts[1:]):
            of[at] += amount
    return {key: sorted(of.items()) for key, of in sums.items() if any(of.values())}


@given(family=plain)
def test_the_short_cut_says_what_comparing_says(family: dict[str, Any]) -> None:
    short = list(shares_of(family))
    whole = compare(b"a", family)
    compared = [
        *module._of_checks(whole, family),
        *module._of_tickets(whole, family),
        *module._of_sales(whole, family),
        *module._of_differences(whole, family),
    ]
    assert added(short) == added(compared)


@given(family=plain | families)
def test_a_line_that_screens_show_without_comparing_is_what_comparing_says(family: dict[str, Any]) -> None:
    line = plain_of(family)
    if line is None or line.line_id != b"a":
        return
    whole = compare(b"a", family)
    (part,) = whole.parts.values()
    assert (part.live, part.owed, part.over) == (line.portions, line.portions, 0)
    assert part.unit_minor == unit_price(b"a", family["order_lines"])
    cooking = whole.cooking.values()
    assert sum(each.untold for each in cooking) == (0 if line.told is not None else line.portions)
    assert (whole.to_send, whole.held) == (line.to_send, line.held)
    assert sum(each.to_make for each in cooking) == line.to_make
    assert sum(each.expected for each in cooking) == (line.portions if line.told is not None else 0)
    assert not any(each.withdraw for each in cooking)
    assert not whole.troubles


@given(family=families)
def test_whatever_is_stored_can_be_compared_and_portions_are_never_made_up(family: dict[str, Any]) -> None:
    shares = list(shares_of(family))
    if b"a" not in family["order_lines"]:
        assert not shares
        return
    whole = compare(b"a", family)
    assert all(part.live >= 0 and part.owed >= 0 and part.over >= 0 for part in whole.parts.values())
    assert sum(part.live for part in whole.parts.values()) <= max(0, whole.ordered)
    for row_id, row in family["receipt_lines"].items():
        covered = whole.covered[row_id]
        assert 0 <= covered.counted <= row.quantity_milli
        assert 0 <= covered.counted_minor <= row.total_minor
    added(shares)


@given(family=families)
def test_a_report_adds_up_what_checks_count(family: dict[str, Any]) -> None:
    """By hour and by item the same, and over all days what the receipts count on their checks."""
    totals: Counter[str] = Counter()
    for table, _key, amounts in shares_of(family):
        at = {"check_balances": -2, "sales_by_hour": 2, "sales_by_item": -1}.get(table)
        if at is not None:
            totals[table] += amounts[at]
    assert totals["sales_by_hour"] == totals["sales_by_item"] == totals["check_balances"]


bought = st.builds(
    lambda quantity, gross, taken_off, service, added: SimpleNamespace(
        order_line_id=b"a",
        check_id=CHECKS[0],
        quantity_milli=quantity,
        unit_price_minor=1_000,
        currency="PEN",
        gross_minor=gross,
        discount_minor=gross * taken_off // 100,
        service_minor=service,
        tax_minor=added,
        total_minor=gross - gross * taken_off // 100 + service + added,
        business_date="2026-11-29",
        local_hour=12,
        item_id=ITEM,
        item_name="Lomo",
        category_name="Platos",
        branch_id=BRANCH,
        root_id=b"a",
    ),
    SOME,
    st.integers(0, 5_000),
    st.integers(0, 100),
    st.integers(0, 500),
    st.integers(0, 900),
)
"""A receipt line that adds up; its taxes are added to the bill."""


def given_back(receipt: SimpleNamespace, portions: list[tuple[int, bool]]) -> dict[bytes, SimpleNamespace]:
    """Refunds of a receipt line as the command shares its amounts out, in this order. A voided one was live."""
    names = ("gross_minor", "discount_minor", "service_minor", "tax_minor")
    left = {name: getattr(receipt, name) for name in ("quantity_milli", *names)}
    found = {}
    for at, (wanted, voided) in enumerate(portions):
        quantity = min(wanted, left["quantity_milli"])
        if not quantity:
            break
        of = {name: left[name] * quantity // left["quantity_milli"] for name in names}
        total = of["gross_minor"] - of["discount_minor"] + of["service_minor"] + of["tax_minor"]
        found[b"f%d" % at] = SimpleNamespace(
            **of,
            total_minor=total,
            receipt_line_id=b"r1",
            quantity_milli=quantity,
            voided_milli=quantity if voided else 0,
            business_date="2026-11-30",
            local_hour=13,
        )
        left = {name: left[name] - {"quantity_milli": quantity, **of}[name] for name in left}
    return found


@given(
    sold=bought,
    live=COUNT,
    portions=st.lists(st.tuples(st.sampled_from([500, 1_000]), st.booleans()), max_size=4),
)
def test_what_is_sold_adds_up_by_item_and_hour_and_to_the_receipt(
    sold: SimpleNamespace, live: int, portions: list[tuple[int, bool]]
) -> None:
    """Whatever is taken off and given back of it, in parts."""
    refunds = given_back(sold, portions)
    made = {
        **vars(sold),
        "part_of_id": None,
        "quantity_milli": live,
        "more_milli": 0,
        "taken_milli": 0,
        "held": 0,
        "fired": 0,
    }
    line = SimpleNamespace(**made, modifiers=[], notes="")
    family = dict(zip(FAMILY_TABLES, ({b"a": line}, {}, {}, {b"r1": sold}, refunds), strict=True))
    items, hours = Counter[str](), Counter[str]()
    for table, _key, amounts in shares_of(family):
        if table == "sales_by_hour":
            hours.update(dict(zip(HOUR, amounts, strict=True)))
        elif table == "sales_by_item":
            of = dict(zip(ITEMS, amounts, strict=True))
            items.update(of)
            assert of["tax_minor"] == of["total_minor"] - of["gross_minor"] + of["discount_minor"] - of["service_minor"]
    for name in ("total_minor", "tax_minor", "discount_minor", "service_minor"):
        assert items[name] == hours[name]
    back = Counter[str]()
    for refund in refunds.values():
        back.update({name: getattr(refund, name) for name in ITEMS if hasattr(refund, name)})
    if live >= sold.quantity_milli - back["quantity_milli"]:  # all that was not given back is a sale
        for name in ITEMS[2:]:
            assert items[name] == getattr(sold, name) - back[name]


HOUR = (
    "facts", "checks", "total_minor", "tax_minor", "discount_minor", "service_minor", "rounding_minor",
    "refunded_minor", "lost_minor", "tips_minor",
)  # fmt: skip
ITEMS = (
    "facts", "lines", "quantity_milli", "gross_minor", "discount_minor", "service_minor", "tax_minor", "total_minor",
)  # fmt: skip
