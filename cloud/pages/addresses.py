"""Addresses of pages: a page is its address, with filter, order and part in the query."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode


@dataclass(frozen=True, slots=True)
class Address:
    """A path and its query. What is empty is left out, so that one view has one address."""

    path: str
    query: Mapping[str, str] = field(default_factory=dict)

    def but(self, **changed: str) -> Address:
        """The same address with other values; an empty one leaves the address."""
        return Address(self.path, {name: value for name, value in {**self.query, **changed}.items() if value})

    def without(self, names: Iterable[str]) -> Address:
        """The same address without some values."""
        return self.but(**dict.fromkeys(names, ""))

    def __str__(self) -> str:
        given = {name: value for name, value in self.query.items() if value}
        return f"{self.path}?{urlencode(given)}" if given else self.path
