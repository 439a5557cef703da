"""The pages of guests, below /g/DOOR/CODE: the menu, and the table with cart, orders and bill so far.

Whole without script: forms, and an address for each thing. The menu is the same for everybody and made once; what is a
guest's own stands on the page of the table. No cookie of managers is sent here, and none of guests anywhere else.
"""

from __future__ import annotations

import gzip
from collections import defaultdict
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Annotated, Any, NamedTuple
from urllib.parse import quote, unquote
from uuid import UUID

from litestar import MediaType, Request, Response, get, post
from litestar.datastructures import Cookie
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter, SkipValidation
from litestar.response import Redirect
from markupsafe import escape

from cloud.accounts.guards import anyone, refuse_foreign_page
from cloud.database.transaction import Database
from cloud.edge.preferences import language_of
from cloud.guests.assets import SCRIPT_PATH, STYLESHEET_PATH
from cloud.guests.contact import Contacts
from cloud.guests.doors import Door, Doors
from cloud.guests.menus import GuestMenu, GuestMenus
from cloud.guests.ordering import Ordering
from cloud.guests.phones import Guest, Phones, kept_in, own_cookie
from cloud.kernel.recent import Recent
from cloud.pages.rendering import Pages
from shared.countries.currencies import format_minor
from shared.floor.records import DiningTable
from shared.guests.codes import shown_code, typed_code
from shared.guests.codes_of_tables import table_of_code
from shared.guests.queries import orders_of_phone
from shared.guests.quoting import is_for_guests
from shared.guests.records import RequestKind
from shared.kernel.errors import DomainError, NotFound
from shared.kernel.instants import Clock, business_date
from shared.kernel.language import Language, Texts
from shared.kernel.quantity import ONE
from shared.kernel.text import MAX_NAME_CHARACTERS, MAX_NOTE_CHARACTERS, clean
from shared.menu.rules import default_modifiers
from shared.orders.placing import PlacedLine, PlacedPart

AnyRequest = Request[Any, Any, Any]
LANGUAGE_COOKIE, NAME_COOKIE = "comanda_guest_language", "comanda_guest_name"
MOST_MADE, MOST_DRAWN = 500, 50
"""Menus of tables that are kept ready, compressed, and those of branches from which they are made."""
_CODE, _TABLE, _SHOWN = "{{code}}", "{{table}}", "{{shown}}"
"""Stand where a menu differs from table to table. In a name of people they say what the page says anyway."""
SECURITY = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
        " form-action 'self'; base-uri 'none'; frame-ancestors 'none'; worker-src 'self';"
        " require-trusted-types-for 'script'; trusted-types comanda"
    ),
}
_OPEN: dict[str, Any] = {"guards": [anyone], "include_in_schema": False}
Given = NamedDependency[SkipValidation["GuestPages"]]


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
        texts: Texts = request.app.state.texts[_language(request)]
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
            html = _render(request, "guests/menu.html", anywhere, menu, sections=_sections(menu, here.texts))
            self._drawn.put(key, html)
        return html


@get("/g/{door:str}/{code:str}", **_OPEN)
async def menu_page(
    request: AnyRequest, door: FromPath[str], code: FromPath[str], guest_pages: Given
) -> Response[bytes]:
    """Give the menu."""
    try:
        here = await guest_pages.here(request, door, code)
    except DomainError:
        return _unknown(request, door)
    made = await guest_pages.menu_page(request, here)
    headers = SECURITY | {
        "ETag": made.etag,
        "Cache-Control": "private, no-cache",
        "Vary": "Accept-Language, Cookie, Accept-Encoding",
        "Content-Language": here.texts.language.value,
    }
    if made.etag in request.headers.get("if-none-match", ""):
        return Response(b"", status_code=304, headers=headers, media_type=MediaType.HTML)
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(made.packed, headers=headers | {"Content-Encoding": "gzip"}, media_type=MediaType.HTML)
    return Response(made.plain, headers=headers, media_type=MediaType.HTML)


