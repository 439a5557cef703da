"""/guests: how a branch takes guests' orders, and the cards of its tables, for who looks after the house."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import QueryParameter, SkipValidation, URLEncodedBody
from litestar.response import Redirect
from pydantic import ConfigDict

from cloud.accounts.branches import branch_called
from cloud.accounts.guards import people
from cloud.accounts.identity import Person
from cloud.database.transaction import Database, ReadSession
from cloud.edge.body import Body
from cloud.edge.problem import texts_of
from cloud.guests.cards import cards_of
from cloud.guests.doors import Doors
from cloud.pages.addresses import Address
from cloud.pages.forms import Field, Form
from cloud.pages.frame import Frame
from cloud.pages.qr import qr_code
from cloud.pages.rendering import PAGE_EXCEPTION_HANDLERS, page
from cloud.replication.units import CloudUnits
from shared.countries.currencies import currency
from shared.guests.codes_of_tables import issue_code
from shared.guests.settings import TakesOrders, set_taking, takes_orders
from shared.kernel.errors import DomainError
from shared.kernel.language import Texts
from shared.kernel.permissions import Permission
from shared.kernel.text import clean
from shared.kernel.work import FIRST_CURRENCY
from shared.tenancy.records import Organization

GUESTS_PATH, CARDS_PATH = "/guests", "/guests/cards"
AnyRequest = Request[Any, Any, Any]
_PAGE: dict[str, Any] = {"include_in_schema": False, "exception_handlers": PAGE_EXCEPTION_HANDLERS}
FLAGS = ("active", "direct")
NUMBERS = ("deadline_seconds", "staff_seconds", "idle_minutes", "orders_a_minute", "most_portions")
MOST_DIGITS = 9


class GuestsForm(Body):
    """What the form sends: a figure for each number, and `yes` for each flag that is set."""

    model_config = ConfigDict(extra="allow", hide_input_in_errors=True)

    def said(self, minor_digits: int) -> dict[str, Any]:
        """The settings that it says.

        Raises:
            DomainError: GUEST_SETTING_NOT_SENSIBLE.
        """
        sent = {name: str(value).strip() for name, value in (self.model_extra or {}).items()}
        said: dict[str, Any] = {name: sent.get(name) == "true" for name in FLAGS}
        for name in NUMBERS:
            said[name] = _whole(sent.get(name, ""))
        units, _, parts = sent.get("most_minor", "").replace(",", ".").partition(".")
        rest = _whole((parts + "0" * minor_digits)[:minor_digits] or "0")
        said["most_minor"] = _whole(units or "0") * 10**minor_digits + rest
        return said


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS):
        raise DomainError("GUEST_SETTING_NOT_SENSIBLE", most=3_600)
    return int(text)


@get(GUESTS_PATH, guards=[people(Permission.EDIT_BRANCH)], **_PAGE)
async def guests_page(
    request: AnyRequest,
    frame: NamedDependency[SkipValidation[Frame]],
    organization_id: NamedDependency[UUID],
    read: NamedDependency[SkipValidation[ReadSession]],
    done: Annotated[str, QueryParameter(name="done")] = "",
) -> Response[str]:
    """Show how the branch that was chosen takes guests' orders."""
    t, branch = texts_of(request), _branch(frame)
    form = None
    if branch is not None:
        takes, money = await takes_orders(read, organization_id, branch.id), await _currency(read, organization_id)
        form = _form(t, takes, money, str(Address(GUESTS_PATH, {"branch": frame.branch_text})))
    return page(
        request,
        "guests/guests.html",
        frame=frame,
        branch=clean(branch.name) if branch is not None else "",
        form=form,
        cards=str(Address(CARDS_PATH, {"branch": frame.branch_text})),
        done=t("guests_house.done") if done else "",
    )


