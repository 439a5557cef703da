"""What a room brings. Every folder that serves callers says it in its `room.py`; `rooms.py` lists them."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from litestar.types import ControllerRouterHandler

from cloud.jobs.facts import EffectKind, Reaction
from cloud.jobs.kinds import JobKind
from shared.kernel.permissions import Permission

Provide = Callable[[Any], Mapping[str, object]]
"""Makes what the handlers of a room ask for by name, from `cloud.parts.Parts`."""
Work = Callable[[Mapping[str, object]], Coroutine[Any, Any, None]]
"""Runs as long as its process, from what all rooms provide; cancelled at the end."""


def _nothing(_parts: Any) -> Mapping[str, object]:
    return MappingProxyType({})


class Group(StrEnum):
    """A part of the navigation, in the order in which they stand. `page.group.KEY` names it."""

    DAY = "day"
    HOUSE = "house"
    PEOPLE = "people"
    DEVICES = "devices"
    ACCOUNT = "account"
    """In the reader's own menu, not in the navigation."""


@dataclass(frozen=True, slots=True)
class Link:
    """A page in the navigation of every page.

    Attributes:
        title: key of its name in the room's texts.
        needs: who lacks one of these permissions does not see it.
        has_branch: whether its address may name a branch (`?branch=`), so that the reader's choice goes along.
    """

    path: str
    title: str
    group: Group = Group.DAY
    needs: Sequence[Permission] = ()
    has_branch: bool = True


@dataclass(frozen=True, slots=True)
class Room:
    """A folder of the cloud that serves callers.

    Attributes:
        package: of the folder, such as `cloud.reports`.
        routes: under `/api/v1`.
        pages: at the address that they name; also what is no part of the API, such as the health.
        has_templates: whether the folder has `templates`.
        has_texts: whether it has `texts`.
        links: in the navigation of all pages, in the order of rooms.
        provide: see `Provide`. Names of all rooms are different.
        works: beside a web process.
        background: in a worker, of which there may be any number, and in a web process that is a worker, too.
        everywhere: in each process of the server, once.
        jobs: what a worker does later, when somebody asked for it or its time has come.
        effects: what is done outside because of a fact: a mail, a payment, a call of another program.
        reactions: what the cloud writes elsewhere because of a fact.
    """

    package: str
    routes: Sequence[ControllerRouterHandler] = ()
    pages: Sequence[ControllerRouterHandler] = ()
    has_templates: bool = False
    has_texts: bool = False
    links: Sequence[Link] = ()
    provide: Provide = _nothing
    works: Sequence[Work] = ()
    background: Sequence[Work] = ()
    everywhere: Sequence[Work] = ()
    jobs: Sequence[JobKind] = ()
    effects: Sequence[EffectKind] = ()
    reactions: Sequence[Reaction] = ()

    @property
    def name(self) -> str:
        """Of the folder: `reports`."""
        return self.package.rpartition(".")[2]
