"""Faults of histories: a till's disk is put back from a copy or cloned, the cloud is put back, somebody forges history.

What only a lost disk held is gone: then the union of all logs forgets it, too, and nobody may remember half of it.
"""

from __future__ import annotations

import random
import shutil
import sqlite3
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from shared.kernel.records import Scope
from sync.author import cloud_device
from sync.change import Change, StreamKey, encode, link
from sync.messages import Ack, Frame, Push, signed_bytes
from tests.simulation.device import SimulatedDevice
from tests.simulation.places import ORGANIZATION

if TYPE_CHECKING:
    from tests.simulation.world import World

SHARE = 0.25
"""Of all schedules, those with such faults. The others are what they were before."""
STRIKES = 0.5
"""How often a strike of the adversary is followed by one of these."""
SUFFIXES = ("", "-wal", "-shm")
MOST_TWINS = 1


class Histories:
    """The faults of one schedule. Has dice of its own, so that the other faults of a seed stay what they are."""

    def __init__(self, world: World, seed: int, folder: Path) -> None:
        self._world = world
        self._rnd = random.Random(f"{seed} histories")
        self._folder = folder
        self._copies: dict[str, Path] = {}
        self._twins = 0
        self.is_on = self._rnd.random() < SHARE

    async def strike(self) -> None:
        """Perhaps one fault."""
        if not self.is_on or self._rnd.random() > STRIKES:
            return
        # Two copies that begin the same incarnation before they meet anybody are two histories for a while.
        mine = [each for each in self._world.devices if not each.is_revoked]
        device = self._rnd.choice([each for each in mine if not each.was_cut] or mine)
        what = self._rnd.random()
        if what < 0.3:
            await self._forge(device)
        elif device.was_cut or not device.end_of_own_log():
            return  # without an own history a copy cannot be told from the original before they meet
        elif device.name not in self._copies:
            self._copies[device.name] = _copied(device.path, self._folder / f"copy of {device.name}.db")
            self._copies.setdefault("cloud", _copied(self._world.cloud.path, self._folder / "copy of cloud.db"))
        elif what < 0.45:
            await self._put_back(device)
        elif what < 0.6:
            await self._lose_the_tail(device)
        elif what < 0.8:
            await self._clone(device)
        else:
            await self._put_the_cloud_back()

    async def _put_back(self, device: SimulatedDevice) -> None:
        """A technician puts the copy of a disk back."""
        world, copy = self._world, self._copies.pop(device.name)
        world.note(device.name, "is put back from a copy")
        await device.stop()
        world.look()
        _replaced(device.path, copy)
        device.was_cut = True
        device.close_eye()
        world.observe_anew(device)
        await world.start(device)

    async def _lose_the_tail(self, device: SimulatedDevice) -> None:
        """The power fails, and the newest commits of a disk that lies about syncing are gone. It is the same file."""
        world, copy = self._world, self._copies.pop(device.name)
        world.note(device.name, "loses the tail of its log")
        await device.stop()
        world.look()
        device.close_eye()
        device.path.write_bytes(copy.read_bytes())
        for suffix in SUFFIXES[1:]:
            device.path.with_name(device.path.name + suffix).unlink(missing_ok=True)
        device.was_cut = True
        world.observe_anew(device)
        await world.start(device)

    async def _clone(self, device: SimulatedDevice) -> None:
        """The copy of a disk runs on another machine, while the first one goes on."""
        if self._twins >= MOST_TWINS:
            return
        self._twins += 1
        world, path = self._world, self._folder / f"twin of {device.name}.db"
        self._copies.pop(device.name).rename(path)
        twin = world.machine(replace(device.enrolment, name=f"twin of {device.name}"), path)
        device.was_cut = twin.was_cut = True
        world.note(twin.name, "begins")
        world.devices.append(twin)
        world.observe_anew(twin)
        await world.start(twin)

    async def _put_the_cloud_back(self) -> None:
        """An operator puts the cloud's database back, says so, and starts the server."""
        world, copy = self._world, self._copies.pop("cloud", None)
        if copy is None:
            return
        world.note("cloud is put back from a copy")
        await world.cloud.stop()
        world.look()
        _replaced(world.cloud.path, copy)
        world.cloud.generation += 1
        world.observe_cloud_anew()
        world.start_cloud()

    async def _forge(self, device: SimulatedDevice) -> None:
        """Somebody at a device sends what the cloud never wrote, or what does not follow from what stands there."""
        world = self._world
        if not world.cloud.process.alive:
            return
        cloud = StreamKey(cloud_device(ORGANIZATION), world.cloud.generation, Scope.ORGANIZATION, ORGANIZATION)
        own = StreamKey(device.enrolment.device_id, 1, Scope.BRANCH, device.enrolment.branch_id)
        key, follows = self._rnd.choice(((cloud, True), (own, False)))
        head = world.head_at_cloud(key.id.bytes)
        if head is None:
            return
        seq, chain = head
        body = encode(Change(seq + 1, 1, seq + 1, True, 1, "spaces", 1, bytes(16), None, {"name": "forged"}))
        frame = Frame(
            key.device_id.bytes,
            key.incarnation,
            key.scope,
            key.scope_id.bytes,
            seq + 1,
            chain if follows else bytes(16),
            [body],
        )
        end = link(frame.previous, body)
        signed = msgspec.structs.replace(
            frame, signature=device.enrolment.signer.sign(signed_bytes(key.id, frame.last, end))
        )
        answer = await world.cloud.process.spawn(
            world.cloud.responder.reply(device.enrolment.as_known_to_the_cloud(), Push(signed))
        )
        world.note(device.name, "forges", type(answer).__name__)
        if isinstance(answer, Ack):
            world.complaints.append(f"the cloud takes what {'it never wrote' if follows else 'follows from nothing'}")


def _copied(path: Path, to: Path) -> Path:
    """A copy of a database while it is used."""
    with sqlite3.connect(path) as source, sqlite3.connect(to) as target:
        source.backup(target)
    source.close()
    target.close()
    return to


def _replaced(path: Path, copy: Path) -> None:
    """Put a copy where a file was: in a file of another number, as after any copying."""
    kept = path.with_name(f"{path.name} before")
    path.rename(kept)
    for suffix in SUFFIXES[1:]:
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    shutil.copy(copy, path)
    kept.unlink()
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.close()
