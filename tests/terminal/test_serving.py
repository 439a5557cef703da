"""The till in a browser: what is started for a tab, and who can reach it."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import pytest

from shared.kernel.language import Language, Texts
from terminal.cli import ROOMS, parser_of
from terminal.commands.serve import command_of, is_loopback, serve_screens
from terminal.device import Configuration, DeviceFolder
from terminal.theme.ability import EVERYTHING, ability_of
from tests.faults.till_on_disk import IDENTITY, SECRETS

TEXTS = Texts(Language.ENGLISH, ROOMS)
SERVED = {"TEXTUAL_DRIVER": "textual.drivers.web_driver:WebDriver", "TERM": "linux"}


def test_a_tab_is_a_till_of_the_folder_with_its_own_log_in() -> None:
    assert shlex.split(command_of("demo/caja 1")) == [
        sys.executable, "-m", "terminal.cli", "pos", "--device", "demo/caja 1",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("host", "loopback"),
    [("127.0.0.1", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("10.0.0.5", False), ("caja", False)],
)
def test_only_this_machine_reaches_a_loopback_address(host: str, loopback: bool) -> None:
    assert is_loopback(host) is loopback


def test_it_listens_on_this_machine_alone_unless_told_otherwise() -> None:
    assert is_loopback(parser_of(TEXTS).parse_args(["serve"]).host)


def test_without_the_package_it_says_how_to_install_it(tmp_path: Path, monkeypatch, capsys) -> None:
    monkeypatch.setenv("COMANDA_HOME", str(tmp_path))
    monkeypatch.setitem(sys.modules, "textual_serve", None)
    folder = DeviceFolder(tmp_path / "till", use_keyring=False)
    folder.write(Configuration(IDENTITY, "Caja", "till", "http://x"), SECRETS)
    assert serve_screens(parser_of(TEXTS).parse_args(["serve"]), TEXTS) == 1
    assert "comanda[serve]" in capsys.readouterr().err


def test_a_browser_has_every_colour_whatever_the_server_was_started_in() -> None:
    assert ability_of(SERVED) == EVERYTHING
