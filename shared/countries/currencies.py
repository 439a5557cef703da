"""Currencies: decimals, how their countries write an amount, and the notes and coins that people carry.

Amounts are whole minor units (`shared/kernel/money.py`); nothing here divides or rounds. The branch's own settings
(smallest coin) are its records; what its country says of them is in `countries.py`.
"""

from __future__ import annotations

from dataclasses import dataclass

_USUAL = (1, 2, 5, 10, 20, 50, 100)
_USUAL_WITHOUT_CENTS = (1_000, 2_000, 5_000, 10_000, 20_000)


@dataclass(frozen=True, slots=True)
class Currency:
    """An ISO 4217 currency.

    Attributes:
        exponent: number of decimals, 0 to 4.
        sign: what people write beside the amount.
        notes: in whole units, from the smallest.
        coins_minor: in minor units, from the smallest.
        thousands, point: the marks inside an amount.
        sign_follows: whether the sign stands behind the amount.
        hides_zero_cents: whether people write the decimals only where they are not zero.
    """

    code: str
    exponent: int
    sign: str
    notes: tuple[int, ...] = _USUAL
    coins_minor: tuple[int, ...] = ()
    thousands: str = ","
    point: str = "."
    sign_follows: bool = False
    hides_zero_cents: bool = False

    @property
    def unit_minor(self) -> int:
        """Minor units of one whole unit."""
        return int(10**self.exponent)

    @property
    def notes_minor(self) -> tuple[int, ...]:
        """The notes that people carry, in minor units, from the smallest."""
        return tuple(note * self.unit_minor for note in self.notes)

    @property
    def pieces_minor(self) -> tuple[int, ...]:
        """All notes and coins in minor units, the largest first, as a drawer is counted."""
        return tuple(sorted({*self.notes_minor, *self.coins_minor}, reverse=True))


_CENTS = (1, 5, 10, 25, 50, 100)

