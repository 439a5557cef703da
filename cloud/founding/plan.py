"""The schema of a plan, the file from which an organization is founded.

Each value is checked by itself (`plan_values.py`); `checks.py` checks that the values agree, and `reading.py` reads the
file. A mistake is a `PydanticCustomError` whose type is the key of its sentence in `cloud/texts`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    StrictBool,
    StrictInt,
)

from cloud.accounts.passwords import LONGEST_PASSWORD_CHARACTERS, SHORTEST_PASSWORD_CHARACTERS
from cloud.founding.plan_kitchen import CourseNumber, CoursePlan, KitchenName, RoutePlan, StationPlan
from cloud.founding.plan_parts import EVERY_BRANCH, Part, in_languages
from cloud.founding.plan_safety import SafetyCheckPlan
from cloud.founding.plan_service import Allergens, ComboSlotPlan, DaypartPlan, PriceRulePlan
from cloud.founding.plan_values import (
    Amount,
    Key,
    MinorUnits,
    Name,
    PathKey,
    ShortName,
    country_code,
    currency_code,
    day_of,
    email_address,
    exchange_millionths,
    known_in,
    millionths_of_per_cent,
    minutes_after_midnight,
    one_of,
    place_on_plan,
    well_formed_pin,
)
from shared.floor.records import TableShape
from shared.kernel.language import Language
from shared.kernel.money import BASIS_POINT, FULL_RATE, MAX_MINOR, CashRounding
from shared.kernel.permissions import Permission, Role
from shared.menu.commands import MOST_PLACES
from shared.menu.halves import GroupPricing
from shared.orders.records import OrderKind
from shared.payments.methods import MAX_QR_CHARACTERS
from shared.payments.rules import Asks, TenderKind
from shared.printers.rules import (
    COLUMNS,
    MOST_AGE_SECONDS,
    MOST_ATTEMPTS,
    MOST_FEED_LINES,
    MOST_PAGE_NUMBER,
    MOST_TOP_LINES,
    PAGES,
    Beep,
    Cut,
    DrawerPin,
    QrMode,
    Separates,
)
from shared.staff.rules import WITH_ALL_RIGHTS
from shared.tenancy.records import MOST_RECEIVED_WITHIN_SECONDS, RECEIVED_WITHIN_SECONDS, DeviceKind, ReasonKind

MOST_SEATS = 200
MOST_ANSWERS = 100
MOST_SLOTS = 12
"""Parts of a combo: more is a buffet."""

_columns, _page, _drawer_pin = known_in(COLUMNS), known_in(tuple(PAGES)), known_in(tuple(map(int, DrawerPin)))


class OrganizationPlan(Part):
    """The organization: `country` and `currency` are ISO codes."""

    name: Name
    country: Annotated[str, AfterValidator(country_code)]
    currency: str
    language: Annotated[Language, BeforeValidator(one_of(Language))] = Language.SPANISH
    tax_number: Annotated[str, Field(max_length=32)] = ""
    legal_name: Annotated[str, Field(max_length=160)] = ""


class TablePlan(Part):
    """A table; its name is unique in the branch, since that is all that a kitchen ticket says.

    `place = [left, top, width, height]` on the plan of its space, in cells; without it the table is only listed.
    """

    name: ShortName
    seats: Annotated[StrictInt, Field(ge=1, le=MOST_SEATS)] = 4
    place: Annotated[tuple[StrictInt, ...], AfterValidator(place_on_plan)] = ()
    shape: Annotated[TableShape, BeforeValidator(one_of(TableShape))] = TableShape.SQUARE


class SpacePlan(Part):
    """A room, terrace or bar with its tables."""

    name: Name
    tables: tuple[TablePlan, ...] = ()


class DevicePlan(Part):
    """A device that will enrol: founding gives out its pairing code."""

    key: PathKey
    name: Name
    kind: Annotated[DeviceKind, BeforeValidator(one_of(DeviceKind, DeviceKind.CLOUD))]


class DrawerPlan(Part):
    """A drawer with cash, or the purse of a waiter. Up to `difference = "2.00"` (or `difference_minor = 200`) a close
    asks for no reason."""

    name: ShortName
    difference: Amount | None = None
    difference_minor: Annotated[StrictInt, Field(ge=0, le=MAX_MINOR)] | None = None


class PrinterPlan(Part):
    """A printer on the network, as `device.toml` says it, and what it prints.

    That is `receipt`, `kitchen`, or `kitchen:KEY` for one station. Printers that hang on a device are said at it.
    """

    name: str
    address: str
    columns: Annotated[StrictInt, AfterValidator(_columns)] = 42
    page: Annotated[str, AfterValidator(_page)] = "PC850"
    page_number: Annotated[StrictInt, Field(ge=0, le=MOST_PAGE_NUMBER)] | None = None
    cut: Annotated[Cut, BeforeValidator(one_of(Cut))] = Cut.FULL
    feed_lines: Annotated[StrictInt, Field(ge=0, le=MOST_FEED_LINES)] = 5
    top_lines: Annotated[StrictInt, Field(ge=0, le=MOST_TOP_LINES)] = 0
    separates: Annotated[Separates, BeforeValidator(one_of(Separates))] = Separates.SLIP
    drawer_pin: Annotated[StrictInt, AfterValidator(_drawer_pin)] = 2
    beep: Annotated[Beep, BeforeValidator(one_of(Beep))] = Beep.BUZZER
    qr: Annotated[QrMode, BeforeValidator(one_of(QrMode))] = QrMode.RASTER
    profile: Annotated[str, Field(max_length=32)] = ""
    substitute: str = ""
    substitute_after: Annotated[StrictInt, Field(ge=0, le=MOST_ATTEMPTS)] = 0
    most_age_seconds: Annotated[StrictInt, Field(ge=0, le=MOST_AGE_SECONDS)] = 0
    prints: tuple[str, ...] = ()


class BranchPlan(Part):
    """A branch: `zone` is an IANA time zone, `cutoff` the local hour at which its day begins. Cash is rounded as in its
    country unless the branch says otherwise. `received_within`: what no station received after so many seconds is said
    to who sent it."""

    key: PathKey
    name: Name
    zone: str
    cutoff: Annotated[int, BeforeValidator(minutes_after_midnight)] = 240
    address: Annotated[str, Field(max_length=200)] = ""
    cash_step_minor: Annotated[StrictInt, Field(ge=1, le=1_000_000)] | None = None
    cash_rounding: Annotated[CashRounding, BeforeValidator(one_of(CashRounding))] | None = None
    received_within: Annotated[StrictInt, Field(ge=1, le=MOST_RECEIVED_WITHIN_SECONDS)] = RECEIVED_WITHIN_SECONDS
    spaces: tuple[SpacePlan, ...] = ()
    devices: tuple[DevicePlan, ...] = ()
    drawers: tuple[DrawerPlan, ...] = ()
    printers: tuple[PrinterPlan, ...] = ()


class TaxRatePlan(Part):
    """One tax, included in the price or added to it.

    Either a rate in per cent (`rate = "8.875"`, or `rate_basis_points = 1800`), or an amount for each unit
    (`per_unit = "0.50"`, or `per_unit_minor = 50`). `valid_from` and `valid_until` are its first and last day.
    """

    name: ShortName
    rate: Annotated[Any, AfterValidator(millionths_of_per_cent)] | None = None
    rate_basis_points: Annotated[StrictInt, Field(ge=0, le=FULL_RATE // BASIS_POINT)] | None = None
    per_unit: Amount | None = None
    per_unit_minor: Annotated[StrictInt, Field(ge=0, le=MAX_MINOR)] | None = None
    included: StrictBool = True
    valid_from: Annotated[date | None, BeforeValidator(day_of)] = None
    valid_until: Annotated[date | None, BeforeValidator(day_of)] = None

    @property
    def says(self) -> list[str]:
        """Which of the four fields that say how much the tax is are given."""
        amounts = ("rate", "rate_basis_points", "per_unit", "per_unit_minor")
        return [name for name in amounts if getattr(self, name) is not None]

    @property
    def rate_millionths(self) -> int:
        """The rate. 0 for a tax by the unit."""
        return self.rate if self.rate is not None else (self.rate_basis_points or 0) * BASIS_POINT


class TaxPlan(TaxRatePlan):
    """A tax category. Its tax is said in its own fields, or `rates` lists several taxes or dates."""

    key: Key
    rates: tuple[TaxRatePlan, ...] | None = None

    @property
    def taxes(self) -> tuple[TaxRatePlan, ...]:
        """The taxes of the category."""
        return (self,) if self.rates is None else self.rates


class PaymentMethodPlan(Part):
    """A way to pay; its name may be a text for each language.

    `asks`: when a till asks for what its slip says (`never`, `later` with F5, `at_once`). `qr`: text of the house's QR.
    `gives_change`: for a voucher of which the rest comes back in cash. `needs_right`: that its tenders take besides.
    `most = "200.00"` or `most_minor`: of one tender. `currency`: of the money that is given, if it is not the house's.
    """

    parted = in_languages("name")
    name: ShortName
    names: Mapping[Annotated[str, BeforeValidator(one_of(Language))], ShortName] = Field(default_factory=dict)
    kind: Annotated[TenderKind, BeforeValidator(one_of(TenderKind))]
    asks: Annotated[Asks, BeforeValidator(one_of(Asks))] = Asks.LATER
    qr: Annotated[str, Field(max_length=MAX_QR_CHARACTERS)] = ""
    gives_change: StrictBool = False
    needs_right: Annotated[Permission, BeforeValidator(one_of(Permission, Permission.JUDGE_CHANGES))] | None = None
    most: Amount | None = None
    most_minor: Annotated[StrictInt, Field(ge=0, le=MAX_MINOR)] | None = None
    currency: Annotated[str, AfterValidator(currency_code)] = ""


class ExchangeRatePlan(Part):
    """What one unit of a currency is worth in the organization's: `rate = "3.75"`, until a till sets another."""

    currency: Annotated[str, AfterValidator(currency_code)]
    rate: Annotated[Any, AfterValidator(exchange_millionths)]
    day: Annotated[date, BeforeValidator(day_of)] = date(2000, 1, 1)


