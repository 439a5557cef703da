"""Where guests' requests stand: the table that an address names, the phone, the menu that is the same for everybody."""

from __future__ import annotations

import gzip
from hashlib import blake2b
from typing import Any, NamedTuple
from uuid import UUID

from litestar import Request
from markupsafe import escape

from cloud.database.transaction import Database
from cloud.edge.preferences import language_of
from cloud.guests.assets import SCRIPT_PATH, STYLESHEET_PATH
from cloud.guests.contact import Contacts
from cloud.guests.doors import Door, Doors
from cloud.guests.menus import GuestMenu, GuestMenus
from cloud.guests.ordering import Ordering
from cloud.guests.phones import Guest, Phones, kept_in
from cloud.kernel.recent import Recent
from cloud.pages.rendering import Pages
from shared.countries.currencies import format_minor
from shared.floor.records import DiningTable
from shared.guests.codes import shown_code, typed_code
from shared.guests.codes_of_tables import table_of_code
from shared.guests.queries import orders_of_phone
from shared.guests.quoting import is_for_guests
from shared.kernel.errors import DomainError
from shared.kernel.instants import Clock, business_date
from shared.kernel.language import Language, Texts
from shared.menu.rules import default_modifiers

AnyRequest = Request[Any, Any, Any]
LANGUAGE_COOKIE = "comanda_guest_language"
MOST_MADE, MOST_DRAWN = 500, 50
"""Menus of tables that are kept ready, compressed, and those of branches from which they are made."""
_CODE, _TABLE, _SHOWN = "{{code}}", "{{table}}", "{{shown}}"
"""Stand where a menu differs from table to table. In a name of people they say what the page says anyway."""


class _Made(NamedTuple):
    """A page that is the same for everybody."""

    plain: bytes
    packed: bytes
    etag: str


class Here(NamedTuple):
    """Where a request stands: a table of a branch, and the sentences of its reader."""

    door: Door
    code: str
    table_id: UUID
    table_name: str
    texts: Texts

    @property
    def path(self) -> str:
        """The address of the menu."""
        return f"/g/{self.door.name}/{self.code}"


