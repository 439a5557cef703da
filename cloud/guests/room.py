"""What guests bring."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from cloud.edge.room import Group, Link, Room
from cloud.guests.assets import guest_script, guest_stylesheet, guest_worker
from cloud.guests.contact import Contacts
from cloud.guests.doors import Doors
from cloud.guests.house_pages import GUESTS_PATH, cards_page, guests_page, new_card, set_guests
from cloud.guests.live import guest_live
from cloud.guests.menus import GuestMenus
from cloud.guests.news import GuestNews
from cloud.guests.ordering import WITHDRAW, Ordering
from cloud.guests.pages import (
    add,
    admit,
    call,
    change,
    choose_language,
    code_page,
    menu_page,
    order,
    state,
    table_page,
)
from cloud.guests.phones import Phones
from cloud.guests.place import GuestPages
from cloud.parts import Parts
from shared.kernel.permissions import Permission


def _provide(parts: Parts) -> Mapping[str, object]:
    menus = GuestMenus(parts.database, parts.hub, parts.clock)
    news = GuestNews(parts.database, parts.hub, parts.clock)
    contacts = Contacts(parts.database, parts.hub, parts.clock)
    doors = Doors(parts.database, parts.units, parts.houses)
    phones = Phones(parts.database, parts.ids, parts.clock)
    ordering = Ordering(parts.database, parts.units, parts.hub, parts.clock, menus, parts.wrapping, parts.keys.guests)
    pages = GuestPages(doors, menus, phones, ordering, contacts, parts.database, parts.clock)
    return {
        "guest_hub": parts.hub,
        "guest_units": parts.units,
        "guest_contacts": contacts,
        "guest_news": news,
        "guest_doors": doors,
        "guest_ordering": ordering,
        "guest_pages": pages,
    }


async def _note_contacts(provided: Mapping[str, object]) -> None:
    await cast("Contacts", provided["guest_contacts"]).run()


ROOM = Room(
    "cloud.guests",
    pages=(
        menu_page,
        code_page,
        table_page,
        state,
        add,
        change,
        order,
        call,
        admit,
        choose_language,
        guest_live,
        guest_stylesheet,
        guest_script,
        guest_worker,
        guests_page,
        set_guests,
        cards_page,
        new_card,
    ),
    links=(Link(GUESTS_PATH, "guests_house.title", group=Group.HOUSE, needs=(Permission.EDIT_BRANCH,)),),
    has_templates=True,
    has_texts=True,
    provide=_provide,
    works=(_note_contacts,),
    jobs=(WITHDRAW,),
)
