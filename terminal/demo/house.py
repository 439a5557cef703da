"""The demo's house: one folder with a cloud and enrolled devices. It is made, opened again, and locked for one demo.

demo/restaurant.toml    the plan of the restaurant
demo/ready              written last: without it the next demo starts afresh, since nobody can have sold anything
demo/<device>/          a device's folder, with a folder for the papers of each of its printers
demo/cloud/             the cloud's data (elsewhere for root, see `cloud_folder`)
"""

from __future__ import annotations

import asyncio
import fcntl
import json
import random
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from shared.kernel.language import Language
from terminal.composition import enrol, running
from terminal.demo.card import GuestCard
from terminal.demo.cloud import DemoCloud, cloud_folder, free_port
from terminal.demo.evening import prepare_evening
from terminal.demo.patience import PATIENCE_SECONDS
from terminal.demo.plan import SHIPPED, Plan, PlannedDevice, read_plan
from terminal.demo.printers import DemoPrinters
from terminal.demo.program import program
from terminal.demo.progress import Progress
from terminal.demo.trouble import DemoTrouble
from terminal.device import DeviceFolder
from terminal.syncing.agent import Agent
from terminal.syncing.link import CloudLink

RECEIPTS, KITCHEN = "receipts", "kitchen"
_PLAN, _READY, _CARDS = "restaurant.toml", "ready", "cards.json"
_PRINTS = {
    "till": (RECEIPTS, KITCHEN),
    "manager": (RECEIPTS,),
}


