"""The till in a browser: what is started for a tab, and who can reach it."""

from __future__ import annotations

import shlex
import sys
from base64 import b64encode
from pathlib import Path

import pytest

from shared.kernel.language import Language, Texts
from terminal.cli import ROOMS, parser_of
from terminal.commands.browser_gate import COOKIE, Gate, is_loopback
from terminal.commands.serve import command_of, serve_screens
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


LOCAL = Gate("127.0.0.1", 8000)
OPEN = Gate("0.0.0.0", 8000, password="correct horse battery", token="t0ken")


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost:8000", "[::1]:8000"])
def test_the_page_of_the_till_may_use_it(host: str) -> None:
    assert LOCAL.lets_host(host)
    assert LOCAL.lets_origin(f"http://{host}", host)


@pytest.mark.parametrize(
    "origin",
    ["", "null", "https://evil.example", "http://127.0.0.1:9000", "http://127.0.0.1:8000.evil.example", "file://"],
)
def test_a_page_of_anybody_else_may_not(origin: str) -> None:
    assert not LOCAL.lets_origin(origin, "127.0.0.1:8000")


@pytest.mark.parametrize("host", ["", "evil.example", "evil.example:8000", "10.0.0.5:8000", "localhost.evil.example"])
def test_a_name_that_was_pointed_at_this_machine_is_none_of_ours(host: str) -> None:
    assert not LOCAL.lets_host(host)


def test_a_proxy_says_its_own_address() -> None:
    gate = Gate("127.0.0.1", 8000, "https://caja.example")
    assert gate.lets_host("caja.example")
    assert gate.lets_origin("https://caja.example", "127.0.0.1:8000")
    assert not gate.lets_origin("http://caja.example", "127.0.0.1:8000")


def test_on_every_address_of_the_machine_any_number_is_ours_and_no_name() -> None:
    assert OPEN.lets_host("10.0.0.5:8000")
    assert not OPEN.lets_host("evil.example:8000")


@pytest.mark.parametrize(
    ("headers", "cookies", "known"),
    [
        ({}, {}, False),
        ({"Authorization": "Basic " + b64encode(b"x:wrong").decode()}, {}, False),
        ({"Authorization": "Basic ?"}, {COOKIE: ""}, False),
        ({"Authorization": "Basic " + b64encode(b"x:correct horse battery").decode()}, {}, True),
        ({}, {COOKIE: "t0ken"}, True),
    ],
    ids=["nothing", "wrong", "nonsense", "password", "cookie"],
)
def test_whoever_comes_over_the_network_needs_the_password(headers, cookies, known: bool) -> None:
    assert OPEN.knows(headers, cookies) is known


def test_it_is_not_opened_to_the_network_without_a_password(tmp_path: Path, monkeypatch, capsys) -> None:
    monkeypatch.setenv("COMANDA_HOME", str(tmp_path))
    monkeypatch.setenv("COMANDA_SERVE_PASSWORD", "short")
    folder = DeviceFolder(tmp_path / "till", use_keyring=False)
    folder.write(Configuration(IDENTITY, "Caja", "till", "http://x"), SECRETS)
    assert serve_screens(parser_of(TEXTS).parse_args(["serve", "--host", "0.0.0.0"]), TEXTS) == 2
    assert "COMANDA_SERVE_PASSWORD" in capsys.readouterr().err


async def test_a_server_refuses_strangers_and_crowds_and_leaves_no_program_behind(monkeypatch) -> None:
    """Needs the extra `serve`. The program of a tab is one that does not listen to a word."""
    pytest.importorskip("textual_serve", reason="comanda[serve] is not installed")
    import aiohttp
    from aiohttp import web

    from terminal.commands import guarded_server

    monkeypatch.setattr(guarded_server, "LEAVE_SECONDS", 0.2)
    monkeypatch.setattr(guarded_server, "MOST_TABS", 1)
    deaf = "import signal,sys; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('__GANGLION__', flush=True)\n"
    deaf += "while True: signal.pause()"
    server = guarded_server.GuardedServer(shlex.join([sys.executable, "-c", deaf]), LOCAL, TEXTS, "Caja")
    runner = web.AppRunner(await server._make_app())
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host = f"127.0.0.1:{runner.addresses[0][1]}"
    async with aiohttp.ClientSession() as browser:
        foreign = await browser.get(f"http://{host}/", headers={"Host": "evil.example"})
        assert foreign.status == 403
        for origin in ({}, {"Origin": "https://evil.example"}):
            with pytest.raises(aiohttp.WSServerHandshakeError):
                await browser.ws_connect(f"ws://{host}/ws", headers=origin)
        page = await browser.get(f"http://{host}/")
        assert (page.status, page.headers["X-Frame-Options"]) == (200, "DENY")
        await browser.ws_connect(f"ws://{host}/ws", headers={"Origin": f"http://{host}"})
        assert (await browser.get(f"http://{host}/")).status == 503, "one tab is open"
        (tab,) = server._tabs
        await runner.cleanup()
    assert tab._process.returncode is not None


def test_a_browser_has_every_colour_whatever_the_server_was_started_in() -> None:
    assert ability_of(SERVED) == EVERYTHING
