"""What ways to pay are called on the screens of somebody: rows keep the name in the house's language."""

from __future__ import annotations

from collections.abc import Iterable

from shared.payments.queries import MethodView


def method_title(name: str, methods: Iterable[MethodView]) -> str:
    """The title of the method that a payment names. The name itself where the house has none like it any more."""
    return next((method.title for method in methods if method.name == name), name)
