"""Looks of what a payment asks besides an amount."""

from __future__ import annotations

import pytest

from shared.kernel.language import Language
from shared.payments.accounts import AccountView
from tests.terminal.screens.paper_menu import key
from tests.terminal.screens.paper_methods import tender_desk
from tests.terminal.screens.till import PlayedApp

PAYING = "3333\n7\nlom\ncau\n<f9>"
SCRIPTS = {
    "dollars": PAYING + "d20",
    "qr": PAYING + "y\n",
    "slip": PAYING + "t<f5>4242\nP-118",
    "account": PAYING + "<ctrl+a>",
    "tip": PAYING + "<f4>\t10",
    "noted-slip": PAYING + "t<f5>4242\nP-118\n\n<f4>6\n",
}
ACCOUNTS = (
    AccountView(key(30, 1), "Ana Torres", "999 111 222", 0, 6_200),
    AccountView(key(30, 2), "Constructora del Sur S.A.C.", "", 50_000, 0),
)


@pytest.mark.parametrize("name", SCRIPTS)
@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_a_tender_looks_as_it_did(name, size, look) -> None:
    desk = tender_desk(accounts=ACCOUNTS)
    await look(PlayedApp(desk, script=SCRIPTS[name].replace("\t", "<tab>")), size, f"screen-tender-{name}")


@pytest.mark.parametrize(("name", "size"), [("slip", (80, 24)), ("dollars", (200, 60)), ("tip", (120, 36))])
async def test_an_english_tender_looks_as_it_did(name, size, look) -> None:
    desk = tender_desk(accounts=ACCOUNTS, language=Language.ENGLISH)
    await look(PlayedApp(desk, script=SCRIPTS[name].replace("\t", "<tab>")), size, f"screen-english-tender-{name}")