@get("/g/{door:str}", **_OPEN)
async def code_page(
    request: AnyRequest, door: FromPath[str], guest_pages: Given, code: Annotated[str, QueryParameter()] = ""
) -> Response[Any]:
    """Ask for the code of the table, for who cannot scan."""
    if code and await guest_pages.doors.called(door) is not None:
        return Redirect(f"/g/{door}/{typed_code(code)}", status_code=303)
    return _unknown(request, door, asked=bool(code), status=200 if not code else 404)


@get("/g/{door:str}/{code:str}/table", **_OPEN)
async def table_page(
    request: AnyRequest, door: FromPath[str], code: FromPath[str], guest_pages: Given
) -> Response[Any]:
    """Give what is the guest's own: cart, orders, bill so far."""
    try:
        here = await guest_pages.here(request, door, code)
    except DomainError:
        return _unknown(request, door)
    return await _table(request, here, guest_pages)


@get("/g/{door:str}/{code:str}/state", **_OPEN)
async def state(request: AnyRequest, door: FromPath[str], code: FromPath[str], guest_pages: Given) -> dict[str, Any]:
    """Give what a page shows live: whether the branch hears, what is sold out, and the version of the guest's table."""
    here = await guest_pages.here(request, door, code)
    guest, menu = await guest_pages.guest(here, request), await guest_pages.menus.of(here.door)
    async with guest_pages.database.read(here.door.organization_id) as read:
        table = await guest_pages.ordering.table(read, guest, menu)
    pieces = sum(line.pieces for line, _quoted in table.cart)
    is_heard = await guest_pages.is_heard(here)
    said = (_states(table.orders), table.requests, pieces, table.cart_minor, guest.session)
    return {
        "heard": is_heard,
        "takes": menu.takes.takes,
        "out": sorted(str(key) for key in menu.out),
        "menu": menu.version,
        "pieces": pieces,
        "cart": format_minor(table.cart_minor, menu.currency),
        "version": blake2b(repr(said).encode(), digest_size=9).hexdigest(),
    }


@post("/g/{door:str}/{code:str}/add", status_code=200, **_OPEN)
async def add(request: AnyRequest, door: FromPath[str], code: FromPath[str], guest_pages: Given) -> Response[Any]:
    """Put a dish into the cart."""
    form = await request.form()
    here = await _begun(request, door, code, guest_pages)

    async def doing(guest: Guest, phone_id: UUID, name: str) -> None:
        await guest_pages.ordering.put(guest, phone_id, name, _placed(form))

    return await _done(request, here, guest_pages, doing, onward=here.path + "/table")


@post("/g/{door:str}/{code:str}/change", status_code=200, **_OPEN)
async def change(request: AnyRequest, door: FromPath[str], code: FromPath[str], guest_pages: Given) -> Response[Any]:
    """So many of a line of the cart."""
    form = await request.form()
    here = await _begun(request, door, code, guest_pages)

    async def doing(guest: Guest, _phone_id: UUID, _name: str) -> None:
        await guest_pages.ordering.change(guest, _id(form.get("line")), _count(form.get("pieces"), least=0))

    return await _done(request, here, guest_pages, doing, onward=here.path + "/table")


@post("/g/{door:str}/{code:str}/order", status_code=200, **_OPEN)
async def order(request: AnyRequest, door: FromPath[str], code: FromPath[str], guest_pages: Given) -> Response[Any]:
    """Order what the page showed."""
    form = await request.form()
    here = await _begun(request, door, code, guest_pages)
    lines = {key.removeprefix("line-"): value for key, value in form.items() if key.startswith("line-")}
    shown = {_id(key): _count(value, least=0, most=1 << 40) for key, value in lines.items()}

    async def doing(guest: Guest, phone_id: UUID, name: str) -> None:
        if not await guest_pages.is_heard(here):
            raise DomainError("GUEST_BRANCH_SILENT")
        await guest_pages.ordering.order(guest, phone_id, name, shown)

    return await _done(request, here, guest_pages, doing, onward=here.path + "/table", name=form.get("name"))


