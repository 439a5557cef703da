"""Sentences about exceptions in the reader's language: what happened, with its amounts and names, and what to do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from shared.books.exception_views import Ends, OpenException, Portion
from shared.countries.currencies import format_minor
from shared.exceptions.rules import EventKind, Kind
from shared.kernel.language import Texts
from shared.kernel.text import clean
from shared.menu.weights import portions_text
from shared.payments.records import Receipt
from shared.truth.family import Difference

MOST_NAMED = 3
"""So many dishes or numbers are named in a sentence; the rest is counted."""
HOUR, DAY = 60, 24 * 60
"""In minutes."""


def kind_name(texts: Texts, kind: Kind) -> str:
    """The kind in a few words, for lists: `Pagado dos veces`."""
    return texts(f"exceptions.kind.{kind}")


def action_name(texts: Texts, ends: Ends) -> str:
    """What ends it, as people say it: `Devolver dinero`."""
    return texts(f"exceptions.ends.{ends}")


def what_happened(texts: Texts, about: OpenException) -> str:
    """One sentence: `Pedido A-17, mesa 4: pagado dos veces (1 Ceviche).`"""
    said = texts(f"exceptions.happened.{about.kind}", **_particulars(texts, about))
    return said[:1].upper() + said[1:]


def what_to_do(texts: Texts, about: OpenException) -> str:
    """One sentence: `Devuelve S/ 42.50.`"""
    return texts(f"exceptions.next.{about.kind}", **_particulars(texts, about))


def money(amount_minor: int, currency: str) -> str:
    """`S/ 42.50`; for a currency that is none, the minor units with the code that the device gave."""
    try:
        return format_minor(amount_minor, currency)
    except ValueError:
        return f"{amount_minor:,} {clean(currency)}"


def _particulars(texts: Texts, about: OpenException) -> Mapping[str, Any]:
    return {
        "order": _order(texts, about),
        "table": _table(texts, about),
        "numbers": _listed(clean(row.name) for row in about.rows if row.table == "orders"),
        "portions": _portions(texts, about.portions),
        "amount": money(about.amount_minor, about.currency),
        "old": money(about.old_minor, about.currency),
        "new": money(about.new_minor, about.currency),
        "receipt": next((clean(row.name) for row in about.rows if row.table == Receipt.__tablename__), "?"),
        "who": clean(about.who) or texts("exceptions.words.somebody"),
        "whom": clean(about.who) or texts("exceptions.words.whoever"),
        "device": clean(about.device) or texts("exceptions.words.a_device"),
        "what": _what(texts, about),
        "times": clean(about.reason),
        "named": _named(texts, about),
        "far": _far(texts, about.details),
    }


def _order(texts: Texts, about: OpenException) -> str:
    number = clean(about.order_number) or "?"
    if not about.table_name:
        return texts("exceptions.words.order", number=number)
    return texts("exceptions.words.order_at_table", number=number, table=_table(texts, about))


def _table(texts: Texts, about: OpenException) -> str:
    """A table as people call it: a bare number becomes `mesa 5`."""
    name = clean(about.table_name)
    return texts("exceptions.words.table", name=name) if name[:1].isdigit() else name


def _portions(texts: Texts, portions: Iterable[Portion]) -> str:
    return _listed(portions_text(each.quantity_milli, clean(each.name), each.unit) for each in portions) or texts(
        "exceptions.words.a_dish"
    )


def _named(texts: Texts, about: OpenException) -> str:
    """What an event is about: ` (A-00000012, S/ 42.50, 3 veces)`; empty if nothing is known of it."""
    known = [_listed(dict.fromkeys(clean(row.name) for row in about.rows if row.name))]
    known.append(money(about.amount_minor, about.currency) if about.amount_minor else "")
    known.append(texts("exceptions.words.times", count=f"{about.size:,}") if about.size > 1 else "")
    approved = _listed(clean(name) for name in about.approvers)
    known.append(texts("exceptions.words.approved", names=approved) if approved else "")
    said = ", ".join(filter(None, known))
    return f" ({said})" if said else ""


def _what(texts: Texts, about: OpenException) -> str:
    """The right that was lacking, the kind of device, or why something was voided, in words."""
    area = "right" if about.kind is EventKind.WITHOUT_RIGHT else "reason"
    code = f"exceptions.{area}.{about.reason}"
    return texts(code) if texts.has(code) else clean(about.reason) or texts("exceptions.words.not_said")


def _far(texts: Texts, details: Iterable[Any]) -> str:
    """How far a clock is from the cloud's: `90 min`, `8 h`, `365 días`."""
    found = [each["minutes"] for each in details if isinstance(each, Mapping) and type(each.get("minutes")) is int]
    minutes = max(map(abs, found), default=None)
    if minutes is None:
        return "?"
    if minutes < 2 * HOUR:
        return texts("exceptions.words.minutes", count=minutes)
    if minutes < 2 * DAY:
        return texts("exceptions.words.hours", count=minutes // HOUR)
    return texts("exceptions.words.days", count=f"{minutes // DAY:,}")


def _listed(names: Iterable[str]) -> str:
    named = list(names)
    more = f" +{len(named) - MOST_NAMED}" if len(named) > MOST_NAMED else ""
    return ", ".join(named[:MOST_NAMED]) + more


KINDS: tuple[Kind, ...] = (*Difference, *EventKind)
"""All kinds, those of money first."""
