"""The parts that every room may build on. `composition.py` makes them; rooms make what is theirs from them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from cloud.accounts.api_keys import ApiKeys
from cloud.accounts.limits import Limits
from cloud.accounts.links import Links
from cloud.accounts.passwords import Passwords
from cloud.accounts.refreshing import Refreshing
from cloud.accounts.refusals import Refusals
from cloud.accounts.second_factor import SecondFactor
from cloud.accounts.sessions import Sessions
from cloud.accounts.standings import Standings
from cloud.accounts.throttle import Throttle
from cloud.accounts.tokens import Tokens
from cloud.accounts.visits import Visits
from cloud.control.audit import Audit
from cloud.database.transaction import Database
from cloud.edge.budget import SharedBudget
from cloud.kernel.keys import Keys
from cloud.lookups.houses import Houses
from cloud.realtime.hub import Hub
from cloud.redis.server import RedisServer
from cloud.replication.fold_worker import FoldWorker
from cloud.replication.responder import Responder
from cloud.replication.units import CloudUnits
from cloud.settings import Settings
from shared.kernel.ids import IdSource
from shared.kernel.instants import Clock
from shared.kernel.sealed import KeyWrapping


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts, one of each kind.

    Attributes:
        tell_account: tells all processes that something of an account has changed, after the commit.
        redis: None where none is configured.
    """

    settings: Settings
    clock: Clock
    ids: IdSource
    database: Database
    keys: Keys
    passwords: Passwords
    tokens: Tokens
    throttle: Throttle
    standings: Standings
    sessions: Sessions
    api_keys: ApiKeys
    limits: Limits
    refreshing: Refreshing
    second_factor: SecondFactor
    refusals: Refusals
    links: Links
    visits: Visits
    tell_account: Callable[[UUID], None]
    units: CloudUnits
    hub: Hub
    fold_worker: FoldWorker
    responder: Responder
    budget: SharedBudget
    wrapping: KeyWrapping
    redis: RedisServer | None
    houses: Houses
    audit: Audit

    async def close(self) -> None:
        """Close all connections."""
        await self.database.dispose()
        if self.redis is not None:
            await self.redis.close()
