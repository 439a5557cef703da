"""The chain of the audit: the database numbers and hashes each event as it comes in. And the index of the log by time.

A trigger does it, so that also a row that somebody writes by hand is linked, and one that is changed or taken out
afterwards shows (`cloud/audit/proof.py`). It runs with the rights of whoever writes.
"""

from __future__ import annotations

import sqlalchemy as sa

from cloud.database.roles import CONTROL_SCHEMA

OPERATORS = "00000000-0000-0000-0000-000000000000"
"""The chain of events that belong to no organization."""
LOG_BY_TIME = "ix_sync_changes_stored_ms"
"""An index of the cloud alone: a device never reads its log by time."""

_FUNCTION = f"""
create or replace function {CONTROL_SCHEMA}.link_audit_event() returns trigger
language plpgsql set search_path = pg_catalog as $$
declare
    chain uuid := coalesce(new.organization_id, '{OPERATORS}');
    head {CONTROL_SCHEMA}.audit_head;
begin
    insert into {CONTROL_SCHEMA}.audit_head (chain_id, seq, hash) values (chain, 0, uuid_send(chain))
        on conflict do nothing;
    select * into strict head from {CONTROL_SCHEMA}.audit_head where chain_id = chain for update;
    new.seq := head.seq + 1;
    new.body := jsonb_build_object(
        'id', new.id, 'organization', new.organization_id, 'at', new.at, 'account', new.account_id, 'actor', new.actor,
        'via', new.via, 'place', new.place, 'act', new.act, 'subject_id', new.subject_id, 'subject', new.subject,
        'reason', new.reason, 'details', new.details, 'seq', new.seq)::text;
    new.hash := sha256(head.hash || convert_to(new.body, 'UTF8'));
    update {CONTROL_SCHEMA}.audit_head set seq = new.seq, hash = new.hash where chain_id = chain;
    return new;
end $$
"""  # noqa: S608 our own names
_TRIGGER = f"""
create or replace trigger link before insert on {CONTROL_SCHEMA}.audit_event
for each row execute function {CONTROL_SCHEMA}.link_audit_event()
"""
_INDEX = f"create index if not exists {LOG_BY_TIME} on sync_changes (organization_id, stored_ms)"


def apply_audit_chain(connection: sa.Connection) -> None:
    """Set the trigger of the audit, and the index by which it reads the log."""
    for statement in (_FUNCTION, _TRIGGER, _INDEX):
        connection.exec_driver_sql(statement)
