"""`comanda printer add`, `set`, `remove`, `list` and `test`, as a technician types them."""

from __future__ import annotations

import asyncio
import io
import os
import pty
import termios
import threading
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PIL import Image

from shared.kernel.language import Language, Texts
from shared.printers.logo import logo_size
from terminal.cli import ROOMS, main, parser_of, printers_of
from terminal.printing.emulator.reader import read_papers
from terminal.printing.logos import logo_of
from tests.faults.till_on_disk import PIN, copy_till, found_till

MANAGER = "5671"
Run = Callable[..., tuple[int, str]]


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("founded")
    asyncio.run(found_till(folder))
    return folder


@pytest.fixture
def run(founded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """Runs `comanda printer` on a till without any printer; its exit code and what it said."""
    copy_till(founded, tmp_path / "till").configure(printers={}, receipt_printer="", kitchen_printer="")
    monkeypatch.setenv("COMANDA_HOME", str(tmp_path))

    def comanda(*arguments: str, pin: str = MANAGER, language: Language = Language.SPANISH) -> tuple[int, str]:
        monkeypatch.setenv("COMANDA_LANGUAGE", language)
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{pin}\n"))
        with pytest.raises(SystemExit) as ended:
            main(("printer", *arguments))
        captured = capfd.readouterr()
        return int(ended.value.code or 0), captured.out + captured.err

    return comanda


@contextmanager
def usb_printer() -> Iterator[tuple[str, bytearray]]:
    """A device file that takes bytes and says nothing, as a cheap USB printer: its path, and what it got."""
    ours, theirs = pty.openpty()
    tty.setraw(theirs, termios.TCSANOW)
    got = bytearray()

    def read() -> None:
        while True:
            try:
                piece = os.read(ours, 4096)
            except OSError:
                return
            got.extend(piece)

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    try:
        yield os.ttyname(theirs), got
    finally:
        os.close(theirs)
        os.close(ours)
        reader.join(5)


def test_a_technician_gets_a_right_test_page_on_58_mm_from_a_usb_printer(run: Run) -> None:
    with usb_printer() as (path, got):
        code, said = run(
            "add", "caja", path, "--columns", "32", "--prints", "recibos", "comandas:cocina", "--pin-stdin"
        )
        assert (code, "32 col." in said, "recibos" in said) == (0, True, True), said
        assert run("list")[1].count("caja") == 1
        code, said = run("test", "caja")
        assert code == 0, said
        assert "mira si salió" in said
    (paper,) = read_papers(bytes(got))
    assert "Ñandú" in paper.text
    assert "12345678901234567890123456789012" in paper.text
    assert all(len(line) <= 32 for line in paper.text.splitlines())


def test_what_device_toml_prints_itself_is_said_when_the_branch_gives_it_to_another_printer(
    run: Run, tmp_path: Path
) -> None:
    text = (tmp_path / "till/device.toml").read_text(encoding="utf-8")
    text = text.replace('receipt_printer = ""', 'receipt_printer = "ticketera"')
    text = text.replace("[printers]", '[printers]\nticketera = "tcp://127.0.0.1:9"')
    (tmp_path / "till/device.toml").write_text(text, encoding="utf-8")
    words = ("add", "caja", "tcp://127.0.0.1:9", "--prints", "recibos", "comandas", "--device", "till", "--pin-stdin")
    code, said = run(*words)
    assert (code, "device.toml" in said, "recibos van a ticketera" in said) == (0, True, True), said
    assert "comandas van" not in said
    assert "comanda printer test caja --device till" in said
    assert "recibos van a ticketera" in run("list")[1]
    (ticketera,) = (line for line in run("list")[1].splitlines() if line.startswith("ticketera"))
    assert "recibos" in ticketera


def test_a_printer_is_changed_switched_off_and_on(run: Run) -> None:
    with usb_printer() as (path, got):
        assert run("add", "cocina", path, "--pin-stdin")[0] == 0
        assert run("set", "cocina", "--columns", "48", "--page", "PC858", "--page-number", "53", "--pin-stdin")[0] == 0
        assert "48 col., PC858 n.º 53" in run("list")[1]
        assert run("remove", "cocina", "--pin-stdin")[0] == 0
        code, said = run("test", "cocina")
        assert (code, "--on" in said) == (1, True)
        assert not got
        assert run("set", "cocina", "--on", "--pin-stdin")[0] == 0
        assert run("test", "cocina")[0] == 0
        assert "PC858" in run("list", language=Language.ENGLISH)[1]


@pytest.mark.parametrize("word", ["cortes", "reportes", "report", "cierres"])
def test_a_paper_is_known_by_the_words_that_people_use(run: Run, word: str) -> None:
    assert run("add", "caja", "tcp://127.0.0.1:9", "--prints", word, "--pin-stdin")[0] == 0
    assert "cortes" in run("list")[1]


def test_a_printer_that_is_not_there_is_told_of_with_its_address(run: Run) -> None:
    assert run("add", "caja", "/dev/usb/lp7", "--pin-stdin")[0] == 0
    assert "/dev/usb/lp7" in run("test", "caja")[1]


def test_who_stands_in_for_a_printer_is_listed(run: Run) -> None:
    for name in ("caja", "cocina"):
        assert run("add", name, "tcp://127.0.0.1:9", "--pin-stdin")[0] == 0
    assert run("set", "cocina", "--substitute", "caja", "--substitute-after", "3", "--pin-stdin")[0] == 0
    assert "la reemplaza caja tras 3 intentos" in run("list")[1]


def test_a_dead_printer_is_told_of_in_words(run: Run) -> None:
    run("add", "cocina", "tcp://127.0.0.1:9", "--pin-stdin")
    code, said = run("test", "cocina")
    assert code == 1
    assert "La impresora cocina no está en la red" in said
    assert "no salió" in said


@pytest.mark.parametrize(
    ("words", "receipts", "kitchen"),
    [
        (("--printer", "caja=/dev/usb/lp0,columns=32"), "caja", ""),
        (("--printer", "caja=/dev/usb/lp0", "--printer", "cocina=tcp://10.0.0.9", "--kitchen", "cocina"), "", "cocina"),
        (("--receipts", "tcp://10.0.0.1", "--kitchen", "tcp://10.0.0.2"), "receipts", "kitchen"),
        (("--printer", "caja=/dev/usb/lp0", "--receipts", "caja", "--kitchen", "caja"), "caja", "caja"),
        (("--printer", "caja=/dev/usb/lp0", "--kitchen", "caja"), "caja", "caja"),
        ((), "", ""),
    ],
)
def test_a_new_device_says_its_printers(words: tuple[str, ...], receipts: str, kitchen: str) -> None:
    asked = parser_of(Texts(Language.SPANISH, ROOMS)).parse_args(("enroll", "http://x", "CODE", *words))
    printers, of_receipts, of_kitchen = printers_of(asked)
    assert (of_receipts, of_kitchen) == (receipts, kitchen)
    assert {receipts, kitchen} - {""} <= set(printers)
    if "caja=/dev/usb/lp0,columns=32" in words:
        assert printers["caja"].columns == 32


@pytest.mark.parametrize("said", ["caja", "caja=", "caja=/dev/lp0,columns", "caja=/dev/lp0,columns=40", "La Caja=/x"])
def test_a_printer_that_makes_no_sense_spends_no_pairing_code(
    said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COMANDA_HOME", str(tmp_path))
    monkeypatch.setenv("COMANDA_LANGUAGE", "es")
    with pytest.raises(SystemExit) as ended:
        main(("enroll", "http://127.0.0.1:9", "CODE", "--printer", said))
    assert ended.value.code == 1
    told = capfd.readouterr().err
    assert "Traceback" not in told
    assert "127.0.0.1" not in told
    assert not list(tmp_path.iterdir())


def test_a_restaurant_changes_its_logo_and_its_texts(run: Run, tmp_path: Path) -> None:
    photo = tmp_path / "logo.jpg"
    Image.radial_gradient("L").resize((900, 300)).convert("RGB").save(photo)
    assert run("logo", str(photo), "--pin-stdin")[0] == 0
    assert run("text", "receipt", "foot", "¡Vuelve pronto!", "Mesa {table}", "--pin-stdin")[0] == 0
    assert "Mesa {table}" in run("text", "receipt", "foot")[1]
    for wrong, says in ((("{mesa}",), "mesa"), (("x",) * 13, "12")):
        code, said = run("text", "receipt", "foot", *wrong, "--pin-stdin")
        assert (code, says in said) == (1, True), said
    assert run("text", "receipt", "foot", "--clear", "--pin-stdin")[1].strip() == "Sale como siempre."
    (tmp_path / "x.png").write_bytes(b"no picture")
    code, said = run("logo", str(tmp_path / "x.png"), "--pin-stdin")
    assert (code, "PNG o JPG" in said) == (1, True)
    assert run("logo", "--pin-stdin")[0] == 1
    assert run("logo", "--none", "--pin-stdin")[0] == 0


def test_a_logo_is_a_small_black_and_white_picture_as_wide_as_narrow_paper(tmp_path: Path) -> None:
    photo = tmp_path / "logo.png"
    Image.new("RGBA", (2_000, 900), (0, 0, 0, 0)).save(photo)
    size = logo_size(logo_of(photo))
    assert size is not None
    assert size.width == 384


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("add", "La Cocina", "tcp://1.2.3.4"), "minúsculas"),
        (("add", "cocina", "/tmp/papers.bin"), '[printers]: cocina = "/tmp/papers.bin"'),
        (("add", "cocina", "file:///tmp"), "device.toml"),
        (("add", "cocina", "cups://Kitchen Printer"), "cups://cola"),
        (("add", "cocina", "192.168.1.50:9100"), "tcp://192.168.1.50:9100"),
        (("add", "cocina", "tcp://1.2.3.4:99999"), "tcp://192.168.1.50:9100"),
        (("add", "cocina", "/dev/lp0", "--columns", "40"), "32, 42, 48"),
        (("add", "cocina", "/dev/lp0", "--page", "UTF-8"), "PC850"),
        (("add", "cocina", "/dev/lp0", "--page-number", "256"), "255"),
        (("add", "cocina", "/dev/lp0", "--page-number", "dos"), "número entero"),
        (("add", "cocina", "/dev/lp0", "--substitute", "cocina"), "reemplazarse"),
        (("add", "cocina", "/dev/lp0", "--prints", "boletas"), "recibos"),
        (("add", "cocina", "/dev/lp0", "--prints", "comandas:Sótano"), "Cocina"),
        (("set", "nada", "--columns", "32"), "nada"),
        (("remove", "nada"), "nada"),
        (("test", "nada"), "nada"),
        (("add", "cocina"), "ADDRESS"),
        ((), "add, set, remove, list, test"),
    ],
)
def test_every_mistake_is_one_sentence_and_changes_nothing(run: Run, arguments: tuple[str, ...], says: str) -> None:
    writes = arguments[:1] in (("add",), ("set",), ("remove",))
    code, said = run(*arguments, *(("--pin-stdin",) if writes else ()))
    assert code != 0
    assert says in said
    assert "Traceback" not in said
    assert "No hay impresoras" in run("list")[1]


def test_who_may_not_set_up_printers_is_told_so(run: Run) -> None:
    add = ("add", "cocina", "tcp://1.2.3.4")
    for pin, says in ((PIN, "Rosa no puede configurar impresoras"), ("9999", "PIN incorrecto"), ("", "4 a 8")):
        code, said = run(*add, "--pin-stdin", pin=pin)
        assert (code, says in said) == (1, True), said
    code, said = run(*add)
    assert (code, "--pin-stdin" in said) == (1, True), said
    assert "No hay impresoras" in run("list")[1]
