"""The tables that belong to one device and are never replicated register here; each is defined in its own room."""

from __future__ import annotations

from sqlalchemy import MetaData

metadata = MetaData()
