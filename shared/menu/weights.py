"""Units of weight: which units of an item mean that it is sold by weight, how much is sensible, one unit in another.

A weight is a quantity: thousandths of its unit, as on an order line. Pure.
"""

from __future__ import annotations

from fractions import Fraction
from types import MappingProxyType

from shared.kernel.money import divide_half_up
from shared.kernel.quantity import MAX_QUANTITY_MILLI, ONE, format_portions, format_quantity

MOST_GRAMS = 100_000
"""Of one line: 100 kg is more than a kitchen sells of anything at once; more is grams typed as kilos."""
_GRAMS = MappingProxyType(
    {
        "kg": Fraction(1_000),
        "g": Fraction(1),
        "lb": Fraction("453.59237"),
        "oz": Fraction("28.349523125"),
    }
)
_THREE_DECIMALS = frozenset({"kg", "lb"})
"""Units of which scales and papers always say the thousandths."""
_OTHER_NAMES = MappingProxyType(
    {
        "kilo": "kg",
        "kilos": "kg",
        "kgs": "kg",
        "gr": "g",
        "grs": "g",
        "gramo": "g",
        "gramos": "g",
        "gram": "g",
        "grams": "g",
        "lbs": "lb",
        "libra": "lb",
        "libras": "lb",
        "pound": "lb",
        "pounds": "lb",
        "onza": "oz",
        "onzas": "oz",
    }
)


def weight_unit(unit: str) -> str | None:
    """The unit of weight that a text means: `kg`, `g`, `lb` or `oz`. None: it is no weight."""
    name = unit.strip().casefold().rstrip(".")
    name = _OTHER_NAMES.get(name, name)
    return name if name in _GRAMS else None


def most_weight_milli(unit: str) -> int:
    """The greatest weight of one line, in thousandths of this unit of weight."""
    return min(MAX_QUANTITY_MILLI, int(MOST_GRAMS * ONE / _GRAMS[unit]))


def weight_is_sensible(unit: str, weight_milli: int) -> bool:
    """Whether somebody can have meant this weight."""
    return 0 < weight_milli <= most_weight_milli(unit)


def measure_text(quantity_milli: int, unit: str) -> str:
    """How much of something with a unit: `0.350 kg`, `350 g`, `1.5 l`; without a unit `2` or `1/3`."""
    weight = weight_unit(unit)
    if weight in _THREE_DECIMALS:
        whole, part = divmod(quantity_milli, ONE)
        return f"{whole}.{part:03d} {weight}"
    return f"{format_quantity(quantity_milli)} {weight or unit}" if unit else format_portions(quantity_milli)


def converted_milli(weight_milli: int, unit: str, into: str) -> int:
    """A weight in another unit, rounded half up to its thousandth."""
    exact = Fraction(weight_milli) * _GRAMS[unit] / _GRAMS[into]
    return divide_half_up(exact.numerator, exact.denominator)


def portions_text(quantity_milli: int, name: str, unit: str) -> str:
    """So many of a dish: `2 Lomo saltado`; of what is sold by weight `0.350 kg Queso`."""
    many = measure_text(quantity_milli, unit) if weight_unit(unit) else format_portions(quantity_milli)
    return f"{many} {name}"
