"""What Alembic runs around the revisions: on the connection that `migrate.py` opened, inside its transaction."""

from __future__ import annotations

from typing import Any

from alembic import context
from alembic.autogenerate.api import AutogenContext
from alembic.autogenerate.render import _repr_type
from alembic.operations.ops import CreateTableOp, MigrateOperation, MigrationScript, OpContainer
from sqlalchemy import TypeDecorator
from sqlalchemy.dialects.postgresql.base import PGDialect

from cloud.database.roles import CONTROL_SCHEMA
from cloud.database.schema import METADATAS, is_ours


class _AsWritten(PGDialect):
    """A dialect that takes each type as it is, not the driver's own version of it."""

    def type_descriptor(self, typeobj: Any) -> Any:
        """The type itself."""
        return typeobj


def ours(name: str | None, kind: str, _parents: Any) -> bool:
    """Whether autogenerate compares an object of that name."""
    return is_ours(name, kind)


def rendered(kind: str, item: Any, autogen: AutogenContext) -> Any:
    """Our column types as PostgreSQL stores them: a revision must not change when our types do."""
    if kind == "type" and isinstance(item, TypeDecorator):
        return _repr_type(item.load_dialect_impl(_AsWritten()), autogen)  # type: ignore[no-untyped-call]  # alembic
    return False


def without_notes(_context: Any, _revision: Any, directives: list[MigrationScript]) -> None:
    """Leave out `Table.info`, which is for the program: the database keeps none of it."""
    for script in directives:
        for container in (*script.upgrade_ops_list, *script.downgrade_ops_list):
            _forget_info(container)


def _forget_info(operation: MigrateOperation) -> None:
    if isinstance(operation, OpContainer):
        for inner in operation.ops:
            _forget_info(inner)
    if isinstance(operation, CreateTableOp):
        operation.info = {}


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=list(METADATAS),
    version_table_schema=CONTROL_SCHEMA,
    include_schemas=True,
    include_name=ours,
    render_item=rendered,
    process_revision_directives=without_notes,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
