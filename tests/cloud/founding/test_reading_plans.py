"""Plans from files: what they may say, and one sentence with its place for each mistake."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud.founding.plan import Plan
from cloud.founding.reading import PlanError, plan_of, read_plan
from cloud.founding.walk import minor_units, placed_categories, price_delta_minor, price_minor
from cloud.kernel.operator_error import OperatorError
from shared.kernel.language import Language
from shared.kernel.text import search_key

DEMO = Path(__file__).parents[3] / "terminal" / "demo" / "restaurant.toml"
GOOD: dict[str, Any] = {
    "organization": {"name": "El Faro", "country": "PE", "currency": "PEN"},
    "branches": [
        {
            "key": "lima",
            "name": "Lince",
            "zone": "America/Lima",
            "spaces": [{"name": "Salón", "tables": [{"name": "1"}, {"name": "2", "seats": 2}]}],
            "devices": [{"key": "caja", "name": "Caja", "kind": "till"}],
        },
        {"key": "cusco", "name": "Cusco", "zone": "America/Lima"},
    ],
    "taxes": [{"key": "igv", "name": "IGV", "rate_basis_points": 1800}],
    "stations": [{"key": "cocina", "name": "Cocina"}],
    "payment_methods": [{"name": "Efectivo", "kind": "cash"}],
    "modifier_groups": [
        {"key": "extras", "name": "Extras", "maximum": 2, "modifiers": [{"name": "Huevo", "price_delta": "3.00"}]}
    ],
    "categories": [
        {
            "name": "Fondos",
            "items": [{"name": "Lomo", "code": "lom", "price": "44.00", "station": "cocina", "modifiers": ["extras"]}],
            "children": [{"name": "Del día", "items": [{"name": "Seco", "price_minor": 3900}]}],
        }
    ],
    "staff": [
        {"name": "Rosa", "role": "cashier", "pin": "2580", "branches": ["lima"]},
        {"name": "Luis", "role": "waiter", "pin": "2580", "branches": ["cusco"]},
    ],
    "accounts": [{"email": "rosa@faro.example", "name": "Rosa", "role": "branch_manager", "password": "long enough"}],
}


def tax(raw: dict[str, Any], **said: Any) -> None:
    """Let the one tax of a plan say this."""
    raw["taxes"][0] = {"key": "igv", "name": "IGV", **said}


def spoilt(spoil: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    raw = deepcopy(GOOD)
    spoil(raw)
    return raw


def _table(raw: dict[str, Any], at: int = 0) -> dict[str, Any]:
    found: dict[str, Any] = raw["branches"][0]["spaces"][0]["tables"][at]
    return found


def printed(**said: Any) -> Callable[[dict[str, Any]], object]:
    """A plan with one printer, of which this is said."""
    printer = {"name": "caja", "address": "tcp://192.168.1.50", **said}
    return lambda raw: raw["branches"][0].update(printers=[printer])


def lomo(raw: dict[str, Any]) -> dict[str, Any]:
    return raw["categories"][0]["items"][0]


def group(raw: dict[str, Any]) -> dict[str, Any]:
    return raw["modifier_groups"][0]


def told(raw: Any, language: Language = Language.ENGLISH) -> list[str]:
    with pytest.raises(PlanError) as refused:
        plan_of(raw, "plan.toml")
    return refused.value.sentence(language).splitlines()[1:]


def test_the_demo_plan_is_a_whole_restaurant() -> None:
    plan = read_plan(str(DEMO))
    menu = list(placed_categories(plan.categories))
    items = [item for placed in menu for item in placed.category.items]
    codes = [search_key(item.code) for item in items]
    assert len(items) >= 70
    assert any(len(placed.path) > 1 for placed in menu)
    assert all(codes)
    assert len(set(codes)) == len(codes)
    assert all(500 <= (price_minor(item, 2) or 0) <= 20_000 for item in items if not item.open_price)
    assert {member.role.value for member in plan.staff} == {
        "organization_admin",
        "branch_manager",
        "cashier",
        "waiter",
        "kitchen",
    }
    assert [f"{branch.key}/{each.key}" for branch in plan.branches for each in branch.devices] == [
        "lima/caja",
        "lima/cocina",
        "arequipa/caja",
    ]
    asked = {key for item in items for key in item.modifiers}
    asked |= {each.opens for group in plan.modifier_groups for each in group.modifiers if each.opens}
    assert asked == {each.key for each in plan.modifier_groups}


def test_toml_and_json_of_one_plan_mean_the_same(tmp_path: Path) -> None:
    as_json, as_toml = tmp_path / "a", tmp_path / "b"
    as_json.write_text(json.dumps({"organization": GOOD["organization"], "branches": GOOD["branches"][1:]}))
    as_toml.write_text(
        '[organization]\nname = "El Faro"\ncountry = "PE"\ncurrency = "PEN"\n'
        '[[branches]]\nkey = "cusco"\nname = "Cusco"\nzone = "America/Lima"\n',
        encoding="utf-8-sig",
    )
    assert read_plan(str(as_json)) == read_plan(str(as_toml))


@pytest.mark.parametrize("written", ['"32.50"', "32.50", "32.5"])
def test_an_amount_is_exact_however_it_is_written(tmp_path: Path, written: str) -> None:
    path = tmp_path / "plan.json"
    raw = json.dumps(spoilt(lambda plan: lomo(plan).update(price="HERE"))).replace('"HERE"', written)
    path.write_text(raw)
    assert price_minor(read_plan(str(path)).categories[0].items[0], 2) == 3250


@given(st.integers(-(10**15), 10**15), st.sampled_from([0, 2, 3]))
def test_minor_units_come_back_exactly(amount: int, exponent: int) -> None:
    assert minor_units(Decimal(amount).scaleb(-exponent), exponent) == amount
    assert minor_units(Decimal(amount).scaleb(-exponent) + Decimal(1).scaleb(-exponent - 1), exponent) is None


def test_a_day_may_begin_at_an_hour_of_toml(tmp_path: Path) -> None:
    path = tmp_path / "plan.toml"
    path.write_text(
        '[organization]\nname = "F"\ncountry = "PE"\ncurrency = "PEN"\n'
        '[[branches]]\nkey = "a"\nname = "A"\nzone = "America/Lima"\ncutoff = 05:30:00\n'
    )
    assert read_plan(str(path)).branches[0].cutoff == 330


def test_people_of_different_branches_may_share_a_pin() -> None:
    assert len(plan_of(GOOD, "").staff) == 2


def test_answers_cost_nothing_unless_the_plan_says_so() -> None:
    plan = plan_of(spoilt(lambda raw: group(raw)["modifiers"].append({"name": "Sin sal"})), "")
    assert [price_delta_minor(each, 2) for each in plan.modifier_groups[0].modifiers] == [300, 0]


def limits(raw: dict[str, Any], *said: dict[str, Any]) -> None:
    raw["limits"] = [{"role": "cashier", "right": "give_discount", **each} for each in said]


MISTAKES: list[tuple[Callable[[dict[str, Any]], object], str]] = [
    (printed(name="La Caja"), "branches[lima].printers[La Caja].name must be one word in small letters"),
    (printed(address="192.168.1.50"), "branches[lima].printers[caja].address is no address of a printer"),
    (printed(address="usb://04b8:0e15"), "branches[lima].printers[caja].address is not on the network"),
    (printed(columns=40), "branches[lima].printers[caja].columns must be one of these: 32, 42, 48"),
    (printed(page="latin1"), "branches[lima].printers[caja].page must be one of these: PC850"),
    (printed(page_number=256), "branches[lima].printers[caja].page_number may not be more than 255"),
    (printed(cut="half"), "branches[lima].printers[caja].cut must be one of these: full, part, none"),
    (printed(substitute="caja"), "branches[lima].printers[caja].substitute names “caja”"),
    (printed(prints=["receipts"]), "must be one of these: receipt, bill, kitchen"),
    (printed(prints=["kitchen:bar"]), "names “bar”, which is not in stations"),
    (printed(colour="red"), "branches[lima].printers[caja].colour is not a field"),
    (lambda raw: raw["organization"].pop("currency"), "organization.currency is missing."),
    (lambda raw: raw["organization"].update(curency="PEN"), "organization.curency is not a field of plans"),
    (lambda raw: raw["organization"].update(country="pe"), "organization.country must be the code of a country"),
    (lambda raw: raw["organization"].update(country="XX"), "organization.country must be the code of a country"),
    (lambda raw: raw["organization"].update(currency="ABC"), "organization.currency must be the code of a currency"),
    (lambda raw: raw["organization"].update(currency="soles"), "organization.currency must be the code of a currency"),
    (lambda raw: raw["organization"].update(name="\u202e \x07"), "organization.name is empty."),
    (lambda raw: raw["organization"].update(name="x" * 121), "organization.name has more than 120 characters."),
    (lambda raw: raw["organization"].update(language="fr"), "organization.language must be one of these: es, en."),
    (lambda raw: raw.update(branches=[]), "branches needs at least one element."),
    (lambda raw: raw.update(branches={}), "branches must be a list."),
    (lambda raw: raw.update(taxes=["igv"]), "taxes[igv] must be a table with fields."),
    (lambda raw: raw["branches"][0].update(zone="Lima"), "branches[lima].zone is not a time zone"),
    (lambda raw: raw["branches"][0].update(zone="../../etc"), "branches[lima].zone is not a time zone"),
    (lambda raw: raw["branches"][0].update(zone=""), "branches[lima].zone is not a time zone"),
    (lambda raw: raw["branches"][0].update(cutoff="4 am"), 'branches[lima].cutoff must be an hour such as "04:00".'),
    (lambda raw: raw["branches"][0].update(cutoff=240), "branches[lima].cutoff must be an hour"),
    (lambda raw: raw["branches"][0].update(key="a/b"), "branches[a/b].key may not contain a slash (/)."),
    (lambda raw: raw["branches"][1].update(key="lima"), "branches[lima #2].key was used already in branches[lima #1]"),
    (lambda raw: raw["branches"][0].update(cash_step_minor=0), "branches[lima].cash_step_minor may not be less than 1"),
    (lambda raw: raw["branches"][0].update(cash_step_minor=True), "branches[lima].cash_step_minor must be a whole"),
    (
        lambda raw: raw["branches"][0]["devices"][0].update(kind="cloud"),
        "branches[lima].devices[caja].kind must be one",
    ),
    (lambda raw: raw["branches"][0]["spaces"][0]["tables"][1].update(name="1"), "spaces[Salón].tables[1 #2].name was"),
    (lambda raw: _table(raw).update(place=[1, 2, 3]), "tables[1].place must be [left, top, width, height] in cells"),
    (lambda raw: _table(raw).update(place=[0, 0, 4, 0]), "tables[1].place must be [left, top, width, height] in cells"),
    (lambda raw: _table(raw).update(place=[397, 0, 4, 3]), "in cells, from 0 and up to 400."),
    (
        lambda raw: (_table(raw).update(place=[0, 0, 4, 3]), _table(raw, 1).update(place=[3, 2, 4, 3])),
        "tables[2].place lies over 1 on the plan.",
    ),
    (lambda raw: _table(raw).update(shape="oval"), "tables[1].shape must be one of these: square, round, bar."),
    (lambda raw: raw["branches"][0].update(drawers=[{"name": "Caja"}] * 2), "branches[lima].drawers[Caja #2].name was"),
    (
        lambda raw: raw["branches"][0].update(drawers=[{"name": "Caja", "difference": "0.005"}]),
        "branches[lima].drawers[Caja].difference",
    ),
    (
        lambda raw: raw["taxes"][0].update(rate_basis_points="18"),
        "taxes[igv].rate_basis_points must be a whole number.",
    ),
    (lambda raw: raw["taxes"][0].update(rate_basis_points=10_001), "taxes[igv].rate_basis_points may not be more than"),
    (lambda raw: raw["taxes"][0].update(rate="18"), "taxes[igv] says how much the tax is more than once: keep one."),
    (lambda raw: raw["taxes"][0].pop("rate_basis_points"), "taxes[igv] needs a rate in per cent"),
    (lambda raw: tax(raw, rate="100.1"), "taxes[igv].rate must be a rate from 0 to 100 per cent"),
    (lambda raw: tax(raw, rate="8.87501"), "taxes[igv].rate must be an amount such as"),
    (lambda raw: tax(raw, per_unit="0.005"), "taxes[igv].per_unit is not a possible amount: use 2 decimals at most"),
    (lambda raw: tax(raw, rates=[{"name": "A"}]), "taxes[igv].rates[A] needs a rate in per cent"),
    (lambda raw: raw["taxes"][0].update(rates=[]), "taxes[igv] has rates and a tax of its own: keep one."),
    (lambda raw: tax(raw, rate="8", valid_from="soon"), 'taxes[igv].valid_from must be a day such as "2026-01-01".'),
    (
        lambda raw: tax(raw, rate="8", valid_from="2026-02-01", valid_until="2026-01-31"),
        "taxes[igv].valid_until is before valid_from.",
    ),
    (
        lambda raw: tax(raw, rates=[{"name": "A", "rate": "1"}, {"name": "A", "rate": "2"}]),
        "taxes[igv].rates[A #2].name was used already in taxes[igv].rates[A #1]",
    ),
    (lambda raw: raw["taxes"][0].update(included="yes"), "taxes[igv].included must be true or false."),
    (lambda raw: raw["payment_methods"][0].update(kind="gold"), "payment_methods[Efectivo].kind must be one of these"),
    (lambda raw: group(raw).update(minimum=3), "modifier_groups[extras].minimum may not be more than maximum (2)."),
    (
        lambda raw: group(raw)["modifiers"][0].update(opens="salsas"),
        "names “salsas”, which is not in modifier_groups.",
    ),
    (lambda raw: lomo(raw).update(place=0), "place"),
    (lambda raw: group(raw)["modifiers"][0].update(price_delta_minor=1), "modifiers[Huevo] has price_delta and"),
    (lambda raw: group(raw)["modifiers"].append({"name": "Huevo"}), "modifiers[Huevo #2].name was used already in"),
    (lambda raw: lomo(raw).pop("price"), 'categories[Fondos].items[Lomo] needs a price: price = "32.00"'),
    (
        lambda raw: lomo(raw).update(price_minor=1),
        "categories[Fondos].items[Lomo] has price and price_minor: keep one.",
    ),
    (lambda raw: lomo(raw).update(price="S/ 44"), "categories[Fondos].items[Lomo].price must be an amount such as"),
    (
        lambda raw: lomo(raw).update(price="44.005"),
        "items[Lomo].price is not a possible amount: use 2 decimals at most",
    ),
    (lambda raw: lomo(raw).update(price="-1"), "categories[Fondos].items[Lomo].price is not a possible amount"),
    (lambda raw: lomo(raw).update(price=Decimal("1e400")), "categories[Fondos].items[Lomo].price must be an amount"),
    (lambda raw: lomo(raw).update(price=Decimal("NaN")), "categories[Fondos].items[Lomo].price must be an amount"),
    (lambda raw: lomo(raw).update(price=4.4), "categories[Fondos].items[Lomo].price must be an amount"),
    (lambda raw: lomo(raw).update(station="horno"), "items[Lomo].station names “horno”, which is not in stations."),
    (lambda raw: lomo(raw).update(tax="iva"), "items[Lomo].tax names “iva”, which is not in taxes."),
    (lambda raw: raw["taxes"].append({"key": "x", "name": "X", "rate_basis_points": 0}), "items[Lomo].tax is missing"),
    (lambda raw: lomo(raw).update(modifiers=["salsas"]), "names “salsas”, which is not in modifier_groups."),
    (lambda raw: lomo(raw).update(modifiers=["extras", "extras"]), "items[Lomo].modifiers[extras #2] was used already"),
    (
        lambda raw: raw["categories"][0]["children"][0]["items"][0].update(code="LOM"),
        "categories[Fondos].children[Del día].items[Seco].code was used already in categories[Fondos].items[Lomo]",
    ),
    (
        lambda raw: raw["categories"][0]["children"][0]["items"][0].update(key="lom"),
        "categories[Fondos].children[Del día].items[lom].key was used already in categories[Fondos].items[Lomo]",
    ),
    (lambda raw: lomo(raw).update(barcodes=["75012", "075012"]), "items[Lomo].barcodes[075012] was used already in"),
    (
        lambda raw: raw["staff"][0].update(role="super_admin"),
        "staff[Rosa].role must be one of these: organization_admin",
    ),
    (lambda raw: raw["staff"][0].update(pin="12"), "staff[Rosa].pin must have 4 to 8 digits, in quotes."),
    (lambda raw: raw["staff"][0].update(pin=2580), "staff[Rosa].pin must be a text in quotes."),
    (lambda raw: raw["staff"][0].update(branches=["*"]), "staff[Luis].pin is the same PIN as that of staff[Rosa]"),
    (lambda raw: raw["staff"][0].update(role="organization_admin"), "staff[Luis].pin is the same PIN as that of"),
    (lambda raw: raw["staff"][0].update(branches=["ica"]), "staff[Rosa].branches[ica] names “ica”, which is not in"),
    (lambda raw: raw["staff"][1].update(name="Rosa"), "staff[Rosa #2].name was used already in staff[Rosa #1]"),
    (lambda raw: limits(raw, {}), "limits[#1] needs one amount"),
    (lambda raw: limits(raw, {"amount": "20", "amount_minor": 2_000}), "limits[#1] needs one amount"),
    (lambda raw: limits(raw, {"amount": "20.005"}), "limits[#1].amount is not a possible amount"),
    (lambda raw: limits(raw, {"amount": "-1"}), "limits[#1].amount is not a possible amount"),
    (lambda raw: limits(raw, {"amount": "1"}, {"amount": "2"}), "limits[#2] was used already in limits"),
    (lambda raw: limits(raw, {"amount": "1", "right": "fly"}), "limits[#1].right must be one of these"),
    (lambda raw: raw["accounts"][0].update(email="rosa"), "accounts[Rosa].email is not an e-mail address."),
    (lambda raw: raw["accounts"][0].update(password="short"), "accounts[Rosa].password needs at least 10 characters."),
    (
        lambda raw: raw["accounts"].append(dict(raw["accounts"][0], email="ROSA@faro.example")),
        "accounts[Rosa #2].email",
    ),
]


@pytest.mark.parametrize(("spoil", "sentence"), MISTAKES, ids=[sentence[:60] for _, sentence in MISTAKES])
def test_a_mistake_is_one_sentence_that_names_the_place(
    spoil: Callable[[dict[str, Any]], object], sentence: str
) -> None:
    said = told(spoilt(spoil))
    assert any(sentence in line for line in said), said
    in_spanish = told(spoilt(spoil), Language.SPANISH)
    assert len(in_spanish) == len(said)
    assert in_spanish != said
    assert not any("{" in line for line in said + in_spanish)


def test_a_mistake_never_repeats_a_secret() -> None:
    said = told(spoilt(lambda raw: (raw["staff"][0].update(pin="9x17"), raw["accounts"][0].update(password="hunter2"))))
    assert not any("9x17" in line or "hunter2" in line for line in said)


def test_what_a_plan_says_cannot_steer_the_terminal() -> None:
    said = told(spoilt(lambda raw: (lomo(raw).update(tax="\x1b[2J\u202eiva"), raw.update({"\x1b[2Jx": 1}))))
    said += told(spoilt(lambda raw: lomo(raw).update(tax="\x1b[2J\u202eiva")))
    assert len(said) == 2
    assert not any("\x1b" in line or "\u202e" in line for line in said)


def test_all_mistakes_are_told_at_once_but_no_flood_of_them() -> None:
    assert len(told(spoilt(lambda raw: (lomo(raw).update(tax="x"), lomo(raw).update(station="y"))))) == 2
    many = [{"name": f"d{at}", "price": "1", "tax": "none"} for at in range(500)]
    assert len(told(spoilt(lambda raw: raw["categories"][0].update(items=many)))) == 20


@pytest.mark.parametrize("raw", [None, [], "x", 3, {"organization": None, "branches": None}])
def test_what_is_no_plan_at_all_is_refused(raw: Any) -> None:
    with pytest.raises(PlanError):
        plan_of(raw, "plan.toml")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"name = \xff\n", "is not in UTF-8 (line 1)"),
        (b"name = El Faro", "is not valid TOML"),
        (b"price = nan\n", "cannot be used"),
        (b'{"name": }', "is not valid JSON"),
        (b'{"name": NaN}', "is not valid JSON: NaN"),
        (b"[" * 20_000, "is not valid TOML"),
        (b'{"a":' * 20_000, "is not valid JSON"),
        (b"", "organization is missing."),
    ],
)
def test_a_file_that_is_no_plan_gives_a_sentence(tmp_path: Path, content: bytes, sentence: str) -> None:
    path = tmp_path / "plan"
    path.write_bytes(content)
    with pytest.raises(OperatorError) as refused:
        read_plan(str(path))
    assert sentence in refused.value.sentence(Language.ENGLISH)


def test_a_file_that_is_not_there_gives_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(OperatorError) as refused:
        read_plan(str(tmp_path / "none.toml"))
    assert "No such file" in str(refused.value)


def test_a_plan_shows_no_secret_when_it_is_printed() -> None:
    plan = plan_of(GOOD, "")
    assert isinstance(plan, Plan)
    assert "2580" not in repr(plan)
    assert "long enough" not in repr(plan)


@pytest.mark.parametrize(
    ("said", "millionths"),
    [
        ({"rate": "8.875"}, 88_750),
        ({"rate": Decimal("9.975")}, 99_750),
        ({"rate": 18}, 180_000),
        ({"rate": "6.6251"}, 66_251),
        ({"rate_basis_points": 1_800}, 180_000),
        ({"per_unit_minor": 50}, 0),
    ],
)
def test_a_rate_is_said_in_per_cent_or_as_before_in_basis_points(said: dict[str, Any], millionths: int) -> None:
    (only,) = plan_of(spoilt(lambda raw: tax(raw, **said)), "").taxes
    assert [each.rate_millionths for each in only.taxes] == [millionths]


def test_a_name_may_be_a_text_for_each_language() -> None:
    def spoil(raw: dict[str, Any]) -> None:
        raw["payment_methods"][0]["name"] = {"es": "Efectivo", "en": "Cash"}
        raw["reasons"] = [{"kind": "void", "text": {"es": "Plato mal hecho", "en": "Badly made"}}]

    plan = plan_of(spoilt(spoil), "plan")
    assert (plan.payment_methods[0].name, plan.payment_methods[0].names["en"]) == ("Efectivo", "Cash")
    assert (plan.reasons[0].text, plan.reasons[0].names["en"]) == ("Plato mal hecho", "Badly made")


@pytest.mark.parametrize("said", [{"fr": "Espèces"}, {}, {"es": ""}, {"es": "x" * 41}, {"es": 3}])
def test_a_name_in_a_language_that_we_do_not_speak_is_refused(said: dict[str, Any]) -> None:
    with pytest.raises(PlanError):
        plan_of(spoilt(lambda raw: raw["payment_methods"][0].update(name=said)), "plan")
