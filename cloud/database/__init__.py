"""PostgreSQL: the engine, the one transaction, row-level security, the embedded server, migrations."""
