"""The pages of guests, below /g/DOOR/CODE: the menu, and the table with cart, orders and bill so far.

Whole without script: forms, and an address for each thing. The menu is the same for everybody and made once; what is a
guest's own stands on the page of the table. No cookie of managers is sent here, and none of guests anywhere else.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Annotated, Any
from urllib.parse import quote, unquote
from uuid import UUID

from litestar import MediaType, Response, get, post
from litestar.datastructures import Cookie
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter, SkipValidation
from litestar.response import Redirect

from cloud.accounts.guards import anyone, refuse_foreign_page
from cloud.guests.assets import STYLESHEET_PATH
from cloud.guests.phones import Guest, kept_in, own_cookie
from cloud.guests.place import LANGUAGE_COOKIE, AnyRequest, GuestPages, Here, language_at, render
from cloud.guests.typed import placed_line, read_count, read_id
from cloud.pages.rendering import Pages
from shared.countries.currencies import format_minor
from shared.guests.codes import typed_code
from shared.guests.records import RequestKind
from shared.kernel.errors import DomainError
from shared.kernel.language import Language, Texts
from shared.kernel.text import MAX_NAME_CHARACTERS, clean

NAME_COOKIE = "comanda_guest_name"
SECURITY = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
        " form-action 'self'; base-uri 'none'; frame-ancestors 'none'; worker-src 'self';"
        " require-trusted-types-for 'script'; trusted-types comanda"
    ),
}
_OPEN: dict[str, Any] = {"guards": [anyone], "include_in_schema": False}
Given = NamedDependency[SkipValidation[GuestPages]]


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
        await guest_pages.ordering.put(guest, phone_id, name, placed_line(form))

    return await _done(request, here, guest_pages, doing, onward=here.path + "/table")


@post("/g/{door:str}/{code:str}/change", status_code=200, **_OPEN)
async def change(request: AnyRequest, door: FromPath[str], code: FromPath[str], guest_pages: Given) -> Response[Any]:
    """So many of a line of the cart."""
    form = await request.form()
    here = await _begun(request, door, code, guest_pages)

    async def doing(guest: Guest, _phone_id: UUID, _name: str) -> None:
        await guest_pages.ordering.change(guest, read_id(form.get("line")), read_count(form.get("pieces"), least=0))

    return await _done(request, here, guest_pages, doing, onward=here.path + "/table")


@post("/g/{door:str}/{code:str}/order", status_code=200, **_OPEN)
async def order(request: AnyRequest, door: FromPath[str], code: FromPath[str], guest_pages: Given) -> Response[Any]:
    """Order what the page showed."""
    form = await request.form()
    here = await _begun(request, door, code, guest_pages)
    lines = {key.removeprefix("line-"): value for key, value in form.items() if key.startswith("line-")}
    shown = {read_id(key): read_count(value, least=0, most=1 << 40) for key, value in lines.items()}

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
    html = render(
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


def _unknown(request: AnyRequest, door: str, *, asked: bool = True, status: int = 404) -> Response[bytes]:
    if status != 200 and "text/html" not in request.headers.get("accept", ""):
        raise DomainError("GUEST_CODE_UNKNOWN")
    texts: Texts = request.app.state.texts[language_at(request)]
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