class GuestPages:
    """What the handlers work with."""

    def __init__(
        self,
        doors: Doors,
        menus: GuestMenus,
        phones: Phones,
        ordering: Ordering,
        contacts: Contacts,
        database: Database,
        clock: Clock,
    ) -> None:
        self.doors = doors
        self.menus = menus
        self.phones = phones
        self.ordering = ordering
        self.contacts = contacts
        self.database = database
        self.clock = clock
        self._drawn: Recent[tuple[UUID, str, Language], str] = Recent(MOST_DRAWN)
        self._made: Recent[tuple[UUID, str, str, Language], _Made] = Recent(MOST_MADE)

    async def here(self, request: AnyRequest, door: str, code: str) -> Here:
        """The table that an address names.

        Raises:
            DomainError: GUEST_CODE_UNKNOWN: there is no such door, or no table has that code (any more).
        """
        texts: Texts = request.app.state.texts[language_at(request)]
        found = await self.doors.called(door)
        if found is None:
            raise DomainError("GUEST_CODE_UNKNOWN")
        kept = typed_code(code)
        async with self.database.read(found.organization_id) as read:
            table_id = await table_of_code(read, found.organization_id, found.branch_id, kept)
            table = await read.get(DiningTable, (found.organization_id, table_id)) if table_id is not None else None
        if table is None or not table.active:
            raise DomainError("GUEST_CODE_UNKNOWN")
        return Here(found, kept, table.id, table.name, texts)

    async def is_heard(self, here: Here) -> bool:
        """Whether the branch is in contact."""
        async with self.database.read(here.door.organization_id) as read:
            return await self.contacts.is_heard(read, here.door.organization_id, here.door.branch_id)

    async def guest(self, here: Here, request: AnyRequest) -> Guest:
        """The phone of a request, at that table."""
        menu = await self.menus.of(here.door)
        today = business_date(self.clock.now(), menu.zone, menu.cutoff_minutes)
        async with self.database.read(here.door.organization_id) as read:
            phone_id = await self.phones.known(read, here.door, request)
            return await self.phones.at(read, here.door, here.table_id, here.table_name, phone_id, today)

    async def orders_of(self, here: Here, guest: Guest) -> set[UUID]:
        """The table's orders of which news concern a phone."""
        if guest.session is not None:
            return {guest.session.order_id, guest.session.end_id}
        if guest.phone_id is None:
            return set()
        async with self.database.read(here.door.organization_id) as read:
            given = (here.door.organization_id, here.door.branch_id, guest.phone_id, self.clock.now())
            return {each.order_id for each in await orders_of_phone(read, *given)}

    async def menu_page(self, request: AnyRequest, here: Here) -> _Made:
        """The menu in the reader's language: made once, until something of it changes."""
        menu, language = await self.menus.of(here.door), here.texts.language
        key = (here.door.branch_id, here.code, menu.version, language)
        made = self._made.get(key)
        if made is None:
            html = self._of_all_tables(request, here, menu)
            for sign, said in ((_TABLE, escape(here.table_name)), (_CODE, here.code), (_SHOWN, shown_code(here.code))):
                html = html.replace(sign, str(said))
            plain = html.encode()
            etag = blake2b(plain, digest_size=9).hexdigest()
            made = _Made(plain, gzip.compress(plain, 6, mtime=0), f'"{etag}"')
            self._made.put(key, made)
        return made

    def _of_all_tables(self, request: AnyRequest, here: Here, menu: GuestMenu) -> str:
        """The menu with signs in place of what differs from table to table."""
        key = (here.door.branch_id, menu.version, here.texts.language)
        html = self._drawn.get(key)
        if html is None:
            anywhere = here._replace(code=_CODE, table_name=_TABLE)
            html = render(request, "guests/menu.html", anywhere, menu, sections=_sections(menu, here.texts))
            self._drawn.put(key, html)
        return html


def render(request: AnyRequest, template: str, here: Here, menu: GuestMenu, **context: Any) -> str:
    """The text of a page of a table."""
    pages: Pages = request.app.state.pages
    return pages.render(
        template,
        t=here.texts,
        here=here,
        menu=menu,
        shown_code=_SHOWN if here.code == _CODE else shown_code(here.code),
        language=here.texts.language.value,
        languages=[each.value for each in Language],
        stylesheet=STYLESHEET_PATH,
        script=SCRIPT_PATH,
        money=lambda amount: format_minor(amount, menu.currency),
        **context,
    )


def language_at(request: AnyRequest) -> Language:
    """The language of a guest: chosen on a page, else the phone's."""
    chosen = kept_in(request, LANGUAGE_COOKIE)
    return Language(chosen) if chosen in set(Language) else language_of(request)


def _sections(menu: GuestMenu, texts: Texts) -> list[Any]:
    """The categories that guests read, with the dishes that they can order, or see when."""
    found = []
    for category in menu.menu.categories:
        items = [item for item in category.items if is_for_guests(item)]
        if items:
            dishes = [_dish(menu, item, texts) for item in items]
            found.append({"id": category.id, "name": category.name, "items": dishes})
    return found


def _dish(menu: GuestMenu, item: Any, texts: Texts) -> dict[str, Any]:
    slots = [
        {
            "at": at,
            "name": slot.name,
            "choices": [
                {"id": choice.id, "name": choice.name, "more_minor": choice.price_delta_minor, "usual": choice.default}
                for choice in slot.choices
            ],
        }
        for at, slot in enumerate(item.slots)
    ]
    return {
        "item": item,
        "usual": set(default_modifiers(item)),
        "slots": slots,
        "groups": item.modifier_groups + item.opened_groups,
        "allergens": [texts(f"allergen.{code}") for code in item.allergens],
        "is_out": item.id in menu.out,
        "later": f"{item.sold_from:%H:%M}" if item.sold_from is not None else "",
    }
