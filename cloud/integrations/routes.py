"""GET and POST /api/v1/api-keys, POST /api/v1/api-keys/{id}/revocation. No key opens them."""

from __future__ import annotations

from uuid import UUID

from litestar import Response
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, SkipValidation

from cloud.accounts.api_keys import ApiKeys
from cloud.accounts.identity import Person
from cloud.edge.operation import Again, Area, Example, Reach, command, query
from cloud.integrations.commands import KeyMaking
from cloud.integrations.schemas import KeyMade, KeyShown, KeysShown, KeyWanted
from cloud.lookups.houses import Houses
from shared.kernel.permissions import Permission

_MAKING_PROBLEMS = """
    BRANCH_UNKNOWN CODE_WRONG KEY_ENDS_BEFORE KEY_NEEDS_MEMBER NAME_MISSING PASSWORD_WRONG SCOPES_MISSING SCOPE_UNKNOWN
    PLAN_HAS_NOT TOO_MANY_KEYS TOO_MANY_TRIES
"""


@query(
    "list_api_keys",
    "/api-keys",
    area=Area.ACCOUNTS,
    rights=Permission.MANAGE_KEYS,
    reach=Reach.ORGANIZATION,
    is_for_keys=False,
    summary="API keys",
)
async def api_key_list(
    organization_id: NamedDependency[UUID], api_keys: NamedDependency[SkipValidation[ApiKeys]]
) -> KeysShown:
    """Give all keys of the organization, those that hold first."""
    return KeysShown(keys=[KeyShown.of(key) for key in await api_keys.keys_of(organization_id)])


@command(
    "create_api_key",
    "POST /api-keys",
    area=Area.ACCOUNTS,
    rights=Permission.MANAGE_KEYS,
    reach=Reach.ORGANIZATION,
    is_for_keys=False,
    again=Again.ANEW,
    status=201,
    summary="Make an API key",
    example=Example(
        {"name": "Delivery platform", "scopes": ["menu:read", "orders:write"], "proof": "password, or a code"}
    ),
    problems=_MAKING_PROBLEMS,
)
async def make_api_key(
    data: JSONBody[KeyWanted],
    person: NamedDependency[SkipValidation[Person]],
    organization_id: NamedDependency[UUID],
    houses: NamedDependency[SkipValidation[Houses]],
    key_making: NamedDependency[SkipValidation[KeyMaking]],
) -> Response[KeyMade]:
    """Make a key. It acts as itself, and may never do more than who made it may do at that time."""
    await key_making.prove(person, data.proof)
    made = await key_making.make(
        person,
        await houses.of(organization_id),
        organization_id,
        name=data.name,
        scopes=data.scopes,
        branches=data.branches,
        ends_at=data.ends_at,
    )
    shown = KeyMade(id=made.row.id, key=made.token, prefix=made.row.prefix)
    return Response(shown, headers={"Cache-Control": "no-store"})


@command(
    "revoke_api_key",
    "POST /api-keys/{key_id:uuid}/revocation",
    area=Area.ACCOUNTS,
    rights=Permission.MANAGE_KEYS,
    reach=Reach.ORGANIZATION,
    is_for_keys=False,
    again=Again.SAME,
    summary="Revoke an API key",
    problems="KEY_UNKNOWN",
)
async def revoke_api_key(
    key_id: FromPath[UUID],
    organization_id: NamedDependency[UUID],
    api_keys: NamedDependency[SkipValidation[ApiKeys]],
) -> KeyShown:
    """Revoke a key for good: it opens nothing from now on, in all processes within a second."""
    return KeyShown.of(await api_keys.revoke(organization_id, key_id))
