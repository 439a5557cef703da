"""the job queue."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0000"
down_revision = None
branch_labels = None
depends_on = None

QUEUE = Path(__file__).parent.with_name("job_queue.sql")
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
