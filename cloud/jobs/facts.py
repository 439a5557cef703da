"""What a room says of facts: rows whose change leads to something outside (an effect) or elsewhere (a reaction).

A fact may be told several times: by its own transaction, folded anew, given back by devices after a restore. So ids
follow from the row, and what is done because of it is done once.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from cloud.jobs.kinds import MOST_RUNS, JobCall, JobKind
from sync.tables import Values


@dataclass(frozen=True, slots=True)
class Made:
    """What a fact leads to.

    Attributes:
        at: when the fact happened, as its row says; its shelf life begins then.
        args: what it takes to do it, plain data: ids rather than names, and no secrets.
        part: tells several effects of one kind and row apart.
    """

    at: datetime
    args: Mapping[str, Any] = field(default_factory=dict)
    part: str = ""


@dataclass(frozen=True, slots=True)
class Effect:
    """An effect that is to be carried out.

    Attributes:
        id: follows from the fact. Give it to whoever is called, as the key by which they do it once.
    """

    id: UUID
    organization_id: UUID
    args: Mapping[str, Any]
    fact_at: datetime
    run: int


@dataclass(frozen=True, slots=True)
class EffectKind:
    """Something that is done outside because of rows of a table.

    Attributes:
        name: its room and what it does, such as `reservations.confirm_by_mail`.
        table: whose rows lead to it.
        of: what a change of a row (its id, before, after) leads to; None: nothing. Before and after are None where
            there was or is no row. It reads nothing.
        carry_out: does it, with what all rooms provide. It may be called again after it succeeded. It reads what it
            needs, and does nothing if the fact does not stand any more.
        shelf_life: how long after the fact it is worth doing.
    """

    name: str
    table: str
    of: Callable[[bytes, Values | None, Values | None], Made | None]
    carry_out: Callable[[Effect, Mapping[str, object]], Awaitable[None]]
    shelf_life: timedelta
    most_runs: int = MOST_RUNS
    within: timedelta = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Reaction:
    """Something that the cloud writes elsewhere because of rows of a table.

    It is given the row's id (`row`, in hex), reads the row as it is by then, and writes rows whose ids follow from it.
    Done twice it changes nothing. It has no shelf life, and a restore does not hold it back.

    Attributes:
        table: whose rows lead to it.
        if_changed: fields without a change of which nothing follows; empty: any change.
    """

    name: str
    table: str
    react: Callable[[JobCall, Mapping[str, object]], Awaitable[None]]
    if_changed: tuple[str, ...] = ()

    @property
    def job(self) -> JobKind:
        """The job by which it is done."""
        return JobKind(self.name, self.react)

    def follows(self, before: Values | None, after: Values | None) -> bool:
        """Whether it follows from this change of a row."""
        if after is None:
            return False
        if before is None or not self.if_changed:
            return True
        return any(getattr(before, name) != getattr(after, name) for name in self.if_changed)
