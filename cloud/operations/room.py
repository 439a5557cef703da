"""What is there for those who run the server."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from cloud.edge.room import Room
from cloud.jobs.worker import JobWorker
from cloud.operations.clean_up import JOBS
from cloud.operations.health import DatabaseHealth, health
from cloud.operations.presence import Presence
from cloud.parts import Parts


def _provide(parts: Parts) -> Mapping[str, object]:
    return {
        "database_health": DatabaseHealth(parts.database),
        "presence": Presence(parts.database, parts.fold_worker, parts.ids),
        "job_worker": JobWorker(parts.database, pooler=parts.settings.database_pooler),
    }


async def _be_seen(provided: Mapping[str, object]) -> None:
    await cast("Presence", provided["presence"]).run()


ROOM = Room("cloud.operations", pages=(health,), provide=_provide, everywhere=(_be_seen,), jobs=JOBS)
