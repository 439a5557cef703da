"""Countries: the smallest coin and how cash is rounded to it, and the words of taxes and documents.

A country that is not in the table rounds nothing and has no words of its own. A branch may say otherwise of its cash.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from shared.kernel.money import CashRounding

TAX_ID = "TAX ID"
"""The name of a tax number where the country's is not known."""


@dataclass(frozen=True, slots=True)
class Country:
    """What differs by country.

    Attributes:
        code: ISO 3166.
        currency: ISO 4217; empty if not known.
        cash_step_minor: the smallest coin that people pay with, in minor units; 1: nothing is rounded.
        cash_rounding: how cash is rounded to it, by law or custom.
        tax: what the tax on a sale is called; empty if not known.
        tax_number: name of the tax number of a business.
        documents: names of the documents of a person, the usual one first.
    """

    code: str
    currency: str = ""
    cash_step_minor: int = 1
    cash_rounding: CashRounding = CashRounding.NEAREST
    tax: str = ""
    tax_number: str = TAX_ID
    documents: tuple[str, ...] = ()


_NEAREST, _DOWN, _HALF_DOWN = CashRounding.NEAREST, CashRounding.DOWN, CashRounding.HALF_DOWN
_KNOWN = {
    country.code: country
    for country in (
        # Peru: never more than the price (consumer protection). Chile: 1 to 5 down, 6 to 9 up (ley 20.956).
        Country("PE", "PEN", 10, _DOWN, "IGV", "RUC", ("DNI", "CE", "Pasaporte")),
        Country("CL", "CLP", 10, _HALF_DOWN, "IVA", "RUT", ("RUT", "Pasaporte")),
        Country("AR", "ARS", 1, _NEAREST, "IVA", "CUIT", ("DNI", "CUIL", "Pasaporte")),
        Country("BO", "BOB", 10, _NEAREST, "IVA", "NIT", ("CI", "Pasaporte")),
        Country("BR", "BRL", 1, _NEAREST, "ICMS", "CNPJ", ("CPF",)),
        Country("CO", "COP", 1, _NEAREST, "IVA", "NIT", ("CC", "CE", "Pasaporte")),
        Country("CR", "CRC", 1, _NEAREST, "IVA", "Cédula jurídica", ("Cédula", "DIMEX")),
        Country("DO", "DOP", 1, _NEAREST, "ITBIS", "RNC", ("Cédula", "Pasaporte")),
        Country("EC", "USD", 1, _NEAREST, "IVA", "RUC", ("Cédula", "Pasaporte")),
        Country("GT", "GTQ", 1, _NEAREST, "IVA", "NIT", ("DPI", "Pasaporte")),
        Country("HN", "HNL", 1, _NEAREST, "ISV", "RTN", ("DNI", "Pasaporte")),
        Country("MX", "MXN", 1, _NEAREST, "IVA", "RFC", ("CURP", "Pasaporte")),
        Country("NI", "NIO", 1, _NEAREST, "IVA", "RUC", ("Cédula", "Pasaporte")),
        Country("PA", "PAB", 1, _NEAREST, "ITBMS", "RUC", ("Cédula", "Pasaporte")),
        Country("PY", "PYG", 50, _DOWN, "IVA", "RUC", ("CI", "Pasaporte")),
        Country("SV", "USD", 1, _NEAREST, "IVA", "NIT", ("DUI", "Pasaporte")),
        Country("UY", "UYU", 100, _NEAREST, "IVA", "RUT", ("CI", "Pasaporte")),
        Country("ES", "EUR", 1, _NEAREST, "IVA", "NIF", ("DNI", "NIE", "Pasaporte")),
        Country("IT", "EUR", 5, _NEAREST, "IVA", "P. IVA"),
        Country("IE", "EUR", 5, _NEAREST, "VAT", "VAT"),
        Country("NL", "EUR", 5, _NEAREST, "BTW", "BTW"),
        Country("BE", "EUR", 5, _NEAREST, "TVA", "TVA"),
        Country("FI", "EUR", 5, _NEAREST, "ALV", "ALV"),
        Country("DE", "EUR", 1, _NEAREST, "MwSt.", "USt-IdNr."),
        Country("FR", "EUR", 1, _NEAREST, "TVA", "TVA"),
        Country("PT", "EUR", 1, _NEAREST, "IVA", "NIF"),
        Country("CH", "CHF", 5, _NEAREST, "MWST", "UID"),
        Country("GB", "GBP", 1, _NEAREST, "VAT", "VAT"),
        Country("SE", "SEK", 100, _NEAREST, "moms", "Org.nr"),
        Country("NO", "NOK", 100, _NEAREST, "mva", "Org.nr"),
        Country("DK", "DKK", 50, _NEAREST, "moms", "CVR"),
        Country("US", "USD", 1, _NEAREST, "Sales tax", "EIN"),
        Country("CA", "CAD", 5, _NEAREST, "GST", "BN"),
        Country("AU", "AUD", 5, _NEAREST, "GST", "ABN"),
        Country("NZ", "NZD", 10, _HALF_DOWN, "GST", "GST"),
        Country("JP", "JPY", 1, _NEAREST),
        Country("BH", "BHD", 5, _NEAREST, "VAT", "VAT"),
        Country("KW", "KWD", 5, _NEAREST),
    )
}


