"""The way to the cloud in trouble: selling goes on, the status says what is wrong, and when it ends all has arrived."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from restaurant import TILL as TILL_ID
from textual.geometry import Region

from shared.kernel.language import Language, Texts
from shared.payments.records import Receipt
from terminal.cli import ROOMS, main
from terminal.desks.desk import Desk
from terminal.syncing.agent import Agent
from terminal.syncing.link import READ_SECONDS, CloudLink
from terminal.syncing.link_state import AWAY, Cloud
from tests.faults.books import Acknowledged, violations
from tests.faults.selling import sell
from tests.faults.test_full_disk import file_size_limit
from tests.faults.till_on_disk import NOWHERE, PIN, SECRETS, CloudNearby, TillOnDisk
from tests.faults.until import until
from tests.faults.web import Server, always, cloud_at, never, response, self_signed
from tests.terminal.screens.till import DrivenTill, driven

SILENCE_SECONDS = 1.0
"""So long a link waits for a cloud that says nothing; long enough for one that does."""
PAGE = b"<html><body>Bienvenido al Wi-Fi del hotel. Acepta los terminos.</body></html>"
PROBLEM = b'{"type":"about:blank","code":"%s","params":{"seconds":0},"detail":"...","status":%d}'


@dataclass
class Trouble:
    """What a server answers, and what the till is to say of it."""

    code: str
    answer: bytes | None
    state: Cloud = Cloud.NEVER


TROUBLES = {
    "slow": Trouble("CLOUD_SLOW", None),
    "failing": Trouble("CLOUD_FAILED", response("500 Internal Server Error", b"Traceback ...")),
    "busy": Trouble("CLOUD_BUSY", response("429 Too Many Requests", Retry_After="0")),
    "away": Trouble("CLOUD_BUSY", response("503 Service Unavailable", Retry_After="0")),
    "portal": Trouble("CLOUD_IS_SOMETHING_ELSE", response("200 OK", PAGE, "text/html")),
    "redirecting portal": Trouble(
        "CLOUD_IS_SOMETHING_ELSE", response("302 Found", PAGE, "text/html", Location="http://portal.invalid/")
    ),
    "another program": Trouble("CLOUD_IS_SOMETHING_ELSE", response("404 Not Found", b"no such page")),
    "json of another program": Trouble("CLOUD_IS_SOMETHING_ELSE", response("200 OK", b"[1, 2]", "application/json")),
    "cut off": Trouble("CLOUD_UNREACHABLE", b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"),
    "no HTTP": Trouble("CLOUD_UNREACHABLE", b"SSH-2.0-OpenSSH_9.6\r\n"),
    "revoked": Trouble("DEVICE_REVOKED", response("403 Forbidden", PROBLEM % (b"DEVICE_REVOKED", 403)), Cloud.REFUSED),
}


@asynccontextmanager
async def syncing(desk: Desk, link: CloudLink) -> AsyncIterator[Agent]:
    """The agent's own loops in the background; retries come at once."""
    agent = Agent(desk.store, link, SECRETS.signer, lambda: 0.02, None, 0)
    agent.on_link = desk.link_changed
    desk.wake_agent = agent.wake
    running = asyncio.create_task(agent.run())
    try:
        yield agent
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        await link.close()


def link_to(url: str, **more: object) -> CloudLink:
    return CloudLink(url, TILL_ID, SECRETS.signer, **more)


async def sell_through(desk: Desk, said: Acknowledged, sales: int = 2) -> None:
    for number in range(sales):
        await sell(
            desk,
            random.Random(number),
            lambda *step: said.hear(*(word if isinstance(word, int) else str(word) for word in step)),
        )


def sentence_of(desk: Desk, language: Language) -> str:
    return Texts(language, ROOMS)(desk.state.cloud_message, **desk.state.cloud_params)


async def shown_to_people(desk: Desk) -> None:
    """What is wrong stands on the log-in screen in full; on the floor in short, with the key that leads to it all."""
    sentence = sentence_of(desk, desk.language)
    async with driven(desk, size=(80, 24)) as till:
        door = await words_in(till, till.app.screen.advice.region)
        assert sentence.replace(" ", "") in door
        await till.type(f"{PIN}\n")
        assert till.screen_name == "floor"
        status = (await till.grid()).splitlines()[0]
        assert "· ?" in status
        await till.press("f1")
        assert sentence.replace(" ", "") in await words_in(till, till.app.screen.trouble.region)


