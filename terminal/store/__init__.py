"""The device's own database: how it is opened, written and read, and the tables that are never replicated."""
