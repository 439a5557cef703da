"""Printers that hang on this machine: USB, serial lines, device files, and CUPS by a program `lp`."""

from __future__ import annotations

import asyncio
import os
import pty
import termios
import tty
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.kernel.language import Language, Texts
from shared.printers.addresses import FlowControl, Parity
from terminal.commands.printer_find import run_find
from terminal.printing.addresses import transport_at
from terminal.printing.faults import PrinterError, PrinterFault, PrinterMute, PrinterSpoolerFailed, PrinterUnreachable
from terminal.printing.transports import (
    CupsTransport,
    Delivery,
    FileTransport,
    Knows,
    Patience,
    Readiness,
    SerialSettings,
    SerialTransport,
    StatusPolicy,
    UsbTransport,
    turns,
)
from terminal.printing.transports.usb import Roots, UsbId, plugged_in

JOB = b"hola\n\x1dV\x00"
PATIENCE = Patience(connect_s=2.0, write_s=0.4, status_s=0.2, confirm_s=0.4, farewell_s=0.05)


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "IDLE_GAP_S", 0.0)


class Line:
    """A pseudo terminal: the program sees `path`, the test reads what arrived."""

    def __init__(self) -> None:
        self._ours, self._theirs = pty.openpty()
        tty.setraw(self._ours)
        os.set_blocking(self._ours, False)
        self.path = Path(os.ttyname(self._theirs))

    def arrived(self) -> bytes:
        try:
            return os.read(self._ours, 65_536)
        except BlockingIOError:
            return b""

    def unplug(self) -> None:
        os.close(self._ours)
        os.close(self._theirs)
        self._ours = -1

    def close(self) -> None:
        if self._ours >= 0:
            self.unplug()


@pytest.fixture
def line() -> Iterator[Line]:
    made = Line()
    yield made
    made.close()


# --- USB ----------------------------------------------------------------------------------------------------------


