"""Where a rehearsal takes place: a folder with its own cloud and enrolled tills; repeating it there adds nothing."""

from __future__ import annotations

import asyncio
import hashlib
import json
import secrets
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from shared.kernel.errors import DomainError
from shared.kernel.language import Language
from terminal.composition import enrol
from terminal.demo.cloud import DemoCloud, cloud_folder, free_port
from terminal.device import DeviceFolder
from terminal.rehearsal.past_sales import PastSales
from terminal.rehearsal.plan import as_json, keyed_items, modifier_keys, plan_of

FACTS = "rehearsal.json"


@dataclass(frozen=True, slots=True)
class Facts:
    """What a target remembers.

    Attributes:
        fingerprint: of the sales and the number of tills; another one needs another target.
        branches: id in the cloud by the file's branch.
        items, modifiers: ids by the file's key and name.
        codes: pairing codes by till folder, until they are enrolled.
    """

    fingerprint: str
    email: str
    password: str
    branches: dict[str, str]
    items: dict[str, str]
    modifiers: dict[str, str]
    codes: dict[str, str]


class Target:
    """A folder for one rehearsal."""

    def __init__(self, folder: Path, language: Language) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.cloud = DemoCloud(folder, cloud_folder(folder), free_port(), language)

    async def prepare(self, sales: PastSales, tills: int) -> Facts:
        """Found the organization and enrol the tills, or find that both was done; the cloud runs afterwards.

        Raises:
            DomainError: REHEARSAL_TARGET_OTHER: the folder holds the rehearsal of other sales.
            DemoTrouble: the cloud did not start, or refused the plan.
        """
        mark = fingerprint(sales, tills)
        facts = self._read()
        if facts is not None and facts.fingerprint != mark:
            raise DomainError("REHEARSAL_TARGET_OTHER", path=str(self.folder))
        await self.start()
        if facts is None:
            facts = await self._found(sales, tills, mark)
        for branch_at, branch in enumerate(sales.branches):
            for number in range(1, tills + 1):
                await self._enrol(self.till(branch_at, number), facts, f"b{branch_at}/t{number}", branch)
        return facts

    async def start(self) -> None:
        """Start the cloud."""
        await asyncio.to_thread(self.cloud.start)

    async def stop(self) -> None:
        """Stop the cloud: the network is gone."""
        await asyncio.to_thread(self.cloud.stop)

    def till(self, branch_at: int, number: int) -> DeviceFolder:
        """The folder of a till: its branch's place in the file, and its number from 1."""
        return DeviceFolder(self.folder / "tills" / f"{branch_at}-{number}", use_keyring=False)

    def point_tills(self) -> None:
        """Tell all tills where the cloud listens (in another run on another port)."""
        for path in sorted((self.folder / "tills").iterdir()):
            folder = DeviceFolder(path, use_keyring=False)
            if folder.enrolled:
                folder.move_to(self.cloud.url)

    async def _found(self, sales: PastSales, tills: int, mark: str) -> Facts:
        email, password = "ensayo@comanda.invalid", self._password()
        plan = plan_of(sales, tills, email, password)
        with tempfile.TemporaryDirectory() as beside:
            path = Path(beside) / "plan.json"
            path.write_text(as_json(plan), encoding="utf-8")
            said = await asyncio.to_thread(self.cloud.found, plan["organization"]["name"], path)
        facts = _facts(said, sales, mark, email, password)
        self._write(facts)
        return facts

    def _password(self) -> str:
        """The account's password: kept before it is used, so that a run killed in between can go on."""
        path = self.folder / "password"
        if not path.exists():
            path.touch(mode=0o600)
            path.write_text(secrets.token_urlsafe(18), encoding="ascii")
        return path.read_text(encoding="ascii")

    async def _enrol(self, folder: DeviceFolder, facts: Facts, device: str, branch: str) -> None:
        if not folder.enrolled:
            await enrol(folder, self.cloud.url, facts.codes[device], "till", f"{branch} {device}"[:100])

    def _read(self) -> Facts | None:
        path = self.folder / FACTS
        return Facts(**json.loads(path.read_text(encoding="utf-8"))) if path.exists() else None

    def _write(self, facts: Facts) -> None:
        path = self.folder / FACTS
        beside = path.with_suffix(".new")
        beside.write_text(json.dumps(asdict(facts), ensure_ascii=False), encoding="utf-8")
        beside.chmod(0o600)
        beside.replace(path)


def fingerprint(sales: PastSales, tills: int) -> str:
    """Names what is rehearsed: all tickets of the file (whatever days are asked for), and on how many tills."""
    digest = hashlib.blake2b(digest_size=8)
    digest.update(f"{tills}|{sales.currency}|{sales.time_zone}|{sales.cut_off}".encode())
    for ticket in sales.tickets:
        digest.update(repr(ticket).encode())
    return digest.hexdigest()


def _facts(said: dict[str, Any], sales: PastSales, mark: str, email: str, password: str) -> Facts:
    items, modifiers = said["items"], said["modifiers"]
    return Facts(
        fingerprint=mark,
        email=email,
        password=password,
        branches={branch: said["branches"][f"b{at}"]["id"] for at, branch in enumerate(sales.branches)},
        items={item.key: str(UUID(items[key])) for key, item in keyed_items(sales)},
        modifiers={name: str(UUID(modifiers[key])) for name, key in modifier_keys(sales).items()},
        codes={name: each["pairing_code"] for name, each in said["devices"].items()},
    )
