"""The questions for what is sold by weight or at an open price, and what the scale says to them. No Textual."""

from __future__ import annotations

from shared.books.views import LineView
from shared.countries.currencies import currency
from shared.kernel.errors import DomainError
from shared.kernel.language import Texts
from shared.kernel.quantity import format_quantity
from shared.menu.rules import MenuItem
from shared.menu.weights import converted_milli, measure_text, most_weight_milli, weight_is_sensible, weight_unit
from shared.orders.rules import gross_of
from terminal.dialogs.questions import Amount, AmountKind, Given, Measured
from terminal.scale.scale import Scale, ScaleState
from terminal.screens.voice import Voice


class ScaleInstrument:
    """The scale, as a dialog reads it: its weight in the unit of what is weighed."""

    def __init__(self, scale: Scale, unit: str, texts: Texts) -> None:
        self._scale = scale
        self._unit = unit
        self._texts = texts

    def begin(self) -> None:
        """Somebody looks."""
        self._scale.begin()

    def end(self) -> None:
        """Nobody looks any more."""
        self._scale.end()

    def now(self) -> Measured:
        """The weight if it can be taken; else why it cannot. Typing works whatever the scale says."""
        view = self._scale.view
        if view.state is not ScaleState.STABLE:
            return Measured(None, self._texts(f"scale.{view.state}"))
        weight = converted_milli(view.weight_milli, view.unit, self._unit)
        if not weight_is_sensible(self._unit, weight):
            most = measure_text(most_weight_milli(self._unit), self._unit)
            return Measured(None, self._texts("scale.too_much", weight=measure_text(weight, self._unit), most=most))
        return Measured(Given(AmountKind.WEIGHT, weight), self._texts("scale.stable"))


def weight_question(item: MenuItem, unit: str, voice: Voice, scale: Scale | None) -> Amount:
    """How much of something is sold; what it comes to, unless its price is asked after.

    Args:
        unit: of weight.
    """

    def comes_to(given: Given) -> str:
        return _weight_comes_to(given.value, unit, 0 if item.open_price else item.price_minor, voice)

    return Amount(
        title=item.name,
        kinds=(AmountKind.WEIGHT,),
        asked=voice.texts("order.weight_asked", unit=unit),
        comes_to=comes_to,
        unit=unit,
        instrument=ScaleInstrument(scale, unit, voice.texts) if scale is not None else None,
    )


def price_question(item: MenuItem, quantity_milli: int, modifiers_minor: int, voice: Voice) -> Amount:
    """The price of one of something that has none; what the menu proposes is taken by Enter.

    Args:
        modifiers_minor: what its modifiers add.
    """

    def comes_to(given: Given) -> str:
        return _price_comes_to(given.value + modifiers_minor, quantity_milli, item.unit, voice)

    return Amount(
        title=f"{measure_text(quantity_milli, item.unit)} × {item.name}",
        asked=_price_asked(item.unit, voice),
        usual=Given(AmountKind.MONEY, item.price_minor) if item.price_minor else None,
        comes_to=comes_to,
    )


def line_question(line: LineView, voice: Voice, scale: Scale | None) -> Amount:
    """Another weight or another price of a line."""
    unit, modifiers_minor = line.weight_unit, line.unit_minor - line.price_minor

    def comes_to(given: Given) -> str:
        if given.kind is AmountKind.WEIGHT and unit is not None:
            return _weight_comes_to(given.value, unit, line.unit_minor, voice)
        return _price_comes_to(given.value + modifiers_minor, line.quantity_milli, line.unit, voice)

    if unit is None:
        return Amount(
            title=line.item_name,
            asked=_price_asked(line.unit, voice),
            usual=Given(AmountKind.MONEY, line.price_minor),
            comes_to=comes_to,
        )
    return Amount(
        title=line.item_name,
        kinds=(AmountKind.WEIGHT, AmountKind.MONEY),
        asked=voice.texts("order.weight_or_price_asked", unit=unit),
        usual=Given(AmountKind.WEIGHT, line.quantity_milli),
        comes_to=comes_to,
        unit=unit,
        instrument=ScaleInstrument(scale, unit, voice.texts) if scale is not None else None,
    )


def typed_price_minor(text: str, currency_code: str) -> int:
    """A price that was typed behind a name, in minor units.

    Raises:
        DomainError: PRICE_NOT_SENSIBLE, for more decimals than the currency has.
    """
    exponent = currency(currency_code).exponent
    whole, _, part = text.replace(",", ".").partition(".")
    if len(part) > exponent:
        raise DomainError("PRICE_NOT_SENSIBLE")
    return int(whole) * int(10**exponent) + int(part.ljust(exponent, "0") or "0")


def _price_asked(unit: str, voice: Voice) -> str:
    weight = weight_unit(unit)
    return voice.texts("order.price_asked", unit=weight) if weight else voice.texts("order.price_of_one_asked")


def _weight_comes_to(weight_milli: int, unit: str, unit_minor: int, voice: Voice) -> str:
    if not weight_is_sensible(unit, weight_milli):
        raise DomainError("WEIGHT_NOT_SENSIBLE", most=format_quantity(most_weight_milli(unit)), unit=unit)
    return f"× {voice.money(unit_minor)} = {voice.money(gross_of(weight_milli, unit_minor))}" if unit_minor else ""


def _price_comes_to(unit_minor: int, quantity_milli: int, unit: str, voice: Voice) -> str:
    one = max(0, unit_minor)
    return f"{measure_text(quantity_milli, unit)} × {voice.money(one)} = {voice.money(gross_of(quantity_milli, one))}"
