"""/api-keys: the keys of the organization; /api-keys/new, and revoking one."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter, SkipValidation, URLEncodedBody
from litestar.response import Redirect
from pydantic import Field, field_validator

from cloud.accounts.api_keys import ApiKeys, ListedKey
from cloud.accounts.guards import people, require_fresh_proof
from cloud.accounts.identity import Person
from cloud.accounts.scopes import SCOPES
from cloud.edge.body import Body
from cloud.edge.problem import texts_of
from cloud.integrations.commands import KeyMaking
from cloud.lookups.houses import Houses
from cloud.pages import words
from cloud.pages.addresses import Address
from cloud.pages.forms import Form
from cloud.pages.frame import Again, Frame
from cloud.pages.rendering import PAGE_EXCEPTION_HANDLERS, page
from cloud.pages.tables import Cell, Column, Note, Tone, table
from shared.kernel.errors import DomainError
from shared.kernel.instants import Clock
from shared.kernel.language import Texts
from shared.kernel.permissions import Permission
from shared.kernel.text import clean

KEYS_PATH = "/api-keys"
NEW_PATH = f"{KEYS_PATH}/new"
LIVES = (90, 365, 30, 0)
"""For how many days a key may be made; 0: without an end. The first is proposed."""
AnyRequest = Request[Any, Any, Any]
_PAGE: dict[str, Any] = {
    "guards": [people(Permission.MANAGE_KEYS)],
    "include_in_schema": False,
    "exception_handlers": PAGE_EXCEPTION_HANDLERS,
}


class KeyForm(Body):
    """What the form sends. `branch`: none for all of the maker's."""

    name: str = Field(default="", max_length=200)
    scope: list[str] = Field(default_factory=list, max_length=len(SCOPES))
    branch: list[UUID] = Field(default_factory=list, max_length=5_000)
    days: int = Field(default=LIVES[0], ge=0, le=max(LIVES))

    @field_validator("scope", "branch", mode="before")
    @classmethod
    def _several(cls, given: Any) -> Any:
        return given if isinstance(given, list) else [given]


@get(KEYS_PATH, **_PAGE)
async def keys_page(
    request: AnyRequest,
    frame: NamedDependency[SkipValidation[Frame]],
    organization_id: NamedDependency[UUID],
    api_keys: NamedDependency[SkipValidation[ApiKeys]],
    clock: NamedDependency[SkipValidation[Clock]],
    done: Annotated[str, QueryParameter(name="done")] = "",
) -> Response[str]:
    """Show the keys."""
    t = texts_of(request)
    found = await api_keys.keys_of(organization_id)
    names = {branch.id: clean(branch.name) for branch in frame.branches}
    columns = [Column(t(f"keys.{name}")) for name in ("name", "scopes", "branches", "used", "state")]
    rows = [_row(t, key, names, clock) for key in found]
    return page(
        request,
        "integrations/keys.html",
        frame=frame,
        keys=table(t("keys.title"), columns, rows, address=Address(KEYS_PATH)) if found else None,
        new_path=NEW_PATH,
        done=t("keys.was_revoked") if done else "",
    )


@get(NEW_PATH, **_PAGE)
async def new_key_page(request: AnyRequest, frame: NamedDependency[SkipValidation[Frame]]) -> Response[str]:
    """Show the form for a new key, to somebody who has just proved who they are."""
    await require_fresh_proof(request)
    return _new_page(request, frame, KeyForm())


