"""Engines of SQLAlchemy, by which the server reaches PostgreSQL with the driver psycopg 3.

Transactions and their tenants are the part of `transaction.py`.
"""

from __future__ import annotations

from typing import Any

import psycopg
from sqlalchemy import URL, Engine, ExceptionContext, event, make_url
from sqlalchemy import create_engine as create_synchronous_engine
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from cloud.database.liveness import look_before_use
from cloud.database.patience import PatientAsyncConnection, PatientConnection

CONNECT_TIMEOUT_SECONDS = 5
POOL_TIMEOUT_SECONDS = 10
"""A request that waits longer for a connection is told to come back, rather than pile up."""
RECYCLE_SECONDS = 1_800
"""Connections are renewed now and then, so that a moved server or a changed role is noticed."""

CORE_THREADS = 4
"""How many requests of devices are in the database at a time; the next ones wait some milliseconds."""
CORE_CONNECTIONS = CORE_THREADS + 2
"""One more folds; another is for a second fold worker of this process, which tests have."""


def driver_url(url: str) -> URL:
    """The address with our driver, in whichever usual spelling it is given."""
    return make_url(url).set(drivername="postgresql+psycopg")


def create_engine(url: str, *, name: str, connections: int = 10, pooler: bool = False) -> AsyncEngine:
    """An engine with a pool of its own; nothing is connected yet.

    Args:
        url: a PostgreSQL address.
        name: shown in pg_stat_activity, so that a slow statement says who sent it.
        connections: most connections at a time.
        pooler: a transaction pooler stands between, so nothing is prepared on the server.
    """
    options = _options(name, connections, pooler=pooler)
    options["connect_args"]["async_creator_fn"] = PatientAsyncConnection.connect
    engine = create_async_engine(driver_url(url), **options)
    look_before_use(engine.sync_engine)
    event.listen(engine.sync_engine, "handle_error", _say_no_values)
    return engine


def create_core_engine(url: URL, *, pooler: bool = False) -> Engine:
    """A synchronous engine for the core: a statement costs a quarter of what it costs with the asynchronous driver."""
    engine = create_synchronous_engine(url, **_options("comanda-core", CORE_CONNECTIONS, pooler=pooler))
    event.listen(engine, "do_connect", _connect_patiently)
    look_before_use(engine)
    event.listen(engine, "handle_error", _say_no_values)
    return engine


def _connect_patiently(_dialect: object, _record: object, arguments: Any, options: Any) -> PatientConnection:
    return PatientConnection.connect(*arguments, **options)


def _say_no_values(context: ExceptionContext) -> None:
    """Leave of an error's text what the server says first: its details show the values of the row."""
    error, wrapped = context.original_exception, context.sqlalchemy_exception
    if not isinstance(error, psycopg.Error) or not error.diag.message_primary:
        return
    whole, first = str(error), error.diag.message_primary
    error.args = (first,)
    if wrapped is not None:
        wrapped.args = tuple(part.replace(whole, first) if isinstance(part, str) else part for part in wrapped.args)


def _options(name: str, connections: int, *, pooler: bool) -> dict[str, Any]:
    arguments: dict[str, Any] = {
        "application_name": name,
        "connect_timeout": CONNECT_TIMEOUT_SECONDS,
        "client_encoding": "utf8",  # a database, a role or the environment may say another
        "keepalives_idle": 30,
        "keepalives_interval": 10,
        "keepalives_count": 3,
    }
    if pooler:
        arguments["prepare_threshold"] = None
    return {
        "pool_size": connections,
        "max_overflow": 0,
        "pool_timeout": POOL_TIMEOUT_SECONDS,
        "pool_recycle": RECYCLE_SECONDS,
        "connect_args": arguments,
        "isolation_level": "READ COMMITTED",
        # The text of an error gets into logs; hashes, notes and peppers must not.
        "hide_parameters": True,
    }
