"""A wrong command line of `comanda-cloud` ends with one sentence in the operator's language, and so do its helps."""

from __future__ import annotations

import pytest
from command_lines import Run, WrongLine, assert_said_in_one_sentence, run_in

from cloud.cli import main
from shared.kernel.language import Language


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs `comanda-cloud`, which must end by itself; its exit code and what it said."""

    def comanda_cloud(*arguments: str, language: Language = Language.SPANISH) -> tuple[int, str]:
        return run_in(language, main, arguments, monkeypatch, capsys)

    return comanda_cloud


WRONG = {
    "no command": WrongLine((), "Falta el comando: serve, worker", "A command is missing: serve, worker"),
    "nearly a command": WrongLine(
        ("server",),
        "«server» no es un comando. ¿Quisiste decir serve?",
        "“server” is not a command. Did you mean serve?",
    ),
    "bad number": WrongLine(
        ("serve", "--port", "web"), "--port necesita un número entero", "--port needs a whole number"
    ),
    "no action": WrongLine(("jobs",), "Falta escribir: list|retry|drop", "Still to write: list|retry|drop"),
    "bad choice": WrongLine(
        ("create-account", "a@b.pe", "--role", "admin"),
        "«admin» no sirve para --role. Elige uno de: super_admin",
        "“admin” will not do for --role. Choose one of: super_admin",
    ),
    "too much": WrongLine(("worker", "--fast"), "Sobra «--fast»", "“--fast” is too much"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_command_line_is_said_in_one_sentence_of_the_operators_language(name: str, run: Run) -> None:
    assert_said_in_one_sentence(WRONG[name], run)


@pytest.mark.parametrize("command", [(), ("serve",), ("create-account",), ("jobs",), ("outbox",)])
def test_help_speaks_the_operators_language(command: tuple[str, ...], run: Run) -> None:
    code, said = run(*command, "--help")
    assert code == 0
    assert said.startswith("uso: comanda-cloud")
    for english in ("usage:", "options:", "show this help", "positional", "worker "):
        assert english not in said.replace("worker  ", "")


def test_the_version_is_told(run: Run) -> None:
    code, said = run("--version")
    assert (code, said.split()[0]) == (0, "comanda-cloud")
