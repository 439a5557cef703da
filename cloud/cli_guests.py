"""`comanda-cloud guest-cards`: what the cards of a branch's tables say, for who prints or tries them."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from dataclasses import astuple, dataclass
from types import MappingProxyType
from uuid import UUID

from cloud.cli_names import branch_named, branches_of, organization_named
from cloud.cli_running import address_of, answer, as_json, as_objects, with_parts
from cloud.database.opening import Say
from cloud.guests.cards import cards_of
from cloud.guests.doors import Doors
from cloud.parts import Parts
from cloud.settings import Settings
from shared.kernel.permissions import SYSTEM


@dataclass(frozen=True, slots=True)
class Told:
    """A card as `--json` tells it: see `cards.Card`."""

    branch: str
    table_id: UUID
    table: str
    space: str
    code: str
    url: str
    typed_url: str


def _guest_cards(settings: Settings, say: Say, asked: argparse.Namespace) -> int:
    async def work(parts: Parts) -> None:
        async with parts.database.control() as session:
            organization = await organization_named(session, asked.organization)
        async with parts.database.read(organization.id) as read:
            names = {branch.id: branch.name for branch in await branches_of(read, organization.id)}
            chosen = [await branch_named(read, organization, asked.branch)] if asked.branch else list(names)
        doors, address = Doors(parts.database, parts.units, parts.houses), address_of(settings)
        found = {
            names[branch_id]: await cards_of(parts.database, doors, SYSTEM, organization.id, branch_id, address)
            for branch_id in chosen
        }
        cards = [Told(name, *astuple(card)) for name, some in found.items() for card in some]
        if as_json.get():
            print(as_objects(cards))
            return
        for card in cards:
            told = {"branch": card.branch, "table": card.table, "space": card.space, "code": card.code}
            answer("cli.guest_card", **told, url=card.url)
        if not cards:
            answer("cli.no_tables")

    return with_parts(settings, say, work)


GUEST_COMMANDS: Mapping[str, Callable[[Settings, Say, argparse.Namespace], int]] = MappingProxyType(
    {"guest-cards": _guest_cards}
)
