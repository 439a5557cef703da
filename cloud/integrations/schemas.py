"""What the API says of API keys, and what it takes."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field

from cloud.accounts.api_keys import ListedKey
from cloud.accounts.passwords import LONGEST_PASSWORD_CHARACTERS
from cloud.accounts.scopes import SCOPES
from cloud.edge.body import Body

MOST_BRANCHES = 5_000


class KeyWanted(Body):
    """A key that somebody wants, with their password or a code of their second factor."""

    name: str = Field(min_length=1, max_length=120, examples=["Delivery platform"])
    scopes: list[str] = Field(
        min_length=1, max_length=len(SCOPES), description=", ".join(SCOPES), examples=[["menu:read", "orders:write"]]
    )
    branches: list[UUID] | None = Field(
        default=None, min_length=1, max_length=MOST_BRANCHES, description="null: those of who makes it"
    )
    ends_at: AwareDatetime | None = Field(default=None, description="null: it does not end by itself")
    proof: str = Field(
        min_length=1, max_length=LONGEST_PASSWORD_CHARACTERS, description="password, or a code of the second factor"
    )


class KeyShown(BaseModel):
    """A key, without itself."""

    id: UUID
    prefix: str = Field(description="its first characters, by which people know it")
    name: str
    scopes: list[str]
    branches: list[UUID] | None
    made_at: datetime
    made_by: str = Field(description="e-mail; the key may do what this account may")
    ends_at: datetime | None
    used_at: datetime | None = Field(description="to a quarter of an hour")
    revoked_at: datetime | None

    @classmethod
    def of(cls, key: ListedKey) -> KeyShown:
        """A key of a list."""
        return cls(
            id=key.id,
            prefix=key.prefix,
            name=key.name,
            scopes=list(key.scopes),
            branches=None if key.branches is None else list(key.branches),
            made_at=key.made_at,
            made_by=key.made_by,
            ends_at=key.ends_at,
            used_at=key.used_at,
            revoked_at=key.revoked_at,
        )


class KeysShown(BaseModel):
    """The keys of an organization: those that hold first."""

    keys: list[KeyShown]


class KeyMade(BaseModel):
    """A new key."""

    id: UUID
    key: str = Field(description="send it as `Authorization: Bearer ...`. It is shown this once, and stored nowhere")
    prefix: str
