"""Which printers a device has and what they print: the rows of the branch, with its own settings before them."""

from __future__ import annotations

import dataclasses
from uuid import UUID

import pytest

from shared.kernel.language import Language, Texts
from shared.printers.queries import PrinterTable, RuleView
from shared.printers.rules import Beep, Cut, DrawerPin, Paper
from shared.printers.settings import PrinterSettings
from terminal.device import Configuration, DeviceError, DeviceFolder
from terminal.error_sentence import sentence_of
from terminal.identity import Identity
from terminal.papers.print_plan import Diverted, PrintPlan, setup_of
from terminal.printing.code_pages import PC850
from terminal.printing.printers import PrinterBook
from terminal.sealing import Secrets
from terminal.snapshots.keeping import ROOMS

HERE, THERE = UUID(int=1), UUID(int=2)
KITCHEN, BAR = UUID(int=11), UUID(int=12)


def network(name: str, **more: object) -> PrinterSettings:
    return PrinterSettings(name, "tcp://192.168.1.50", **more)  # type: ignore[arg-type]


def table(*rules: RuleView, **printers: PrinterSettings) -> PrinterTable:
    return PrinterTable({each.name: each for each in printers.values()}, rules)


HOUSE = table(
    RuleView(Paper.RECEIPT, "caja"),
    RuleView(Paper.KITCHEN, "cocina"),
    RuleView(Paper.KITCHEN, "barra", station_id=BAR),
    RuleView(Paper.KITCHEN, "cocina", station_id=BAR, place=1),
    caja=PrinterSettings("caja", "usb://04b8:0e15", device_id=THERE),
    cocina=network("cocina"),
    barra=network("barra", substitute="cocina"),
)


def test_rules_say_which_printers_print_a_document_and_a_station() -> None:
    plan = setup_of(HOUSE, HERE, {}, PrintPlan()).plan
    assert (plan.receipt, plan.kitchen_printer(KITCHEN), plan.kitchen_printer(BAR)) == ("caja", "cocina", "barra")
    assert plan.printers_of(Paper.KITCHEN, BAR) == ("barra", "cocina")
    assert plan.printers_of(Paper.REPORT) == plan.printers_of(Paper.BILL) == ("caja",)
    assert plan.printers_of(Paper.PACKING) == ()


def test_what_a_device_says_itself_comes_before_the_rows() -> None:
    own = {"ticketera": PrinterSettings("ticketera", "/dev/usb/lp0", device_id=HERE)}
    setup = setup_of(HOUSE, HERE, own, PrintPlan(receipt="ticketera"))
    assert setup.plan.printers_of(Paper.RECEIPT) == ("ticketera",)
    assert setup.plan.kitchen_printer(BAR) == "barra"
    rows = dataclasses.replace(HOUSE, rules=(*HOUSE.rules, RuleView(Paper.RECEIPT, "barra", device_id=HERE)))
    assert setup_of(rows, HERE, {}, PrintPlan()).plan.receipt == "barra"
    assert setup_of(rows, THERE, {}, PrintPlan()).plan.receipt == "caja"


def test_what_the_branch_says_in_vain_is_known() -> None:
    rules = (RuleView(Paper.RECEIPT, "caja"), RuleView(Paper.REPORT, "caja"), RuleView(Paper.KITCHEN, "cocina"))
    stations = (KITCHEN, BAR)
    of_file = PrintPlan(receipt="ticketera", kitchen={BAR: "barra"})
    setup = setup_of(PrinterTable(HOUSE.printers, rules), HERE, {"ticketera": network("ticketera")}, of_file)
    assert setup.diverted(rules, stations) == (
        Diverted(Paper.RECEIPT, None, "ticketera"),
        Diverted(Paper.KITCHEN, BAR, "barra"),
    ), "reports have a rule of their own"
    all_of_it = setup_of(PrinterTable(HOUSE.printers, rules), HERE, {}, PrintPlan(default_kitchen="caja"))
    assert all_of_it.diverted(rules, stations) == (Diverted(Paper.KITCHEN, None, "caja"),)
    assert setup_of(HOUSE, HERE, {}, PrintPlan()).diverted(HOUSE.rules, stations) == ()


def test_a_device_drives_what_hangs_on_it_and_the_network() -> None:
    here, there = setup_of(HOUSE, HERE, {}, PrintPlan()), setup_of(HOUSE, THERE, {}, PrintPlan())
    assert here.driven.keys() == {"barra", "cocina"}
    assert here.elsewhere == {"caja": THERE}
    assert there.driven.keys() == {"barra", "caja", "cocina"}
    assert there.elsewhere == {}
    own = {"caja": PrinterSettings("caja", "/dev/usb/lp0", device_id=HERE)}
    assert setup_of(HOUSE, HERE, own, PrintPlan()).elsewhere == {}


