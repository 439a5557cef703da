"""What the room of bulk operations brings."""

from __future__ import annotations

from collections.abc import Mapping

from cloud.bulk.commands import MenuImport
from cloud.bulk.routes import export_menu, import_menu
from cloud.edge.room import Room
from cloud.parts import Parts


def _provide(parts: Parts) -> Mapping[str, object]:
    return {"menu_import": MenuImport(parts.database, parts.units, parts.fold_worker)}


ROOM = Room("cloud.bulk", routes=(export_menu, import_menu), provide=_provide)
