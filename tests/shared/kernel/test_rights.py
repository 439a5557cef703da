"""Which rights a change needs, as records declare them, and the rules that a row keeps by itself."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from shared.kernel.permissions import PERMISSIONS, Actor, DeviceKind, Permission, Role
from shared.kernel.rights import ALL_DEVICES, Act
from shared.kitchen.records import Setting, settings_id
from shared.orders.commands import first_check_id
from shared.records import metadata
from sync.tables import TableSpec, specs
from sync.writing import values_of

SPECS = specs(metadata)
ROW = b"r" * 16
MONEY = (
    "payments",
    "receipts",
    "receipt_lines",
    "refunds",
    "refund_lines",
    "refund_payments",
    "discounts",
    "prebills",
    "service_charges",
    "write_offs",
    "receipt_copies",
    "day_closes",
    "drawer_sessions",
    "cash_movements",
    "drawer_openings",
    "opening_results",
    "counts",
    "z_reports",
    "tips",
    "account_charges",
    "account_payments",
    "exchange_rates",
)


def values(table: str, **given: Any) -> Any:
    """A row of which nothing but this is said."""
    spec: TableSpec = SPECS[table]
    return values_of(spec, {**dict.fromkeys(spec.required, 0), **given})


def rights(acts: list[Act]) -> set[Permission]:
    assert all(len(act.any_of) == 1 for act in acts)
    return {next(iter(act.any_of)) for act in acts}


def test_a_row_is_created_by_who_may_write_it() -> None:
    assert rights(SPECS["payments"].rights.to_create(ROW, values("payments"))) == {Permission.TAKE_PAYMENT}


def test_a_new_line_costs_what_the_menu_says_and_a_discount_takes_its_right_up_to_all_that_was_given() -> None:
    line = values("order_lines", unit_price_minor=3_200)
    assert rights(SPECS["order_lines"].rights.to_create(ROW, line)) == {Permission.TAKE_ORDER}
    discount = values("discounts", amount_minor=500, worth_minor=500, in_all_minor=700)
    assert SPECS["discounts"].rights.to_create(ROW, discount) == [Act(frozenset({Permission.GIVE_DISCOUNT}), 700)]


@pytest.mark.parametrize(
    ("table", "fields", "needed"),
    [
        ("order_lines", {"notes": "sin sal"}, Permission.TAKE_ORDER),
        ("order_lines", {"more_milli": 1_000}, Permission.TAKE_ORDER),
        ("line_voids", {"lifted": True}, Permission.VOID_SENT_LINE),
        ("ticket_lines", {"made": 1_000}, Permission.WORK_KITCHEN),
        ("kitchen_messages", {"read": True}, Permission.TAKE_ORDER),
        ("kitchen_tickets", {"started": True}, Permission.WORK_KITCHEN),
        ("kitchen_tickets", {"moved_to": b"s" * 16}, Permission.WORK_KITCHEN),
        ("kitchen_tickets", {"place": ["0" * 32, 1]}, Permission.WORK_KITCHEN),
    ],
)
def test_an_edit_needs_the_right_of_its_field(table: str, fields: dict[str, Any], needed: Permission) -> None:
    assert rights(SPECS[table].rights.to_edit(fields)) == {needed}


def test_who_serves_and_who_hands_over_at_the_pass_say_what_is_served() -> None:
    (act,) = SPECS["ticket_lines"].rights.to_edit({"served_milli": 1_000})
    assert act.any_of == {Permission.TAKE_ORDER, Permission.WORK_KITCHEN}


@pytest.mark.parametrize(("field", "value"), [("begun", True), ("thrown_milli", 1_000)])
def test_a_void_takes_its_right_once_cooking_began_or_something_is_waste(field: str, value: Any) -> None:
    declared = SPECS["line_voids"].rights
    said = {"quantity_milli": 1_000, "begun": False, "thrown_milli": 0}
    fresh = declared.to_create(ROW, values("line_voids", **said))
    assert [act.any_of for act in fresh] == [frozenset({Permission.TAKE_ORDER, Permission.VOID_SENT_LINE})]
    begun = declared.to_create(ROW, values("line_voids", **{**said, field: value}))
    assert Act(frozenset({Permission.VOID_SENT_LINE})) in begun


def test_what_is_the_programs_own_takes_no_right() -> None:
    assert SPECS["exceptions"].rights.to_create(ROW, values("exceptions")) == []
    assert SPECS["exceptions"].rights.to_edit({"size": 2}) == []


def test_a_row_whose_id_follows_from_what_it_says_takes_no_right_and_any_other_takes_that_of_the_table() -> None:
    follows = first_check_id(UUID(bytes=ROW)).bytes
    check = values("checks", order_id=ROW)
    assert SPECS["checks"].rights.to_create(follows, check) == []
    assert rights(SPECS["checks"].rights.to_create(ROW, check)) == {Permission.TAKE_ORDER}


def test_what_a_row_that_follows_says_besides_takes_the_right_to_say_it() -> None:
    declared, station = SPECS["station_settings"].rights, UUID(bytes=ROW)
    said = {"branch_id": ROW, "station_id": ROW, "thresholds": []}
    key = settings_id(station, station, Setting.COVERED_BY).bytes
    covered = declared.to_create(key, values("station_settings", **said, covered_by=ROW))
    assert rights(covered) == {Permission.WORK_KITCHEN}
    late = declared.to_create(key, values("station_settings", **{**said, "thresholds": [["", 60, 120]]}))
    assert rights(late) == {Permission.EDIT_BRANCH}
    elsewhere = declared.to_create(ROW, values("station_settings", **said))
    assert rights(elsewhere) == {Permission.EDIT_BRANCH}


CLOUDS = {"sync_verdicts", "own_roles", "role_rights", "guest_doors", "guest_orders", "guest_order_lines"}
CLOUDS |= {"guest_order_combos", "guest_requests"}


def test_a_kitchen_display_takes_no_money_and_only_the_cloud_judges() -> None:
    for name, spec in SPECS.items():
        devices = {DeviceKind.CLOUD} if name in CLOUDS else ALL_DEVICES
        if name in {"branch_items", "branch_prices", "hidden_items", "pin_changes"}:
            devices = {DeviceKind.TILL, DeviceKind.MANAGER, DeviceKind.CLOUD}
        assert spec.rights.devices == (ALL_DEVICES - {DeviceKind.KITCHEN} if name in MONEY else devices)


@pytest.mark.parametrize(
    ("table", "given"),
    [
        ("payments", {"amount_minor": -5_000_000, "tendered_minor": -5_000_000}),
        ("payments", {"amount_minor": 100, "tendered_minor": 100, "change_minor": 100}),
        ("receipts", {"total_minor": 118, "net_minor": 100, "tax_minor": 17}),
        ("receipt_lines", {"quantity_milli": -1_000}),
        ("order_lines", {"unit_price_minor": -1}),
        ("order_lines", {"modifiers": [1]}),
        ("line_voids", {"thrown_milli": 2_000}),
        ("refund_lines", {"voided_milli": 2_000}),
        ("refunds", {"correction": True, "total_minor": 100}),
    ],
)
def test_a_row_that_does_not_add_up_by_itself_breaks_a_rule(table: str, given: dict[str, int]) -> None:
    sound = {name: 1_000 for name in ("quantity_milli",) if name in SPECS[table].fields}
    assert SPECS[table].rights.broken(values(table, **sound)) is None
    assert SPECS[table].rights.broken(values(table, **{**sound, **given})) is not None


def test_an_edit_breaks_the_rule_of_the_field_that_it_names() -> None:
    line = SPECS["order_lines"].rights
    assert line.broken_by_edit({"notes": "x", "unit_price_minor": 5}) is None
    assert line.broken_by_edit({"notes": "x", "unit_price_minor": -5}) is not None


def test_a_right_holds_up_to_the_limit_of_the_role() -> None:
    manager = Actor("m", "", PERMISSIONS[Role.BRANCH_MANAGER], {Permission.GIVE_DISCOUNT: 2_000})  # type: ignore[arg-type]
    assert manager.may(Permission.GIVE_DISCOUNT, 2_000)
    assert not manager.may(Permission.GIVE_DISCOUNT, 2_001)
    assert manager.may(Permission.OVERRIDE_PRICE, 9_999), "what is not limited"


def test_a_comp_that_leaves_something_to_pay_breaks_a_rule() -> None:
    for rate, is_sound in ((1_000_000, True), (500_000, False)):
        comp = values("discounts", kind="comp", rate_millionths=rate)
        assert (SPECS["discounts"].rights.broken(comp) is None) is is_sound
