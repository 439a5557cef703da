"""What the kitchen says is stored, and heard of by the device that tells it."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa
from restaurant import COOK

from shared.kitchen.messages import tell_floor, unread_messages
from terminal.store.heard import Heard, kitchen_heard
from tests.faults.till_on_disk import TillOnDisk

MESSAGE = UUID(int=4_242)


async def test_a_message_of_the_kitchen_is_stored_and_heard_of(till: TillOnDisk) -> None:
    async with till.store() as store:
        await store.run(COOK, lambda work: tell_floor(work, MESSAGE, "no queda lomo"))
        identity = store.identity
        async with store.reading() as connection:
            now = store.clock.now()
            unread = await unread_messages(connection, identity.organization_id, identity.branch_id, now)
            heard = (await connection.execute(sa.select(kitchen_heard.c.what, kitchen_heard.c.row_id))).all()
        assert [(each.id, each.text) for each in unread] == [(MESSAGE, "no queda lomo")]
        assert [tuple(row) for row in heard] == [(Heard.MESSAGE, MESSAGE.bytes)]