async def words_in(till: DrivenTill, region: Region) -> str:
    """The words on a part of the screen, without blanks, since lines break anywhere."""
    rows = (await till.grid()).splitlines()[region.y : region.bottom]
    return "".join(row[region.x : region.right] for row in rows).replace(" ", "")


@pytest.mark.parametrize("name", TROUBLES)
async def test_trouble_on_the_way_stops_no_sale_and_ends_well(name: str, till: TillOnDisk, cloud: CloudNearby) -> None:
    trouble, said = TROUBLES[name], Acknowledged()
    async with (
        Server(never if trouble.answer is None else always(trouble.answer)) as server,
        till.desk() as desk,
        syncing(desk, link_to(server.url, read_seconds=SILENCE_SECONDS if trouble.answer is None else READ_SECONDS)),
    ):
        await sell_through(desk, said)
        await until(
            lambda: (desk.state.cloud_message, desk.state.cloud) == (trouble.code, trouble.state),
            "the status says what is wrong",
        )
        tried = len(server.asked)
        await until(lambda: len(server.asked) >= tried + 2, "it is tried again")
        if trouble.code not in AWAY:
            await shown_to_people(desk)
        await until(lambda: desk.state.pending > 0, "the status says what waits")
        assert desk.state.oldest_pending is not None
        for language in Language:
            assert "{" not in sentence_of(desk, language)
            assert sentence_of(desk, language) != trouble.code
        await sell_through(desk, said)
        server.answer = cloud_at(cloud)
        await until(lambda: desk.state.pending == 0, "all is sent")
        await until(lambda: desk.state.cloud is Cloud.ONLINE, "the status is well again")
        assert desk.state.cloud_message == ""
    assert await violations(till, said) == []
    await everything_arrived(cloud, said)


async def test_a_cloud_that_is_down_stops_no_sale(till: TillOnDisk) -> None:
    said = Acknowledged()
    async with till.desk() as desk, syncing(desk, link_to(NOWHERE)):
        await sell_through(desk, said)
        await until(lambda: desk.state.cloud_message == "CLOUD_UNREACHABLE", "the status says what is wrong")
        assert NOWHERE in sentence_of(desk, Language.SPANISH)
        async with driven(desk, size=(80, 24)) as door:
            assert "sevendeigual" in await words_in(door, door.app.screen.advice.region)
            assert "Sin nube" in await door.grid() or "sin contacto" in await door.grid()
        await sell_through(desk, said)
    assert await violations(till, said) == []


async def test_a_cloud_that_asks_for_a_pause_is_not_asked_before(till: TillOnDisk) -> None:
    async with (
        Server(always(response("429 Too Many Requests", Retry_After="600"))) as server,
        till.desk() as desk,
        syncing(desk, link_to(server.url)),
    ):
        await until(lambda: desk.state.cloud_message == "CLOUD_BUSY", "the status says what is wrong")
        await until(lambda: len(server.asked) == 2, "push and pull ask once each")
        await sell_through(desk, Acknowledged())
        await until(lambda: desk.state.pending > 0, "the sales wait, and the agent was told of them")
        assert len(server.asked) == 2


async def test_a_certificate_that_nobody_trusts_is_said_and_nothing_is_sent(
    till: TillOnDisk, cloud: CloudNearby, tmp_path: Path
) -> None:
    context, certificate = self_signed(tmp_path)
    said = Acknowledged()
    async with Server(cloud_at(cloud), context) as server:
        async with till.desk() as desk, syncing(desk, link_to(server.url)):
            await sell_through(desk, said)
            await until(lambda: desk.state.cloud_message == "CLOUD_CERTIFICATE", "the status says what is wrong")
            assert "--authority" in sentence_of(desk, Language.ENGLISH)
            await shown_to_people(desk)
            assert server.asked == []
        async with till.desk() as desk, syncing(desk, link_to(server.url, authority=str(certificate))):
            await until(lambda: desk.state.pending == 0, "with the authority all is sent")
    assert await violations(till, said) == []
    await everything_arrived(cloud, said)


@pytest.mark.parametrize("ends", ["expired", "no such file", "no certificate"])
async def test_other_certificate_troubles_are_said_as_such(ends: str, till: TillOnDisk, tmp_path: Path) -> None:
    context, certificate = self_signed(tmp_path, days=-1)
    authority = {
        "expired": certificate,
        "no such file": tmp_path / "nowhere.pem",
        "no certificate": till.folder.root / "device.toml",
    }[ends]
    async with (
        Server(always(b""), context) as server,
        till.desk() as desk,
        syncing(desk, link_to(server.url, authority=str(authority))),
    ):
        await until(lambda: desk.state.cloud_message == "CLOUD_CERTIFICATE", "the status says what is wrong")
        await sell_through(desk, Acknowledged())


