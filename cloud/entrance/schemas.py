"""Bodies of the account routes."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from cloud.accounts.passwords import LONGEST_PASSWORD_CHARACTERS
from cloud.accounts.refreshing import LONGEST_REFRESH_CHARACTERS, Given
from cloud.accounts.tokens import MOST_BRANCHES_NAMED
from cloud.edge.body import Body
from shared.kernel.permissions import Role

LONGEST_CODE_CHARACTERS = 20


class Credentials(Body):
    """Who wants to log in.

    `organization` is a short name, needed by who works in several. `code` is the one-time code, or a recovery code, of
    who has a second factor.
    """

    model_config = ConfigDict(
        extra="forbid",
        hide_input_in_errors=True,
        json_schema_extra={"examples": [{"email": "rosa@elbuensabor.pe", "password": "correct horse battery"}]},
    )
    email: str = Field(max_length=254)
    password: str = Field(max_length=LONGEST_PASSWORD_CHARACTERS)
    organization: str = Field(default="", max_length=40)
    code: str = Field(default="", max_length=LONGEST_CODE_CHARACTERS)


class RefreshToken(Body):
    """The newest refresh token."""

    model_config = ConfigDict(
        extra="forbid",
        hide_input_in_errors=True,
        json_schema_extra={"examples": [{"refresh_token": "AZqr1LJ-fQyqt7a1dW2nXg"}]},
    )
    refresh_token: str = Field(max_length=LONGEST_REFRESH_CHARACTERS)


class Caller(BaseModel):
    """Who calls, and all branches that they may see (an organization admin sees every one and has none here)."""

    account_id: UUID
    name: str
    role: Role
    organization_id: UUID | None
    branches: list[UUID]


class Session(BaseModel):
    """What a program gets that logged in.

    `token` opens the API until `expires_at`. `refresh_token` gives the next two, once. `branches` is null where there
    are more than 50: `GET /api/v1/session` has them all.
    """

    token: str
    expires_at: datetime
    refresh_token: str
    refresh_expires_at: datetime
    account_id: UUID
    name: str
    role: Role
    organization_id: UUID | None
    branches: list[UUID] | None

    @classmethod
    def of(cls, given: Given) -> Session:
        """The body for what was given."""
        standing = given.standing
        return cls(
            token=given.token,
            expires_at=given.ends_at,
            refresh_token=given.refresh_token,
            refresh_expires_at=given.refresh_ends_at,
            account_id=given.account_id,
            name=standing.name,
            role=standing.role,
            organization_id=given.organization_id,
            branches=sorted(standing.branches) if len(standing.branches) <= MOST_BRANCHES_NAMED else None,
        )


class VisitBegun(Body):
    """Where a super admin is now, and until when."""

    organization_id: UUID
    ends_at: datetime
