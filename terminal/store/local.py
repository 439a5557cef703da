"""Metadata of the tables that are never replicated. Each table is defined in the room that uses it."""

from __future__ import annotations

from sqlalchemy import MetaData

metadata = MetaData()
