"""How discounts and service charges are called, alike on screens and papers."""

from __future__ import annotations

from shared.kernel.language import Texts
from shared.payments.records import DiscountKind
from shared.taxes.rules import tax_label


def discount_name(kind: DiscountKind, rate_millionths: int, reason: str, texts: Texts) -> str:
    """`Descuento 10 % · cumpleaños`, `Cortesía · reclamo`."""
    name = texts(f"discount.{kind}")
    if kind is DiscountKind.RATE:
        name = tax_label(name, rate_millionths, 0)
    return f"{name} · {reason}" if reason else name


def service_name(name: str, rate_millionths: int, texts: Texts) -> str:
    """`Recargo al consumo 10 %`."""
    return tax_label(name or texts("service.unnamed"), rate_millionths, 0)
