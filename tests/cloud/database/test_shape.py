"""A database of an earlier day of development says our revision and has other tables: a sentence, and no traceback."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from cloud.database.migrate import migrate
from cloud.database.opening import check_ready
from cloud.kernel.operator_error import OperatorError


@pytest.mark.parametrize(
    ("change", "one"),
    [
        ("alter table control.account drop column language", "control.account.language"),
        ("alter table items add column of_yesterday text not null default ''", "public.items.of_yesterday"),
        ("drop table control.job_run cascade", "control.job_run.ended_at"),
    ],
    ids=["lacks a column", "has another", "lacks a table"],
)
def test_a_database_with_other_tables_is_refused(postgres: Any, database_name: str, change: str, one: str) -> None:
    owner, app = postgres.owner_url(database_name), postgres.app_url(database_name)
    check_ready(app)
    with psycopg.connect(owner) as connection:
        connection.execute(change)
    for refuse in (lambda: migrate(owner), lambda: check_ready(app)):
        with pytest.raises(OperatorError) as refused:
            refuse()
        assert (refused.value.code, refused.value.params["one"]) == ("database.other_tables", one)


def test_tables_of_others_are_their_own(postgres: Any, database_name: str) -> None:
    with psycopg.connect(postgres.owner_url(database_name)) as connection:
        connection.execute("create table of_the_operator (note text)")
    check_ready(postgres.app_url(database_name))
