"""Bodies of the account routes."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from cloud.accounts.passwords import LONGEST_PASSWORD_CHARACTERS
from cloud.edge.body import Body
from shared.kernel.permissions import Role


class Credentials(Body):
    """Who wants to log in."""

    model_config = ConfigDict(
        extra="forbid",
        hide_input_in_errors=True,
        json_schema_extra={"examples": [{"email": "rosa@elbuensabor.pe", "password": "correct horse battery"}]},
    )
    email: str = Field(max_length=254)
    password: str = Field(max_length=LONGEST_PASSWORD_CHARACTERS)


class Session(BaseModel):
    """What somebody who logged in gets. Browsers get the token as a cookie as well."""

    token: str
    expires_at: datetime
    account_id: UUID
    name: str
    role: Role
    organization_id: UUID | None
    branches: list[UUID]
