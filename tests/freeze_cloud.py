"""The cloud's first revision, written anew from the declared tables: `python -m tests.freeze_cloud`.

As `tests/freeze.py` for the device: until the release everybody who changes a table runs it; after it nobody does.
"""

from __future__ import annotations

from pathlib import Path

from cloud.database import migrate

FIRST = "the control plane and the restaurant"


def write_first_revision() -> Path:
    """Write the revision that leads from nothing to the declared tables, in the place of the one that is there."""
    for path in (Path(migrate.__file__).parent / "migrations" / "versions").glob("0001_*.py"):
        path.unlink()
    return migrate.draft_revision(FIRST)


if __name__ == "__main__":
    print(f"written: {write_first_revision()}")
