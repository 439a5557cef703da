"""/branches/{id}: a branch with its short name; closing it, after what is still open, and opening it again."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter, SkipValidation, URLEncodedBody
from litestar.response import Redirect
from pydantic import Field

from cloud.accounts.branches import BranchSeen
from cloud.accounts.guards import require_fresh_proof
from cloud.accounts.identity import Person
from cloud.control.audit import doer_now
from cloud.database.tenant_records import LONGEST_REASON_CHARACTERS, LONGEST_SLUG_CHARACTERS, ControlBranch
from cloud.database.transaction import ReadSession
from cloud.edge.body import Body
from cloud.edge.problem import texts_of
from cloud.pages import words
from cloud.pages.forms import Field as FormField
from cloud.pages.forms import Form
from cloud.pages.frame import Again, Frame
from cloud.pages.rendering import page
from cloud.tenants.commands import Tenants
from cloud.tenants.open_affairs import OpenAffairs, OpenDevice
from cloud.tenants.pages import BRANCHES_PATH, ORGANIZATION_PATH, PAGE, AnyRequest
from shared.kernel.errors import DomainError
from shared.kernel.instants import Clock
from shared.kernel.language import Texts
from shared.kernel.text import clean

BRANCH_PATH = BRANCHES_PATH + "/{branch_id:uuid}"
DONE = {"slug": "tenants.done_slug", "closed": "tenants.done_closed", "reopened": "tenants.done_reopened"}


class SlugForm(Body):
    """What the form sends; an empty short name follows from the name."""

    slug: str = Field(default="", max_length=LONGEST_SLUG_CHARACTERS)


class ClosingForm(Body):
    """What the form sends. `agreed`: the mark of what was open when it was shown."""

    why: str = Field(default="", max_length=LONGEST_REASON_CHARACTERS)
    agreed: str = Field(default="", max_length=80)


@get(BRANCH_PATH, **PAGE)
async def branch_page(
    request: AnyRequest,
    branch_id: FromPath[UUID],
    frame: NamedDependency[SkipValidation[Frame]],
    organization_id: NamedDependency[UUID],
    read: NamedDependency[SkipValidation[ReadSession]],
    clock: NamedDependency[SkipValidation[Clock]],
    done: Annotated[str, QueryParameter(name="done")] = "",
) -> Response[str]:
    """Show a branch."""
    return await _branch_page(request, frame, organization_id, read, clock, branch_id, done=done)


@post(BRANCH_PATH, **PAGE)
async def slug_on_page(
    request: AnyRequest,
    branch_id: FromPath[UUID],
    data: URLEncodedBody[SlugForm],
    person: NamedDependency[SkipValidation[Person]],
    organization_id: NamedDependency[UUID],
    tenants: NamedDependency[SkipValidation[Tenants]],
    again: NamedDependency[SkipValidation[Again]],
    clock: NamedDependency[SkipValidation[Clock]],
) -> Response[Any]:
    """Give a branch another short name; or show the form again, with what is wrong."""
    try:
        await tenants.name_branch(doer_now(), organization_id, branch_id, data.slug.strip().lower())
    except DomainError as problem:
        if problem.code == "BRANCH_UNKNOWN":
            raise
        async with again.shown() as (frame, read):
            return await _branch_page(
                request, frame, organization_id, read, clock, branch_id, typed=data.slug, problem=problem
            )
    return Redirect(f"{BRANCHES_PATH}/{branch_id}?done=slug", status_code=303)


@get(f"{BRANCH_PATH}/closing", **PAGE)
async def closing_page(
    request: AnyRequest,
    branch_id: FromPath[UUID],
    frame: NamedDependency[SkipValidation[Frame]],
    organization_id: NamedDependency[UUID],
    tenants: NamedDependency[SkipValidation[Tenants]],
    clock: NamedDependency[SkipValidation[Clock]],
) -> Response[str]:
    """Ask whether a branch is to be closed, with what is still open in it."""
    await require_fresh_proof(request)
    branch = _of(frame, branch_id)
    affairs = await tenants.open_in_branch(organization_id, branch_id)
    return _closing_page(request, frame, branch, affairs, clock)


@post(f"{BRANCH_PATH}/closing", **PAGE)
async def close_on_page(
    request: AnyRequest,
    branch_id: FromPath[UUID],
    data: URLEncodedBody[ClosingForm],
    person: NamedDependency[SkipValidation[Person]],
    organization_id: NamedDependency[UUID],
    tenants: NamedDependency[SkipValidation[Tenants]],
    again: NamedDependency[SkipValidation[Again]],
    clock: NamedDependency[SkipValidation[Clock]],
) -> Response[Any]:
    """Close a branch; or ask again, if more is open than was shown, or no reason was given."""
    await require_fresh_proof(request)
    try:
        await tenants.close_branch(doer_now(), organization_id, branch_id, data.why, data.agreed)
    except DomainError as problem:
        if problem.code not in ("STILL_OPEN", "REASON_MISSING"):
            raise
        frame = await again.frame()
        affairs = await tenants.open_in_branch(organization_id, branch_id)
        return _closing_page(request, frame, _of(frame, branch_id), affairs, clock, data.why, problem)
    return Redirect(f"{BRANCHES_PATH}/{branch_id}?done=closed", status_code=303)


@post(f"{BRANCH_PATH}/reopening", **PAGE)
async def reopen_on_page(
    request: AnyRequest,
    branch_id: FromPath[UUID],
    organization_id: NamedDependency[UUID],
    tenants: NamedDependency[SkipValidation[Tenants]],
) -> Redirect:
    """Open a closed branch again."""
    await require_fresh_proof(request)
    await tenants.reopen_branch(doer_now(), organization_id, branch_id)
    return Redirect(f"{BRANCHES_PATH}/{branch_id}?done=reopened", status_code=303)


def _of(frame: Frame, branch_id: UUID) -> BranchSeen:
    """The branch, if the reader may see it.

    Raises:
        DomainError: BRANCH_UNKNOWN.
    """
    for branch in frame.branches:
        if branch.id == branch_id:
            return branch
    raise DomainError("BRANCH_UNKNOWN")


async def _branch_page(
    request: AnyRequest,
    frame: Frame,
    organization_id: UUID,
    read: ReadSession,
    clock: Clock,
    branch_id: UUID,
    *,
    typed: str | None = None,
    problem: DomainError | None = None,
    done: str = "",
) -> Response[str]:
    t, branch = texts_of(request), _of(frame, branch_id)
    kept = await read.get(ControlBranch, (organization_id, branch_id))
    closed_at = kept.closed_at if kept is not None else None
    field = FormField(
        "slug",
        t("tenants.slug"),
        value=kept.slug or "" if kept is not None else "",
        hint=t("tenants.slug_hint", slug=branch.slug),
        required=False,
        most=LONGEST_SLUG_CHARACTERS,
    )
    form = Form(f"{BRANCHES_PATH}/{branch_id}", t("tenants.save"), [field])
    form = form.refused(t, problem, {"slug": typed or ""}, "slug")
    figures = [
        (t("tenants.slug"), branch.slug),
        (t("tenants.zone"), clean(branch.zone)),
        (t("tenants.id"), str(branch.id)),
    ]
    return page(
        request,
        "tenants/branch.html",
        frame=frame,
        problem=problem,
        name=clean(branch.name),
        path=f"{BRANCHES_PATH}/{branch_id}",
        organization_path=ORGANIZATION_PATH,
        figures=figures,
        form=form,
        is_closed=closed_at is not None,
        closed=words.age(t, closed_at, clock.now()) if closed_at is not None else "",
        why=clean(kept.why) if kept is not None else "",
        former=", ".join(branch.former_slugs),
        done=t(DONE[done]) if done in DONE else "",
    )


def _closing_page(
    request: AnyRequest,
    frame: Frame,
    branch: BranchSeen,
    affairs: OpenAffairs,
    clock: Clock,
    why: str = "",
    problem: DomainError | None = None,
) -> Response[str]:
    t = texts_of(request)
    field = FormField("why", t("tenants.why"), value=why, hint=t("tenants.why_hint"), most=LONGEST_REASON_CHARACTERS)
    form = Form(
        f"{BRANCHES_PATH}/{branch.id}/closing",
        t("tenants.close_anyway" if affairs.is_any else "tenants.close"),
        [field],
        [("agreed", affairs.mark)],
        is_risky=True,
        cancel_href=f"{BRANCHES_PATH}/{branch.id}",
    )
    in_field = "why" if problem is not None and problem.code == "REASON_MISSING" else ""
    form = form.refused(t, problem, {"why": why}, in_field)
    return page(
        request,
        "tenants/closing.html",
        frame=frame,
        problem=problem,
        name=clean(branch.name),
        form=form,
        open_lines=_open_lines(t, affairs, clock),
    )


def _open_lines(t: Texts, affairs: OpenAffairs, clock: Clock) -> list[str]:
    """What is open, a line each."""
    lines = [t("tenants.open_orders", count=affairs.orders)] if affairs.orders else []
    lines += [t("tenants.behind", name=each.name, count=each.waiting) for each in affairs.behind]
    return lines + [t("tenants.silent", name=each.name, age=_age(t, each, clock)) for each in affairs.silent]


def _age(t: Texts, device: OpenDevice, clock: Clock) -> str:
    return words.age(t, device.heard_at, clock.now()) if device.heard_at is not None else t("tenants.never")
