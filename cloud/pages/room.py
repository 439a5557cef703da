"""What all pages share, as a room: the stylesheet, the icon, the frame."""

from __future__ import annotations

from cloud.edge.room import Room
from cloud.pages.assets import favicon, icon, robots, script, stylesheet
from cloud.pages.choosing import choose_branch
from cloud.pages.preferences import prefer

ROOM = Room(
    "cloud.pages",
    pages=(stylesheet, script, icon, favicon, robots, choose_branch, prefer),
    has_templates=True,
    has_texts=True,
)