class ReasonPlan(Part):
    """A reason that people choose from when they void, give a discount ..., or a phrase for notes.

    Its text may be one for each language.
    """

    parted = in_languages("text")
    kind: Annotated[ReasonKind, BeforeValidator(one_of(ReasonKind))]
    text: Name
    names: Mapping[Annotated[str, BeforeValidator(one_of(Language))], Name] = Field(default_factory=dict)


class ServiceChargePlan(Part):
    """A service charge of the house: `rate = "10"` per cent.

    `automatic` ones are added with the first bill to orders of these `kinds` (all of them, if none is named) with at
    least so many guests; the others by hand. `taxed = false`: no taxes are due on it.
    """

    name: ShortName
    rate: Annotated[Any, AfterValidator(millionths_of_per_cent)]
    kinds: tuple[Annotated[OrderKind, BeforeValidator(one_of(OrderKind))], ...] = ()
    least_guests: Annotated[StrictInt, Field(ge=0, le=MOST_SEATS)] = 0
    automatic: StrictBool = True
    taxed: StrictBool = True


class ModifierPlan(Part):
    """A modifier of a group. It adds `price_delta = "3.00"` or `price_delta_minor = 300` to the price, by default 0.

    `opens` is the key of the group that is chosen from, too, once this modifier is chosen. `allergens`: what it brings
    into the dish.
    """

    name: Name
    price_delta: Amount | None = None
    price_delta_minor: MinorUnits | None = None
    default: StrictBool = False
    kitchen_name: KitchenName = ""
    opens: Key | None = None
    allergens: Allergens = ()
    key: Key | None = None