@post("/g/{door:str}/{code:str}/call", status_code=200, **_OPEN)
async def call(request: AnyRequest, door: FromPath[str], code: FromPath[str], guest_pages: Given) -> Response[Any]:
    """Call somebody."""
    form = await request.form()
    here = await _begun(request, door, code, guest_pages)
    kind = RequestKind.BILL if form.get("kind") == RequestKind.BILL else RequestKind.WAITER

    async def doing(guest: Guest, phone_id: UUID, _name: str) -> None:
        await guest_pages.ordering.call(guest, phone_id, kind)

    return await _done(request, here, guest_pages, doing, onward=here.path + "/table")


@post("/g/{door:str}/{code:str}/admit", status_code=200, **_OPEN)
async def admit(request: AnyRequest, door: FromPath[str], code: FromPath[str], guest_pages: Given) -> Response[Any]:
    """Let this phone in with the word of the table."""
    form = await request.form()
    here = await _begun(request, door, code, guest_pages)

    async def doing(guest: Guest, phone_id: UUID, _name: str) -> None:
        await guest_pages.ordering.admit(guest, phone_id, clean(str(form.get("word", ""))))

    return await _done(request, here, guest_pages, doing, onward=here.path + "/table")


@get("/g/{door:str}/{code:str}/language/{language:str}", **_OPEN)
async def choose_language(
    request: AnyRequest, door: FromPath[str], code: FromPath[str], language: FromPath[str]
) -> Redirect:
    """Read in another language."""
    chosen = language if language in set(Language) else ""
    kept = own_cookie(request, LANGUAGE_COOKIE, chosen, seconds=31_536_000)
    return Redirect(f"/g/{door}/{typed_code(code)}", status_code=303, cookies=[kept])


async def _begun(request: AnyRequest, door: str, code: str, guest_pages: GuestPages) -> Here:
    refuse_foreign_page(request)
    return await guest_pages.here(request, door, code)


async def _done(
    request: AnyRequest, here: Here, guest_pages: GuestPages, doing: Any, *, onward: str, name: Any = None
) -> Response[Any]:
    """Do something for a guest, who gets a phone with their first deed; tell what is wrong on the page of the table."""
    guest, cookies = await guest_pages.guest(here, request), list[Cookie]()
    said = clean(str(name), MAX_NAME_CHARACTERS) if name is not None else _name_of(request)
    try:
        phone_id = guest.phone_id
        if phone_id is None:
            phone_id, cookie = await guest_pages.phones.made(request, here.door, here.table_id)
            cookies.append(cookie)
        if name is not None:
            cookies.append(_name_cookie(request, said))
        await doing(guest, phone_id, said)
    except DomainError as error:
        guest_pages.menus.doubt(here.door)
        sentence = here.texts(error.code, **error.params)
        if _wants_json(request):
            return Response({"detail": sentence, "code": error.code}, status_code=409, cookies=cookies)
        return await _table(request, here, guest_pages, sentence=sentence, status=409, cookies=cookies)
    if _wants_json(request):
        return Response({"done": True}, cookies=cookies)
    return Redirect(onward, status_code=303, cookies=cookies)


def _name_cookie(request: AnyRequest, name: str) -> Cookie:
    return own_cookie(request, NAME_COOKIE, quote(name), seconds=86_400)


def _name_of(request: AnyRequest) -> str:
    return clean(unquote(kept_in(request, NAME_COOKIE)), MAX_NAME_CHARACTERS)