_CODES = frozenset(
    [
        "AD",
        "AE",
        "AF",
        "AG",
        "AI",
        "AL",
        "AM",
        "AO",
        "AQ",
        "AR",
        "AS",
        "AT",
        "AU",
        "AW",
        "AX",
        "AZ",
        "BA",
        "BB",
        "BD",
        "BE",
        "BF",
        "BG",
        "BH",
        "BI",
        "BJ",
        "BL",
        "BM",
        "BN",
        "BO",
        "BQ",
        "BR",
        "BS",
        "BT",
        "BV",
        "BW",
        "BY",
        "BZ",
        "CA",
        "CC",
        "CD",
        "CF",
        "CG",
        "CH",
        "CI",
        "CK",
        "CL",
        "CM",
        "CN",
        "CO",
        "CR",
        "CU",
        "CV",
        "CW",
        "CX",
        "CY",
        "CZ",
        "DE",
        "DJ",
        "DK",
        "DM",
        "DO",
        "DZ",
        "EC",
        "EE",
        "EG",
        "EH",
        "ER",
        "ES",
        "ET",
        "FI",
        "FJ",
        "FK",
        "FM",
        "FO",
        "FR",
        "GA",
        "GB",
        "GD",
        "GE",
        "GF",
        "GG",
        "GH",
        "GI",
        "GL",
        "GM",
        "GN",
        "GP",
        "GQ",
        "GR",
        "GS",
        "GT",
        "GU",
        "GW",
        "GY",
        "HK",
        "HM",
        "HN",
        "HR",
        "HT",
        "HU",
        "ID",
        "IE",
        "IL",
        "IM",
        "IN",
        "IO",
        "IQ",
        "IR",
        "IS",
        "IT",
        "JE",
        "JM",
        "JO",
        "JP",
        "KE",
        "KG",
        "KH",
        "KI",
        "KM",
        "KN",
        "KP",
        "KR",
        "KW",
        "KY",
        "KZ",
        "LA",
        "LB",
        "LC",
        "LI",
        "LK",
        "LR",
        "LS",
        "LT",
        "LU",
        "LV",
        "LY",
        "MA",
        "MC",
        "MD",
        "ME",
        "MF",
        "MG",
        "MH",
        "MK",
        "ML",
        "MM",
        "MN",
        "MO",
        "MP",
        "MQ",
        "MR",
        "MS",
        "MT",
        "MU",
        "MV",
        "MW",
        "MX",
        "MY",
        "MZ",
        "NA",
        "NC",
        "NE",
        "NF",
        "NG",
        "NI",
        "NL",
        "NO",
        "NP",
        "NR",
        "NU",
        "NZ",
        "OM",
        "PA",
        "PE",
        "PF",
        "PG",
        "PH",
        "PK",
        "PL",
        "PM",
        "PN",
        "PR",
        "PS",
        "PT",
        "PW",
        "PY",
        "QA",
        "RE",
        "RO",
        "RS",
        "RU",
        "RW",
        "SA",
        "SB",
        "SC",
        "SD",
        "SE",
        "SG",
        "SH",
        "SI",
        "SJ",
        "SK",
        "SL",
        "SM",
        "SN",
        "SO",
        "SR",
        "SS",
        "ST",
        "SV",
        "SX",
        "SY",
        "SZ",
        "TC",
        "TD",
        "TF",
        "TG",
        "TH",
        "TJ",
        "TK",
        "TL",
        "TM",
        "TN",
        "TO",
        "TR",
        "TT",
        "TV",
        "TW",
        "TZ",
        "UA",
        "UG",
        "UM",
        "US",
        "UY",
        "UZ",
        "VA",
        "VC",
        "VE",
        "VG",
        "VI",
        "VN",
        "VU",
        "WF",
        "WS",
        "XK",
        "YE",
        "YT",
        "ZA",
        "ZM",
        "ZW",
    ]
)
"""ISO 3166, and XK, by which everybody knows Kosovo."""


def is_country(code: str) -> bool:
    """Whether a text is the code of a country."""
    return code in _CODES


def country(code: str) -> Country:
    """What is known of a country by its ISO code."""
    return _KNOWN.get(code) or Country(code)


class CashHabit(NamedTuple):
    """The smallest coin of a place, and how cash is rounded to it."""

    step_minor: int
    way: CashRounding


def cash_habit(code: str, currency: str) -> CashHabit:
    """How cash of a currency is rounded in a country; the money of another country is not."""
    there = country(code)
    return (
        CashHabit(there.cash_step_minor, there.cash_rounding) if there.currency == currency else CashHabit(1, _NEAREST)
    )
