"""The revisions lead to exactly our tables, and running them again changes nothing."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import psycopg
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from cloud.database.embedded import throwaway_server
from cloud.database.engine import driver_url
from cloud.database.migrate import current_revision, migrate, newest_revision
from cloud.database.opening import check_ready
from cloud.database.roles import APP_ROLE, OWNER_ROLE, create_database, prepare_database
from cloud.database.schema import METADATAS, is_ours
from cloud.kernel.operator_error import OperatorError
from shared.kernel.language import Language


def test_the_newest_revision_has_exactly_our_tables(postgres: Any, database_name: str) -> None:
    engine = sa.create_engine(driver_url(postgres.owner_url(database_name)), poolclass=sa.NullPool)
    with engine.connect() as connection:
        assert current_revision(connection) == newest_revision()
        options = {
            "compare_type": True,
            "include_schemas": True,
            "version_table_schema": "control",
            "include_name": lambda name, kind, _: is_ours(name, kind),
        }
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, list(METADATAS)) == []
        owners = connection.exec_driver_sql(
            "select distinct tableowner from pg_tables where schemaname in ('public', 'control')"
        )
        assert owners.scalars().all() == [OWNER_ROLE]


def test_migrating_again_changes_nothing(postgres: Any, database_name: str) -> None:
    url = postgres.owner_url(database_name)
    with psycopg.connect(url) as connection:
        before = connection.execute("select oid, xmin::text from pg_class order by oid").fetchall()
        policies = connection.execute("select oid, xmin::text from pg_policy order by oid").fetchall()
    migrate(url)
    with psycopg.connect(url) as connection:
        assert [row[0] for row in before] == [
            row[0] for row in connection.execute("select oid from pg_class order by oid").fetchall()
        ]
        assert connection.execute("select oid, xmin::text from pg_policy order by oid").fetchall() == policies


def test_a_revision_of_another_program_is_told_in_a_sentence(postgres: Any, database_name: str) -> None:
    url = postgres.owner_url(database_name)
    with psycopg.connect(url) as connection:
        connection.execute("update control.alembic_version set version_num = '9999'")
    with pytest.raises(OperatorError) as told:
        migrate(url)
    assert told.value.code == "database.too_new"


def test_two_deployments_at_once_wait_for_each_other(postgres: Any) -> None:
    create_database(postgres.server.url(), "two_at_once")
    try:
        with ThreadPoolExecutor(2) as pool:
            for done in [pool.submit(migrate, postgres.owner_url("two_at_once")) for _ in range(2)]:
                done.result()
        check_ready(postgres.app_url("two_at_once"))
    finally:
        postgres.drop("two_at_once")


def test_a_login_that_may_make_roles_is_enough() -> None:
    """Hosted servers give no superuser. It takes a server of its own, since roles are of the whole server."""
    with throwaway_server() as server:
        with psycopg.connect(server.url(), autocommit=True) as connection:
            connection.execute("create role hosted login createrole password 'hosted'")
            connection.execute("create database hosted owner hosted")
        hosted = f"postgresql://hosted:hosted@127.0.0.1:{server.port}/hosted"
        migrate(hosted, server.app_password)
        migrate(hosted)
        check_ready(server.url("hosted", APP_ROLE))


def test_a_login_that_may_not_prepare_is_told_so(postgres: Any, database_name: str) -> None:
    with pytest.raises(OperatorError) as refused:
        prepare_database(postgres.app_url(database_name))
    assert refused.value.code == "database.may_not_prepare"


def test_the_server_refuses_to_serve_as_somebody_powerful(postgres: Any, database_name: str) -> None:
    check_ready(postgres.app_url(database_name))
    with pytest.raises(OperatorError) as refused:
        check_ready(postgres.owner_url(database_name))
    assert refused.value.code == "database.app_too_powerful"


@pytest.mark.parametrize(
    ("revision", "code"),
    [("9999", "database.too_new"), (None, "database.not_migrated")],
)
def test_a_database_of_another_revision_is_refused(
    postgres: Any, database_name: str, revision: str | None, code: str
) -> None:
    with psycopg.connect(postgres.owner_url(database_name)) as connection:
        connection.execute("delete from control.alembic_version")
        if revision:
            connection.execute("insert into control.alembic_version values (%s)", [revision])
    with pytest.raises(OperatorError) as refused:
        check_ready(postgres.app_url(database_name))
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (("/t_", "/none_"), "database.missing"),
        ((f"{APP_ROLE}:", f"{APP_ROLE}:x"), "database.app_refused"),
        (("127.0.0.1:", "127.0.0.1:1"), "database.unreachable"),
    ],
)
def test_a_database_that_cannot_be_had_gives_its_reason(
    postgres: Any, database_name: str, change: tuple[str, str], code: str
) -> None:
    url = postgres.app_url(database_name)
    if code == "database.unreachable":
        url = url.replace(f":{postgres.server.port}/", ":1/")
    with pytest.raises(OperatorError) as refused:
        check_ready(url.replace(*change) if code != "database.unreachable" else url)
    assert refused.value.code == code
    assert postgres.server.app_password not in str(refused.value)


@pytest.mark.parametrize(
    ("options", "setting", "code"),
    [
        ("encoding 'LATIN1' lc_collate 'C' lc_ctype 'C'", "", "database.encoding"),
        ("encoding 'SQL_ASCII' lc_collate 'C' lc_ctype 'C'", "", "database.encoding"),
        ("", "default_transaction_read_only = on", "database.read_only"),
        ("", "search_path = elsewhere", "database.other_schema"),
    ],
)
def test_a_database_that_was_made_or_set_wrongly_is_refused_before_anything_is_written(
    postgres: Any, options: str, setting: str, code: str
) -> None:
    name = f"unfit_{uuid4().hex}"
    with psycopg.connect(postgres.server.url(), autocommit=True) as connection:
        connection.execute(f"create database {name} template template0 {options}")
        if setting:
            connection.execute(f"alter database {name} set {setting}")
    try:
        for refuse in (lambda: migrate(postgres.owner_url(name)), lambda: check_ready(postgres.owner_url(name))):
            with pytest.raises(OperatorError) as refused:
                refuse()
            assert refused.value.code == code
            assert name in refused.value.sentence(Language.ENGLISH)
    finally:
        postgres.drop(name)


def test_the_password_of_the_app_is_in_no_statement(postgres: Any, database_name: str) -> None:
    password = "a password that nobody may read"
    with psycopg.connect(postgres.server.url(), autocommit=True) as connection:
        connection.execute("alter system set log_statement = 'all'")
        connection.execute("select pg_reload_conf()")
    try:
        prepare_database(postgres.owner_url(database_name), password)
        log = "".join(
            path.read_text(errors="replace") for path in postgres.server.root.rglob("*log*") if path.is_file()
        )
        assert "alter role" in log.lower()
        assert password not in log
        with psycopg.connect(postgres.app_url(database_name).replace(postgres.server.app_password, quote(password))):
            pass
    finally:
        with psycopg.connect(postgres.server.url(), autocommit=True) as connection:
            connection.execute("alter system reset log_statement")
            connection.execute("select pg_reload_conf()")
        prepare_database(postgres.owner_url(database_name), postgres.server.app_password)