_KNOWN = {
    currency.code: currency
    for currency in (
        Currency("PEN", 2, "S/", (10, 20, 50, 100, 200), (10, 20, 50, 100, 200, 500)),
        Currency("USD", 2, "$", (1, 5, 10, 20, 50, 100), (1, 5, 10, 25, 50, 100)),
        Currency(
            "EUR", 2, "€", (5, 10, 20, 50, 100, 200), (1, 2, 5, 10, 20, 50, 100, 200), ".", ",", sign_follows=True
        ),
        Currency("GBP", 2, "£", (5, 10, 20, 50), (1, 2, 5, 10, 20, 50, 100, 200)),
        Currency("MXN", 2, "$", (20, 50, 100, 200, 500, 1_000), (50, 100, 200, 500, 1_000)),
        Currency(
            "COP", 2, "$", (2_000, 5_000, 10_000, 20_000, 50_000, 100_000), (5_000, 10_000, 20_000, 50_000, 100_000),
            ".", ",", hides_zero_cents=True,
        ),
        Currency("ARS", 2, "$", (500, 1_000, 2_000, 10_000, 20_000), (), ".", ","),
        Currency("BOB", 2, "Bs", (10, 20, 50, 100, 200), (10, 20, 50, 100, 200, 500), ".", ","),
        Currency("BRL", 2, "R$", (2, 5, 10, 20, 50, 100, 200), (5, 10, 25, 50, 100), ".", ","),
        Currency("UYU", 2, "$", (20, 50, 100, 200, 500, 1_000, 2_000), (100, 200, 500, 1_000), ".", ","),
        Currency("CRC", 2, "₡", (1_000, 2_000, 5_000, 10_000, 20_000), (500, 1_000, 2_500, 5_000, 10_000), ".", ","),
        Currency("DOP", 2, "RD$", (50, 100, 200, 500, 1_000, 2_000), (100, 500, 1_000, 2_500)),
        Currency("GTQ", 2, "Q", (5, 10, 20, 50, 100, 200), _CENTS),
        Currency("HNL", 2, "L", (1, 2, 5, 10, 20, 50, 100, 200, 500), (5, 10, 20, 50)),
        Currency("NIO", 2, "C$", (10, 20, 50, 100, 200, 500, 1_000), (5, 10, 25, 50, 100, 500)),
        Currency("PAB", 2, "B/.", (1, 5, 10, 20, 50, 100), _CENTS),
        Currency("INR", 2, "₹", (10, 20, 50, 100, 200, 500), (100, 200, 500, 1_000, 2_000)),
        Currency("CHF", 2, "CHF", (10, 20, 50, 100, 200), (5, 10, 20, 50, 100, 200, 500), "'"),
        Currency("CAD", 2, "$", (5, 10, 20, 50, 100), (5, 10, 25, 100, 200)),
        Currency("AUD", 2, "$", (5, 10, 20, 50, 100), (5, 10, 20, 50, 100, 200)),
        Currency("NZD", 2, "$", (5, 10, 20, 50, 100), (10, 20, 50, 100, 200)),
        Currency("SEK", 2, "kr", (20, 50, 100, 200, 500), (100, 200, 500, 1_000), " ", ",", sign_follows=True),
        Currency("NOK", 2, "kr", (50, 100, 200, 500), (100, 500, 1_000, 2_000), " ", ",", sign_follows=True),
        Currency("DKK", 2, "kr", (50, 100, 200, 500), (50, 100, 200, 500, 1_000, 2_000), ".", ",", sign_follows=True),
        Currency("CLP", 0, "$", (1_000, 2_000, 5_000, 10_000, 20_000), (10, 50, 100, 500), ".", ","),
        Currency("PYG", 0, "₲", (2_000, 5_000, 10_000, 20_000, 50_000, 100_000), (50, 100, 500, 1_000), ".", ","),
        Currency("JPY", 0, "¥", (1_000, 2_000, 5_000, 10_000), (1, 5, 10, 50, 100, 500)),
        Currency("KRW", 0, "₩", (1_000, 5_000, 10_000, 50_000), (10, 50, 100, 500)),
        Currency("KWD", 3, "KD", (1, 5, 10, 20), (5, 10, 20, 50, 100)),
        Currency("BHD", 3, "BD", (1, 5, 10, 20), (5, 10, 25, 50, 100, 500)),
        Currency("TND", 3, "DT", (5, 10, 20, 50), (10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000)),
    )
}  # fmt: skip
_NO_DECIMALS = frozenset({"BIF", "DJF", "GNF", "ISK", "KMF", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"})
_THREE_DECIMALS = frozenset({"IQD", "JOD", "LYD", "OMR"})


def currency(code: str) -> Currency:
    """The currency of an ISO code; one that is not in the table shows its code instead of a sign.

    Raises:
        ValueError: not three capital letters.
    """
    known = _KNOWN.get(code)
    if known is not None:
        return known
    if not is_code(code):
        msg = f"not an ISO 4217 code: {code!r}"
        raise ValueError(msg)
    if code in _NO_DECIMALS:
        return Currency(code, 0, code, _USUAL_WITHOUT_CENTS)
    return Currency(code, 3 if code in _THREE_DECIMALS else 2, code)


_CODES = frozenset(
    [
        "AED",
        "AFN",
        "ALL",
        "AMD",
        "ANG",
        "AOA",
        "ARS",
        "AUD",
        "AWG",
        "AZN",
        "BAM",
        "BBD",
        "BDT",
        "BGN",
        "BHD",
        "BIF",
        "BMD",
        "BND",
        "BOB",
        "BRL",
        "BSD",
        "BTN",
        "BWP",
        "BYN",
        "BZD",
        "CAD",
        "CDF",
        "CHF",
        "CLP",
        "CNY",
        "COP",
        "CRC",
        "CUP",
        "CVE",
        "CZK",
        "DJF",
        "DKK",
        "DOP",
        "DZD",
        "EGP",
        "ERN",
        "ETB",
        "EUR",
        "FJD",
        "FKP",
        "GBP",
        "GEL",
        "GHS",
        "GIP",
        "GMD",
        "GNF",
        "GTQ",
        "GYD",
        "HKD",
        "HNL",
        "HTG",
        "HUF",
        "IDR",
        "ILS",
        "INR",
        "IQD",
        "IRR",
        "ISK",
        "JMD",
        "JOD",
        "JPY",
        "KES",
        "KGS",
        "KHR",
        "KMF",
        "KPW",
        "KRW",
        "KWD",
        "KYD",
        "KZT",
        "LAK",
        "LBP",
        "LKR",
        "LRD",
        "LSL",
        "LYD",
        "MAD",
        "MDL",
        "MGA",
        "MKD",
        "MMK",
        "MNT",
        "MOP",
        "MRU",
        "MUR",
        "MVR",
        "MWK",
        "MXN",
        "MYR",
        "MZN",
        "NAD",
        "NGN",
        "NIO",
        "NOK",
        "NPR",
        "NZD",
        "OMR",
        "PAB",
        "PEN",
        "PGK",
        "PHP",
        "PKR",
        "PLN",
        "PYG",
        "QAR",
        "RON",
        "RSD",
        "RUB",
        "RWF",
        "SAR",
        "SBD",
        "SCR",
        "SDG",
        "SEK",
        "SGD",
        "SHP",
        "SLE",
        "SOS",
        "SRD",
        "SSP",
        "STN",
        "SVC",
        "SYP",
        "SZL",
        "THB",
        "TJS",
        "TMT",
        "TND",
        "TOP",
        "TRY",
        "TTD",
        "TWD",
        "TZS",
        "UAH",
        "UGX",
        "USD",
        "UYU",
        "UZS",
        "VES",
        "VND",
        "VUV",
        "WST",
        "XAF",
        "XCD",
        "XCG",
        "XOF",
        "XPF",
        "YER",
        "ZAR",
        "ZMW",
        "ZWG",
    ]
)


def is_code(code: str) -> bool:
    """Whether a text can be the code of a currency; also one that was made after this program."""
    return len(code) == 3 and code.isascii() and code.isalpha() and code.isupper()


def is_currency(code: str) -> bool:
    """Whether a text is the code of a currency that somebody pays with today (ISO 4217)."""
    return code in _CODES


def format_minor(amount_minor: int, code: str) -> str:
    """An amount as its country writes it: `S/ 1,234.50`, `-$ 3.00`, `$ 150.000` of Chile, `12,50 €`."""
    of = currency(code)
    return _signed(amount_minor, of, of.sign)


def format_foreign(amount_minor: int, code: str) -> str:
    """An amount beside those of another currency: with its code, since many call theirs `$`."""
    return _signed(amount_minor, currency(code), code)


def _signed(amount_minor: int, of: Currency, sign: str) -> str:
    minus, digits = "-" if amount_minor < 0 else "", plain_amount(abs(amount_minor), of)
    return f"{minus}{digits} {sign}" if of.sign_follows else f"{minus}{sign} {digits}"


def plain_amount(amount_minor: int, of: Currency) -> str:
    """Digits only, with the marks of the currency: `1,234.50`."""
    minus = "-" if amount_minor < 0 else ""
    whole, part = divmod(abs(amount_minor), of.unit_minor)
    shows_cents = of.exponent and (part or not of.hides_zero_cents)
    return (
        minus + f"{whole:,}".replace(",", of.thousands) + (f"{of.point}{part:0{of.exponent}d}" if shows_cents else "")
    )
