"""Files of past sales that a test writes, and their reading."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from terminal.rehearsal.mapping import parse_mapping
from terminal.rehearsal.past_sales import PastSales
from terminal.rehearsal.sales_file import read_past_sales

Reading = Callable[..., PastSales]

_PLAIN_MAPPING = """
currency = "PEN"
time_zone = "America/Lima"

[branch]
constant = "Centro"

[columns]
ticket = "ticket"
date = "date"
item_name = "item"
quantity = "quantity"
amount = "amount"
"""
_PLAIN_HEADER = "ticket,date,item,quantity,amount\n"


@pytest.fixture
def plain_mapping() -> str:
    """A mapping that says no more than it must; tests change what they are about."""
    return _PLAIN_MAPPING


@pytest.fixture
def read(tmp_path: Path) -> Reading:
    """Write files (name to content) into a folder and read that folder by a mapping."""

    def write_and_read(files: dict[str, str | bytes], mapping: str = _PLAIN_MAPPING, path: str = "") -> PastSales:
        for name, content in files.items():
            target = tmp_path / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content.encode() if isinstance(content, str) else content)
        return read_past_sales(tmp_path / path, parse_mapping(mapping))

    return write_and_read


@pytest.fixture
def read_plain(read: Reading) -> Callable[[str], PastSales]:
    """Read rows below the plain header by the plain mapping."""
    return lambda rows: read({"sales.csv": _PLAIN_HEADER + rows})