class Bus:
    """A USB bus as the system shows it, with pseudo terminals in place of printers."""

    def __init__(self, root: Path) -> None:
        self.roots = Roots(root / "sys", root / "dev")
        self._devices = root / "sys/bus/usb/devices"
        self._devices.mkdir(parents=True)
        (root / "dev/usb").mkdir(parents=True)
        hub = self._devices / "usb1"
        hub.mkdir()
        (hub / "idVendor").write_text("1d6b\n")

    def plug_in(self, line: Line, place: str, node: str, *, product: str = "0e15", serial: str = "") -> None:
        device = self._devices / place
        interface = device / f"{place}:1.0/usbmisc/{node}"
        interface.mkdir(parents=True)
        (device / "idVendor").write_text("04b8\n")
        (device / "idProduct").write_text(f"{product}\n")
        (device / "manufacturer").write_text("EPSON\n")
        (device / "product").write_text("TM-T20II\n")
        if serial:
            (device / "serial").write_text(f"{serial}\n")
        (interface / "uevent").write_text(f"MAJOR=180\nMINOR=0\nDEVNAME=usb/{node}\n")
        (self.roots.dev / "usb" / node).symlink_to(line.path)

    def unplug(self, place: str, node: str) -> None:
        for path in sorted((self._devices / place).rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() else path.unlink()
        (self._devices / place).rmdir()
        (self.roots.dev / "usb" / node).unlink()


@pytest.fixture
def bus(tmp_path: Path) -> Bus:
    return Bus(tmp_path)


def usb(bus: Bus, address: str) -> UsbTransport:
    vendor, _colon, rest = address.removeprefix("usb://").partition(":")
    product, _slash, serial = rest.partition("/")
    return UsbTransport(UsbId(vendor, product, serial), bus.roots, policy=StatusPolicy.NEVER, patience=PATIENCE)


async def test_a_printer_that_was_plugged_in_again_is_found_under_its_new_number(bus: Bus, line: Line) -> None:
    transport = usb(bus, "usb://04b8:0e15")
    bus.plug_in(line, "1-1", "lp0")
    assert await transport.deliver(JOB, "a") is Delivery.SENT
    bus.unplug("1-1", "lp0")
    with pytest.raises(PrinterUnreachable) as caught:
        await transport.deliver(JOB, "b")
    assert (caught.value.fault, caught.value.bytes_left) == (PrinterFault.NOT_PLUGGED, False)
    bus.plug_in(line, "2-3.1", "lp1")
    assert await transport.deliver(JOB, "b") is Delivery.SENT
    assert line.arrived() == 2 * JOB
    assert transport.knows is Knows.NOTHING


async def test_of_two_printers_of_one_kind_the_serial_number_decides(bus: Bus, line: Line) -> None:
    other = Line()
    bus.plug_in(line, "1-1", "lp0", serial="A1")
    bus.plug_in(other, "1-2", "lp1", serial="B2")
    with pytest.raises(PrinterUnreachable) as caught:
        await usb(bus, "usb://04b8:0e15").deliver(JOB, "a")
    assert caught.value.fault is PrinterFault.TWO_ALIKE
    await usb(bus, "usb://04b8:0e15/B2").deliver(JOB, "a")
    assert (line.arrived(), other.arrived()) == (b"", JOB)
    other.close()


def test_what_is_plugged_in_is_listed_with_its_address(bus: Bus, line: Line) -> None:
    bus.plug_in(line, "1-1", "lp0", serial="A1")
    (found,) = plugged_in(bus.roots)
    assert (str(found.id), found.name, found.path) == (
        "usb://04b8:0e15/A1",
        "EPSON TM-T20II",
        bus.roots.dev / "usb/lp0",
    )
    assert plugged_in(Roots(bus.roots.dev, bus.roots.dev)) == []


def test_a_technician_finds_the_addresses_of_what_is_plugged_in(
    bus: Bus, line: Line, lp: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    texts = Texts(Language.SPANISH, ("terminal",))
    program(lp, "lpstat", "exit 1")
    run_find(texts, bus.roots)
    assert capsys.readouterr().out.startswith("No hay ninguna")
    bus.plug_in(line, "1-1", "lp0", serial="A1")
    (bus.roots.dev / "serial/by-id").mkdir(parents=True)
    (bus.roots.dev / "ttyUSB0").touch()
    (bus.roots.dev / "serial/by-id/usb-FTDI").symlink_to(bus.roots.dev / "ttyUSB0")
    program(lp, "lpstat", "printf 'cocina\\nbarra\\n'")
    run_find(texts, bus.roots)
    addresses = [found.split("  ")[0] for found in capsys.readouterr().out.splitlines()[:-1]]
    by_id = f"serial://{bus.roots.dev}/serial/by-id/usb-FTDI?baud=19200"
    assert addresses == ["usb://04b8:0e15/A1", by_id, "cups://cocina", "cups://barra"]
    for address in addresses:
        transport_at(address)


async def test_the_address_of_a_usb_printer_leads_to_it(bus: Bus, line: Line) -> None:
    bus.plug_in(line, "1-1", "lp0", serial="A1")
    transport = transport_at("usb://04B8:0E15/A1", StatusPolicy.NEVER, bus.roots)
    assert await transport.deliver(JOB, "a") is Delivery.SENT
    assert line.arrived() == JOB


# --- device files and serial lines --------------------------------------------------------------------------------


async def test_a_device_gets_its_bytes_once_and_unchanged(line: Line) -> None:
    transport = FileTransport(line.path, policy=StatusPolicy.NEVER, patience=PATIENCE)
    raw = bytes(range(256)) + JOB
    assert await transport.deliver(raw, "a") is Delivery.SENT
    assert line.arrived() == raw
    assert transport.knows is Knows.NOTHING


async def test_a_device_that_the_system_cannot_watch_gets_its_bytes_too() -> None:
    assert await FileTransport(Path("/dev/null"), patience=PATIENCE).deliver(JOB, "a") is Delivery.SENT


async def test_a_device_that_takes_nothing_is_mute_after_the_limit_and_says_how_many_bytes_left(line: Line) -> None:
    transport = FileTransport(line.path, policy=StatusPolicy.NEVER, patience=PATIENCE)
    with pytest.raises(PrinterMute) as caught:
        await transport.deliver(b"x" * 1_000_000, "a")
    assert caught.value.bytes_left
    assert 0 < (caught.value.sent or 0) < 1_000_000


async def test_the_loop_goes_on_while_a_device_takes_nothing(line: Line) -> None:
    transport = FileTransport(line.path, policy=StatusPolicy.NEVER, patience=PATIENCE)
    job = asyncio.create_task(transport.deliver(b"x" * 1_000_000, "a"))
    turns_of_the_loop = 0
    while not job.done():
        await asyncio.sleep(0.01)
        turns_of_the_loop += 1
    assert turns_of_the_loop > 5
    assert isinstance(job.exception(), PrinterMute)


async def test_no_file_is_made_where_a_device_is_missing() -> None:
    path = Path("/dev/comanda-no-such-printer")
    transport = FileTransport(path, patience=PATIENCE)
    with pytest.raises(PrinterUnreachable) as caught:
        await transport.deliver(JOB, "a")
    assert caught.value.fault is PrinterFault.NOT_PLUGGED
    assert (await transport.probe()).fault is PrinterFault.NOT_PLUGGED
    assert path.name not in os.listdir("/dev")


async def test_a_pipe_without_a_reader_is_no_printer(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(PrinterUnreachable) as caught:
        await FileTransport(tmp_path / "pipe", patience=PATIENCE).deliver(JOB, "a")
    assert not caught.value.bytes_left


async def test_a_line_that_is_unplugged_amid_the_job_leaves_the_question_what_is_on_the_paper(line: Line) -> None:
    transport = SerialTransport(line.path, policy=StatusPolicy.NEVER, patience=Patience())
    job = asyncio.create_task(transport.deliver(b"x" * 100_000, "a"))
    async with asyncio.timeout(10):
        while not line.arrived():  # noqa: ASYNC110 a line rings no bell
            await asyncio.sleep(0.01)
    line.unplug()
    with pytest.raises(PrinterError) as caught:
        await job
    assert caught.value.bytes_left
    with pytest.raises(PrinterUnreachable) as caught_later:
        await transport.deliver(JOB, "b")
    assert caught_later.value.fault is PrinterFault.NOT_PLUGGED


async def test_a_serial_line_is_set_as_its_address_says(line: Line) -> None:
    transport = transport_at(f"serial://{line.path}?baud=9600&flow=xonxoff", StatusPolicy.NEVER)
    descriptor = os.open(line.path, os.O_RDWR | os.O_NOCTTY)
    await transport.deliver(JOB, "a")
    entry, exit_, _control, local, speed_in, speed_out, _signs = termios.tcgetattr(descriptor)
    os.close(descriptor)
    assert (speed_in, speed_out) == (termios.B9600, termios.B9600)
    assert (entry & termios.IXON, exit_, local) == (termios.IXON, 0, 0)


def test_hardware_flow_control_and_parity_are_set_where_they_are_asked_for() -> None:
    control = SerialSettings(38_400, Parity.ODD, FlowControl.HARDWARE).attributes()[2]
    assert isinstance(control, int)
    wanted = termios.CRTSCTS | termios.PARENB | termios.PARODD
    assert control & wanted == wanted


async def test_a_file_is_no_serial_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(PrinterUnreachable):
        await SerialTransport(tmp_path / "file", patience=PATIENCE).deliver(JOB, "a")
    assert (tmp_path / "file").read_bytes() == b""


async def test_what_cannot_be_synced_is_no_fault_of_the_job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sync = os.fsync

    def no_folders(descriptor: int) -> None:
        if os.path.isdir(f"/proc/self/fd/{descriptor}"):
            raise OSError(22, "Invalid argument")
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", no_folders)
    assert await FileTransport(tmp_path / "new.bin").deliver(JOB, "a") is Delivery.CONFIRMED
    assert await FileTransport(tmp_path).deliver(JOB, "a") is Delivery.CONFIRMED


# --- CUPS ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def lp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of programs, first on PATH; `program` writes one."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    return folder


def program(folder: Path, name: str, script: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


async def test_cups_gets_the_bytes_as_they_are_in_the_wanted_queue(lp: Path, tmp_path: Path) -> None:
    program(lp, "lp", f'echo "$@" > {tmp_path}/asked; cat > {tmp_path}/got; echo "request id is cocina-12 (1 file(s))"')
    raw = bytes(range(256)) * 300
    assert await transport_at("cups://cocina").deliver(raw, "job-1") is Delivery.SENT
    assert (tmp_path / "got").read_bytes() == raw
    assert (tmp_path / "asked").read_text().split() == ["-d", "cocina", "-o", "raw", "-t", "job-1"]


@pytest.mark.parametrize(
    ("script", "fault"),
    [
        ("echo 'lp: Error - The printer or class does not exist.' >&2; exit 1", PrinterFault.NO_QUEUE),
        ("echo 'lp: Error - unable to access \"x\"' >&2; exit 1", PrinterFault.SPOOLER),
        ("exec 0<&-; exit 3", PrinterFault.SPOOLER),
        ("yes | head -c 9000000; exit 1", PrinterFault.SPOOLER),
    ],
)
async def test_what_cups_refuses_is_a_fault_that_may_be_tried_again(lp: Path, script: str, fault: PrinterFault) -> None:
    program(lp, "lp", script)
    with pytest.raises(PrinterSpoolerFailed) as caught:
        await CupsTransport("cocina").deliver(b"x" * 300_000, "a")
    assert (caught.value.fault, caught.value.bytes_left) == (fault, False)


async def test_a_missing_lp_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(PrinterSpoolerFailed) as caught:
        await CupsTransport("cocina").deliver(JOB, "a")
    assert caught.value.fault is PrinterFault.NO_SPOOLER
    assert "CUPS" in caught.value.fault.sentence("es", "cocina")
    assert (await CupsTransport("cocina").probe()).fault is PrinterFault.NO_SPOOLER


async def test_an_lp_that_hangs_is_killed_with_what_it_started(lp: Path, tmp_path: Path) -> None:
    program(lp, "lp", f"sleep 987 & echo $! > {tmp_path}/child; cat > /dev/null; sleep 986")
    with pytest.raises(PrinterSpoolerFailed) as caught:
        await CupsTransport("cocina", patience=Patience(connect_s=0.3, write_s=0.5)).deliver(JOB, "a")
    assert caught.value.bytes_left
    child = int((tmp_path / "child").read_text())
    async with asyncio.timeout(10):
        while _runs(child):  # noqa: ASYNC110 a process rings no bell
            await asyncio.sleep(0.01)


async def test_a_cancelled_delivery_leaves_no_lp_behind(lp: Path, tmp_path: Path) -> None:
    program(lp, "lp", f"echo $$ > {tmp_path}/child; exec sleep 985")
    job = asyncio.create_task(CupsTransport("cocina").deliver(JOB, "a"))
    async with asyncio.timeout(10):
        while not (tmp_path / "child").exists() or not (tmp_path / "child").read_text().strip():  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    job.cancel()
    await asyncio.gather(job, return_exceptions=True)
    assert not _runs(int((tmp_path / "child").read_text()))


async def test_a_queue_is_asked_without_printing(lp: Path) -> None:
    program(lp, "lp", "exit 0")
    program(lp, "lpstat", 'echo "printer cocina is idle.  enabled since today"')
    assert (await CupsTransport("cocina").probe()).readiness is Readiness.CANNOT_TELL
    program(lp, "lpstat", 'echo "printer cocina disabled since today - out of paper"')
    assert (await CupsTransport("cocina").probe()).fault is PrinterFault.SPOOLER
    program(lp, "lpstat", "echo 'lpstat: Invalid destination name in list \"cocina\".' >&2; exit 1")
    assert (await CupsTransport("cocina").probe()).fault is PrinterFault.NO_QUEUE


@pytest.mark.parametrize("queue", ["", "-o", "a b", "a/b", "x;rm", "a" * 200, "ñ"])
def test_no_queue_is_an_option_of_lp(queue: str) -> None:
    with pytest.raises(ValueError, match="CUPS"):
        CupsTransport(queue)


def _runs(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"
