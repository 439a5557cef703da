"""What all pages share, as a room: the stylesheet, the icon, the frame."""

from __future__ import annotations

from cloud.edge.room import Room
from cloud.pages.assets import favicon, icon, robots, script, stylesheet

ROOM = Room("cloud.pages", pages=(stylesheet, script, icon, favicon, robots), has_templates=True, has_texts=True)
