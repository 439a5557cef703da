"""References that the server does not check hold all the same, and a check of all rows finds one that does not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import psycopg
import pytest
import sqlalchemy as sa

from cloud.database.engine import driver_url
from cloud.database.references import KNOWS_NOT_ENFORCED, prove_references
from cloud.parts import Parts
from tests.cloud.replication.house import check, lunch, open_house, payment


@pytest.fixture
def proving(postgres: Any, common_database: str) -> Iterator[sa.Connection]:
    """A transaction that sees all tenants, and leaves all keys as they were."""
    engine = sa.create_engine(driver_url(postgres.owner_url(common_database)), poolclass=sa.NullPool)
    with engine.connect() as connection:
        if connection.dialect.server_version_info[0] < KNOWS_NOT_ENFORCED // 10_000:
            pytest.skip("this server enforces all keys")
        yield connection
        connection.rollback()
    engine.dispose()


async def test_all_references_of_what_was_folded_hold(parts: Parts, tenant: Any, proving: sa.Connection) -> None:
    house = await open_house(parts, tenant)
    for _ in range(3):
        house.own.sell(lunch())
    orphan = uuid4()
    house.own.say(check(orphan, uuid4(), house.own.branch_id), payment(orphan, house.own.branch_id))
    await house.fold()
    assert len(await house.rows("payments")) == 3
    prove_references(proving)


async def test_a_reference_to_nothing_is_found(
    parts: Parts, tenant: Any, proving: sa.Connection, postgres: Any, common_database: str
) -> None:
    house = await open_house(parts, tenant)
    house.own.sell(lunch())
    await house.fold()
    with psycopg.connect(postgres.owner_url(common_database), autocommit=True) as damaging:
        damaging.execute("delete from checks")
    with pytest.raises(sa.exc.IntegrityError, match="foreign key"):
        prove_references(proving)
