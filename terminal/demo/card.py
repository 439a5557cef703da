"""The card of a table in the demo."""

from __future__ import annotations

from typing import NamedTuple


class GuestCard(NamedTuple):
    """A card of a table, as `comanda-cloud guest-cards --json` tells it."""

    table: str
    code: str
    url: str
