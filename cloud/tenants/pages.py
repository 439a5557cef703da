"""/organization: an organization's plan and use, its language, and its branches, part by part."""

from __future__ import annotations

from datetime import datetime, timedelta
from math import ceil
from typing import Annotated, Any, Literal
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery, QueryParameter, SkipValidation, URLEncodedBody
from litestar.response import Redirect
from pydantic import Field

from cloud.accounts.branches import BranchSeen, found_by
from cloud.accounts.guards import ADMINISTRATORS, people, require_fresh_proof
from cloud.accounts.identity import Person
from cloud.control.audit import doer_now
from cloud.control.plans import PLANS, Counted, Plan, use_of
from cloud.database.control_records import ControlOrganization, Tier
from cloud.database.transaction import ReadSession
from cloud.edge.body import Body
from cloud.edge.problem import texts_of
from cloud.lookups.houses import Houses
from cloud.pages.addresses import Address
from cloud.pages.forms import Field as FormField
from cloud.pages.forms import Form
from cloud.pages.frame import Frame
from cloud.pages.rendering import PAGE_EXCEPTION_HANDLERS, page
from cloud.pages.tables import Cell, Column, Note, Table, Tone, table
from cloud.pages.words import whole_day
from cloud.tenants.commands import Tenants, demand_mark
from shared.kernel.errors import DomainError
from shared.kernel.instants import Clock, local_time
from shared.kernel.language import Language, Texts
from shared.kernel.permissions import Permission, Role
from shared.kernel.text import clean

ORGANIZATION_PATH = "/organization"
BRANCHES_PATH = "/branches"
MOST_SHOWN = 50
AnyRequest = Request[Any, Any, Any]
PAGE: dict[str, Any] = {
    "guards": [people(Permission.EDIT_BRANCH)],
    "include_in_schema": False,
    "exception_handlers": PAGE_EXCEPTION_HANDLERS,
}
DONE = {"plan": "tenants.done_plan", "code": "tenants.done_code", "language": "tenants.done_language"}
CODE_WORDS = {
    "": "tenants.code_never",
    "7": "tenants.code_7",
    "30": "tenants.code_30",
    "0": "tenants.code_0",
}
_KEEP = "keep"
COUNTED_NAMES = {
    Counted.BRANCHES: "tenants.branches",
    Counted.DEVICES: "tenants.devices",
    Counted.ACCOUNTS: "tenants.accounts",
}
OVER_NAMES = {
    Counted.BRANCHES: "tenants.over_branches",
    Counted.DEVICES: "tenants.over_devices",
    Counted.ACCOUNTS: "tenants.over_accounts",
}


class PlanForm(Body):
    """What the form sends."""

    tier: Tier


class CodeForm(Body):
    """What the form sends: in how many days; empty: never; `_KEEP`: as it was shown, which `was` says."""

    days: Literal["", "0", "7", "30", "keep"]
    was: str | None = Field(default=None, max_length=40)


class LanguageForm(Body):
    """What the form sends."""

    language: Language


@get(ORGANIZATION_PATH, **PAGE)
async def organization_page(
    request: AnyRequest,
    frame: NamedDependency[SkipValidation[Frame]],
    organization_id: NamedDependency[UUID],
    houses: NamedDependency[SkipValidation[Houses]],
    read: NamedDependency[SkipValidation[ReadSession]],
    clock: NamedDependency[SkipValidation[Clock]],
    q: FromQuery[str] = "",
    after: FromQuery[str] = "",
    done: Annotated[str, QueryParameter(name="done")] = "",
) -> Response[str]:
    """Show the organization."""
    t, words = texts_of(request), clean(q)
    house = await houses.of(organization_id, read)
    organization = await read.get_one(ControlOrganization, organization_id)
    plan, held = PLANS[organization.tier], await use_of(read, organization_id, clock.now())
    skip = int(after) if after.isdecimal() and len(after) < 7 else 0
    found = found_by(frame.branches, words)
    language = FormField(
        "language",
        t("tenants.language"),
        "select",
        house.language,
        hint=t("tenants.language_hint"),
        choices=[(Language.SPANISH.value, "Español"), (Language.ENGLISH.value, "English")],
    )
    tier = FormField(
        "tier",
        t("tenants.plan"),
        "select",
        organization.tier.value,
        choices=[(tier.value, each.name) for tier, each in PLANS.items()],
    )
    search = FormField("q", t("tenants.search"), "search", words, most=80)
    return page(
        request,
        "tenants/organization.html",
        frame=frame,
        name=clean(house.name or organization.name),
        slug=organization.slug,
        figures=_figures(t, plan, held),
        over=[t(OVER_NAMES[counted], count=over) for counted, over in _over(plan, held)],
        language_form=Form(f"{ORGANIZATION_PATH}/language", t("tenants.save"), [language]) if house.language else None,
        code_form=_code_form(t, organization, clock.now(), frame.zone) if frame.person.role in ADMINISTRATORS else None,
        plan_form=Form(f"{ORGANIZATION_PATH}/plan", t("tenants.change_plan"), [tier]) if _is_operator(frame) else None,
        filter=Form(ORGANIZATION_PATH, t("tenants.find"), [search]),
        branches=_branches(t, found, words, skip),
        is_empty=not found,
        done=t(DONE[done]) if done in DONE else "",
    )


