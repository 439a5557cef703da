"""The menu, as the API gives it: of the organization, and what branches say of it."""

from __future__ import annotations

from typing import Any

from cloud.api.resource import Of, Part, Resource, equal, fields_of
from cloud.edge.operation import Area
from shared.kitchen.records import Station
from shared.menu.branch_records import BranchItem, BranchPrice, HiddenItem
from shared.menu.combo_records import ComboChoice, ComboSlot
from shared.menu.records import Category, Course, Item, ItemModifierGroup, Modifier, ModifierGroup
from shared.pricing.records import Daypart, PriceRule
from shared.taxes.records import TaxCategory, TaxRate

_item: Any = Item.__table__.c
_category: Any = Category.__table__.c
_slot: Any = ComboSlot.__table__.c
_choice: Any = ComboChoice.__table__.c
_link: Any = ItemModifierGroup.__table__.c
_modifier: Any = Modifier.__table__.c
_dish: Any = BranchItem.__table__.c
_price: Any = BranchPrice.__table__.c
_hidden: Any = HiddenItem.__table__.c
_rate: Any = TaxRate.__table__.c
_TEXTS = {"allergens": list[str], "barcodes": list[str]}
_SAID = {
    "course": "0: none; null: that of the category",
    "station_id": "where it is made; null: nowhere",
    "unit": "of the price; empty: a piece",
    "open_price": "its price is asked when it is ordered",
    "place": "its tile among those of its category, from 0",
}
_SOLD = (
    "name kitchen_name code barcodes category_id tax_category_id station_id course price_minor unit open_price position"
    " place allergens active"
)
_WINDOW = "name items categories only_branch weekdays starts ends"
_WINDOW_KINDS = {"items": list[str], "categories": list[str], "weekdays": list[int], "kinds": list[str]}
_WINDOW_SAID = {
    "items": "ids, in hexadecimal form",
    "categories": "ids, in hexadecimal form, with all that is below them",
    "only_branch": "null: everywhere",
    "weekdays": "from 1, Monday; none: all",
    "starts": "minutes after midnight, local time",
    "ends": "minutes after midnight, local time",
}

CATEGORIES = Resource(
    "categories",
    "category",
    Category,
    area=Area.MENU,
    fields=fields_of(Category, "name parent_id course position active", said={"course": "of its items; 0: none"}),
    filters=(equal(_category.active), equal(_category.parent_id)),
)
ITEMS = Resource(
    "items",
    "item",
    Item,
    area=Area.MENU,
    fields=fields_of(Item, _SOLD, _TEXTS, _SAID),
    filters=(equal(_item.active), equal(_item.category_id), equal(_item.code)),
    parts=(
        Part(
            "modifier_groups",
            "OfferedGroup",
            ItemModifierGroup,
            _link.item_id,
            fields_of(ItemModifierGroup, "group_id position"),
            order=(_link.position,),
            only=_link.active,
        ),
        Part(
            "slots",
            "ComboSlot",
            ComboSlot,
            _slot.item_id,
            fields_of(ComboSlot, "name position"),
            order=(_slot.position,),
            only=_slot.active,
        ),
    ),
    about="Give the items of the organization's menu. One with slots is a combo.",
)
COMBO_CHOICES = Resource(
    "combo_choices",
    "combo_choice",
    ComboChoice,
    area=Area.MENU,
    fields=fields_of(ComboChoice, "slot_id item_id price_delta_minor default position active"),
    filters=(equal(_choice.slot_id), equal(_choice.active)),
    about="Give what may be served for the slots of combos.",
)
MODIFIER_GROUPS = Resource(
    "modifier_groups",
    "modifier_group",
    ModifierGroup,
    area=Area.MENU,
    fields=fields_of(ModifierGroup, "name minimum maximum pricing"),
    parts=(
        Part(
            "modifiers",
            "Modifier",
            Modifier,
            _modifier.group_id,
            fields_of(
                Modifier,
                "name kitchen_name price_delta_minor default opens_id allergens position active",
                _TEXTS,
                {"opens_id": "the group that is to be chosen from once this one is"},
            ),
            order=(_modifier.position,),
        ),
    ),
)
TAX_CATEGORIES = Resource(
    "tax_categories",
    "tax_category",
    TaxCategory,
    area=Area.MENU,
    fields=fields_of(TaxCategory, "name"),
    parts=(
        Part(
            "rates",
            "TaxRate",
            TaxRate,
            _rate.tax_category_id,
            fields_of(TaxRate, "name rate_millionths per_unit_minor included valid_from valid_until"),
        ),
    ),
)
COURSES = Resource("courses", "course", Course, area=Area.MENU, fields=fields_of(Course, "number name"))
DAYPARTS = Resource(
    "dayparts",
    "daypart",
    Daypart,
    area=Area.MENU,
    fields=fields_of(Daypart, f"{_WINDOW} active", _WINDOW_KINDS, _WINDOW_SAID),
    about="Give the parts of the day. What one names is sold in those that name it, and at no other time.",
)
PRICE_RULES = Resource(
    "price_rules",
    "price_rule",
    PriceRule,
    area=Area.MENU,
    fields=fields_of(
        PriceRule,
        f"{_WINDOW} kinds price_minor rate_millionths active",
        _WINDOW_KINDS,
        {**_WINDOW_SAID, "kinds": "of orders; none: all", "price_minor": "null: the listed one less the rate"},
    ),
)
STATIONS = Resource("stations", "station", Station, area=Area.MENU, fields=fields_of(Station, "name position active"))
BRANCH_ITEMS = Resource(
    "branch_items",
    "branch_item",
    BranchItem,
    area=Area.MENU,
    of=Of.BRANCH,
    fields=fields_of(BranchItem, f"branch_id {_SOLD}", _TEXTS, _SAID),
    filters=(equal(_dish.active), equal(_dish.category_id)),
    about="Give the dishes that one branch alone sells.",
)
BRANCH_PRICES = Resource(
    "branch_prices",
    "branch_price",
    BranchPrice,
    area=Area.MENU,
    of=Of.BRANCH,
    fields=fields_of(BranchPrice, "branch_id item_id price_minor", said={"price_minor": "null: the organization's"}),
    filters=(equal(_price.item_id),),
    about="Give the prices that branches set for themselves. Between one and the organization's the newest holds.",
)
HIDDEN_ITEMS = Resource(
    "hidden_items",
    "hidden_item",
    HiddenItem,
    area=Area.MENU,
    of=Of.BRANCH,
    fields=fields_of(HiddenItem, "branch_id item_id hidden"),
    filters=(equal(_hidden.item_id),),
    about="Give what branches do not sell.",
)

ALL = (
    CATEGORIES,
    ITEMS,
    COMBO_CHOICES,
    MODIFIER_GROUPS,
    TAX_CATEGORIES,
    COURSES,
    DAYPARTS,
    PRICE_RULES,
    STATIONS,
    BRANCH_ITEMS,
    BRANCH_PRICES,
    HIDDEN_ITEMS,
)
