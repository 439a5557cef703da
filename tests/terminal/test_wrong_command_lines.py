"""Whatever is wrong with a command line ends with one sentence in the user's language, and never with a traceback."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from command_lines import Run, WrongLine, assert_said_in_one_sentence, run_in

from shared.kernel.language import Language
from terminal.cli import main
from terminal.device import Configuration, DeviceFolder
from tests.faults.till_on_disk import IDENTITY, SECRETS


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """Runs `comanda`, which must end by itself; its exit code and what it said."""

    def comanda(*arguments: str, language: Language = Language.SPANISH, home: Path = tmp_path) -> tuple[int, str]:
        monkeypatch.setenv("COMANDA_HOME", str(home))
        return run_in(language, main, arguments, monkeypatch, capfd)

    return comanda


WRONG = {
    "no command": WrongLine(
        (), "Falta el comando: pos, kds, pickup, display", "A command is missing: pos, kds, pickup, display"
    ),
    "unknown command": WrongLine(
        ("vender",), "«vender» no es un comando. Los que hay: pos", "“vender” is not a command."
    ),
    "missing arguments": WrongLine(("enroll",), "Falta escribir: URL, CODE. Mira cómo", "Still to write: URL, CODE."),
    "missing option": WrongLine(("rehearse", "x"), "Falta escribir: --mapping", "Still to write: --mapping"),
    "missing value": WrongLine(("pos", "--device"), "Falta el valor de --device", "--device needs a value"),
    "bad value": WrongLine(
        ("rehearse", "x", "--mapping", "y", "--days", "0"),
        "--days: «0» no sirve: escribe un número entero, 1 o más.",
        '--days: "0" will not do: write a whole number, 1 or more.',
    ),
    "bad choice": WrongLine(
        ("enroll", "u", "c", "--kind", "robot"),
        "«robot» no sirve para --kind. Elige uno de: till, waiter",
        "“robot” will not do for --kind. Choose one of: till, waiter",
    ),
    "too much": WrongLine(("pos", "--luz", "7"), "Sobra «--luz 7»", "“--luz 7” is too much"),
    "ambiguous": WrongLine(
        ("enroll", "u", "c", "--k", "x"),
        "«--k» puede ser: --kind, --keyring, --kitchen",
        "“--k” may be: --kind, --keyring, --kitchen",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_command_line_is_said_in_one_sentence_of_the_users_language(name: str, run: Run) -> None:
    assert_said_in_one_sentence(WRONG[name], run)


def test_help_speaks_the_users_language(run: Run) -> None:
    code, said = run("enroll", "--help")
    assert code == 0
    assert "uso: comanda enroll" in said
    for english in ("usage:", "options:", "show this help", "positional"):
        assert english not in said


@pytest.mark.parametrize("language", list(Language))
def test_help_says_what_decides_the_language_of_an_enrolled_device(language: Language, run: Run) -> None:
    _code, said = run("--help", language=language)
    assert said.index("COMANDA_LANGUAGE") < said.index("device.toml")


@pytest.mark.parametrize("arguments", [("enroll", "http://127.0.0.1:9", "CODE"), ("pos",)])
@pytest.mark.parametrize("language", list(Language))
def test_a_file_where_the_folder_should_be_is_said_so(
    arguments: tuple[str, ...], language: Language, run: Run, tmp_path: Path
) -> None:
    in_the_way = tmp_path / "home"
    in_the_way.write_text("a note")
    code, said = run(*arguments, language=language, home=in_the_way)
    assert code == 1
    assert said.count("\n") == 1
    assert str(in_the_way) in said
    assert "Errno" not in said


@pytest.mark.parametrize("command", ["pos", "kds"])
def test_a_screen_without_a_terminal_is_refused_in_one_sentence(command: str, run: Run, tmp_path: Path) -> None:
    folder = DeviceFolder(tmp_path / "till", use_keyring=False)
    folder.write(Configuration(IDENTITY, "Caja", "till", "http://127.0.0.1:9"), SECRETS)
    for language, wanted in ((Language.SPANISH, "esto no es una terminal"), (Language.ENGLISH, "this is no terminal")):
        code, said = run(command, language=language)
        assert code == 2
        assert f"comanda {command}" in said
        assert wanted in said
        assert said.count("\n") == 1
        assert "\x1b" not in said


def test_whoever_reads_only_the_first_line_sees_no_traceback() -> None:
    piped = f"{sys.executable} -m terminal.cli --help | head -1"
    ended = subprocess.run(["sh", "-c", piped], capture_output=True, text=True, check=False)
    assert ended.stdout.startswith(("uso:", "usage:"))
    assert ended.stderr == ""
