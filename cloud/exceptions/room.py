"""What the inbox of exceptions brings."""

from __future__ import annotations

from collections.abc import Mapping

from cloud.edge.room import Link, Room
from cloud.exceptions.commands import ExceptionSettling
from cloud.exceptions.pages import EXCEPTIONS_PATH, exceptions_page, settle_on_page
from cloud.exceptions.routes import exceptions, settle, void
from cloud.parts import Parts
from shared.kernel.permissions import Permission


def _provide(parts: Parts) -> Mapping[str, object]:
    return {"settling": ExceptionSettling(parts.database, parts.units, parts.fold_worker)}


ROOM = Room(
    "cloud.exceptions",
    routes=(exceptions, settle, void),
    pages=(exceptions_page, settle_on_page),
    has_templates=True,
    has_texts=True,
    links=(Link(EXCEPTIONS_PATH, "inbox.title", needs=(Permission.SETTLE_EXCEPTIONS,)),),
    provide=_provide,
)