class DemoHouse:
    """See the module.

    Args:
        root: the demo's folder.
        language: of the screens and of the cloud.
        port: wanted port of the cloud; another one if it is taken.
        plan: file of the restaurant's plan.
    """

    def __init__(self, root: Path, language: Language, port: int = 0, plan: Path = SHIPPED) -> None:
        self.root = root.absolute()
        self._language = language
        self._shipped = plan
        self._data = cloud_folder(self.root)
        self.cloud = DemoCloud(self.root, self._data, free_port(port), language)
        self._printers = DemoPrinters(self.root / "printers.log", language)

    @property
    def plan(self) -> Plan:
        """The plan of the restaurant."""
        return read_plan(self.root / _PLAN)

    @property
    def ready(self) -> bool:
        """Whether an earlier demo of this program has set this house up."""
        return self._made_by == program()

    @property
    def _made_by(self) -> str | None:
        path = self.root / _READY
        return path.read_text(encoding="ascii", errors="replace") if path.exists() else None

    @contextmanager
    def claimed(self) -> Iterator[None]:
        """Lock the house for the block. The kernel frees the lock if this process is killed.

        Raises:
            DemoTrouble: DEMO_ALREADY_RUNNING.
        """
        self.root.mkdir(parents=True, exist_ok=True)
        with (self.root / "demo.lock").open("ab") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise DemoTrouble("DEMO_ALREADY_RUNNING") from None
            yield

    @contextmanager
    def opened(self, progress: Progress, *, fresh: bool = False) -> Iterator[None]:
        """Set up what is missing and keep the cloud running for the block. A house of another program is made anew.

        Args:
            fresh: delete what was sold before.

        Raises:
            DemoTrouble: see `cloud.py`.
            DomainError: a device could not be enrolled.
        """
        try:
            if self._made_by is not None and not self.ready:
                with progress.step("step.another_program"):
                    self.cloud.wait_for_earlier()
                    self._clear()
            with progress.step("step.cloud", url=self.cloud.url):
                self._begin(fresh=fresh)
                self._printers.start(self._all_papers())
            if not self.ready:
                self._found(progress)
            for device in self.plan.devices:
                self._settle(device)
            yield
        finally:
            self._printers.stop()
            self.cloud.stop()

    def folder(self, device: PlannedDevice) -> DeviceFolder:
        """The folder of a device. Its secrets never go to the machine's keyring."""
        return DeviceFolder(self.root / device.folder, use_keyring=False)

    def paper(self, device: PlannedDevice, printer: str) -> Path | None:
        """The folder that gets the papers of a device's printer: each as text, picture and bytes."""
        return self.root / device.folder / "papers" / printer if printer in _PRINTS.get(device.kind, ()) else None

    def card(self, device: PlannedDevice) -> GuestCard | None:
        """The card of the first table in the branch of a device. Its address has the port of today.

        None: an earlier program founded this house, or nobody has yet.
        """
        if not (self.root / _CARDS).is_file():
            return None
        card = json.loads((self.root / _CARDS).read_text(encoding="utf-8"))[device.branch]
        path = urlsplit(card["url"]).path
        return GuestCard(card["table"], card["code"], f"{self.cloud.url}{path}")

    def forget(self) -> None:
        """Delete the house. Its cloud must have stopped."""
        self._clear()

    # -- setting up --------------------------------------------------------------------------------------------------

    def _begin(self, *, fresh: bool) -> None:
        self.cloud.wait_for_earlier()
        if fresh or not self.ready:
            self._clear()
            shutil.copyfile(self._shipped, self.root / _PLAN)
        self.cloud.start()

    def _clear(self) -> None:
        (self.root / _READY).unlink(missing_ok=True)
        shutil.rmtree(self._data, ignore_errors=True)
        for path in self.root.iterdir():
            if path.is_dir():
                shutil.rmtree(path)
            elif path.suffix != ".lock":
                path.unlink()

    def _all_papers(self) -> list[Path]:
        return [
            path
            for device in self.plan.devices
            for printer in _PRINTS.get(device.kind, ())
            if (path := self.paper(device, printer)) is not None
        ]

    def _addresses(self, device: PlannedDevice) -> dict[str, str]:
        papers = {printer: self.paper(device, printer) for printer in _PRINTS.get(device.kind, ())}
        return {printer: self._printers.address(path) for printer, path in papers.items() if path is not None}

    def _found(self, progress: Progress) -> None:
        plan = self.plan
        with progress.step("step.restaurant", name=plan.name, items=len(plan.items), branches=len(plan.branches)):
            founded = self.cloud.found(plan.name, self.root / _PLAN)
            first = {card["branch"]: card for card in reversed(self.cloud.cards(founded["slug"]))}
            cards = {key: first[name] for key, name in plan.branches.items()}
            (self.root / _CARDS).write_text(json.dumps(cards), encoding="utf-8")
        codes = {key: device["pairing_code"] for key, device in founded["devices"].items()}
        for device in plan.devices:
            with progress.step("step.device", name=device.name, branch=plan.branches[device.branch]):
                asyncio.run(self._enrol(device, codes[device.key]))
        till = next((device for device in plan.devices if device.kind == "till"), None)
        if till is not None:
            asyncio.run(self._prepare(till))
        (self.root / _READY).write_text(program(), encoding="ascii")

    async def _enrol(self, device: PlannedDevice, code: str) -> None:
        printers = self._addresses(device)
        folder = self.folder(device)
        await enrol(
            folder,
            self.cloud.url,
            code,
            device.kind,
            printers=printers,
            receipt_printer=RECEIPTS if RECEIPTS in printers else "",
            kitchen_printer=KITCHEN if KITCHEN in printers else "",
        )
        await catch_up(folder)

    async def _prepare(self, till: PlannedDevice) -> None:
        async with running(self.folder(till), online=False) as device:
            await prepare_evening(device.desk)

    def _settle(self, device: PlannedDevice) -> None:
        """Write the present ports and language, which may differ from last time."""
        folder = self.folder(device)
        known = folder.configuration()
        printers = {**known.printers, **self._addresses(device)}
        wanted = replace(known, cloud=self.cloud.url, language=self._language.value, printers=printers)
        if wanted != known:
            folder.write(wanted, folder.secrets(known.identity.device_id))


async def catch_up(folder: DeviceFolder) -> None:
    """Pull everything that the cloud holds.

    Raises:
        LinkError: the cloud was away for too long.
    """
    configuration = folder.configuration()
    secrets = folder.secrets(configuration.identity.device_id)
    link = CloudLink(configuration.cloud, configuration.identity.device_id, secrets.signer, configuration.authority)
    try:
        async with running(folder, online=False) as device:
            agent = Agent(device.store, link, secrets.signer, random.random, None, 0, configuration.cloud_key or None)
            await agent.catch_up(PATIENCE_SECONDS)
    finally:
        await link.close()