async def _table(
    request: AnyRequest,
    here: Here,
    guest_pages: GuestPages,
    *,
    sentence: str = "",
    status: int = 200,
    cookies: Sequence[Cookie] = (),
) -> Response[bytes]:
    guest, menu = await guest_pages.guest(here, request), await guest_pages.menus.of(here.door)
    async with guest_pages.database.read(here.door.organization_id) as read:
        table = await guest_pages.ordering.table(read, guest, menu)
    names = _names_of(table.orders)
    html = _render(
        request,
        "guests/table.html",
        here,
        menu,
        guest=guest,
        table=table,
        names=names,
        sentence=sentence,
        name=_name_of(request),
        is_heard=await guest_pages.is_heard(here),
        can_order=bool(table.cart) and all(not quoted.problem for _line, quoted in table.cart),
        total_minor=sum(each.total_minor for each in table.orders if each.state == "accepted"),
    )
    headers = SECURITY | {"Cache-Control": "no-store", "Content-Language": here.texts.language.value}
    answer = Response(html.encode(), status_code=status, headers=headers, media_type=MediaType.HTML)
    answer.cookies.extend(cookies)
    return answer


def _render(request: AnyRequest, template: str, here: Here, menu: GuestMenu, **context: Any) -> str:
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


def _unknown(request: AnyRequest, door: str, *, asked: bool = True, status: int = 404) -> Response[bytes]:
    if status != 200 and "text/html" not in request.headers.get("accept", ""):
        raise DomainError("GUEST_CODE_UNKNOWN")
    texts: Texts = request.app.state.texts[_language(request)]
    pages: Pages = request.app.state.pages
    html = pages.render(
        "guests/code.html",
        t=texts,
        door=door if door.isalnum() else "",
        asked=asked,
        language=texts.language.value,
        stylesheet=STYLESHEET_PATH,
    )
    headers = SECURITY | {"Cache-Control": "no-store"}
    return Response(html.encode(), status_code=status, headers=headers, media_type=MediaType.HTML)


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


def _placed(form: Mapping[str, Any]) -> PlacedLine:
    """The line that a form says: `m-GROUP` are modifiers (`x-ID` how often), `s-N` the choices of a combo's slots.

    Raises:
        DomainError: NOT_FOUND, QUANTITY_NOT_SENSIBLE.
    """
    modifiers: list[UUID] = []
    parts: list[PlacedPart] = []
    for key, value in form.multi_items() if hasattr(form, "multi_items") else form.items():
        if key.startswith("m-"):
            modifiers.append(_id(value))
        elif key.startswith("s-"):
            parts.append(PlacedPart(_id(value)))
    pieces = _count(form.get("pieces", "1"))
    notes = clean(str(form.get("notes", "")), MAX_NOTE_CHARACTERS)
    return PlacedLine(_id(form.get("item")), pieces * ONE, tuple(modifiers), notes, parts=tuple(parts))


def _id(text: Any) -> UUID:
    try:
        return UUID(str(text))
    except ValueError:
        raise NotFound("items", str(text)[:40]) from None


def _count(text: Any, least: int = 1, most: int = 99) -> int:
    said = str(text)
    if not said.isascii() or not said.isdigit() or len(said) > 13 or not least <= int(said) <= most:
        raise DomainError("QUANTITY_NOT_SENSIBLE")
    return int(said)


def _language(request: AnyRequest) -> Language:
    chosen = kept_in(request, LANGUAGE_COOKIE)
    return Language(chosen) if chosen in set(Language) else language_of(request)


def _wants_json(request: AnyRequest) -> bool:
    return "application/json" in request.headers.get("accept", "")


def _names_of(orders: Sequence[Any]) -> Mapping[UUID, str]:
    """What guests are called on the table's page: by their names, else by number."""
    names: dict[UUID, str] = {}
    counts: defaultdict[str, int] = defaultdict(int)
    for each in orders:
        if each.phone_id not in names or (each.name and not names[each.phone_id]):
            names[each.phone_id] = each.name
            counts[each.name] += 1
    return names


def _states(orders: Sequence[Any]) -> list[tuple[str, ...]]:
    return [(str(each.state), *(str(line.state) for line in each.lines)) for each in orders]
