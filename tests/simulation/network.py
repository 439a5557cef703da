"""The simulated network: slow, lossy, repetitive, cut; messages travel as their real bytes."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass

from cloud.accounts.identity import EnrolledDevice
from sync.messages import AnyMessage, BadMessage, Pull, Suffixes, dump, load
from terminal.syncing.link import LinkError
from tests.simulation.cloud import SimulatedCloud


@dataclass(frozen=True)
class Weather:
    """How bad the network of a world is: probabilities for each message, and seconds.

    Attributes:
        loss: of a request, and of a reply.
        repeats: a request arrives again later.
        damage: a message is cut off on its way.
        too_large: something between refuses the size of a request or of an answer.
    """

    mean_delay: float = 0.05
    loss: float = 0.0
    repeats: float = 0.0
    damage: float = 0.0
    too_large: float = 0.0
    gives_up_after: float = 3.0


Exchanged = tuple[str, AnyMessage, AnyMessage]
"""Whose message, and its answer."""
CALM = Weather(mean_delay=0.02)


class Network:
    """Everything between the devices and the cloud.

    Attributes:
        cut: names of the devices that reach nobody.
        away: names of those that are out of reach for days.
        deaf: names of those that are heard and hear no answer.
        exchanged: how many messages were answered.
    """

    def __init__(self, rnd: random.Random, weather: Weather, cloud: SimulatedCloud) -> None:
        self.weather = weather
        self.cut: set[str] = set()
        self.away: set[str] = set()
        self.deaf: set[str] = set()
        self.exchanged: list[Exchanged] | None = None
        self._rnd = rnd
        self._cloud = cloud

    def carrier(self, name: str, device: EnrolledDevice) -> Carrier:
        """One device's way to the cloud."""
        return Carrier(self, name, device)

    async def exchange(self, name: str, device: EnrolledDevice, message: AnyMessage) -> AnyMessage:
        """A message and its answer, if both arrive.

        Raises:
            LinkError: as the real carrier would.
        """
        weather, body = self.weather, dump(message)
        if self._happens(weather.too_large):
            raise LinkError("CLOUD_MESSAGE_TOO_LARGE")
        await self._travel()
        if self._is_lost(name):
            await asyncio.sleep(weather.gives_up_after)
            raise LinkError("CLOUD_UNREACHABLE")
        if self._happens(weather.repeats):
            repeat = asyncio.get_running_loop().call_later
            repeat(self._rnd.uniform(0.0, 20.0), self._deliver_again, device, body)
        answer = await self._cloud.request(device, self._damaged(body))
        await self._travel()
        if name in self.deaf or self._is_lost(name):
            await asyncio.sleep(weather.gives_up_after)
            raise LinkError("CLOUD_SLOW")
        try:
            received = load(self._damaged(answer))
        except BadMessage:
            raise LinkError("CLOUD_FAILED") from None
        if self.exchanged is not None:
            self.exchanged.append((name, message, received))
        return received

    async def _travel(self) -> None:
        await asyncio.sleep(min(self._rnd.expovariate(1 / self.weather.mean_delay), 30.0))

    def _happens(self, probability: float) -> bool:
        return probability > 0 and self._rnd.random() < probability

    def _is_lost(self, name: str) -> bool:
        return name in self.cut or name in self.away or self._happens(self.weather.loss)

    def heal(self) -> None:
        """Let everybody reach the cloud, at once and without loss."""
        self.weather = CALM
        for names in (self.cut, self.away, self.deaf):
            names.clear()

    def _damaged(self, body: bytes) -> bytes:
        return body[: self._rnd.randrange(len(body))] if self._happens(self.weather.damage) else body

    def _deliver_again(self, device: EnrolledDevice, body: bytes) -> None:
        """A request that was answered long ago arrives once more; nobody waits for this answer."""
        if self._cloud.process.alive:
            task = asyncio.ensure_future(self._cloud.request(device, body))
            task.add_done_callback(lambda done: done.cancelled() or done.exception())


class Carrier:
    """Implements `terminal.syncing.agent.Carrier` for one device."""

    def __init__(self, network: Network, name: str, device: EnrolledDevice) -> None:
        self._network = network
        self._name = name
        self._device = device

    async def exchange(self, message: AnyMessage) -> AnyMessage:
        return await self._network.exchange(self._name, self._device, message)


def brings_nothing(message: AnyMessage, answer: AnyMessage) -> bool:
    """Whether this was a pull that found nothing."""
    return isinstance(message, Pull) and isinstance(answer, Suffixes) and not answer.frames and not answer.more
