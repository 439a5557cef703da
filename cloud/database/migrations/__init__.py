"""The revisions of the cloud's database, oldest first in `versions/`. They are run by `cloud/database/migrate.py`."""
