"""A till, a kitchen display and the cloud, each with its real program: keys come before the frames that need them."""

from __future__ import annotations

import asyncio
from pathlib import Path
from uuid import UUID

from cloud.accounts.identity import EnrolledDevice
from shared.kernel.work import Work
from shared.orders.commands import open_order
from shared.orders.contacts import ContactView, contact_of, forget, set_contact
from shared.orders.records import OrderKind
from sync.messages import MESSAGE_UNKNOWN, AnyMessage, AskKeys, Keys, Pull, Push, Refused
from tests.simulation.house import CASHIER, MANAGER, actor
from tests.simulation.places import ORGANIZATION
from tests.simulation.quiet_branch import QuietBranch, play
from tests.simulation.test_cut_histories import copy_disk, put_back

KNOWN, GONE = ContactView("María Quispe", "987654321", "Jr. Ancash 1234"), ContactView(forgotten=True)


class Ear:
    """Hears what devices say to the cloud. An old cloud knows no keys."""

    def __init__(self, branch: QuietBranch) -> None:
        self.heard: list[tuple[str, type[AnyMessage]]] = []
        self.knows_keys = True
        self._beyond = branch.network.exchange
        branch.network.exchange = self.exchange  # type: ignore[method-assign]

    async def exchange(self, name: str, device: EnrolledDevice, message: AnyMessage) -> AnyMessage:
        self.heard.append((name, type(message)))
        if isinstance(message, Keys | AskKeys) and not self.knows_keys:
            return Refused(MESSAGE_UNKNOWN)
        return await self._beyond(name, device, message)


async def note(branch: QuietBranch, name: str) -> UUID:
    async def command(work: Work) -> UUID:
        order_id = work.ids.new()
        await open_order(work, order_id, OrderKind.DELIVERY)
        await set_contact(work, order_id, KNOWN.name, KNOWN.phone, KNOWN.address)
        return order_id

    order_id = await branch.devices[name].store.run(actor(CASHIER), command)
    branch.devices[name].agent.wake()
    return order_id


async def seen(branch: QuietBranch, name: str, order_id: UUID) -> ContactView | None:
    if name == "cloud":
        async with branch.cloud.database.read(ORGANIZATION) as session:
            return await contact_of(session, ORGANIZATION, order_id)
    async with branch.devices[name].store.reading() as connection:
        return await contact_of(connection, ORGANIZATION, order_id)


EVERYBODY = ("till", "kitchen", "cloud")


def test_a_contact_is_read_by_three_and_forgotten_by_three(tmp_path: Path) -> None:
    async def story(branch: QuietBranch) -> None:
        await asyncio.sleep(5.0)
        ear = Ear(branch)
        order_id = await note(branch, "till")
        await asyncio.sleep(60.0)
        assert [await seen(branch, name, order_id) for name in EVERYBODY] == [KNOWN] * 3
        of_till = [kind for name, kind in ear.heard if name == "till"]
        assert of_till.index(Keys) < of_till.index(Push)
        assert ("kitchen", AskKeys) in ear.heard
        assert ("till", AskKeys) not in ear.heard
        # The display is away while it is forgotten, and hears of it later, after a restart.
        await branch.devices["kitchen"].stop()
        till = branch.devices["till"]
        await till.store.run(actor(MANAGER), lambda work: forget(work, order_id))
        till.agent.wake()
        await asyncio.sleep(60.0)
        await branch.devices["kitchen"].start()
        await asyncio.sleep(60.0)
        assert [await seen(branch, name, order_id) for name in EVERYBODY] == [GONE] * 3
        # Nobody asks for the key any more, though the frames that name it are still in the logs.
        ear.heard.clear()
        await branch.sell(till, 1, 1)
        till.agent.wake()
        await asyncio.sleep(60.0)
        assert {kind for _name, kind in ear.heard} & {Keys, AskKeys} == set()
        assert ("till", Push) in ear.heard

    play(tmp_path, ["till", "kitchen"], story)


def test_a_device_that_catches_up_gets_the_keys_and_none_of_who_was_forgotten(tmp_path: Path) -> None:
    async def story(branch: QuietBranch) -> None:
        await asyncio.sleep(5.0)
        gone, kept = [await note(branch, "till") for _order in range(2)]
        till = branch.devices["till"]
        await till.store.run(actor(MANAGER), lambda work: forget(work, gone))
        till.agent.wake()
        await asyncio.sleep(60.0)
        late = branch.devices["waiter"]
        await late.start()
        await asyncio.sleep(60.0)
        assert [await seen(branch, "waiter", order_id) for order_id in (gone, kept)] == [GONE, KNOWN]
        secrets = late.eye.execute("SELECT subject_id FROM sealed_keys").fetchall()
        assert secrets == [(kept.bytes,)]
        await late.stop()
        late.close_eye()

    play(tmp_path, ["till"], story)


def test_a_till_that_was_put_back_from_a_backup_forgets_at_its_first_contact(tmp_path: Path) -> None:
    async def story(branch: QuietBranch) -> None:
        await asyncio.sleep(5.0)
        till = branch.devices["till"]
        order_id = await note(branch, "till")
        await asyncio.sleep(60.0)
        await till.stop()
        backup = copy_disk(till, tmp_path / "backup.db")
        await till.start()
        await till.store.run(actor(MANAGER), lambda work: forget(work, order_id))
        till.agent.wake()
        await asyncio.sleep(60.0)
        await till.stop()
        put_back(till, backup)
        branch.network.cut.add("till")
        await till.start()
        assert await seen(branch, "till", order_id) == KNOWN, "a backup is as it was, until it hears"
        branch.network.cut.clear()
        await asyncio.sleep(600.0)
        assert [await seen(branch, name, order_id) for name in ("till", "cloud")] == [GONE] * 2

    play(tmp_path, ["till"], story)


def test_a_cloud_that_knows_no_keys_still_takes_sales(tmp_path: Path) -> None:
    async def story(branch: QuietBranch) -> None:
        await asyncio.sleep(5.0)
        ear = Ear(branch)
        ear.knows_keys = False
        order_id = await note(branch, "till")
        await asyncio.sleep(60.0)
        assert await branch.unsent(branch.devices["till"]) == 0
        assert ("kitchen", Pull) in ear.heard
        assert await seen(branch, "till", order_id) == KNOWN
        assert await seen(branch, "kitchen", order_id) == ContactView(unreadable=True)

    play(tmp_path, ["till", "kitchen"], story)
