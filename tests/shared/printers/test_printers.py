"""The printers of a branch: added once however often, changed by right, and never such that no printer can be it."""

from __future__ import annotations

import struct
import zlib
from uuid import UUID

import pytest
from evening import Hands, meet
from restaurant import BRANCH, CASHIER, CLOUD, MANAGER, TILL, WAITER, Replica, Village

from shared.kernel.errors import DomainError, NotPermitted
from shared.printers.addresses import may_be_of_a_branch, transport_kind
from shared.printers.commands import put_logo, put_printer, put_rule, put_template, switch_printer
from shared.printers.queries import PrinterTable, paper_look, printer_table
from shared.printers.records import Printer
from shared.printers.rules import PAGES, Cut, DrawerPin, Paper, TransportKind
from shared.printers.settings import PrinterSettings, printer_id, settings_of
from terminal.printing.code_pages import CODE_PAGES
from terminal.printing.printers import printer_of

NETWORK = PrinterSettings("cocina", "tcp://192.168.1.50:9100", columns=48)


def part(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def logo(width: int = 8, bits: int = 1, rows: bytes | None = None, more: bytes = b"") -> bytes:
    rows = (b"\0" + b"\xaa" * ((width + 7) // 8)) * 8 if rows is None else rows
    head = part(b"IHDR", struct.pack(">IIBBBBB", width, 8, bits, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + part(b"IDAT", zlib.compress(rows)) + more + part(b"IEND", b"")


async def table_of(replica: Replica) -> PrinterTable:
    async with replica.work(MANAGER) as work:
        return await printer_table(work.session, work.organization_id, BRANCH)


async def put(replica: Replica, settings: PrinterSettings) -> None:
    async with replica.work(MANAGER) as work:
        await put_printer(work, settings)


async def test_two_devices_that_add_one_name_add_one_printer(village: Village, till: Replica) -> None:
    waiter, cloud = village.replica(WAITER), village.replica(CLOUD)
    await put(till, NETWORK)
    waiter.clock.pass_time(seconds=1)
    await put(waiter, PrinterSettings("cocina", "tcp://192.168.1.51:9100", columns=32))
    await meet(*(Hands(village, each) for each in (till, waiter, cloud)))
    tables = [await table_of(each) for each in (till, waiter, cloud)]
    assert tables[0] == tables[1] == tables[2]
    assert tables[0].printers["cocina"].columns == 32


async def test_what_is_said_of_a_printer_is_what_prints(till: Replica) -> None:
    said = settings_of(
        "barra-2",
        {
            "address": "serial:///dev/ttyUSB0?baud=19200",
            "device_id": TILL,
            "columns": 32,
            "page": "PC858",
            "cut": "part",
        }
        | {"page_number": 53, "feed_lines": 3, "top_lines": 4, "drawer_pin": 5, "beep": "none", "qr": "native"}
        | {"separates": "category", "substitute": "cocina", "most_age_seconds": 600, "drawer_device_id": TILL},
    )
    await put(till, said)
    held = (await table_of(till)).printers["barra-2"]
    assert held == said
    assert held.transport is TransportKind.SERIAL
    profile = printer_of(
        settings_of("x", {"address": "/tmp/x"} | {"columns": 32, "page": "PC858", "cut": "none"})
    ).profile
    assert (profile.columns, profile.page, profile.cut) == (32, CODE_PAGES["PC858"], Cut.NONE)


async def test_a_change_is_written_only_where_something_differs(till: Replica) -> None:
    await put(till, NETWORK)
    async with till.work(MANAGER) as work:
        await put_printer(work, NETWORK)
        assert not work.session.dirty


async def test_only_who_may_set_up_printers_does(till: Replica) -> None:
    with pytest.raises(NotPermitted):
        async with till.work(CASHIER) as work:
            await put_printer(work, NETWORK)


async def test_a_printer_that_is_switched_off_keeps_its_rules(till: Replica) -> None:
    await put(till, NETWORK)
    async with till.work(MANAGER) as work:
        await put_rule(work, Paper.RECEIPT, "cocina")
        await switch_printer(work, "cocina", on=False)
    table = await table_of(till)
    assert not table.printers["cocina"].is_active
    assert [(rule.document, rule.printer) for rule in table.rules] == [(Paper.RECEIPT, "cocina")]


async def test_a_document_prints_where_the_rules_say_and_by_station(village: Village, till: Replica) -> None:
    station = next(iter(village.house.stations.values()))
    await put(till, NETWORK)
    await put(till, PrinterSettings("barra", "tcp://192.168.1.52"))
    async with till.work(MANAGER) as work:
        await put_rule(work, Paper.KITCHEN, "cocina")
        await put_rule(work, Paper.KITCHEN, "cocina", station_id=station)
        await put_rule(work, Paper.KITCHEN, "barra", station_id=station)
        await put_rule(work, Paper.RECEIPT, "barra", device_id=TILL)
        await put_rule(work, Paper.RECEIPT, None, device_id=TILL)
    rules = (await table_of(till)).rules
    assert {(rule.station_id, rule.printer) for rule in rules} == {(None, "cocina"), (station, "barra")}


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({}, "PRINTER_ADDRESS_MISSING"),
        ({"address": "tcp://"}, "PRINTER_ADDRESS_WRONG"),
        ({"address": "tcp://host:99999"}, "PRINTER_ADDRESS_WRONG"),
        ({"address": "http://host"}, "PRINTER_ADDRESS_WRONG"),
        ({"address": "usb://04b8"}, "PRINTER_ADDRESS_WRONG"),
        ({"address": "/tmp/\x1b[31m"}, "PRINTER_ADDRESS_WRONG"),
        ({"address": "/tmp/x", "columns": 40}, "PRINTER_COLUMNS_WRONG"),
        ({"address": "/tmp/x", "columns": "32"}, "PRINTER_COLUMNS_WRONG"),
        ({"address": "/tmp/x", "columns": 42.0}, "PRINTER_COLUMNS_WRONG"),
        ({"address": "/tmp/x", "page": "UTF-8"}, "PRINTER_PAGE_UNKNOWN"),
        ({"address": "/tmp/x", "page_number": 256}, "PRINTER_NUMBER_WRONG"),
        ({"address": "/tmp/x", "feed_lines": True}, "PRINTER_NUMBER_WRONG"),
        ({"address": "/tmp/x", "cut": "half"}, "PRINTER_WORD_UNKNOWN"),
        ({"address": "/tmp/x", "drawer_pin": 3}, "PRINTER_WORD_UNKNOWN"),
        ({"address": "/tmp/x", "colour": "red"}, "PRINTER_SETTING_UNKNOWN"),
        ({"address": "/tmp/x", "substitute": "cocina"}, "PRINTER_SUBSTITUTES_ITSELF"),
        ({"address": "/tmp/x", "substitute": "La Barra"}, "PRINTER_NAME_WRONG"),
    ],
)
def test_what_no_printer_can_be_is_refused(said: dict[str, object], code: str) -> None:
    with pytest.raises(DomainError) as refused:
        settings_of("cocina", said)
    assert refused.value.code == code


@pytest.mark.parametrize("name", ["", "La Cocina", "COCINA", "-x", "a" * 25, "co/cina", "[red]", "\x00", "😀"])
async def test_a_name_is_a_word(till: Replica, name: str) -> None:
    with pytest.raises(DomainError, match="PRINTER_NAME_WRONG"):
        await put(till, PrinterSettings(name, "tcp://192.168.1.50"))


async def test_a_printer_off_the_network_names_its_device_and_a_network_printer_none(till: Replica) -> None:
    with pytest.raises(DomainError, match="PRINTER_NEEDS_ITS_DEVICE"):
        await put(till, PrinterSettings("caja", "usb://04b8:0e15"))
    await put(till, PrinterSettings("caja", "usb://04b8:0e15", device_id=TILL))
    await put(till, PrinterSettings("caja", "tcp://192.168.1.60", device_id=TILL))
    assert (await table_of(till)).printers["caja"].device_id is None


async def test_a_rule_for_a_printer_that_does_not_exist_is_refused(till: Replica) -> None:
    async with till.work(MANAGER) as work:
        with pytest.raises(DomainError, match="PRINTER_UNKNOWN"):
            await put_rule(work, Paper.RECEIPT, "cocina")
        with pytest.raises(DomainError, match="NOT_FOUND"):
            await put_rule(work, Paper.KITCHEN, None, station_id=UUID(int=1))


async def write(replica: Replica, field: str, value: object) -> None:
    async with replica.work(MANAGER) as work:
        setattr(await work.get(Printer, printer_id(work.branch_id, "cocina")), field, value)


@pytest.mark.parametrize(
    ("field", "value"), [("columns", 33), ("drawer_pin", 4), ("page_number", 300), ("address", "gopher://x")]
)
async def test_the_rows_hold_what_the_commands_hold(till: Replica, field: str, value: object) -> None:
    """Another program writes rows without our commands."""
    await put(till, NETWORK)
    with pytest.raises(DomainError, match="ROW_BREAKS_A_RULE"):
        await write(till, field, value)


async def test_texts_and_logo_of_papers(till: Replica) -> None:
    async with till.work(MANAGER) as work:
        await put_template(work, "receipt", "foot", "¡Vuelva\tpronto!\x1b\nRUC {number}")
        await put_logo(work, logo())
        look = await paper_look(work.session, work.organization_id, work.branch_id)
        assert look.templates == {("receipt", "foot"): "¡Vuelva pronto!\nRUC {number}"}
        assert look.logo == logo()
        wrongs = (logo(577), logo(bits=8), b"GIF89a", b"", logo() + bytes(32 * 1024), logo()[:-1], logo() + b"rest")
        wrongs += (logo(more=part(b"iCCP", b"p\0")), logo(rows=b"\0\xaa" * 7), logo(rows=bytes(10**7)))
        wrongs += (logo(rows=b"\x09\xaa" * 8), logo().replace(b"IDAT", b"IDAX"), logo()[:40])
        for wrong in wrongs:
            with pytest.raises(DomainError, match="LOGO_WRONG"):
                await put_logo(work, wrong)
        with pytest.raises(DomainError, match="TEMPLATE_TOO_LONG"):
            await put_template(work, "receipt", "foot", "x\n" * 501)


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("tcp://192.168.1.50:9100", TransportKind.TCP),
        ("tcp://[fe80::1]:9100", TransportKind.TCP),
        ("usb://04b8:0e15/X1", TransportKind.USB),
        ("serial:///dev/ttyUSB0?baud=19200", TransportKind.SERIAL),
        ("file:///tmp/papers", TransportKind.FILE),
        ("/dev/pts/3", TransportKind.FILE),
        ("cups://EPSON", TransportKind.CUPS),
        ("cups://", None),
        ("192.168.1.50:9100", None),
        ("tcp:/192.168.1.50", None),
        ("papers.bin", None),
        ("serial://", None),
        ("", None),
    ],
)
def test_an_address_says_how_a_printer_is_reached(address: str, kind: TransportKind | None) -> None:
    assert transport_kind(address) is kind


@pytest.mark.parametrize(
    "address",
    [
        "/srv/papers",
        "file:///tmp/papers",
        "/dev",
        "/dev/../etc/x",
        "/dev/shm/x",
        "/dev//x",
        "file:///dev/./x",
        "serial:///etc/passwd",
    ],
)
async def test_a_branch_names_no_files_nor_does_a_row_that_another_program_wrote(till: Replica, address: str) -> None:
    with pytest.raises(DomainError, match="PRINTER_ADDRESS_IS_A_FILE"):
        await put(till, PrinterSettings("papel", address, device_id=TILL))
    assert not (await table_of(till)).printers
    assert not may_be_of_a_branch(address)
    (rule,) = (rule for rule in Printer.__rules__ if rule.fields == ("address",))
    assert not rule.holds(address)


async def test_a_branch_names_device_files(till: Replica) -> None:
    await put(till, PrinterSettings("papel", "/dev/usb/lp0", device_id=TILL))
    assert (await table_of(till)).printers["papel"].address == "/dev/usb/lp0"


def test_the_code_pages_of_rows_are_those_that_print() -> None:
    assert {name: page.number for name, page in CODE_PAGES.items()} == PAGES
    assert tuple(DrawerPin) == (0, 2, 5)