@post(GUESTS_PATH, guards=[people(Permission.EDIT_BRANCH)], **_PAGE)
async def set_guests(
    request: AnyRequest,
    data: URLEncodedBody[GuestsForm],
    frame: NamedDependency[SkipValidation[Frame]],
    person: NamedDependency[SkipValidation[Person]],
    organization_id: NamedDependency[UUID],
    guest_units: NamedDependency[SkipValidation[CloudUnits]],
    database: NamedDependency[SkipValidation[Database]],
) -> Redirect:
    """Take guests' orders so from now on."""
    branch = _asked_branch(request, frame)
    async with database.read(organization_id) as read:
        money = await _currency(read, organization_id)
    said = data.said(currency(money).exponent)
    async with guest_units.work(organization_id, person.actor(), branch) as work:
        await set_taking(work, **said)
    return Redirect(str(Address(GUESTS_PATH, {"branch": frame.branch_text, "done": "yes"})), status_code=303)


@get(CARDS_PATH, guards=[people(Permission.EDIT_FLOOR)], **_PAGE)
async def cards_page(
    request: AnyRequest,
    frame: NamedDependency[SkipValidation[Frame]],
    person: NamedDependency[SkipValidation[Person]],
    organization_id: NamedDependency[UUID],
    guest_doors: NamedDependency[SkipValidation[Doors]],
    database: NamedDependency[SkipValidation[Database]],
) -> Response[str]:
    """Show the cards of all tables of the branch that was chosen, to be printed and cut."""
    branch, cards = _branch(frame), []
    if branch is not None:
        address = request.app.state.settings.public_url or str(request.base_url)
        made = await cards_of(database, guest_doors, person.actor(), organization_id, branch.id, address)
        cards = [(card, qr_code(card.url)) for card in made]
    return page(
        request,
        "guests/cards.html",
        frame=frame,
        branch=clean(branch.name) if branch is not None else "",
        cards=cards,
        action=str(Address(CARDS_PATH, {"branch": frame.branch_text})),
        back=str(Address(GUESTS_PATH, {"branch": frame.branch_text})),
    )


class CardForm(Body):
    """The table whose card is lost."""

    table: UUID


@post(CARDS_PATH, guards=[people(Permission.EDIT_FLOOR)], **_PAGE)
async def new_card(
    request: AnyRequest,
    data: URLEncodedBody[CardForm],
    frame: NamedDependency[SkipValidation[Frame]],
    person: NamedDependency[SkipValidation[Person]],
    organization_id: NamedDependency[UUID],
    guest_units: NamedDependency[SkipValidation[CloudUnits]],
) -> Redirect:
    """Give a table another code: the card that lies somewhere names nothing any more."""
    branch = _asked_branch(request, frame)
    async with guest_units.work(organization_id, person.actor(), branch) as work:
        await issue_code(work, data.table)
    return Redirect(str(Address(CARDS_PATH, {"branch": frame.branch_text})), status_code=303)


def _branch(frame: Frame) -> Any:
    return frame.branch or (frame.branches[0] if len(frame.branches) == 1 else None)


def _asked_branch(request: AnyRequest, frame: Frame) -> UUID:
    named = branch_called(frame.branches, request.query_params.get("branch", ""))
    branch = named or (frame.branches[0] if len(frame.branches) == 1 else None)
    if branch is None:
        raise DomainError("BRANCH_UNKNOWN")
    return branch.id


async def _currency(read: ReadSession, organization_id: UUID) -> str:
    organization = await read.get(Organization, (organization_id, organization_id))
    return organization.currency if organization is not None else FIRST_CURRENCY


def _form(t: Texts, takes: TakesOrders, money: str, path: str) -> Form:
    flags = [
        Field(name, t(f"guests_house.{name}"), "check", "yes" if getattr(takes, name) else "", required=False)
        for name in FLAGS
    ]
    numbers = [
        Field(name, t(f"guests_house.{name}"), "number", str(getattr(takes, name)), t(f"guests_house.{name}_hint"))
        for name in NUMBERS
    ]
    digits = currency(money).exponent
    amount = f"{takes.most_minor // 10**digits}" + (f".{takes.most_minor % 10**digits:0{digits}}" if digits else "")
    label, hint = t("guests_house.most_minor", currency=money), t("guests_house.most_minor_hint")
    most = Field("most_minor", label, value=amount, hint=hint)
    return Form(path, t("guests_house.save"), [*flags, *numbers, most])
