"""A cloud is put back from a backup: the devices give back what it lost of any stream, as its author signed it."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from pathlib import Path
from uuid import UUID

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shared.kernel.permissions import SYSTEM, Role
from shared.payments.methods import add_payment_method
from shared.payments.rules import TenderKind
from shared.staff.commands import assign
from shared.staff.records import StaffMember
from sync.author import cloud_device
from sync.change import links
from sync.log import read_suffix, stream_keys
from sync.messages import Ack, Frame, Push, Refused, signed_bytes
from tests.simulation.device import SimulatedDevice
from tests.simulation.house import ACTS_AS
from tests.simulation.places import BRANCH, ORGANIZATION
from tests.simulation.quiet_branch import QuietBranch, play
from tests.simulation.test_cut_histories import MINUTE, agree, exceptions, numbers, told

ROSA = UUID(int=0x705A)


def backup(branch: QuietBranch, to: Path) -> Path:
    with sqlite3.connect(branch.cloud.path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    shutil.copy(branch.cloud.path, to)
    return to


async def put_back(branch: QuietBranch, copy: Path, *, tell: bool = True) -> None:
    """Stop the cloud, put its disk back, begin the next generation (if somebody tells it), and start it."""
    await branch.cloud.stop()
    for beside in branch.cloud.path.parent.glob("cloud.db*"):
        beside.unlink()
    shutil.copy(copy, branch.cloud.path)
    branch.cloud.generation += tell
    branch.cloud.start()


async def hire_rosa(branch: QuietBranch) -> None:
    async with branch.cloud.units.work(ORGANIZATION, SYSTEM) as work:
        await add_payment_method(work, "Plin", TenderKind.WALLET, 9)
        work.add(StaffMember(organization_id=ORGANIZATION, id=ROSA, name="Rosa", role=Role.CASHIER))
        await assign(work, ROSA, BRANCH)
    branch.cloud.fold_worker.tell(ORGANIZATION)


def count(path: Path, table: str) -> int:
    with sqlite3.connect(path) as connection:
        return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


def test_devices_give_back_what_it_lost_of_any_stream(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The organization's, its own and the devices'; a sale of somebody whom it did not know any more is cured."""
    monkeypatch.setitem(ACTS_AS, ROSA, Role.CASHIER)

    async def story(branch: QuietBranch) -> None:
        till, second = branch.devices["till"], branch.devices["second till"]
        sold = [await branch.pay(till)]
        await asyncio.sleep(MINUTE)
        copy = backup(branch, tmp_path / "backup")
        await hire_rosa(branch)
        await asyncio.sleep(MINUTE)
        sold += [await branch.pay(till, ROSA), await branch.pay(second)]
        await asyncio.sleep(MINUTE)
        methods = count(branch.cloud.path, "payment_methods")
        branch.network.cut.add("second till")
        await put_back(branch, copy)
        assert count(branch.cloud.path, "payment_methods") == methods - 1
        sold += [await branch.pay(till, ROSA), await branch.pay(till)]
        await asyncio.sleep(2 * MINUTE)
        assert numbers(branch.cloud.path) == sorted(sold), "the second till is not there; the first gives back its sale"
        assert count(branch.cloud.path, "payment_methods") == methods
        branch.network.cut.clear()
        await asyncio.sleep(MINUTE)
        agree(branch, till.path, second.path)
        assert told(till.path) == exceptions(branch) == ["log_gap"]
        assert till.agent.link.message == second.agent.link.message == ""

    play(tmp_path, ["till", "second till"], story)


def test_a_cloud_that_was_put_back_writes_on_beside_what_is_given_back(tmp_path: Path) -> None:
    async def story(branch: QuietBranch) -> None:
        till = branch.devices["till"]
        copy = backup(branch, tmp_path / "backup")
        await hire_rosa(branch)
        await asyncio.sleep(MINUTE)
        branch.network.cut.add("till")
        await put_back(branch, copy)
        async with branch.cloud.units.work(ORGANIZATION, SYSTEM) as work:
            await add_payment_method(work, "Bitcoin", TenderKind.WALLET, 10)
        branch.network.cut.clear()
        await asyncio.sleep(MINUTE)
        agree(branch, till.path)
        with sqlite3.connect(till.path) as connection:
            names = {row[0] for row in connection.execute("SELECT name FROM payment_methods")}
        assert {"Plin", "Bitcoin"} <= names

    play(tmp_path, ["till"], story)


async def of_the_cloud(device: SimulatedDevice) -> Frame:
    """What a device holds of the organization's stream, sealed by the cloud."""

    def read(door: object) -> Frame | None:
        keys = stream_keys(door, ORGANIZATION.bytes)  # type: ignore[arg-type]
        key = next(
            each for each in keys if each.device_id == cloud_device(ORGANIZATION) and each.scope_id == ORGANIZATION
        )
        return read_suffix(door, ORGANIZATION.bytes, key, 0)  # type: ignore[arg-type]

    frame = await device.store.look(read)
    assert frame is not None
    return frame


def test_what_a_device_gives_back_must_bear_the_signature_of_its_author(tmp_path: Path) -> None:
    async def story(branch: QuietBranch) -> None:
        till = branch.devices["till"]
        await asyncio.sleep(MINUTE)
        who, frame = till.enrolment.as_known_to_the_cloud(), await of_the_cloud(till)
        end = links(frame.previous, frame.bodies)[-1]
        stranger = Ed25519PrivateKey.generate().sign(signed_bytes(frame.key.id, frame.last, end))
        forged = [b"", stranger, till.enrolment.signer.sign(signed_bytes(frame.key.id, frame.last, end))]
        for signature in forged:
            message = Push(msgspec.structs.replace(frame, signature=signature))
            assert await branch.cloud.responder.reply(who, message) == Refused("FRAME_NOT_SIGNED")
        changed = msgspec.structs.replace(frame, bodies=[*frame.bodies[:-1], frame.bodies[0]])
        assert await branch.cloud.responder.reply(who, Push(changed)) == Refused("FRAME_NOT_SIGNED")
        assert isinstance(await branch.cloud.responder.reply(who, Push(frame)), Ack), "and this one it wrote itself"

    play(tmp_path, ["till"], story)


def test_a_device_believes_nothing_that_the_cloud_did_not_sign(tmp_path: Path) -> None:
    """Somebody who stands between, or in the cloud's place, writes no price."""

    async def story(branch: QuietBranch) -> None:
        till = branch.devices["till"]
        await till.stop()
        branch.cloud.responder._pulling._sign = lambda stream, seq, chain: bytes(64)
        await hire_rosa(branch)
        await till.start()
        sold = await branch.pay(till)
        await asyncio.sleep(MINUTE)
        assert count(till.path, "staff") == count(branch.cloud.path, "staff") - 1
        assert till.agent.link.message == "CLOUD_FORKED"
        assert numbers(branch.cloud.path) == [sold], "what it sells is sent all the same"
        await branch.cloud.stop()
        branch.cloud.start()
        await till.stop()
        await till.start()
        await asyncio.sleep(MINUTE)
        agree(branch, till.path)

    play(tmp_path, ["till"], story)
