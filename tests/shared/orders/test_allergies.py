"""A guest's allergy stands on the order and on every ticket of it, whoever said it and whenever the ticket was sent."""

from __future__ import annotations

from uuid import UUID

import pytest
from evening import Hands, meet
from restaurant import MANAGER, Village
from service_menu import two_devices

from shared.kernel.errors import DomainError
from shared.orders.allergies import Allergy, lift_allergy, note_allergy


async def say(hands: Hands, order: UUID, allergen: str = "", words: str = "", seat: int = 0) -> None:
    async with hands.replica.work(MANAGER) as work:
        await note_allergy(work, order, work.ids.new(), allergen, words, seat)


async def on_tickets(hands: Hands) -> list[tuple[Allergy, ...]]:
    return [ticket.allergies for ticket in await hands.tickets()]


@pytest.fixture
def devices(village: Village) -> tuple[Hands, Hands]:
    return two_devices(village)


async def test_an_allergy_stands_on_tickets_that_were_sent_before_and_after(devices: tuple[Hands, Hands]) -> None:
    till, _other = devices
    order = await till.open()
    await till.add(order)
    await till.send(order)
    await say(till, order, "peanuts", seat=2)
    await till.add(order, "chi")
    await till.send(order)
    assert await on_tickets(till) == [(Allergy("peanuts", "", (2,)),)] * 2
    assert (await till.order(order)).allergies == (Allergy("peanuts", "", (2,)),)


async def test_what_two_devices_say_at_once_stands_both_and_the_same_stands_once(devices: tuple[Hands, Hands]) -> None:
    till, other = devices
    order = await till.open()
    await meet(till, other)
    await say(till, order, "milk")
    await say(other, order, "milk", seat=3)
    await say(other, order, words="Kiwi")
    await say(till, order, words="kiwi")
    await meet(till, other)
    expected = (Allergy("milk", "", (3,)), Allergy("", "Kiwi"))
    for hands in devices:
        found = (await hands.order(order)).allergies
        assert [(each.allergen, each.words.casefold(), each.seats) for each in found] == [
            (each.allergen, each.words.casefold(), each.seats) for each in expected
        ]


async def test_lifted_here_is_lifted_on_every_device_and_may_be_said_again(devices: tuple[Hands, Hands]) -> None:
    till, other = devices
    order = await till.open()
    await say(till, order, "milk")
    await say(till, order, "eggs")
    await meet(till, other)
    async with other.replica.work(MANAGER) as work:
        await lift_allergy(work, order, "milk")
    await meet(till, other)
    assert (await till.order(order)).allergies == (Allergy("eggs"),)
    await say(till, order, "milk")
    assert [each.allergen for each in (await till.order(order)).allergies] == ["eggs", "milk"]


async def test_nothing_and_what_nobody_knows_is_refused(devices: tuple[Hands, Hands]) -> None:
    till, _other = devices
    order = await till.open()
    for allergen, words, code in (("", " ", "ALLERGY_MISSING"), ("stones", "", "ALLERGEN_UNKNOWN")):
        with pytest.raises(DomainError, match=code):
            await say(till, order, allergen, words)
