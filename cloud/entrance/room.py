"""What the entrance brings."""

from __future__ import annotations

from collections.abc import Mapping

from cloud.accounts.commands import LogIn
from cloud.edge.room import Room
from cloud.entrance.choosing import choose_organization, organizations_page
from cloud.entrance.home import home
from cloud.entrance.log_in_page import code_page, enter, entered, give_code, leave, log_in_page
from cloud.entrance.routes import end_session, open_session, refresh_session, this_session
from cloud.parts import Parts


def _provide(parts: Parts) -> Mapping[str, object]:
    return {"log_in": LogIn(parts.database, parts.passwords, parts.throttle)}


ROOM = Room(
    "cloud.entrance",
    routes=(open_session, this_session, refresh_session, end_session),
    pages=(
        home,
        log_in_page,
        enter,
        entered,
        code_page,
        give_code,
        leave,
        organizations_page,
        choose_organization,
    ),
    has_templates=True,
    has_texts=True,
    provide=_provide,
)
