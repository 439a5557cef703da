"""Looks of every screen on a branch at lunch, at the sizes of tills and kitchens."""

from __future__ import annotations

from dataclasses import replace

import pytest

from shared.kernel.language import Language
from tests.terminal.screens.paper_desk import PaperDesk, busy_desk
from tests.terminal.screens.paper_exceptions import exceptions_desk
from tests.terminal.screens.paper_house import PaperState
from tests.terminal.screens.paper_races import races_desk
from tests.terminal.screens.paper_receipts import receipts_desk
from tests.terminal.screens.paper_sales import a_good_day
from tests.terminal.screens.test_status_view import STUCK
from tests.terminal.screens.till import PlayedApp

TILL_SIZES = ((80, 24), (120, 36))
KITCHEN_SIZES = ((49, 14), (73, 21), (99, 28))
SCRIPTS = {
    "login": "",
    "login-wrong-pin": "9999\n",
    "floor": "1234\n",
    "floor-typed": "1234\n1",
    "order": "1234\n7\n",
    "order-typed": "1234\n4*9\n2*lom\n/sin ají, bien caliente\ncau\n2*lim",
    "order-options": "1234\n7\nbif\n2",
    "payment": "1234\n7\n<f9>200",
    "payment-several": "1234\n7\n<f9>t50\ne",
    "payment-done": "1234\n7\n<f9>200\n",
    "help": "1234\n7\n<f1>",
}
RACES = {
    "floor": "1234\n",
    "changed": "1234\n2\n",
    "late": "1234\n5\n",
    "twice": "1234\n7\n",
    "removed": "1234\n9\n",
    "short": "1234\n11\n",
}
EXCEPTIONS = {
    "list": "3333\n<ctrl+e>",
    "ending": "3333\n<ctrl+e>\n",
    "note": "3333\n<ctrl+e>6\nya se habló",
    "cashier": "1234\n<ctrl+e>\n1",
}
RECEIPTS = {
    "list": "3333\n<ctrl+f>",
    "refunded": "3333\n<ctrl+f>lomo<down>",
    "portions": "3333\n<ctrl+f><down><f6>+<down>++",
    "nothing": "3333\n<ctrl+f>nada",
    "reason": "3333\n<ctrl+f><down><f6><f4>\n",
}
KITCHEN_SCRIPTS = {"kitchen": "", "kitchen-marked": "2", "kitchen-recall": "<f6>"}


@pytest.mark.parametrize("size", TILL_SIZES)
@pytest.mark.parametrize("name", SCRIPTS)
async def test_the_till_looks_as_it_did(name, size, look) -> None:
    await look(PlayedApp(busy_desk(), script=SCRIPTS[name]), size, f"screen-{name}")


@pytest.mark.parametrize("size", [*TILL_SIZES, (200, 60)])
@pytest.mark.parametrize("language", list(Language))
async def test_todays_sales_look_as_they_did(language, size, look) -> None:
    desk = busy_desk(language=language, sales=a_good_day())
    await look(PlayedApp(desk, script="3333\n<f3>"), size, f"screen-today-{language}")


@pytest.mark.parametrize("size", [*TILL_SIZES, (200, 60)])
async def test_todays_sales_with_money_on_open_orders_look_as_they_did(size, look) -> None:
    desk = busy_desk(sales=replace(a_good_day(), open_minor={"PEN": 2_000}))
    await look(PlayedApp(desk, script="3333\n<f3>"), size, "screen-today-open")


@pytest.mark.parametrize("size", TILL_SIZES)
@pytest.mark.parametrize("name", RECEIPTS)
async def test_past_receipts_look_as_they_did(name, size, look) -> None:
    await look(PlayedApp(receipts_desk(), script=RECEIPTS[name]), size, f"screen-receipts-{name}")


@pytest.mark.parametrize("size", [(80, 24), (200, 60)])
async def test_past_receipts_look_as_they_did_in_english(size, look) -> None:
    desk = receipts_desk(language=Language.ENGLISH)
    await look(PlayedApp(desk, script="3333\n<ctrl+f><down>"), size, "screen-english-receipts")


@pytest.mark.parametrize("size", TILL_SIZES)
@pytest.mark.parametrize("name", RACES)
async def test_what_two_devices_did_looks_as_it_did(name, size, look) -> None:
    await look(PlayedApp(races_desk(), script=RACES[name]), size, f"screen-races-{name}")


@pytest.mark.parametrize("size", [*KITCHEN_SIZES, (120, 36)])
async def test_a_wall_with_changes_looks_as_it_did(size, look) -> None:
    await look(PlayedApp(races_desk(), "kds", script="4"), size, "screen-races-kitchen")


async def test_english_changes_look_as_they_did(look) -> None:
    desk = races_desk(language=Language.ENGLISH)
    await look(PlayedApp(desk, "kds", script="4"), (120, 36), "screen-races-kitchen-en")


@pytest.mark.parametrize("size", [*TILL_SIZES, (200, 60)])
@pytest.mark.parametrize("name", EXCEPTIONS)
async def test_what_waits_for_a_person_looks_as_it_did(name, size, look) -> None:
    await look(PlayedApp(exceptions_desk(), script=EXCEPTIONS[name]), size, f"screen-exceptions-{name}")


async def test_what_waits_looks_as_it_did_in_english(look) -> None:
    desk = exceptions_desk(language=Language.ENGLISH)
    await look(PlayedApp(desk, script=EXCEPTIONS["list"]), (80, 24), "screen-exceptions-list-en")


@pytest.mark.parametrize("size", KITCHEN_SIZES)
@pytest.mark.parametrize("name", KITCHEN_SCRIPTS)
async def test_the_kitchen_looks_as_it_did(name, size, look) -> None:
    await look(PlayedApp(busy_desk(), "kds", script=KITCHEN_SCRIPTS[name]), size, f"screen-{name}")


@pytest.mark.parametrize("name", ["floor", "order", "payment"])
async def test_the_english_till_looks_as_it_did(name, look) -> None:
    desk = busy_desk(language=Language.ENGLISH)
    await look(PlayedApp(desk, script=SCRIPTS[name]), (80, 24), f"screen-english-{name}")


async def test_a_new_device_looks_as_it_did(look) -> None:
    desk = PaperDesk(premises=None, state=PaperState(cloud="never", last_contact=None))
    await look(PlayedApp(desk), (80, 24), "screen-new-device")


async def test_a_till_in_trouble_looks_as_it_did(look) -> None:
    state = PaperState(
        cloud="offline", pending=128, oldest_pending=busy_desk().time, parked=2, prints=STUCK, clock_trouble=True
    )
    await look(PlayedApp(busy_desk(state=state), script="1234\n"), (80, 24), "screen-trouble")