@post(NEW_PATH, **_PAGE)
async def make_key(
    request: AnyRequest,
    data: URLEncodedBody[KeyForm],
    person: NamedDependency[SkipValidation[Person]],
    organization_id: NamedDependency[UUID],
    houses: NamedDependency[SkipValidation[Houses]],
    again: NamedDependency[SkipValidation[Again]],
    clock: NamedDependency[SkipValidation[Clock]],
    key_making: NamedDependency[SkipValidation[KeyMaking]],
) -> Response[Any]:
    """Make a key and show it, this once; or show the form again, with the reason."""
    await require_fresh_proof(request)
    frame = await again.frame()
    try:
        made = await key_making.make(
            person,
            await houses.of(organization_id),
            organization_id,
            name=data.name,
            scopes=data.scope,
            branches=data.branch or None,
            ends_at=clock.now() + timedelta(days=data.days) if data.days else None,
        )
    except DomainError as problem:
        return _new_page(request, frame, data, problem)
    return page(request, "integrations/made.html", frame=frame, name=made.row.name, key=made.token, path=KEYS_PATH)


@get(f"{KEYS_PATH}/{{key_id:uuid}}/revocation", **_PAGE)
async def revocation_page(
    request: AnyRequest,
    key_id: FromPath[UUID],
    frame: NamedDependency[SkipValidation[Frame]],
    organization_id: NamedDependency[UUID],
    api_keys: NamedDependency[SkipValidation[ApiKeys]],
) -> Response[str]:
    """Ask before a key is revoked."""
    found = next((key for key in await api_keys.keys_of(organization_id) if key.id == key_id), None)
    if found is None:
        raise DomainError("KEY_UNKNOWN")
    t = texts_of(request)
    form = Form(f"{KEYS_PATH}/{key_id}/revocation", t("keys.revoke"), is_risky=True, cancel_href=KEYS_PATH)
    return page(request, "integrations/revocation.html", frame=frame, name=clean(found.name), form=form)


@post(f"{KEYS_PATH}/{{key_id:uuid}}/revocation", **_PAGE)
async def revoke_key(
    key_id: FromPath[UUID],
    organization_id: NamedDependency[UUID],
    api_keys: NamedDependency[SkipValidation[ApiKeys]],
) -> Redirect:
    """Revoke a key."""
    await api_keys.revoke(organization_id, key_id)
    return Redirect(f"{KEYS_PATH}?done=yes", status_code=303)


def _row(t: Texts, key: ListedKey, names: dict[UUID, str], clock: Clock) -> list[Cell]:
    now = clock.now()
    if key.revoked_at is not None:
        state = Cell(t("keys.revoked", age=words.age(t, key.revoked_at, now)), mark="✕", tone=Tone.BAD)
    elif key.ends_at is not None and key.ends_at <= now:
        state = Cell(t("keys.ended"), mark="✕", tone=Tone.BAD)
    else:
        ends = (
            t("keys.ends", day=words.whole_day(t, key.ends_at.date())) if key.ends_at is not None else t("keys.no_end")
        )
        state = Cell(t("keys.revoke"), href=f"{KEYS_PATH}/{key.id}/revocation", notes=(Note(ends),))
    where = t("keys.all_branches")
    if key.branches is not None:
        where = ", ".join(sorted(names.get(each, "·") for each in key.branches))
    return [
        Cell(clean(key.name), notes=(Note(f"{key.prefix}…"), Note(t("keys.made_by", email=key.made_by)))),
        Cell(", ".join(key.scopes)),
        Cell(where),
        Cell(words.age(t, key.used_at, now) if key.used_at is not None else t("keys.never_used")),
        state,
    ]


def _new_page(request: AnyRequest, frame: Frame, typed: KeyForm, problem: DomainError | None = None) -> Response[str]:
    t = texts_of(request)
    return page(
        request,
        "integrations/new.html",
        frame=frame,
        problem=problem,
        sentence=t(problem.code, **problem.params) if problem is not None else "",
        path=NEW_PATH,
        keys_path=KEYS_PATH,
        typed=typed,
        scopes=[(scope, t(f"keys.scope.{scope.replace(':', '_')}"), scope in typed.scope) for scope in SCOPES],
        branches=[(branch.id, clean(branch.name), branch.id in typed.branch) for branch in frame.branches],
        lives=[(days, t(f"keys.days_{days}"), days == typed.days) for days in LIVES],
    )