class ModifierGroupPlan(Part):
    """A modifier group: how many of its modifiers must and may be chosen. One modifier may be chosen several times.

    `pricing`: other than `each` its modifiers share the dish, half-and-half: the `dearest` is charged, or the
    `average`.
    """

    key: Key
    name: Name
    minimum: Annotated[StrictInt, Field(ge=0, le=MOST_ANSWERS)] = 0
    maximum: Annotated[StrictInt, Field(ge=1, le=MOST_ANSWERS)] = 1
    pricing: Annotated[GroupPricing, BeforeValidator(one_of(GroupPricing))] = GroupPricing.EACH
    modifiers: Annotated[tuple[ModifierPlan, ...], Field(min_length=1)]


class ItemPlan(Part):
    """Something that is sold: `price = "32.00"` or `price_minor = 3200` for one `unit` (by default a piece).

    What has a unit of weight (`kg`, `g`, `lb`, `oz`) is weighed when it is ordered. `open_price = true`: its price is
    asked then; a price that it has all the same is proposed. `place` is its tile in its category, from 1; without one
    it is its position in the file, so that what is taken away later leaves its tile empty.
    `tax`, the key of a tax category, may be left out where the plan has one. `modifiers` are keys of modifier groups,
    in the order in which screens show them. `barcodes` are those on its packages. `key`, by default the code or else
    the name, tells the item apart in the plan. `course`: in which it is served (0: in none), by default that of its
    category; `kitchen_name`: what walls and kitchen papers call it. `allergens`: codes of what is in it. With `slots`
    it is a combo: its price is shared by the items that are served for them.
    """

    name: Name
    code: Annotated[str, Field(max_length=32)] = ""
    barcodes: tuple[Annotated[str, Field(min_length=1, max_length=32)], ...] = ()
    price: Amount | None = None
    price_minor: Annotated[StrictInt, Field(ge=0, le=MAX_MINOR)] | None = None
    unit: Annotated[str, Field(max_length=12)] = ""
    open_price: StrictBool = False
    place: Annotated[StrictInt, Field(ge=1, le=MOST_PLACES)] | None = None
    tax: Key | None = None
    station: Key | None = None
    course: CourseNumber | None = None
    kitchen_name: KitchenName = ""
    modifiers: tuple[Key, ...] = ()
    allergens: Allergens = ()
    slots: Annotated[tuple[ComboSlotPlan, ...], Field(max_length=MOST_SLOTS)] = ()
    key: Key | None = None

    @property
    def plan_key(self) -> str:
        """What tells this item apart in the plan."""
        return self.key or self.code or self.name


