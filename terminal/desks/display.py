"""Trying the kitchen's displays, and answering for the one of this device. No Textual."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from shared.kernel.errors import DomainError
from shared.kitchen.displays import AnswerView, answer_trial, answers, ask_displays
from shared.tenancy.queries import DeviceView, devices_of_branch
from shared.tenancy.records import DeviceKind
from terminal.desks.part import Run
from terminal.snapshots.sources import TRIAL
from terminal.store.errors import StoreError

if TYPE_CHECKING:
    from terminal.desks.desk import Desk

DISPLAY_SECONDS = 8.0
"""Longest wait for the answers: through the cloud and back takes one or two."""
LOOK_SECONDS = 0.2
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class DisplayFound:
    """A display of the branch: an enrolled one, or one that answered. Without an answer it is silent."""

    name: str
    answer: AnswerView | None


def displays_found(devices: Sequence[DeviceView], answered: Sequence[AnswerView]) -> list[DisplayFound]:
    """The displays of a branch, those that are silent first; a till that shows a wall is one when it answers."""
    names = {device.id: device.name for device in devices}
    known = {each.device_id for each in answered}
    silent = [each for each in devices if each.kind is DeviceKind.KITCHEN and each.id not in known]
    return [
        *(DisplayFound(each.name, None) for each in silent),
        *(DisplayFound(names.get(each.device_id, "?"), each) for each in answered),
    ]


class DisplayDesk:
    """See the module.

    Args:
        desk: the snapshots that it reads from, and who acts.
    """

    def __init__(self, desk: Desk, run: Run) -> None:
        self._desk = desk
        self._run = run
        self._answered: UUID | None = None

    async def tried(self) -> list[DisplayFound]:
        """Ask all displays, and wait until each has answered, at most for a while.

        Raises:
            DomainError: NOT_PERMITTED.
        """
        identity = self._desk.store.identity
        async with self._desk.store.reading() as connection:
            devices = await devices_of_branch(connection, identity.organization_id, identity.branch_id)
        expected = {device.id for device in devices if device.kind is DeviceKind.KITCHEN}
        trial = await self._run(None, ask_displays, also=(TRIAL,))
        found: tuple[AnswerView, ...] = ()
        deadline = asyncio.get_running_loop().time() + DISPLAY_SECONDS
        while not (expected and expected <= {each.device_id for each in found}):
            if asyncio.get_running_loop().time() >= deadline:
                break
            await asyncio.sleep(LOOK_SECONDS)
            async with self._desk.store.reading() as connection:
                found = await answers(connection, identity.organization_id, trial)
        return displays_found(devices, found)

    async def answer(self) -> None:
        """Answer for the wall of this device, if somebody asks. A failure is tried again."""
        trial, actor = self._desk.trial, self._desk.actor
        if trial is None or trial == self._answered or actor is None or actor.station_id is None:
            return
        self._answered = trial
        kitchen = self._desk.kitchen
        shown = kitchen.shown()
        tickets = sum(shown is None or each.station_id in shown for each in self._desk.tickets)
        try:
            await self._run(None, lambda work: answer_trial(work, trial, kitchen.station_id, tickets))
        except (DomainError, StoreError) as error:
            self._answered = None
            logger.warning("a display could not answer: %s", error)
