"""The target of a rehearsal: a folder with its own cloud and enrolled tills. A repeat adds nothing to it."""

from __future__ import annotations

import asyncio
import hashlib
import json
import secrets
import shutil
import tempfile
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any
from uuid import UUID

from shared.kernel.errors import DomainError
from shared.kernel.language import Language
from terminal.composition import enrol
from terminal.demo.cloud import DemoCloud, cloud_folder, free_port
from terminal.demo.program import program
from terminal.device import DeviceFolder
from terminal.rehearsal.past_sales import PastSales
from terminal.rehearsal.plan import as_json, keyed_items, modifier_keys, plan_of

FACTS = "rehearsal.json"
EMAIL = "ensayo@comanda.invalid"


@dataclass(frozen=True, slots=True)
class Facts:
    """What a target keeps about its rehearsal.

    Attributes:
        fingerprint: of the sales and the number of tills. Another fingerprint needs another target.
        program: which program founded it. Another program begins the target anew.
        branches: id in the cloud by the file's branch.
        items, modifiers: ids by the file's key and name.
    """

    fingerprint: str
    program: str
    email: str
    password: str
    branches: dict[str, str]
    items: dict[str, str]
    modifiers: dict[str, str]


class Target:
    """A folder for one rehearsal.

    Raises:
        DomainError: REHEARSAL_TARGET_NO_FOLDER (params: path): the path is a file, or below a file.
        OSError: the folder cannot be made.
    """

    def __init__(self, folder: Path, language: Language) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError):
            raise DomainError("REHEARSAL_TARGET_NO_FOLDER", path=str(folder)) from None
        self.folder = folder
        self.cloud = DemoCloud(folder, cloud_folder(folder), free_port(), language)

    async def prepare(self, sales: PastSales, tills: int) -> Facts:
        """Found the organization and enrol the tills, unless that is done already. The cloud runs afterwards.

        Raises:
            DomainError: REHEARSAL_TARGET_OTHER: the folder holds the rehearsal of other sales.
            DemoTrouble: the cloud did not start, or refused the plan.
        """
        mark = fingerprint(sales, tills)
        facts = self._read()
        if facts is not None and facts.fingerprint != mark:
            raise DomainError("REHEARSAL_TARGET_OTHER", path=str(self.folder))
        if facts is None or facts.program != program():
            self._begin_anew(facts)
            facts = None
        await self.start()
        names: dict[str, str] = {}
        while missing := self._not_enrolled(sales, tills):
            # Founding again gives fresh codes: an earlier run may have been killed an hour ago.
            founded = await self._found(plan_of(sales, tills, EMAIL, self._password(), names))
            facts = facts or _facts(founded, sales, mark, self._password())
            self._write(facts)
            for device, folder in missing.items():
                given = founded["devices"][device]
                if given["pairing_code"] is None:
                    # Enrolled, and killed before it was written down: this device is lost, and another takes its place.
                    names[device] = f"{given['name']}+"
                else:
                    await enrol(folder, self.cloud.url, given["pairing_code"], "till")
        if facts is None:
            raise DomainError("REHEARSAL_TARGET_OTHER", path=str(self.folder))
        return facts

    async def start(self) -> None:
        """Start the cloud."""
        await asyncio.to_thread(self.cloud.start)

    async def stop(self) -> None:
        """Stop the cloud, as if the network were gone."""
        await asyncio.to_thread(self.cloud.stop)

    def till(self, branch_at: int, number: int) -> DeviceFolder:
        """The folder of a till, by its branch's position in the file and its number from 1."""
        return DeviceFolder(self.folder / "tills" / f"{branch_at}-{number}", use_keyring=False)

    def point_tills(self) -> None:
        """Write the cloud's present address into all tills: each run may use another port."""
        for path in sorted((self.folder / "tills").iterdir()):
            folder = DeviceFolder(path, use_keyring=False)
            if folder.enrolled:
                folder.move_to(self.cloud.url)

    def _begin_anew(self, facts: Facts | None) -> None:
        """Delete what another program founded here, and a cloud that an earlier folder of this path has left."""
        self.cloud.wait_for_earlier()
        shutil.rmtree(cloud_folder(self.folder), ignore_errors=True)
        if facts is not None:
            shutil.rmtree(self.folder / "tills", ignore_errors=True)
            (self.folder / FACTS).unlink()

    def _not_enrolled(self, sales: PastSales, tills: int) -> dict[str, DeviceFolder]:
        """Folders of the tills that are not enrolled, by the tills' keys in the plan."""
        folders = {
            f"b{at}/t{number}": self.till(at, number)
            for at in range(len(sales.branches))
            for number in range(1, tills + 1)
        }
        return {device: folder for device, folder in folders.items() if not folder.enrolled}

    async def _found(self, plan: dict[str, Any]) -> dict[str, Any]:
        with tempfile.TemporaryDirectory() as beside:
            path = Path(beside) / "plan.json"
            path.write_text(as_json(plan), encoding="utf-8")
            return await asyncio.to_thread(self.cloud.found, plan["organization"]["name"], path)

    def _password(self) -> str:
        """The account's password. It is written before it is used, so that a killed run can go on."""
        path = self.folder / "password"
        kept = path.read_text(encoding="ascii") if path.exists() else ""
        if not kept:
            kept = secrets.token_urlsafe(18)
            path.touch(mode=0o600)
            path.write_text(kept, encoding="ascii")
        return kept

    def _read(self) -> Facts | None:
        """Read the facts of the folder. None if it is new.

        Raises:
            DomainError: REHEARSAL_TARGET_OTHER: the facts cannot be read.
        """
        path = self.folder / FACTS
        if not path.exists():
            return None
        try:
            kept = json.loads(path.read_text(encoding="utf-8"))
            return Facts(
                **{"program": "", **{field.name: kept[field.name] for field in fields(Facts) if field.name in kept}}
            )
        except (ValueError, TypeError, KeyError):
            raise DomainError("REHEARSAL_TARGET_OTHER", path=str(self.folder)) from None

    def _write(self, facts: Facts) -> None:
        path = self.folder / FACTS
        beside = path.with_suffix(".new")
        beside.write_text(json.dumps(asdict(facts), ensure_ascii=False), encoding="utf-8")
        beside.chmod(0o600)
        beside.replace(path)


def fingerprint(sales: PastSales, tills: int) -> str:
    """Fingerprint of all tickets of the file (not only of the chosen days) and the number of tills."""
    digest = hashlib.blake2b(digest_size=8)
    digest.update(f"{tills}|{sales.currency}|{sales.time_zone}|{sales.cut_off}".encode())
    for ticket in sales.tickets:
        digest.update(repr(ticket).encode())
    return digest.hexdigest()


def _facts(founded: dict[str, Any], sales: PastSales, mark: str, password: str) -> Facts:
    items, modifiers = founded["items"], founded["modifiers"]
    return Facts(
        fingerprint=mark,
        program=program(),
        email=EMAIL,
        password=password,
        branches={branch: founded["branches"][f"b{at}"]["id"] for at, branch in enumerate(sales.branches)},
        items={item.key: str(UUID(items[key])) for key, item in keyed_items(sales)},
        modifiers={name: str(UUID(modifiers[key])) for name, key in modifier_keys(sales).items()},
    )
