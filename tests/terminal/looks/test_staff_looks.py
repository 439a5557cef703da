"""Looks of what people do with their PIN besides the log-in: approvals, hours of work, their language."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shared.kernel.errors import NotPermitted
from shared.kernel.language import Language
from shared.kernel.permissions import Permission
from shared.staff.records import EntryKind
from tests.terminal.screens.paper_desk import busy_desk
from tests.terminal.screens.paper_house import NOON
from tests.terminal.screens.paper_menu import key
from tests.terminal.screens.till import PlayedApp

SIZES = ((80, 24), (120, 36), (200, 60))
ROSA = key(10, 1234)
SCRIPTS = {
    "approval": "2222\n7\n<f5>",
    "hours": "<ctrl+r>1234\n",
    "hours-of-who-is-in": "1234\n<ctrl+r>",
    "language": "1234\n<f8>language\n",
}


@pytest.mark.parametrize(
    ("name", "language", "size"),
    [
        *(("approval", language, size) for language in Language for size in SIZES),
        ("hours", Language.SPANISH, (80, 24)),
        ("hours", Language.ENGLISH, (120, 36)),
        ("hours-of-who-is-in", Language.SPANISH, (120, 36)),
        ("hours-of-who-is-in", Language.ENGLISH, (80, 24)),
        ("language", Language.SPANISH, (80, 24)),
    ],
)
async def test_they_look_as_they_did(name, language, size, look) -> None:
    desk = busy_desk(language=language)
    if name == "approval":
        desk.send = _refused
    else:
        desk.hours.put(ROSA, EntryKind.IN, NOON - timedelta(days=1))
    if name == "hours-of-who-is-in":
        desk.hours.put(ROSA, EntryKind.IN, NOON - timedelta(hours=3))
    app = PlayedApp(desk, script=SCRIPTS[name])
    await look(app, size, f"staff-{name}-{language}")


async def _refused(_order_id: object) -> None:
    raise NotPermitted(Permission.VOID_SENT_LINE, 3_800)
