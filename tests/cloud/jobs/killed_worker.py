"""A worker as a program, for tests that kill it: `python -m tests.cloud.jobs.killed_worker URL NAME SECONDS`.

Its job writes a row of its own under an id that follows from the job's argument, then takes so many seconds.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping
from typing import cast

from sqlalchemy import text

from cloud.database.engine import create_engine
from cloud.database.transaction import Database
from cloud.jobs.kinds import JobCall, JobKind
from cloud.jobs.rescue import Patience
from cloud.jobs.worker import JobWorker, Pace

EFFECT = text("insert into control.throttle (key, whole_at) values (:key, now()) on conflict do nothing")
"""Any table that the app may write serves as what a job does."""
PACE = Pace(look_seconds=0.1, patience=Patience(1.5, 1.0))


async def act(call: JobCall, provided: Mapping[str, object]) -> None:
    """Do it."""
    async with cast("Database", provided["database"]).control() as session:
        await session.execute(EFFECT, {"key": str(call.args["fact"]).encode()})


async def main(url: str, name: str, seconds: float) -> None:
    """Work until killed."""
    database = Database(create_engine(url, name="killed"))

    async def act_and_linger(call: JobCall, provided: Mapping[str, object]) -> None:
        await act(call, provided)
        await asyncio.sleep(seconds)

    print("working", flush=True)
    await JobWorker(database, pace=PACE).run([JobKind(name, act_and_linger)], {})


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], float(sys.argv[3])))
