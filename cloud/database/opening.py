"""Opening a database that is fit to serve: the one of the settings, or the embedded one.

Every error gives one sentence that says what to do.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy as sa
from pydantic import SecretStr

from cloud.database.engine import CONNECT_TIMEOUT_SECONDS, driver_url
from cloud.database.policies import isolation_gaps
from cloud.database.roles import APP_ROLE, create_database, refuse_powerful_app, refuse_unfit
from cloud.kernel.operator_error import OperatorError
from cloud.settings import Settings

EMBEDDED_DATABASE = "comanda"

Say = Callable[..., None]
"""Tells the operator a sentence of the catalogue: code, then its parameters."""


@contextmanager
def open_database(settings: Settings, say: Say, *, makes: bool = True) -> Iterator[Settings]:
    """The settings with a `database_url` that is ready to serve.

    Without one in the settings, the embedded server of the data folder is started and migrated for as long as the block
    lasts, or joined if another process runs it already.

    Args:
        makes: make the embedded database if there is none yet. A command that only looks something up does not: it
            would find nothing, and leave a database in whatever folder it was called.

    Raises:
        OperatorError: there is no database, or it is not fit.
    """
    if settings.database_url is not None:
        check_ready(settings.database_url.get_secret_value())
        yield settings
        return
    if os.name != "posix":
        raise OperatorError("embedded.unsupported")
    from cloud.database.embedded import EmbeddedServer, is_made, running_url, usable_root
    from cloud.database.migrate import migrate

    folder = usable_root(settings.data_folder / "database")
    running = running_url(folder, EMBEDDED_DATABASE, APP_ROLE)
    if running is not None:
        say("cli.embedded_joined", folder=folder)
        check_ready(running)
        yield settings.model_copy(update={"database_url": SecretStr(running)})
        return
    if not makes and not is_made(folder):
        raise OperatorError("embedded.none", folder=settings.data_folder)
    say("cli.embedded_starting", folder=folder)
    with EmbeddedServer(folder) as server:
        create_database(server.url(), EMBEDDED_DATABASE)
        migrate(server.url(EMBEDDED_DATABASE), server.app_password)
        url = server.url(EMBEDDED_DATABASE, APP_ROLE)
        yield settings.model_copy(update={"database_url": SecretStr(url)})


def check_ready(url: str) -> None:
    """Refuse a database that is away, at another revision, has other tables, or would not keep tenants apart.

    Raises:
        OperatorError: with the reason.
    """
    from cloud.database.migrate import current_revision, known_revisions, newest_revision
    from cloud.database.shape import refuse_other_shape

    with connected(url) as connection:
        refuse_unfit(connection)
        refuse_powerful_app(connection, connection.info.user)
    engine = sa.create_engine(driver_url(url), poolclass=sa.NullPool)
    try:
        with engine.connect() as checked:
            current, needed = current_revision(checked), newest_revision()
            if current != needed:
                code = "database.not_migrated" if current in {None, *known_revisions()} else "database.too_new"
                raise OperatorError(code, current=current or "-", needed=needed)
            refuse_other_shape(checked)
            gaps = isolation_gaps(checked)
    except sa.exc.OperationalError as error:  # it went away just now
        raise OperatorError("database.unreachable", address=_address(url), name="COMANDA_DATABASE_URL") from error
    if gaps:
        raise OperatorError("database.isolation_gaps", gaps="; ".join(gaps))


def generation_of(settings: Settings) -> int:
    """The number of this life of the cloud. Read once, before anything is written.

    Raises:
        OperatorError: the database cannot be reached.
    """
    assert settings.database_url is not None
    with connected(settings.database_url.get_secret_value()) as connection:
        row = connection.execute("select coalesce(max(number), 1) from control.generation").fetchone()
    assert row is not None
    return int(row[0])


def has_organizations(settings: Settings) -> bool:
    """Whether somebody has made an organization yet.

    Raises:
        OperatorError: the database cannot be reached.
    """
    assert settings.database_url is not None
    with connected(settings.database_url.get_secret_value()) as connection:
        row = connection.execute("select exists (select from control.organization)").fetchone()
    assert row is not None
    return bool(row[0])


@contextmanager
def connected(url: str, *, name: str = "COMANDA_DATABASE_URL") -> Iterator[psycopg.Connection[Any]]:
    """A plain connection, for as long as the block lasts.

    Args:
        name: the setting that has this address, for the sentence.

    Raises:
        OperatorError: it could not be made; the sentence says why.
    """
    plain = driver_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    try:
        connection = psycopg.connect(plain, connect_timeout=CONNECT_TIMEOUT_SECONDS)
    except psycopg.OperationalError as error:
        raise _operator_error(url, name, error) from error
    with connection:
        yield connection


def _operator_error(url: str, name: str, error: psycopg.OperationalError) -> OperatorError:
    parsed, address = driver_url(url), _address(url)
    reason = " ".join(str(error).split())
    if reason.startswith("invalid "):  # an option of the address, before anything was connected
        return OperatorError("database.refused", address=address, reason=reason.rstrip("."))
    if "FATAL:" not in reason:
        return OperatorError("database.unreachable", address=address, name=name)
    if "authentication failed" in reason or "no password supplied" in reason:
        code = "database.app_refused" if parsed.username == APP_ROLE else "database.wrong_password"
        login = parsed.username or Path("~").expanduser().name
        return OperatorError(code, address=address, login=login, name=name)
    if f'database "{parsed.database}" does not exist' in reason:
        return OperatorError("database.missing", address=address, database=parsed.database, name=name)
    said = re.split(r" (?:DETAIL|HINT):", reason.rsplit("FATAL:", 1)[1])[0]
    return OperatorError("database.refused", address=address, reason=said.strip().rstrip("."))


def _address(url: str) -> str:
    parsed = driver_url(url)
    return f"{parsed.host or 'localhost'}:{parsed.port or 5432}"
