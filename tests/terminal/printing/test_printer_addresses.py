"""What a technician may write as a printer's address."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from shared.printers.addresses import transport_kind
from shared.printers.settings import PrinterSettings
from terminal.printing.addresses import BadPrinterAddress, transport_at
from terminal.printing.faults import PrinterFault, PrinterUnreachable
from terminal.printing.printers import PrinterBook
from terminal.printing.transports import Readiness, StatusPolicy
from terminal.printing.transports.device import open_device


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
        "papers.bin",
        "file://papers.bin",
        "tcp://h:9100?x",
        "tcp://h:9100#x",
        "tcp://u@h:9100",
        "tcp://a b:9100",
        "tcp://a..b",
        "tcp://" + "a" * 64,
        "usb://04b8:0e15?x",
        "serial:///dev/ttyS0?baud=abc",
        "serial:///dev/ttyS0?baud=9600&baud=1200",
        "serial:///dev/ttyS0?parity=mark",
        "cups://Kitchen Printer",
        "cups://cocina/",
    ],
)
def test_any_other_address_gets_a_sentence_that_says_what_to_write(address: str) -> None:
    assert transport_kind(address) is None
    with pytest.raises(BadPrinterAddress) as caught:
        transport_at(address)
    for language in ("es", "en"):
        assert "tcp://" in caught.value.sentence(language)
        assert "printing." not in caught.value.sentence(language)


async def test_a_row_of_the_branch_writes_into_no_file_and_its_jobs_say_why(tmp_path: Path) -> None:
    file, folder = tmp_path / "device.toml", tmp_path / "papers"
    file.write_bytes(b"mine")
    folder.mkdir()
    for path in (file, folder, tmp_path / "new"):
        for address in (str(path), f"file://{path}", f"/dev/..{path}"):
            settings = PrinterSettings("raro", address)
            printer = PrinterBook().of({"raro": settings})["raro"]
            with pytest.raises(PrinterUnreachable) as failed:
                await printer.transport.deliver(b"echo owned\n", "a")
            assert failed.value.fault is PrinterFault.BAD_ADDRESS
            assert (await printer.transport.probe()).readiness is Readiness.FAULT
    assert file.read_bytes() == b"mine"
    assert sorted(os.listdir(tmp_path)) == [file.name, folder.name]
    assert not os.listdir(folder)


async def test_the_same_address_in_the_machines_own_configuration_is_a_file(tmp_path: Path) -> None:
    settings = {"papel": PrinterSettings("papel", str(tmp_path / "papers.bin"))}
    book = PrinterBook()
    own = book.of(settings, {"papel"})["papel"]
    await own.transport.deliver(b"hola\n", "a")
    assert (tmp_path / "papers.bin").read_bytes() == b"hola\n"
    assert book.of(settings)["papel"] is not own


@pytest.mark.parametrize("address", ["/dev/full", "/dev/null", "/dev/tty", "serial:///dev/null", "/dev/comanda-none"])
async def test_a_row_opens_only_devices_that_can_be_printers(address: str) -> None:
    printer = PrinterBook().of({"raro": PrinterSettings("raro", address)})["raro"]
    with pytest.raises(PrinterUnreachable) as failed:
        await printer.transport.deliver(b"hola\n", "a")
    assert failed.value.fault in (PrinterFault.NO_DEVICE, PrinterFault.NOT_PLUGGED)
    assert failed.value.fault is PrinterFault.NO_DEVICE or address == "/dev/comanda-none"


async def test_a_link_below_dev_leads_a_row_to_no_file(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"mine")
    with pytest.raises(PrinterUnreachable) as failed:
        open_device(file, only_nodes=True)
    assert failed.value.fault is PrinterFault.NO_DEVICE
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(PrinterUnreachable):
        open_device(tmp_path / "pipe", only_nodes=True)
    leader, follower = os.openpty()
    try:
        link = tmp_path / "printer"
        link.symlink_to(os.ttyname(follower))
        open_device(link, only_nodes=True).close()
    finally:
        os.close(leader)
        os.close(follower)
