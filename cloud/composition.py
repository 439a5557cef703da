"""The one module that builds the server's parts. The app and the command line both use it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import partial
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
from cloud.control.commands import FIRST_GENERATION
from cloud.database.engine import create_engine
from cloud.database.transaction import Database
from cloud.edge.budget import SharedBudget
from cloud.edge.room import Room as CloudRoom
from cloud.jobs.listening import FactsToJobs
from cloud.kernel.clock import SystemClock
from cloud.kernel.keys import Keys
from cloud.lookups.houses import Houses
from cloud.lookups.lookups import Lookups
from cloud.mail.links import MAIL_LINK
from cloud.parts import Parts
from cloud.realtime.hub import Hint, Hub, Room
from cloud.redis.server import RedisServer
from cloud.replication.fold_worker import FoldWorker
from cloud.replication.generations import Generations
from cloud.replication.responder import Responder
from cloud.replication.units import CloudUnits
from cloud.rooms import ROOMS
from cloud.settings import Settings
from shared.kernel.ids import IdSource, Uuid7Source
from shared.kernel.instants import Clock
from shared.kernel.sealed import WrappedWith


def assemble(
    settings: Settings,
    *,
    database: Database | None = None,
    clock: Clock | None = None,
    ids: IdSource | None = None,
    generation: int = FIRST_GENERATION,
    rooms: Sequence[CloudRoom] = ROOMS,
) -> Parts:
    """Make the parts; nothing is connected yet.

    Args:
        settings: must name a database, unless one is given.
        database: by default made from the settings.
        clock: by default the machine's.
        ids: by default UUIDv7 of that clock.
        generation: the number of this life of the cloud, the incarnation of its streams: a restored cloud never writes
            on in a stream that devices hold a longer version of.
        rooms: those that turn facts into effects, and answer them.
    """
    clock = clock or SystemClock()
    ids = ids or Uuid7Source(clock, os.urandom)
    database = database or _database_of(settings)
    keys, passwords = Keys(*settings.secrets()), Passwords()
    wrapping = WrappedWith(*keys.wrapping)
    told = FactsToJobs([each for room in rooms for each in room.effects], [r for room in rooms for r in room.reactions])
    hub = Hub()
    units = CloudUnits(
        database, clock, ids, Generations(generation), wrapping, told.listener, written=hub.tell_organization
    )
    fold_worker = FoldWorker(database, units, clock, hub=hub)
    redis = RedisServer(settings.redis_url.get_secret_value()) if settings.redis_url is not None else None
    tokens, throttle = Tokens(keys, clock), Throttle(database, clock, keys.throttle, redis)
    standings = Standings(database, lambda: hub.is_trusted)

    def tell_account(account_id: UUID) -> None:
        hub.tell(Room.of_account(account_id))

    sessions = Sessions(database, clock, ids, tell_account, lambda: hub.is_trusted)
    api_keys = ApiKeys(database, clock, ids, hub.tell_organization, lambda: hub.is_trusted)
    hub.also(partial(_forget, standings, sessions, api_keys))
    for kept in (standings, sessions, api_keys):
        hub.afresh(kept.forget_all)
    refusals = Refusals(database, clock)
    return Parts(
        settings=settings,
        clock=clock,
        ids=ids,
        database=database,
        keys=keys,
        passwords=passwords,
        tokens=tokens,
        throttle=throttle,
        standings=standings,
        sessions=sessions,
        api_keys=api_keys,
        limits=Limits(database, clock, redis, settings.api_limits),
        refreshing=Refreshing(database, clock, ids, tokens, standings, keys.refreshing),
        second_factor=SecondFactor(database, keys, clock, throttle, refusals),
        refusals=refusals,
        links=Links(database, passwords, throttle, ids, clock, MAIL_LINK),
        visits=Visits(database, clock, ids, tell_account),
        tell_account=tell_account,
        units=units,
        hub=hub,
        fold_worker=fold_worker,
        responder=Responder(database, fold_worker, clock, wrapping=wrapping, signer=keys.frame_signing),
        budget=SharedBudget(redis),
        wrapping=wrapping,
        redis=redis,
        houses=Houses(database, Lookups(hub, redis)),
        audit=Audit(clock),
    )


def _forget(standings: Standings, sessions: Sessions, api_keys: ApiKeys, room: Room, _hint: Hint | None) -> None:
    """Drop what a hint says may have changed."""
    if room.is_account:
        standings.forget_account(room.scope_id)
        sessions.forget(room.scope_id)
    elif room.is_organization:
        standings.forget_organization(room.organization_id)
        api_keys.forget_organization(room.organization_id)


def _database_of(settings: Settings) -> Database:
    assert settings.database_url is not None
    return Database(
        create_engine(
            settings.database_url.get_secret_value(),
            name="comanda-cloud",
            connections=settings.database_connections,
            pooler=settings.database_pooler,
        )
    )
