"""What the profile brings."""

from __future__ import annotations

from collections.abc import Mapping

from cloud.accounts.own_account import OwnAccount
from cloud.edge.room import Group, Link, Room
from cloud.pages.rendering import PROFILE_PATH
from cloud.parts import Parts
from cloud.profile.pages import (
    change_password,
    end_everywhere,
    end_program,
    end_session,
    password_page,
    profile_page,
    proof_page,
    prove,
    set_language,
)
from cloud.profile.second_factor_pages import remove_factor, renew_codes, second_factor_page, take_up_factor


def _provide(parts: Parts) -> Mapping[str, object]:
    return {
        "own_account": OwnAccount(parts.database, parts.passwords, parts.throttle, parts.clock),
        "tell_account": parts.tell_account,
    }


ROOM = Room(
    "cloud.profile",
    pages=(
        profile_page,
        set_language,
        password_page,
        change_password,
        proof_page,
        prove,
        second_factor_page,
        take_up_factor,
        remove_factor,
        renew_codes,
        end_session,
        end_everywhere,
        end_program,
    ),
    has_templates=True,
    has_texts=True,
    links=(Link(PROFILE_PATH, "profile.title", group=Group.ACCOUNT, has_branch=False),),
    provide=_provide,
)
