"""Planted bugs of what is said about guests and their bills: sealed names, discounts and service charges."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import sqlalchemy as sa

from shared.guests import accepting
from shared.kernel.ids import derived_id
from shared.kernel.sealed import NAME_BYTES, FieldPlace, PersonKey
from shared.orders.records import OrderLine
from shared.payments import pricing
from sync import keys

LEAST_BYTES = 32


@contextmanager
def names_in_the_clear() -> Iterator[None]:
    """What is sealed can be read by whoever has the file."""

    def seal(self: PersonKey, _place: FieldPlace, text: str) -> bytes:
        return self.name + text.encode().ljust(LEAST_BYTES)

    def opened(_self: PersonKey, _place: FieldPlace, sealed: bytes) -> str:
        return sealed[NAME_BYTES:].decode().rstrip()

    with patch.object(PersonKey, "seal", seal), patch.object(PersonKey, "open", opened):
        yield


@contextmanager
def forgotten_keys_stay() -> Iterator[None]:
    """Whoever is forgotten keeps their keys."""
    only_looks = keys._DELETE_KEYS.replace("DELETE FROM", "SELECT id FROM").replace(" RETURNING id", "")
    with patch.object(keys, "_DELETE_KEYS", only_looks):
        yield


@contextmanager
def lifted_adjustments_count() -> Iterator[None]:
    """A discount or a service charge that was lifted is priced all the same."""

    def whatever_was_said(of: Any) -> sa.Select[Any]:
        return sa.select(*of).where(of.organization_id == sa.bindparam("organization")).order_by(of.id)

    with patch.object(pricing, "_in_force", whatever_was_said):
        _forget_statements()
        yield
    _forget_statements()


def _forget_statements() -> None:
    for statement in (pricing._discounts, pricing._service_charges):
        statement.cache_clear()


@contextmanager
def guests_dish_by_each() -> Iterator[None]:
    """Each device that accepts a guest's order writes a dish of its own."""
    real = OrderLine

    def of_its_own(**fields: Any) -> OrderLine:
        key = derived_id("of its own", fields["author"], fields["id"])
        return real(**{**fields, "id": key, "root_id": key})

    with patch.object(accepting, "OrderLine", of_its_own):
        yield
