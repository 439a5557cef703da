"""What is there for those who run the server."""

from __future__ import annotations

from cloud.edge.room import Room
from cloud.operations.health import health

ROOM = Room("cloud.operations", pages=(health,))
