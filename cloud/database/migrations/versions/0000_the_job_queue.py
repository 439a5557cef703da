"""the job queue: the tables of procrastinate 3.10, as that package brings them."""

from __future__ import annotations

from importlib.resources import files

from alembic import op

revision = "0000"
down_revision = None
branch_labels = None
depends_on = None

QUEUE = files("procrastinate").joinpath("sql/schema.sql")
"""A later procrastinate with other tables is a revision of ours first, by what it brings for that."""
OF_A_TENANT = """
create index procrastinate_jobs_organization on procrastinate_jobs ((args->>'organization')) where status = 'todo'
"""


def upgrade() -> None:
    """Apply the revision."""
    driver = op.get_bind().connection.driver_connection
    assert driver is not None
    # Past SQLAlchemy, which would take the `%` of a message for a parameter.
    driver.execute(QUEUE.read_text())
    driver.execute(OF_A_TENANT)
