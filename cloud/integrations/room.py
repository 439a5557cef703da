"""What the room of API keys brings."""

from __future__ import annotations

from collections.abc import Mapping

from cloud.accounts.own_account import OwnAccount
from cloud.edge.room import Group, Link, Room
from cloud.integrations.commands import KeyMaking
from cloud.integrations.pages import (
    KEYS_PATH,
    keys_page,
    make_key,
    new_key_page,
    revocation_page,
    revoke_key,
)
from cloud.integrations.routes import api_key_list, make_api_key, revoke_api_key
from cloud.parts import Parts
from shared.kernel.permissions import Permission


def _provide(parts: Parts) -> Mapping[str, object]:
    own_account = OwnAccount(parts.database, parts.passwords, parts.throttle, parts.clock)
    return {"key_making": KeyMaking(parts.api_keys, own_account, parts.second_factor)}


ROOM = Room(
    "cloud.integrations",
    routes=(api_key_list, make_api_key, revoke_api_key),
    pages=(keys_page, new_key_page, make_key, revocation_page, revoke_key),
    has_templates=True,
    has_texts=True,
    links=(Link(KEYS_PATH, "keys.title", group=Group.PEOPLE, needs=(Permission.MANAGE_KEYS,), has_branch=False),),
    provide=_provide,
)