async def everything_arrived(cloud: CloudNearby, said: Acknowledged) -> None:
    """The cloud folds to the same sales."""
    replica = cloud.replica
    await replica.fold()
    assert await replica.parked() == []
    receipts = {row.order_id: (row.number, row.total_minor) for row in await replica.rows(Receipt)}
    assert receipts == said.paid


# -- enrolling at the command line -----------------------------------------------------------------------------------


def enrol(
    url: str, language: Language, home: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> str:
    """Run `comanda enroll`, which must end with one sentence and leave no device behind; the sentence."""
    monkeypatch.setenv("COMANDA_HOME", str(home))
    monkeypatch.setenv("COMANDA_LANGUAGE", language)
    with pytest.raises(SystemExit) as ended:
        main(["enroll", url, "WRNG-CODE"])
    captured = capfd.readouterr()
    assert ended.value.code == 1
    assert captured.err.count("\n") == 1, captured.err
    assert not list(home.glob("*/device.toml"))
    return captured.err.strip()


CODES = {
    "PAIRING_CODE_UNKNOWN": 404,
    "PAIRING_CODE_USED": 409,
    "PAIRING_CODE_EXPIRED": 410,
    "PAIRING_CODE_EXHAUSTED": 410,
    "TOO_MANY_TRIES": 429,
}


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("code", CODES)
async def test_a_wrong_pairing_code_gives_one_sentence(
    code: str,
    language: Language,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    body = PROBLEM % (code.encode(), CODES[code])
    async with Server(always(response(f"{CODES[code]} No", body, "application/problem+json"))) as server:
        said = await asyncio.to_thread(enrol, server.url, language, tmp_path, monkeypatch, capfd)
    assert said == Texts(language, ROOMS)(code, seconds=0)


@pytest.mark.parametrize("language", list(Language))
def test_who_enrols_is_not_told_of_selling_and_keeps_the_code(
    language: Language, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    said = enrol(NOWHERE, language, tmp_path, monkeypatch, capfd)
    assert {Language.SPANISH: "no quedó enrolado", Language.ENGLISH: "was not enrolled"}[language] in said
    assert "vendiendo" not in said
    assert "Selling" not in said
    assert list(tmp_path.iterdir()) == []


async def test_a_code_is_not_spent_where_there_is_no_room_for_the_device(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    home = tmp_path / "home"
    async with Server(always(b"")) as server:
        with file_size_limit(100_000):
            said = await asyncio.to_thread(enrol, server.url, Language.SPANISH, home, monkeypatch, capfd)
        assert server.asked == []
    assert str(home) in said
    assert not (home / "till").exists()


@pytest.mark.parametrize(
    ("url", "part"),
    [
        (NOWHERE, "cannot be reached"),
        ("comanda.example.com", "is of no use"),
        ("ftp://x", "is of no use"),
        ("http://[::1", "is of no use"),
        ("https://comanda.invalid", "cannot be reached"),
    ],
)
def test_an_address_that_leads_nowhere_gives_one_sentence(
    url: str, part: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    assert part in enrol(url, Language.ENGLISH, tmp_path, monkeypatch, capfd)


async def test_enrolling_at_a_portal_or_an_untrusted_cloud_gives_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    async with Server(always(response("200 OK", PAGE, "text/html"))) as server:
        said = await asyncio.to_thread(enrol, server.url, Language.ENGLISH, home, monkeypatch, capfd)
    assert "Wi-Fi" in said
    async with Server(always(b""), self_signed(tmp_path)[0]) as server:
        said = await asyncio.to_thread(enrol, server.url, Language.ENGLISH, home, monkeypatch, capfd)
    assert "not trusted" in said


async def test_enrolling_by_https_where_there_is_none_speaks_of_no_certificate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(response("400 Bad Request", b"", "text/plain"))
        writer.close()

    async with await asyncio.start_server(refuse, "127.0.0.1", 0) as server:
        url = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        said = await asyncio.to_thread(enrol, url, Language.ENGLISH, tmp_path, monkeypatch, capfd)
    assert "not trusted" not in said
    assert "Check the address" in said