def test_for_a_printer_that_is_switched_off_its_substitute_prints() -> None:
    off = {
        name: dataclasses.replace(each, is_active=False) for name, each in HOUSE.printers.items() if name != "cocina"
    }
    plan = setup_of(PrinterTable({**HOUSE.printers, **off}, HOUSE.rules), HERE, {}, PrintPlan()).plan
    assert plan.receipt is None
    assert plan.printers_of(Paper.KITCHEN, BAR) == ("cocina",)


def test_a_printer_that_the_device_switches_off_prints_nothing_here() -> None:
    off = PrinterSettings("cocina", "/dev/usb/lp0", device_id=HERE, substitute="barra", is_active=False)
    setup = setup_of(HOUSE, HERE, {"cocina": off}, PrintPlan(receipt="cocina", kitchen={KITCHEN: "cocina"}))
    assert "cocina" not in setup.driven
    assert (setup.plan.receipt, setup.plan.kitchen_printer(KITCHEN)) == ("barra", "barra")


def test_a_printer_that_did_not_change_stays_the_same_object() -> None:
    book = PrinterBook()
    before = book.of(HOUSE.printers)
    after = book.of({**HOUSE.printers, "barra": network("barra", columns=32)})
    assert after["cocina"] is before["cocina"]
    assert after["barra"] is not before["barra"]
    assert after["barra"].profile.columns == 32


@pytest.fixture
def folder(tmp_path: object) -> DeviceFolder:
    folder = DeviceFolder(tmp_path / "till", use_keyring=False)  # type: ignore[operator]
    identity = Identity(UUID(int=3), UUID(int=4), HERE)
    narrow = PrinterSettings("cocina", "tcp://10.0.0.9", columns=32, page="PC858", page_number=53, cut=Cut.NONE)
    more = dataclasses.replace(narrow, drawer_pin=DrawerPin.FIVE, beep=Beep.NONE, substitute="caja", top_lines=4)
    made = Configuration(identity, "Caja 1", "till", "http://x", printers={"caja": "/dev/usb/lp0", "cocina": more})
    folder.write(made, Secrets(b"1" * 32, b"2" * 32, b"3" * 32))
    return folder


def edit(folder: DeviceFolder, old: str, new: str) -> None:
    path = folder.root / "device.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_the_configuration_holds_all_that_is_said_of_a_printer(folder: DeviceFolder) -> None:
    read = folder.configuration()
    assert read.printer_settings["caja"] == PrinterSettings("caja", "/dev/usb/lp0", device_id=HERE)
    assert read.printer_settings["cocina"].page_number == 53
    assert read.printer_settings["cocina"].drawer_pin is DrawerPin.FIVE
    folder.move_to("http://y")
    assert folder.configuration().printer_settings == read.printer_settings


def test_a_technician_edits_the_paper_of_a_printer(folder: DeviceFolder) -> None:
    edit(folder, '"caja" = "/dev/usb/lp0"', '"caja" = { address = "/dev/usb/lp0", columns = 32, feed_lines = 2 }')
    profile = PrinterBook().of(folder.configuration().printer_settings)["caja"].profile
    assert (profile.columns, profile.feed_lines, profile.page) == (32, 2, PC850)
    edit(folder, '"caja" = { address = "/dev/usb/lp0", columns = 32, feed_lines = 2 }\n', "")
    edit(
        folder, "[kitchen_printers]", '[printers.caja]\naddress = "tcp://10.0.0.1"\ncolumns = 48\n\n[kitchen_printers]'
    )
    assert PrinterBook().of(folder.configuration().printer_settings)["caja"].profile.columns == 48


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("{ columns = 32 }", "address"),
        ('{ address = "/dev/usb/lp0", columns = 40 }', "40 columnas"),
        ('{ address = "/dev/usb/lp0", page = "latin1" }', "latin1"),
        ('{ address = "/dev/usb/lp0", feed_lines = -1 }', "feed_lines"),
        ('{ address = "/dev/usb/lp0", cuts = "full" }', "cuts"),
        ('"ftp://x"', "ftp://x"),
    ],
)
def test_a_mistake_in_the_configuration_is_said_in_the_users_language(
    folder: DeviceFolder, said: str, sentence: str
) -> None:
    edit(folder, '"caja" = "/dev/usb/lp0"', f'"caja" = {said}')
    with pytest.raises(DeviceError) as refused:
        folder.configuration()
    told = sentence_of(refused.value, Texts(Language.SPANISH, ROOMS))
    assert sentence in told
    assert "device.toml" in told
    assert ".." not in told
