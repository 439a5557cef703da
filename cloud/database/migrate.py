"""Migrating a database to the newest revision, with its policies and grants, in one transaction.

    migrate(owner_url)                                 to the newest revision
    python -m cloud.database.migrate draft "message"   a new revision from the difference to our tables

Either everything is applied or nothing. Two servers that migrate at once wait for each other.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from cloud.database.audit_chain import apply_audit_chain
from cloud.database.engine import driver_url
from cloud.database.job_tables import apply_job_grants
from cloud.database.policies import apply_policies, isolation_gaps
from cloud.database.references import relax_references
from cloud.database.roles import CONTROL_SCHEMA, OWNER_ROLE, prepare_database
from cloud.database.schema import METADATAS
from cloud.database.shape import refuse_other_shape
from cloud.kernel.operator_error import OperatorError

LOCK_TIMEOUT_MS = 10_000
"""A table that is in use for longer makes the migration fail whole rather than stop the server behind it."""
_MIGRATION_LOCK = 0x6D696772
"""An arbitrary number ("migr")."""


def migrate(owner_url: str, app_password: str | None = None) -> None:
    """Prepare the database, upgrade it to the newest revision, and set policies and grants.

    Args:
        owner_url: a login that may become `comanda_owner` (and, in a fresh database, create it).
        app_password: set as the password of `comanda_app`; None leaves it as it is.

    Raises:
        OperatorError: the login may not do it, a newer program has migrated it, an earlier one has made other tables,
            or a table could leak between tenants afterwards.
    """
    prepare_database(owner_url, app_password)
    with owner_transaction(owner_url) as connection:
        current, known = current_revision(connection), known_revisions()
        if current is not None and current not in known:
            raise OperatorError("database.too_new", current=current, needed=newest_revision())
        command.upgrade(alembic_config(connection), "head")
        refuse_other_shape(connection)
        apply_policies(connection, METADATAS)
        apply_job_grants(connection)
        apply_audit_chain(connection)
        relax_references(connection)
        gaps = isolation_gaps(connection)
        if gaps:
            raise OperatorError("database.isolation_gaps", gaps="; ".join(gaps))


def newest_revision() -> str | None:
    """The revision that this version of the program needs."""
    return ScriptDirectory.from_config(alembic_config()).get_current_head()


def known_revisions() -> frozenset[str]:
    """All revisions that this version of the program knows."""
    return frozenset(script.revision for script in ScriptDirectory.from_config(alembic_config()).walk_revisions())


def current_revision(connection: sa.Connection) -> str | None:
    """The revision of a database, None if it has none yet."""
    schema = {"version_table_schema": CONTROL_SCHEMA}
    return MigrationContext.configure(connection, opts=schema).get_current_revision()


def draft_revision(message: str) -> Path:
    """Write a revision for what differs between the newest revision and our tables; a person then reads it.

    It uses a throwaway server of its own.
    """
    from cloud.database.embedded import throwaway_server

    with throwaway_server() as server:
        prepare_database(server.url())
        with owner_transaction(server.url()) as connection:
            command.upgrade(alembic_config(connection), "head")
        with owner_transaction(server.url()) as connection:
            config = alembic_config(connection)
            number = int(ScriptDirectory.from_config(config).get_current_head() or 0) + 1
            script = command.revision(config, message, autogenerate=True, rev_id=f"{number:04}")
    assert not isinstance(script, list)
    assert script is not None
    path = Path(script.path)
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(line for line in lines if not line.lstrip().startswith("# ###")))
    return path


@contextmanager
def owner_transaction(url: str) -> Iterator[sa.Connection]:
    """A transaction as the owner. Only one at a time runs on a database."""
    engine = sa.create_engine(driver_url(url), poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql(f"select pg_advisory_xact_lock({_MIGRATION_LOCK})")
        connection.exec_driver_sql(f"set local lock_timeout = {LOCK_TIMEOUT_MS}")
        connection.exec_driver_sql(f"set local role {OWNER_ROLE}")
        yield connection


def alembic_config(connection: sa.Connection | None = None) -> Config:
    """What Alembic needs to find the revisions, and to run them on a connection."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


if __name__ == "__main__":
    if sys.argv[1:2] != ["draft"] or len(sys.argv) != 3:
        sys.exit('usage: python -m cloud.database.migrate draft "what changes"')
    print(draft_revision(sys.argv[2]))  # noqa: T201 - the answer of the command
