"""The two roles of a database and what each may do: `comanda_owner` owns and migrates, `comanda_app` serves.

Nobody logs in as the owner: whoever migrates logs in with their own login and becomes the owner. The app owns nothing
and cannot bypass row-level security. Which tables it may use is set in `policies.py`.
"""

from __future__ import annotations

import psycopg
from psycopg import sql

from cloud.kernel.operator_error import OperatorError

OWNER_ROLE = "comanda_owner"
APP_ROLE = "comanda_app"
CONTROL_SCHEMA = "control"
_PREPARE_LOCK = 0x636F6D61
"""Two deployments that prepare one database at the same time wait for each other (an arbitrary number, "coma")."""


def prepare_database(admin_url: str, app_password: str | None = None) -> None:
    """Make the roles, the schemas and their grants where they are missing. Doing it again changes nothing.

    Args:
        admin_url: a login that may create roles, in the database to prepare.
        app_password: set as the password of `comanda_app`; None leaves it as it is.

    Raises:
        OperatorError: one of the roles exists and is too powerful, or the login may not do this.
    """
    with psycopg.connect(_plain(admin_url), autocommit=False) as connection:
        refuse_unfit(connection)
        try:
            connection.execute("select pg_advisory_xact_lock(%s)", [_PREPARE_LOCK])
            _make_roles(connection, app_password)
            _make_schemas(connection)
        except psycopg.errors.InsufficientPrivilege as error:
            raise OperatorError("database.may_not_prepare", reason=error.diag.message_primary) from error
    with psycopg.connect(_plain(admin_url)) as connection:
        refuse_powerful_app(connection)


def create_database(admin_url: str, name: str) -> None:
    """Make an empty database of that name unless there is one."""
    with psycopg.connect(_plain(admin_url), autocommit=True) as connection:
        there = connection.execute("select 1 from pg_database where datname = %s", [name]).fetchone()
        if there is None:
            connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))


def refuse_unfit(connection: psycopg.Connection) -> None:
    """Refuse a database that was made or set so that it cannot hold a restaurant.

    Raises:
        OperatorError: it cannot hold every letter, takes no writes, or keeps our tables in another schema.
    """
    name, encoding = connection.info.dbname, connection.info.parameter_status("server_encoding")
    if encoding != "UTF8":
        raise OperatorError("database.encoding", database=name, encoding=encoding)
    row = connection.execute(
        "select pg_is_in_recovery(), current_setting('default_transaction_read_only') = 'on',"
        " coalesce(current_schema() = 'public', false)"
    ).fetchone()
    assert row is not None
    is_standby, is_read_only, is_public = row
    if is_standby or is_read_only:
        raise OperatorError("database.read_only", database=name)
    if not is_public:
        raise OperatorError("database.other_schema", database=name)


def refuse_powerful_app(connection: psycopg.Connection, login: str = APP_ROLE) -> None:
    """Refuse a login that could see every tenant's rows.

    Raises:
        OperatorError: it is a superuser, bypasses row-level security, or may become the owner.
    """
    row = connection.execute(
        "select rolsuper or rolbypassrls"
        " or (to_regrole(%(owner)s) is not null and pg_has_role(rolname, to_regrole(%(owner)s), 'member'))"
        " from pg_roles where rolname = %(login)s",
        {"owner": OWNER_ROLE, "login": login},
    ).fetchone()
    if row is None or row[0]:
        raise OperatorError("database.app_too_powerful", login=login)


def _make_roles(connection: psycopg.Connection, app_password: str | None) -> None:
    # Roles are of the whole server: two databases prepared at once may both try to make them.
    for role, options in ((OWNER_ROLE, "nologin"), (APP_ROLE, "login")):
        connection.execute(
            sql.SQL(
                "do $$ begin create role {role} {options};"
                " exception when duplicate_object or unique_violation then null; end $$"
            ).format(role=sql.Identifier(role), options=sql.SQL(options))
        )
    if app_password is not None:
        # As a verifier: a password in the text of a statement gets into the server's log and its statistics.
        verifier = connection.pgconn.encrypt_password(
            app_password.encode(), APP_ROLE.encode(), b"scram-sha-256"
        ).decode()
        connection.execute(sql.SQL("alter role {} password {}").format(sql.Identifier(APP_ROLE), sql.Literal(verifier)))
    # Whoever made the role may grant it; a superuser needs no grant, and others may have it already.
    connection.execute(
        sql.SQL(
            "do $$ begin grant {owner} to current_user; exception when insufficient_privilege then null; end $$"
        ).format(owner=sql.Identifier(OWNER_ROLE))
    )


def _make_schemas(connection: psycopg.Connection) -> None:
    database = connection.info.dbname
    names = {
        "database": sql.Identifier(database),
        "owner": sql.Identifier(OWNER_ROLE),
        "app": sql.Identifier(APP_ROLE),
        "control": sql.Identifier(CONTROL_SCHEMA),
    }
    for statement in (
        "revoke all on database {database} from public",
        "grant connect, temporary on database {database} to {app}",
        "grant connect, create, temporary on database {database} to {owner}",
        "revoke create on schema public from public",
        "grant usage, create on schema public to {owner}",
        "grant usage on schema public to {app}",
        "create schema if not exists {control} authorization {owner}",
        "grant usage on schema {control} to {app}",
    ):
        connection.execute(sql.SQL(statement).format(**names))


def _plain(url: str) -> str:
    """The address without the driver's name, as libpq wants it."""
    return url.replace("postgresql+psycopg://", "postgresql://", 1)
