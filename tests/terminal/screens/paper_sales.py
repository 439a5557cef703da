"""A day's sales on paper: a branch's lunch with many dishes, five ways to pay and hours past midnight."""

from __future__ import annotations

from datetime import date

from shared.sales.queries import DaySales, Group, Total

DAY = date(2026, 3, 14)
BY_HOUR = {
    11: 4_200, 12: 61_480, 13: 142_350, 14: 98_760, 15: 21_900,
    19: 45_300, 20: 87_650, 21: 64_240, 22: 8_000, 0: 900,
}  # fmt: skip
DISHES = (
    "Lomo saltado", "Ceviche clásico", "Ají de gallina", "Arroz con mariscos", "Pollo a la brasa entero con papas",
    "Chicha morada (jarra)", "Causa limeña", "Tacu tacu con lomo", "Anticuchos de corazón", "Pisco sour",
    "Inca Kola 1.5 l", "Suspiro a la limeña", "Tequeños", "Chaufa de quinua", "炒飯 Chaufa especial", "Cusqueña",
)  # fmt: skip
METHODS = {"Efectivo": 41, "Yape": 27, "Visa": 19, "Plin": 8, "Transferencia": 2}


def a_good_day() -> DaySales:
    total = sum(BY_HOUR.values())
    receipts = 97
    items = [(name, 7_000 * (len(DISHES) - at), total * (len(DISHES) - at) // 140) for at, name in enumerate(DISHES)]
    return DaySales(
        day=DAY,
        totals=(Total("PEN", receipts, total, total * 18 // 118, 12_350, -214),),
        methods=tuple(
            Group(str(at), name, "PEN", total * count // receipts, payments=count)
            for at, (name, count) in enumerate(METHODS.items())
        ),
        items=tuple(
            Group(str(at), name, "PEN", amount, quantity_milli=quantity)
            for at, (name, quantity, amount) in enumerate(items)
        ),
        hours=tuple(Group(f"{hour:02}", "", "PEN", amount, checks=3) for hour, amount in BY_HOUR.items()),
    )
