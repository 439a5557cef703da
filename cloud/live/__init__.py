"""The live socket: devices and pages wait on it for news. What they may hear is decided by `replication/`."""
