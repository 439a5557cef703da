"""The commands of `comanda-cloud` for API keys: make, list, revoke."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from datetime import timedelta
from types import MappingProxyType
from uuid import UUID

from cloud.accounts.api_keys import ListedKey
from cloud.accounts.branches import SHORTEST_PREFIX_CHARACTERS
from cloud.accounts.opening import account_of
from cloud.cli_names import branch_named, listed, organization_named
from cloud.cli_running import answer, as_json, as_objects, with_parts
from cloud.database.opening import Say
from cloud.kernel.operator_error import OperatorError
from cloud.parts import Parts
from cloud.settings import Settings
from shared.kernel.errors import DomainError
from shared.kernel.text import search_key


def _create_api_key(settings: Settings, say: Say, asked: argparse.Namespace) -> int:
    async def work(parts: Parts) -> None:
        async with parts.database.control() as session:
            organization = await organization_named(session, asked.organization)
            account = await account_of(session, asked.as_email)
        if account is None:
            raise DomainError("ACCOUNT_UNKNOWN", email=asked.as_email)
        if await parts.standings.of(account.id, organization.id) is None:
            raise OperatorError("cli.key_of_no_member", email=asked.as_email, slug=organization.slug)
        async with parts.database.read(organization.id) as read:
            branches = [await branch_named(read, organization, text) for text in asked.branch]
        made = await parts.api_keys.make(
            organization.id,
            account.id,
            name=asked.name,
            scopes=asked.scope,
            branches=branches or None,
            ends_at=parts.clock.now() + timedelta(days=asked.days) if asked.days else None,
        )
        answer("cli.api_key_made", key=made.token, name=made.row.name, id=made.row.id)

    return with_parts(settings, say, work)


def _api_keys(settings: Settings, say: Say, asked: argparse.Namespace) -> int:
    async def work(parts: Parts) -> None:
        async with parts.database.control() as session:
            organization = await organization_named(session, asked.organization)
        found = await parts.api_keys.keys_of(organization.id)
        if as_json.get():
            print(as_objects(found))
            return
        for key in found:
            state = "revoked" if key.revoked_at else key.ends_at.date().isoformat() if key.ends_at else "-"
            used = key.used_at.date().isoformat() if key.used_at else "-"
            answer(
                "cli.api_key_line",
                prefix=key.prefix,
                name=key.name,
                scopes=",".join(key.scopes),
                email=key.made_by,
                used=used,
                state=state,
            )
        if not found:
            answer("cli.no_api_keys", slug=organization.slug)

    return with_parts(settings, say, work)


def _revoke_api_key(settings: Settings, say: Say, asked: argparse.Namespace) -> int:
    async def work(parts: Parts) -> None:
        async with parts.database.control() as session:
            organization = await organization_named(session, asked.organization)
        key_id = _named(await parts.api_keys.keys_of(organization.id), asked.key, organization.slug)
        revoked = await parts.api_keys.revoke(organization.id, key_id)
        answer("cli.api_key_revoked", name=revoked.name, prefix=revoked.prefix)

    return with_parts(settings, say, work)


def _named(keys: list[ListedKey], text: str, slug: str) -> UUID:
    """The key that is named by its first characters, its name or its id; of those that hold, if several fit."""
    wanted = text.lower()
    found = [
        key
        for key in keys
        if str(key.id) == wanted
        or search_key(key.name) == search_key(text)
        or (len(text) >= SHORTEST_PREFIX_CHARACTERS and (text.startswith(key.prefix) or key.prefix.endswith(text)))
    ]
    holding = [key for key in found if key.revoked_at is None] or found
    if len(holding) != 1:
        known = listed(f"{key.name} ({key.prefix})" for key in holding or keys)
        raise OperatorError("cli.api_key_not_one", text=text, slug=slug, known=known)
    return holding[0].id


KEY_COMMANDS: Mapping[str, Callable[[Settings, Say, argparse.Namespace], int]] = MappingProxyType(
    {"create-api-key": _create_api_key, "api-keys": _api_keys, "revoke-api-key": _revoke_api_key}
)
