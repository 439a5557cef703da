"""An evening of a kitchen: a till, a waiter and two displays of one station as processes, with clocks hours apart.

One display is killed, the other one sleeps, and the cloud is cut and healed. Each ticket stands once on each wall, what
was withdrawn is seen and confirmed, and nothing is hidden without a count. `make kitchen` plays many rounds.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from copy import deepcopy
from pathlib import Path

import pytest

from terminal.composition import enrol
from terminal.device import DeviceFolder
from tests.faults.kitchen_program import DISPLAY
from tests.faults.served_cloud import PLAN, ROOT, ServedCloud, served_cloud
from tests.terminal.supervision.programs import Program

ROUNDS = int(os.environ.get("COMANDA_KITCHEN_ROUNDS", "1"))
DEVICES = {"caja": ("till", "0"), "mozo": ("waiter", "2"), "cocina": ("kitchen", "-1.5"), "pase": ("kitchen", "0.4")}
"""By key what a device is for, and how many hours its clock is off."""
OLDEST_SECONDS = 900
"""No card is older: an age that follows the sender's clock is off by an hour and more."""


class Device:
    """A device's folder, and its program."""

    def __init__(self, folder: Path, who: str, hours: str) -> None:
        self._command = [sys.executable, "-m", "tests.faults.kitchen_program", str(folder), who, hours]
        self.start()

    def start(self) -> None:
        """Start its program, also again after it was killed."""
        path = f"{ROOT}{os.pathsep}{ROOT / 'tests'}"
        self.program = Program(
            subprocess.Popen(
                self._command,
                cwd=ROOT,
                env={**os.environ, "PYTHONPATH": path},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
            )
        )

    def ask(self, verb: str, what: str, answer: str) -> str:
        """Ask for something, and wait until it is done. Returns what it says of it."""
        self.program.ask(f"{verb} {what}")
        return str(self.program.hears(answer)[1])


class Display(Device):
    """A display; every wall that it shows is checked."""

    def shows(self, cards: dict[str, bool]) -> None:
        """Wait until exactly these cards stand on the wall, each once: by number whether something was taken back."""
        wanted = sorted([number, changed] for number, changed in cards.items())

        def is_it(said: list[object]) -> bool:
            _name, found, hidden, _silent, ages, _at = said
            numbers = [number for number, _changed in found]
            assert len(numbers) == len(set(numbers)), f"a ticket stands twice: {numbers}"
            assert all(0 <= age <= OLDEST_SECONDS for age in ages), f"an age follows a clock that is off: {ages}"
            assert hidden == 0, "nothing here is too old or too much for a wall"
            return sorted(found) == wanted

        self.program.hears("wall", is_it)

    def hears_nothing(self) -> None:
        """Wait until it knows that the cloud is away."""
        self.program.hears("wall", lambda said: bool(said[3]))


def plan() -> dict[str, object]:
    """A restaurant with these devices, and one person who may take back what was sent."""
    made = deepcopy(PLAN)
    made["branches"][0]["devices"] = [
        {"key": key, "name": key, "kind": kind} for key, (kind, _hours) in DEVICES.items()
    ]
    made["staff"][0]["role"] = "branch_manager"
    return made


@contextmanager
def kitchen(cloud: ServedCloud, folder: Path) -> Iterator[dict[str, Device]]:
    """The devices, let in and started. Their programs are gone after the block."""
    (cloud.folder / "plan.json").write_text(json.dumps(plan()), encoding="utf-8")
    said = json.loads(
        cloud.command("create-organization", "La Esquina", "--plan", str(cloud.folder / "plan.json"), "--json")
    )
    staff = next(iter(said["staff"].values()))
    devices: dict[str, Device] = {}
    with ExitStack() as stack:
        for key, (kind, hours) in DEVICES.items():
            home = DeviceFolder(folder / key, use_keyring=False)
            asyncio.run(enrol(home, cloud.url, said["devices"][f"centro/{key}"]["pairing_code"], kind))
            made = Display(home.root, DISPLAY, hours) if kind == "kitchen" else Device(home.root, staff, hours)
            devices[key] = made
            stack.callback(lambda made=made: made.program.kill())
        for each in devices.values():
            each.program.hears("ready")
        yield devices


@pytest.mark.slow
def test_each_ticket_stands_once_on_each_wall_whatever_dies_sleeps_or_is_cut(tmp_path: Path) -> None:
    """Slow: a real cloud that starts twice, and four programs."""
    with served_cloud() as cloud, kitchen(cloud, tmp_path) as devices:
        till, waiter = devices["caja"], devices["mozo"]
        displays = [each for each in devices.values() if isinstance(each, Display)]
        cards: dict[str, bool] = {}
        for seed in range(ROUNDS):
            rnd = random.Random(seed)
            killed, asleep = rnd.sample(displays, 2)
            cards |= {sender.ask("order", "lom", "ordered"): False for sender in (till, waiter, till, waiter)}
            for each in displays:
                each.shows(cards)

            killed.program.kill()
            asleep.program.signal(signal.SIGSTOP)
            cards[waiter.ask("order", "aji", "ordered")] = False
            withdrawn = till.ask("order", "lom", "ordered")
            till.ask("withdraw", withdrawn, "withdrew")
            taken_back = next(number for number, changed in cards.items() if not changed and number[0] == withdrawn[0])
            till.ask("withdraw", taken_back, "withdrew")
            killed.start()
            killed.program.hears("ready")
            cards |= {taken_back: True, withdrawn: True}
            killed.shows(cards)
            done = next(number for number, changed in cards.items() if not changed)
            killed.ask("bump", done, "bump")
            killed.ask("confirm", taken_back, "confirm")
            del cards[done], cards[taken_back]
            asleep.program.signal(signal.SIGCONT)
            asleep.shows(cards)
            asleep.ask("confirm", withdrawn, "confirm")
            del cards[withdrawn]
            killed.shows(cards)

            cloud.kill()
            for each in displays:
                each.hears_nothing()
            cards |= {sender.ask("order", "aji", "ordered"): False for sender in (waiter, till)}
            cloud.start()
            for each in displays:
                each.shows(cards)