class CategoryPlan(Part):
    """A category of the menu; categories nest. Two of the same name under the same parent are one category.

    `course`: in which its items and its children are served, unless they say another.
    """

    name: Name
    course: CourseNumber | None = None
    items: tuple[ItemPlan, ...] = ()
    children: tuple[CategoryPlan, ...] = ()


class StaffPlan(Part):
    """Somebody who logs in at devices. `branches` are keys, or `["*"]` for all that there are."""

    name: Name
    role: Annotated[Role, BeforeValidator(one_of(Role, Role.SUPER_ADMIN))]
    pin: Annotated[str, AfterValidator(well_formed_pin), Field(repr=False)]
    branches: Annotated[tuple[Key, ...], Field(min_length=1)] = (EVERY_BRANCH,)
    key: Key | None = None

    @property
    def plan_key(self) -> str:
        """What tells this person apart in the plan."""
        return self.key or self.name


class LimitPlan(Part):
    """Up to which amount a role has a right: `amount = "20.00"` or `amount_minor = 2000`."""

    role: Annotated[Role, BeforeValidator(one_of(Role, *WITH_ALL_RIGHTS))]
    right: Annotated[Permission, BeforeValidator(one_of(Permission, Permission.JUDGE_CHANGES))]
    amount: Amount | None = None
    amount_minor: Annotated[StrictInt, Field(ge=0, le=MAX_MINOR)] | None = None


class AccountPlan(Part):
    """Somebody who logs in to the cloud: a member of staff, by their key, else somebody of their own without a PIN.

    Role and branches are those of the member of staff. Who has an account already, elsewhere, keeps its password.
    """

    email: Annotated[str, AfterValidator(email_address), Field(max_length=254)]
    name: Name
    staff: Key | None = None
    role: Annotated[Role, BeforeValidator(one_of(Role, Role.SUPER_ADMIN))] | None = None
    password: Annotated[
        str, Field(min_length=SHORTEST_PASSWORD_CHARACTERS, max_length=LONGEST_PASSWORD_CHARACTERS, repr=False)
    ]
    branches: Annotated[tuple[Key, ...], Field(min_length=1)] = (EVERY_BRANCH,)


class Plan(Part):
    """An organization with its restaurant. Positions on screens follow the order of the file."""

    organization: OrganizationPlan
    branches: Annotated[tuple[BranchPlan, ...], Field(min_length=1)]
    taxes: tuple[TaxPlan, ...] = ()
    stations: tuple[StationPlan, ...] = ()
    courses: tuple[CoursePlan, ...] = ()
    routes: tuple[RoutePlan, ...] = ()
    payment_methods: tuple[PaymentMethodPlan, ...] = ()
    exchange_rates: tuple[ExchangeRatePlan, ...] = ()
    service_charges: tuple[ServiceChargePlan, ...] = ()
    reasons: tuple[ReasonPlan, ...] = ()
    safety_checks: tuple[SafetyCheckPlan, ...] = ()
    modifier_groups: tuple[ModifierGroupPlan, ...] = ()
    categories: tuple[CategoryPlan, ...] = ()
    dayparts: tuple[DaypartPlan, ...] = ()
    price_rules: tuple[PriceRulePlan, ...] = ()
    staff: tuple[StaffPlan, ...] = ()
    limits: tuple[LimitPlan, ...] = ()
    accounts: tuple[AccountPlan, ...] = ()

    def branch_keys(self, wanted: tuple[str, ...]) -> list[str]:
        """The keys of branches that somebody's `branches` mean, in the plan's order."""
        return [branch.key for branch in self.branches if EVERY_BRANCH in wanted or branch.key in wanted]
