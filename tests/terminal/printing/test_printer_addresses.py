"""What a technician may write as a printer's address."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from terminal.printing.addresses import BadPrinterAddress, transport_at
from terminal.printing.transports import StatusPolicy


async def test_a_network_address_prints_there(loopback: Callable[..., Awaitable[Any]]) -> None:
    printer = await loopback()
    await transport_at(f"tcp://127.0.0.1:{printer.port}").deliver(b"hola\n", "a")
    assert await printer.papers(1) == [b"hola\n"]


@pytest.mark.parametrize("prefix", ["", "file://"])
async def test_a_path_prints_into_the_file(tmp_path: Path, prefix: str) -> None:
    path = tmp_path / "caja.bin"
    await transport_at(f"{prefix}{path}", StatusPolicy.NEVER).deliver(b"hola\n", "a")
    assert path.read_bytes() == b"hola\n"


@pytest.mark.parametrize(
    "address",
    [
        "",
        "file://",
        "tcp://",
        "tcp://:9100",
        "tcp://10.0.0.5:0",
        "tcp://10.0.0.5:x",
        "usb://1",
        "tcp://a:99999",
        "usb://04b8",
        "usb://04b8:0e1z",
        "serial://",
        "serial://host/dev/ttyS0",
        "serial:///dev/ttyS0?baud=7",
        "serial:///dev/ttyS0?speed=9600",
        "cups://",
        "cups://-d",
        "cups://a b",
        "lpd://x",
        "tcp://h:9100/q",
        "/a\nb",
    ],
)
def test_any_other_address_gets_a_sentence_that_says_what_to_write(address: str) -> None:
    with pytest.raises(BadPrinterAddress) as caught:
        transport_at(address)
    for language in ("es", "en"):
        assert "tcp://" in caught.value.sentence(language)
        assert "printing." not in caught.value.sentence(language)