@post(f"{ORGANIZATION_PATH}/plan", **PAGE)
async def plan_on_page(
    request: AnyRequest,
    data: URLEncodedBody[PlanForm],
    organization_id: NamedDependency[UUID],
    tenants: NamedDependency[SkipValidation[Tenants]],
) -> Redirect:
    """Give the organization another plan: for operators."""
    await require_fresh_proof(request)
    await tenants.set_plan(doer_now(), organization_id, data.tier)
    return Redirect(f"{ORGANIZATION_PATH}?done=plan", status_code=303)


@post(f"{ORGANIZATION_PATH}/language", **PAGE)
async def language_on_page(
    data: URLEncodedBody[LanguageForm],
    person: NamedDependency[SkipValidation[Person]],
    organization_id: NamedDependency[UUID],
    tenants: NamedDependency[SkipValidation[Tenants]],
) -> Redirect:
    """Choose the organization's language."""
    await tenants.set_language(doer_now(), person.actor(), organization_id, data.language)
    return Redirect(f"{ORGANIZATION_PATH}?done=language", status_code=303)


@post(f"{ORGANIZATION_PATH}/second-factor", **PAGE)
async def code_on_page(
    request: AnyRequest,
    data: URLEncodedBody[CodeForm],
    person: NamedDependency[SkipValidation[Person]],
    organization_id: NamedDependency[UUID],
    tenants: NamedDependency[SkipValidation[Tenants]],
) -> Redirect:
    """Demand a second factor of the administrators, or demand none any more: for administrators."""
    if person.role not in ADMINISTRATORS:
        raise DomainError("NOT_PERMITTED", permission=Permission.EDIT_BRANCH)
    await require_fresh_proof(request)
    if data.days != _KEEP:
        await tenants.demand_code(doer_now(), organization_id, int(data.days) if data.days else None, data.was)
    return Redirect(f"{ORGANIZATION_PATH}?done=code", status_code=303)


def _code_form(t: Texts, organization: ControlOrganization, now: datetime, zone: str) -> Form:
    """The form by which administrators demand a second factor of each other. Saved as it is it changes nothing."""
    since = organization.admins_need_code_from
    choices = [(days, t(words)) for days, words in CODE_WORDS.items()]
    value, hint = "" if since is None else "0", t("tenants.code_hint")
    if since is not None and since > now:
        value, hint = _KEEP, t("tenants.code_waits", count=ceil((since - now) / timedelta(days=1)))
        choices.append((_KEEP, t("tenants.code_from", day=whole_day(t, local_time(since, zone).date()))))
    field = FormField("days", t("tenants.code"), "select", value, hint=hint, choices=choices)
    return Form(f"{ORGANIZATION_PATH}/second-factor", t("tenants.save"), [field], hidden=[("was", demand_mark(since))])


def _is_operator(frame: Frame) -> bool:
    return frame.person.role is Role.SUPER_ADMIN


def _figures(t: Texts, plan: Plan, held: dict[Counted, int]) -> list[tuple[str, str]]:
    used = [(t(COUNTED_NAMES[counted]), _of_most(t, count, plan.most.get(counted))) for counted, count in held.items()]
    return [(t("tenants.plan"), plan.name), *used]


def _of_most(t: Texts, count: int, most: int | None) -> str:
    return f"{count:,}" if most is None else t("tenants.of_most", count=f"{count:,}", most=f"{most:,}")


def _over(plan: Plan, held: dict[Counted, int]) -> list[tuple[Counted, int]]:
    return [(each, held[each] - most) for each, most in plan.most.items() if held[each] > most]


def _branches(t: Texts, found: list[BranchSeen], words: str, skip: int) -> Table:
    part = found[skip : skip + MOST_SHOWN]
    rows = [
        [
            Cell(
                clean(branch.name) or str(branch.id),
                href=f"{BRANCHES_PATH}/{branch.id}",
                notes=(Note(t("tenants.closed"), Tone.BAD),) if branch.is_closed else (),
            ),
            Cell(branch.slug),
            Cell(clean(branch.zone)),
        ]
        for branch in part
    ]
    columns = [Column(t("tenants.branch")), Column(t("tenants.slug")), Column(t("tenants.zone"))]
    has_more = skip + MOST_SHOWN < len(found)
    return table(
        t("tenants.branches"),
        columns,
        rows,
        address=Address(ORGANIZATION_PATH, {"q": words, "after": str(skip or "")}),
        next_cursor=str(skip + MOST_SHOWN) if has_more else "",
        total=t("tenants.total", count=f"{len(found):,}"),
    )
