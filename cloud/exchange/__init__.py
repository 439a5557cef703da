"""The exchange: messages of the change log, one in and one out. What stands behind it is `replication/`."""
