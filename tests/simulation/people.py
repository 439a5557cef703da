"""The people at simulated devices: what each of them does next, and what they may.

Each deed is a real command in a real unit of work (`deeds.py`). What the command said before the person went on is a
promise that the end of the schedule holds against every replica.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from shared.kernel.errors import DomainError
from terminal.store.errors import StoreError
from tests.simulation.conditions import is_of_the_disk
from tests.simulation.deeds import Deeds
from tests.simulation.device import SimulatedDevice

if TYPE_CHECKING:
    from tests.simulation.world import World

ANSWERS_AFTER_SECONDS = 1.0
Deed = Callable[[], Awaitable[None]]


class Person:
    """Somebody at one device, for as long as its program runs."""

    def __init__(self, world: World, device: SimulatedDevice, rnd: random.Random) -> None:
        self._world = world
        self._device = device
        self._rnd = rnd
        self._deeds = Deeds(world, device, rnd)

    async def work(self) -> None:
        """Act, think, act, until the device dies or the restaurant closes."""
        deeds = self._deeds
        weights: dict[Deed, int] = {
            deeds.order: 5,
            deeds.add: 4,
            deeds.one_more: 4,
            deeds.set_quantity: 3,
            deeds.course: 3,
            deeds.fire: 2,
            deeds.note: 3,
            deeds.choose: 1,
            deeds.reprice: 1,
            deeds.remove: 1,
            deeds.send: 5,
            deeds.split: 3,
            deeds.move: 2,
            deeds.void: 2,
            deeds.lift: 2,
            deeds.cancel: 1,
            **self._of_the_kitchen(),
            deeds.pay: 6,
            deeds.take_back: 1,
            deeds.tip: 1,
            deeds.on_account: 1,
            deeds.collect: 1,
            deeds.give_back: 1,
            deeds.refund: 2,
            deeds.write_off: 1,
            deeds.walk_out: 1,
            deeds.come_back: 1,
            deeds.discount: 1,
            deeds.lift_discount: 1,
            deeds.charge_service: 1,
            deeds.split_off: 2,
            deeds.ask_bill: 1,
            deeds.lift_service: 1,
            deeds.join: 1,
            deeds.note_guest: 1,
            deeds.forget_guest: 1,
            deeds.close_day: 1,
            deeds.open_shift: 1,
            deeds.move_cash: 1,
            deeds.close_shift: 1,
            **self._of_the_service(),
        }
        deed: Deed = deeds.order if self._device.starts == 1 else self._any(weights)
        while self._world.is_open:
            await self.try_to(deed)
            await asyncio.sleep(self._rnd.expovariate(1 / self._world.think_seconds))
            deed = self._any(weights)

    async def mind_phones(self) -> None:
        """What the program does for guests who order with their phones, and who looks at the rest."""
        while self._world.is_open:
            await asyncio.sleep(self._rnd.expovariate(1 / ANSWERS_AFTER_SECONDS))
            await self.try_to(self._deeds.take_guests if self._rnd.random() < 0.7 else self._deeds.answer_guest)

    def _of_the_kitchen(self) -> dict[Deed, int]:
        """Deeds of the kitchen, which some schedules are full of."""
        deeds, often = self._deeds, self._world.kitchen
        usual = {
            deeds.cook: 5,
            deeds.confirm: 2,
            deeds.recall: 2,
            deeds.serve: 1,
            deeds.hold: 2,
            deeds.rush: 2,
            deeds.transfer: 2,
            deeds.move_card: 2,
            deeds.cover: 1,
            deeds.read_wall: 1,
            deeds.count_down: 2,
            deeds.tell: 1,
            deeds.hear: 2,
            deeds.try_displays: 2,
        }
        return {deed: often * weight for deed, weight in usual.items()}

    def _of_the_service(self) -> dict[Deed, int]:
        """Deeds of a full service, which some schedules have."""
        deeds = self._deeds
        usual: dict[Deed, int] = {
            deeds.combo: 4,
            deeds.one_more_combo: 2,
            deeds.set_combo: 2,
            deeds.at_its_hour: 2,
            deeds.say_allergy: 2,
            deeds.lift_allergy: 1,
            deeds.sit_together: 3,
            deeds.sit_apart: 2,
            deeds.gather: 3,
            deeds.hand_to: 1,
            deeds.change_table: 2,
            deeds.book: 3,
            deeds.say_of_booking: 2,
            deeds.seat: 2,
            deeds.forget_party: 1,
            deeds.price_here: 1,
            deeds.dish_here: 1,
            deeds.order_here: 1,
            deeds.hide: 1,
            deeds.one_more_of_any: 2,
        }
        return usual if self._world.service else {}

    def _any(self, weights: dict[Deed, int]) -> Deed:
        return self._rnd.choices(list(weights), list(weights.values()))[0]

    async def try_to(self, deed: Deed) -> None:
        """Do it, or hear why not."""
        try:
            await deed()
        except DomainError as error:
            if isinstance(error, StoreError) and not is_of_the_disk(error):
                raise
            self._world.note(self._device.name, "no", error.code)
