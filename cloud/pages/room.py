"""What all pages share, as a room: the stylesheet, the icon, the frame."""

from __future__ import annotations

from cloud.edge.room import Room
from cloud.pages.assets import icon, stylesheet

ROOM = Room("cloud.pages", pages=(stylesheet, icon), has_templates=True, has_texts=True)
