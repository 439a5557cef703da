"""A guest at a table of the demo: reads the menu on a phone, orders, and is answered at the till."""

from __future__ import annotations

import asyncio
import re
from contextlib import suppress
from html import unescape
from typing import Self

import httpx

from shared.kernel.language import Texts
from shared.menu.rules import MenuItem
from terminal.actions import ScreenName
from terminal.composition import Device
from terminal.demo.card import GuestCard
from terminal.demo.findings import Findings
from terminal.demo.hands import hands_at
from terminal.demo.patience import PATIENCE_SECONDS, wait_for
from terminal.syncing.link_state import Cloud

_LINE = re.compile(r'name="(line-[0-9a-f-]{36})" value="(\d+)"')
PIECES = 2
TIMEOUT_SECONDS = 20.0
LOOK_EVERY_SECONDS = 0.2


class GuestPhone:
    """A phone without script."""

    def __init__(self, card: GuestCard, language: str) -> None:
        self._url = card.url
        origin = "/".join(card.url.split("/")[:3])
        headers = {"origin": origin, "accept": "text/html", "accept-language": language}
        self._client = httpx.AsyncClient(
            headers=headers, follow_redirects=True, trust_env=False, timeout=TIMEOUT_SECONDS
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self._client.aclose()

    async def menu(self) -> str:
        """The page of the menu."""
        return (await self._client.get(self._url)).raise_for_status().text

    async def table(self) -> str:
        """The page with cart and orders."""
        return (await self._client.get(f"{self._url}/table")).raise_for_status().text

    async def reads(self, words: str) -> str:
        """The page with cart and orders, once it says something; else as it is when the time is up."""
        page = await self.table()
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE_SECONDS):
                while words not in unescape(page):
                    await asyncio.sleep(LOOK_EVERY_SECONDS)
                    page = await self.table()
        return unescape(page)

    async def order(self, item: MenuItem, note: str, name: str) -> None:
        """Put a dish into the cart and order it."""
        form = {"item": str(item.id), "pieces": str(PIECES), "notes": note}
        (await self._client.post(f"{self._url}/add", data=form)).raise_for_status()
        shown = dict(_LINE.findall(await self.table()))
        (await self._client.post(f"{self._url}/order", data={"name": name, **shown})).raise_for_status()


async def check_guest(card: GuestCard, till: Device, pin: str, findings: Findings, texts: Texts) -> None:
    """Order as a guest, accept as the cashier, and see the kitchen and the phone hear of it.

    Raises:
        NotHeld: a check did not hold.
    """
    item = _plain_dish(till)
    note, name = texts("demo.check.guest_note"), texts("demo.check.guest_name")
    async with GuestPhone(card, texts.language.value) as phone, hands_at(till.desk, "pos") as cashier:
        findings.says("guest_menu", unescape(await phone.menu()), [item.name], url=card.url)
        await wait_for(lambda: till.desk.state.cloud, lambda cloud: cloud is Cloud.ONLINE, texts("demo.wait.online"))
        await phone.order(item, note, name)
        await cashier.type(pin)
        await findings.becomes("logged_in", lambda: cashier.screen_name, ScreenName.FLOOR.value, name=pin)
        await findings.becomes("guest_waits", lambda: len(till.desk.guest_orders.waiting()), 1, table=card.table)
        order_id = till.desk.guest_orders.waiting()[0].order_id
        await cashier.press("ctrl+z", "enter", "enter")
        await findings.becomes("guest_accepted", lambda: len(till.desk.guest_orders.waiting()), 0)
        told = [line.item_name for ticket in till.desk.tickets if ticket.order_id == order_id for line in ticket.lines]
        findings.equal("guest_kitchen", told, [item.kitchen_name or item.name], dish=item.name)
        accepted = texts("demo.check.guest_said")
        page = await phone.reads(accepted)
        findings.says("guest_told", page, [accepted, name, item.name, note])


def _plain_dish(till: Device) -> MenuItem:
    """A dish of the kitchen that needs no choice."""
    return next(
        item
        for item in till.desk.menu.items.values()
        if not (item.modifier_groups or item.is_combo or item.open_price or item.weight_unit or item.daypart)
        and item.station_id is not None
        and item.course <= 1
    )
