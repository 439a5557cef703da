"""What the control plane no longer needs goes, what it needs stays."""

from __future__ import annotations

from sqlalchemy import text

from cloud.jobs.kinds import JobCall
from cloud.operations.clean_up import KEPT, clean_up
from cloud.parts import Parts
from shared.kernel.permissions import Role
from tests.cloud.conftest import Tenant

OLD = {
    "control.job_run": "insert into control.job_run (job_id, name, number, started_at) values (1, 'a', 1, {at})",
    "control.job_key": "insert into control.job_key (key, made_at) values ({key}, {at})",
    "control.outbox": (
        "insert into control.outbox (organization_id, id, kind, args, most_runs, fact_at, made_at, expires_at, state)"
        " values (:organization, gen_random_uuid(), 'tests.mail', '{{}}', 1, {at}, {at}, {at}, 'held')"
    ),
    "control.throttle": "insert into control.throttle (key, whole_at) values ({key}, {at})",
    "control.rate_limit": (
        "insert into control.rate_limit (key, whole_us, granted) values ({key}, extract(epoch from {at}) * 1000000, 1)"
    ),
    "control.log_in_session": (
        "insert into control.log_in_session (id, token_hash, account_id, account_version, made_at, seen_at, proved_at,"
        " awaits_code, address, browser)"
        " values (gen_random_uuid(), {key}, :account, 1, {at}, {at}, {at}, false, '', '')"
    ),
    "control.refresh_family": (
        "insert into control.refresh_family (id, token_hash, account_id, account_version, membership_version, made_at,"
        " turned_at, address, program) values (gen_random_uuid(), {key}, :account, 1, 1, {at}, {at}, '', '')"
    ),
    "control.mailed_link": (
        "insert into control.mailed_link (id, token_hash, kind, email, made_at, ends_at) values (gen_random_uuid(),"
        " {key}, 'reset', 'a@b.pe', {at}, {at})"
    ),
    "control.pairing": (
        "insert into control.pairing (id, code_hash, organization_id, branch_id, device_kind, name, created_at,"
        " expires_at, attempts) values (gen_random_uuid(), {key}, :organization, gen_random_uuid(), 'till', 'Caja',"
        " {at}, {at}, 0)"
    ),
}


async def test_what_is_old_goes_and_what_is_new_stays(parts: Parts, tenant: Tenant) -> None:
    assert OLD.keys() == {kept.table for kept in KEPT}
    async with parts.database.control() as session:
        for table, insert in OLD.items():
            await session.execute(text(f"delete from {table}"))
            for number, at in enumerate(("now() - interval '40 days'", "now() - interval '5 minutes'")):
                key = f"sha256(convert_to('{table}{number}', 'UTF8'))"
                statement = insert.format(at=at, key=key)
                known = {"organization": tenant.organization_id, "account": tenant.accounts[Role.WAITER]}
                given = {name: value for name, value in known.items() if f":{name}" in statement}
                await session.execute(text(statement), given)
    await clean_up(JobCall(None, {}, 1), {"database": parts.database})
    async with parts.database.control() as session:
        for table in OLD:
            count = (await session.execute(text(f"select count(*) from {table}"))).scalar_one()
            assert count == 1, table
